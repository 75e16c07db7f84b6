# install-uv DIRECTORY: installs the wheel that /run/requirements.txt pins by its hashes.
if ! python3 -I -c 'import pip' 2>/dev/null; then
    python3 -m venv /tmp/pip
    PATH=/tmp/pip/bin:$PATH
fi
python3 -I -m pip install --no-cache-dir --no-compile --no-deps --only-binary :all: --require-hashes \
    --target "$1" --requirement /run/requirements.txt
