"""Runs a hook that sees its inputs.

    python3 -I -S with_inputs.py INPUTS EXISTING [OUTPUT...] -- COMMAND...

While the command runs, the files of the directory INPUTS are in the working directory, at the same relative paths. A file
that is there already stays if EXISTING is "keep", and gives way while the command runs if it is "replace". Afterwards
everything is as before, except for what the command changed, and for inputs in one of the OUTPUTs.
"""

import os
import shutil
import subprocess
import sys
import tempfile


def entries(directory):
    """The relative paths of directories and of all other files, parents first."""
    directories, files = [], []
    for parent, below, names in os.walk(directory):
        below.sort()
        for name in below:
            path = os.path.join(parent, name)
            kind = files if os.path.islink(path) else directories
            kind.append(os.path.relpath(path, directory))
        files += [os.path.relpath(os.path.join(parent, name), directory) for name in sorted(names)]
    return directories, files


def is_file(path):
    """Whether a path is a file or any link."""
    return os.path.lexists(path) and (os.path.islink(path) or not os.path.isdir(path))


def is_within(path, directories):
    """Whether a path is one of these or below one."""
    path = os.path.abspath(path)
    return any(path == one or path.startswith(one + "/") for one in directories)


def run(command):
    """Runs a command, and returns its status as a shell does."""
    try:
        status = subprocess.call(command)
    except OSError as error:
        print(f"hook: {command[0]}: {error.strerror}", file=sys.stderr)
        return 127 if isinstance(error, FileNotFoundError) else 126
    return status if status >= 0 else 128 - status


def main(inputs, existing, *words):
    end = words.index("--")
    outputs, command = words[:end], words[end + 1 :]
    directories, files = entries(inputs)
    made = [path for path in directories if not os.path.isdir(path)]
    for path in made:
        os.mkdir(path)
        shutil.copystat(os.path.join(inputs, path), path)
    replaced = []
    if existing == "replace":
        replaced = list(filter(os.path.lexists, files))
    else:
        files = [path for path in files if not os.path.lexists(path)]
    # In memory, so that no layer changes.
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as saved:
        for number, path in enumerate(replaced):
            shutil.move(path, os.path.join(saved, str(number)))
        for path in files:
            shutil.copy2(os.path.join(inputs, path), path, follow_symlinks=False)
        status = run(command)
        if status:
            sys.exit(status)
        for path in files:
            if is_file(path) and not is_within(path, outputs):
                os.remove(path)
        for number, path in enumerate(replaced):
            if not is_within(path, outputs):
                shutil.move(os.path.join(saved, str(number)), path)
    for path in reversed(made):
        if not is_within(path, outputs):
            try:
                os.rmdir(path)
            except OSError:
                pass  # The command put something there, or removed it.


if __name__ == "__main__":
    main(*sys.argv[1:])
