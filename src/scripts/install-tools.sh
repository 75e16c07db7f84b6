# install-tools DIRECTORY: installs the wheels that /run/requirements.txt pins by their hashes.
if ! python3 -I -c 'import pip' 2>/dev/null; then
    python3 -m venv /tmp/pip
    PATH=/tmp/pip/bin:$PATH
fi
python3 -I -m pip install --no-cache-dir --no-compile --no-deps --only-binary :all: --require-hashes \
    --target "$1" --requirement /run/requirements.txt
# On all processors. Files that this Python cannot compile stay as they are.
python3 -I -m compileall -qq -j 0 "$1" || :
