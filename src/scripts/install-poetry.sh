# install-poetry PACKAGE...: installs Poetry into an environment of its own.
# The base's own pip installs, if it can do that for another environment: giving that one a pip first takes seconds.
if python3 -I -c 'import pip, sys; sys.exit(int(pip.__version__.split(".")[0]) < 23)' 2>/dev/null; then
    python3 -m venv --without-pip /opt/poetry
    python3 -I -m pip --python /opt/poetry/bin/python install --no-cache-dir --no-compile "$@"
else
    python3 -m venv /opt/poetry
    /opt/poetry/bin/python -I -m pip install --no-cache-dir --no-compile "$@"
fi
# On all processors, where pip uses one. Files that this Python cannot compile stay as they are.
/opt/poetry/bin/python -I -m compileall -qq -j 0 /opt/poetry/lib || :
