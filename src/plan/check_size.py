"""Fails when the files of a tree have more bytes than they may.

    python check_size.py TREE LIMIT
"""

import os
import stat
import sys

SHOWN = 10


def megabytes(size):
    return f"{size / 1_000_000:.1f} MB"


def folder_of(path):
    """The folder that a file is counted for: a package of Python's, or one of the two highest."""
    parts = path.split("/")[:-1]
    for packages in "site-packages", "dist-packages":
        if packages in parts:
            return "/".join(parts[: parts.index(packages) + 2])
    return "/".join(parts[:3])


def measure(tree):
    """The bytes of the regular files, each once whatever its names, by the folders that they are in."""
    sizes = {}
    seen = set()
    for folder, _, files in os.walk(tree):
        for name in files:
            path = os.path.join(folder, name)
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode) or (found.st_dev, found.st_ino) in seen:
                continue
            if found.st_nlink > 1:
                seen.add((found.st_dev, found.st_ino))
            key = folder_of(path[len(tree) :]) or "/"
            sizes[key] = sizes.get(key, 0) + found.st_size
    return sizes


def main(tree, limit):
    sizes = measure(tree)
    total = sum(sizes.values())
    if total <= limit:
        print(f"the image has {megabytes(total)}")
        return
    print(f"the image has {megabytes(total)}, more than max-size = {megabytes(limit)}; the largest folders:")
    largest = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
    for folder, size in largest[:SHOWN]:
        print(f"  {megabytes(size):>10}  {folder}")
    print("leave out what the image does not need, or raise max-size")
    sys.exit(1)


main(sys.argv[1], int(sys.argv[2]))
