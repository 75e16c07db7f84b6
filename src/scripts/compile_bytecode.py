"""Compiles the modules below a directory to bytecode, on all processors.

    python3 -I -S compile_bytecode.py ROOT DIRECTORY

DIRECTORY is where the modules will be, and ROOT where they are now: at ROOT/DIRECTORY. Each file is what `py_compile`
would write, validated by the hash of its source. No code of the modules runs.

Equal modules give equal bytes. In Python 3.12, a few constants depend on what the process compiled before, so the
modules are divided among processes in the same way on every machine. Before Python 3.11, the order of sets depends on
PYTHONHASHSEED, which isolated mode ignores.
"""

import gc
import importlib.util
import marshal
import os
import sys
import warnings

# The modules that one process compiles.
PORTION = 200
# The flags mean that the file is validated by the hash of its source (PEP 552).
HEADER = importlib.util.MAGIC_NUMBER + (0b11).to_bytes(4, "little")


def modules(directory):
    """The paths of the modules in a fixed order; without those of an environment below the directory."""
    found = []
    for parent, directories, files in os.walk(directory):
        skipped = "__pycache__", ".venv"
        directories[:] = sorted(name for name in directories if name not in skipped)
        found += [os.path.join(parent, name) for name in sorted(files) if name.endswith(".py")]
    return found


def compile_module(path, shown):
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            source = file.read()
    except OSError:
        return  # A broken link.
    try:
        code = compile(source, shown, "exec", dont_inherit=True, optimize=0)
    except Exception:
        return  # Such as a template, or code for another Python.
    target = importlib.util.cache_from_source(path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode & 0o666 | 0o200), "wb"
    ) as file:
        file.write(HEADER + importlib.util.source_hash(source) + marshal.dumps(code))


def start(portion, root):
    """Starts a process for some modules. There are no threads, so forking is safe."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        for path in portion:
            compile_module(path, path[len(root) :])
        status = 0
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def main(root, directory):
    if sys.version_info < (3, 11) and sys.flags.hash_randomization:
        others = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
        command = [sys.executable, "-s", "-S", __file__, root, directory]
        os.execve(command[0], command, {**others, "PYTHONHASHSEED": "0"})
    gc.disable()  # A twentieth of the time, and no garbage of a few hundred modules is large.
    # Users cannot fix warnings about the code of packages.
    warnings.simplefilter("ignore")
    root = root.rstrip("/")
    paths = modules(root + directory)
    portions = [paths[start : start + PORTION] for start in range(0, len(paths), PORTION)]
    running, failed = 0, False
    most = len(os.sched_getaffinity(0))
    while portions or running:
        while portions and running < most:
            start(portions.pop(0), root)
            running += 1
        failed |= os.wait()[1] != 0
        running -= 1
    if failed:
        sys.exit("error: cannot write the bytecode")


if __name__ == "__main__":
    main(*sys.argv[1:])
