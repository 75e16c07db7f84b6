"""Finds files that several packages install with different content: only one of them is in the image.

    python3 -I -S check_overlaps.py REPORT ENVIRONMENT...

Each ENVIRONMENT is the directory of one layer. REPORT gets a line for each two packages: their names, the path of the
first file, and the number of further files, separated by tabs. Equal files, such as those of namespace packages, and
files that no program needs, such as tests, are left out.
"""

import csv
import glob
import os
import sys

# Directories that packages install beside their code by mistake.
UNIMPORTANT = {"benchmarks", "doc", "docs", "example", "examples", "test", "tests"}


def matters(path):
    first = path.split("/", 1)[0]
    return not (
        first in UNIMPORTANT or (first == path and not path.endswith((".py", ".so", ".pth")))
    )


def files_of(environment):
    """Yields package, path and hash of the files that the packages of a layer record."""
    pattern = os.path.join(
        glob.escape(environment), "lib", "python*", "site-packages", "*.dist-info", "RECORD"
    )
    for record in sorted(glob.glob(pattern)):
        info = os.path.basename(os.path.dirname(record))
        package = info[: -len(".dist-info")].replace("-", " ")
        with open(record, newline="", encoding="utf-8", errors="surrogateescape") as file:
            for row in csv.reader(file):
                if len(row) > 1 and row[1] and matters(row[0]):
                    yield package, row[0], row[1]


def main(report, *environments):
    owners = {}
    found = {}
    for environment in environments:
        for package, path, digest in files_of(environment):
            owner, known = owners.setdefault(path, (package, digest))
            if owner != package and known != digest:
                found.setdefault((owner, package), []).append(path)
    with open(report, "w", encoding="utf-8", errors="surrogateescape") as file:
        for (one, other), paths in sorted(found.items()):
            print(one, other, paths[0], len(paths) - 1, sep="\t", file=file)


if __name__ == "__main__":
    main(*sys.argv[1:])
