#!/bin/sh
# uv ARGUMENTS: stands in for uv on another platform than the image's, and lets it choose wheels for the image: WHEELS_FOR is
# uv's name of the image's platform.
case $* in
*" pip install "*) set -- "$@" --python-platform "$WHEELS_FOR" ;;
esac
exec /opt/engine-uv/bin/uv "$@"
