#!/bin/sh
set -e
until python -c "import shop"; do
    sleep 1
done
exec "$@"
