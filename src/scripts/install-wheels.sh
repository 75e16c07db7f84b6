# install-wheels ROOT VENV COMPILE INDEX: installs the locked wheels in /run/requirements.txt for the environment VENV into
# ROOT; without VENV, for the image's Python into ROOT itself. They come from INDEX alone, or from the default index if it is
# empty. With COMPILE, their modules are compiled. With compile_schemas.py, so are the schemas of poetry-core.
root=$1 venv=$2 compile=$3 index=$4
# The base image may set variables for a uv of its own.
for name in $(env | sed -n 's/^\(UV_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
# Many layers ask at once. A name server that drops a request costs a second, and not five (resolv.conf(5)).
export RES_OPTIONS="timeout:1 attempts:5"
set -- --no-config --no-progress --color never
if [ -z "${SSL_CERT_FILE:-}" ] && [ -e /etc/ssl/certs/ca-certificates.crt ]; then set -- "$@" --system-certs; fi
# Not in the image, but on its file system, so that files are linked and not copied.
cache=$root/.cache
set -- "$@" --cache-dir "$cache" pip install --no-deps --require-hashes --only-binary :all: --requirements /run/requirements.txt
if [ "$venv" ]; then
    set -- "$@" --python "$venv/bin/python" --prefix "$root$venv"
    modules=$venv/lib
else
    set -- "$@" --python python3 --target "$root"
    modules=/
fi
if [ "$index" ]; then set -- "$@" --default-index "locked=$index"; fi
# A substitution drops the newline at the end of a secret's file; a file from Windows has one more character there.
UV_INDEX_LOCKED_USERNAME=$(printf %s "${INDEX_USERNAME:-}" | tr -d '\r')
UV_INDEX_LOCKED_PASSWORD=$(printf %s "${INDEX_PASSWORD:-}" | tr -d '\r')
if [ "$UV_INDEX_LOCKED_USERNAME$UV_INDEX_LOCKED_PASSWORD" ]; then
    export UV_INDEX_LOCKED_USERNAME UV_INDEX_LOCKED_PASSWORD
fi
python3 -I -S /run/run_uv.py "$cache" /opt/uv/bin/uv "$@"
rm -rf "$cache" "$root$venv/.lock"
if [ -e /run/compile_schemas.py ]; then python3 -I /run/compile_schemas.py "$root"; fi
if [ "$compile" ]; then python3 -I -S /run/compile_bytecode.py "$root" "$modules"; fi
