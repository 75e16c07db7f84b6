# prepare-source ROOT DIRECTORY COMPILE: prepares the source of a project that is copied and not installed. It is at
# ROOT/DIRECTORY, and will be at DIRECTORY. Everyone can read its files, whatever their modes in the checkout, and only their
# owner can write them. With COMPILE, its modules are compiled.
chmod -R u+rwX,go+rX,go-w "$1$2"
if [ "$3" ]; then python3 -I -S /run/compile_bytecode.py "$1" "$2"; fi
