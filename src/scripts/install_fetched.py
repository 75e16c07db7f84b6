"""Installs wheels that are files, with the same result as wheels of an index.

    python3 -I -S install_fetched.py ROOT VENV COMPILE

The arguments are those of `install-wheels`, which this runs. For a wheel that is a file, uv also installs `uv_cache.json`, with
the time of the file, so that it notices a changed one (`uv-cache-info/src/cache_info.rs`).
"""

import glob
import os
import subprocess
import sys

NOTE = "uv_cache.json"


def forget(note):
    """Removes the note, and its line in `RECORD`."""
    metadata = os.path.dirname(note)
    line = f"{os.path.basename(metadata)}/{NOTE},".encode()
    record = os.path.join(metadata, "RECORD")
    with open(record, "rb") as file:
        lines = [one for one in file if not one.startswith(line)]
    with open(record, "wb") as file:
        file.writelines(lines)
    os.remove(note)


def main(root, venv, compiled):
    command = ["sh", "-eu", "/run/install-wheels.sh", root, venv, compiled, ""]
    status = subprocess.run(command).returncode
    if status:
        sys.exit(status)
    packages = f"{root}{venv}/lib/python*/site-packages" if venv else root
    for note in glob.glob(f"{packages}/*.dist-info/{NOTE}"):
        forget(note)


if __name__ == "__main__":
    main(*sys.argv[1:])
