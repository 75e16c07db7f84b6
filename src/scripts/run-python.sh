# run-python PROGRAM ACTION IMAGE...: runs it, if the base image has a Python at all.
if ! command -v python3 >/dev/null; then
    echo "error: $3 has no python3 on its PATH; use a base image with Python" >&2
    exit 1
fi
exec python3 -I "$@"
