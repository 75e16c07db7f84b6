# compile-source DIRECTORY: compiles the modules of a project that is copied and not installed.
python3 -I -S /run/compile_bytecode.py "" "$1"
