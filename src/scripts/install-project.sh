# install-project ROOT VENV COMPILE PYTHON [TOOLS]: builds the wheel of the project in the working directory, and installs it
# for the environment VENV into ROOT. With COMPILE, its modules are compiled.
root=$1 venv=$2 compile=$3 python=$4
shift 4
"$python" -I /run/install_project.py "$root" "$venv" "$@"
if [ "$compile" ]; then python3 -I -S /run/compile_bytecode.py "$root" "$venv/lib"; fi
