#!/bin/sh
set -e
usermod -o -u "$PUID" shop
groupmod -o -g "$PGID" shop
chown -R shop:shop /config
exec gosu shop "$@"
