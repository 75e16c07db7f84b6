"""Runs a command whose root file system is read-only, and names the path that it could not write to.

    python -I -S run_read_only.py COMMAND...

The exit code is that of the command, or 96 if it failed because of a refused write.
"""

import os
import re
import subprocess
import sys

REFUSED = 96
MESSAGE = re.compile(rb"read-only file system", re.IGNORECASE)
# Messages quote the path, or have it before a colon.
QUOTED = re.compile("['\"`\u2018]([^'\"`\u2018\u2019]*/[^'\"`\u2018\u2019]*)['\"`\u2019]")
PLAIN = re.compile(r"(?:^|[\s:])([^\s:'\"]*/[^\s:'\"]*)")
NAME = re.compile(r"['\"]([^'\"/]+)['\"]")


def path_in(line):
    """The absolute path in the message of a refused write; empty if there is none."""
    text = line.decode(errors="replace")
    for pattern in QUOTED, PLAIN, NAME:
        found = pattern.search(text)
        if found:
            return os.path.abspath(found[1])
    return ""


def main(*command):
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        print(f"error: {command[0]} is not in the image", file=sys.stderr)
        return 127
    except OSError as error:
        print(f"error: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 126
    refused = None
    with process:
        for line in process.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            if MESSAGE.search(line):
                refused = line
    code = process.returncode
    if code == 0 or refused is None:
        # As a shell reports a signal.
        return code if code >= 0 else 128 - code
    path = path_in(refused)
    what = f"cannot write to {path}" if path else "cannot write to its file system"
    print(f"error: the command {what}, which is read-only as with `docker run --read-only`")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
