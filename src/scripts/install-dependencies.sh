# install-dependencies VENV WHOLE COMPILE COMMAND...: creates the environment and runs the command that installs into it. If
# WHOLE is empty, only what the command installed is left. VENV_OPTION is one more option of venv.
venv=$1 whole=$2 compile=$3
shift 3
if ! "$1" -c '' 2>/dev/null; then
    echo "error: the image of \`[poetry]\` has no Poetry that runs here; make it with \`--target poetry\` on the base of this build" >&2
    exit 1
fi
# No pip in it: neither Poetry nor the image needs it.
python3 -I -m venv --without-pip ${VENV_OPTION:+"$VENV_OPTION"} "$venv"
"$@"
# Poetry leaves the clones of Git dependencies here, though only of those that its cache did not have.
rm -rf "$venv/src"
if [ -z "$whole" ]; then
    rm -f "$venv"/pyvenv.cfg "$venv"/.gitignore "$venv"/lib64 "$venv"/bin/[Aa]ctivate*
    # The interpreter.
    find "$venv/bin" -type l -delete
    rmdir "$venv"/bin "$venv"/include/* "$venv"/include 2>/dev/null || :
fi
if [ "$compile" ]; then python3 -I -S /run/compile_bytecode.py "" "$venv/lib"; fi
