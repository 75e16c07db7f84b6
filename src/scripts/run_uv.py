"""Runs uv, and fails if a wheel has an entry outside its own directory.

    python3 -I -S run_uv.py CACHE COMMAND...

uv leaves out such entries and goes on (`uv-extract/src/stream.rs`), but nobody wants to install such a wheel. CACHE is
the directory into which uv unpacks wheels.
"""

import csv
import glob
import os
import re
import subprocess
import sys

# What uv logs at these levels, and nothing of it otherwise.
LOG = "uv_extract=debug,uv_install_wheel=debug"
SKIPPED = re.compile(r"WARN Skipping unsafe file name: (.*)")
PACKAGE = re.compile(r"DEBUG Files .* are listed in `RECORD` but missing .* for `(.*)==(.*)`")
LOGGED = re.compile(r"(TRACE|DEBUG|INFO|WARN) ")


def leaves(entry):
    """Whether the path of an entry leads out of the directory that a wheel is unpacked into."""
    path = entry.replace("\\", "/")
    return path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"


def refuse(package, entry):
    sys.exit(
        f"error: the wheel of {package} has the entry {entry!r}, which is outside its directory\n"
        "do not install it: report it to the index, and choose another release"
    )


def check_release(program, expected):
    """Ends with an error if an image has another uv than the one that the options and the log are known of."""
    try:
        shown = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
        found = shown.stdout.split()[1]
    except FileNotFoundError:
        sys.exit(
            "error: the image of `uv-image` has no `/uv`\n"
            f"use an image that has uv {expected} there, as the official ones do"
        )
    except (OSError, subprocess.SubprocessError, IndexError) as error:
        sys.exit(
            f"error: the uv in the image of `uv-image` does not run: {error}\n"
            f"use an image with uv {expected} for this platform"
        )
    if found != expected:
        sys.exit(
            f"error: the image of `uv-image` has uv {found}, but this build needs {expected}\n"
            f"use an image of uv {expected}, or leave out `uv-image`"
        )


def run(command):
    """Runs uv, passes on what it prints, and returns its status and the entries that it left out."""
    skipped, package = [], "a package"
    environment = {**os.environ, "RUST_LOG": LOG}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, errors="replace", env=environment
    ) as process:
        for line in process.stderr:
            if found := SKIPPED.match(line):
                skipped.append(found[1])
            elif found := PACKAGE.match(line):
                package = f"{found[1]} {found[2]}"
            elif not LOGGED.match(line):
                print(line, end="", file=sys.stderr, flush=True)
    return process.returncode, package, skipped


def main(cache, *command):
    if expected := os.environ.get("EXPECTED_UV"):
        check_release(command[0], expected)
    status, package, skipped = run(command)
    for entry in skipped:
        refuse(package, entry)
    if status:
        sys.exit(status)
    records = os.path.join(glob.escape(cache), "archive-v*", "*", "*.dist-info", "RECORD")
    for record in sorted(glob.glob(records)):
        name = os.path.basename(os.path.dirname(record))[: -len(".dist-info")]
        with open(record, newline="", encoding="utf-8", errors="surrogateescape") as file:
            for row in csv.reader(file):
                if row and leaves(row[0]):
                    refuse(name.replace("-", " "), row[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
