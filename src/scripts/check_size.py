"""Fails if the files of an image are larger than allowed, and lists the largest directories.

Usage: python check_size.py ROOT LIMIT
"""

import os
import stat
import sys

SHOWN = 10


def megabytes(size):
    return f"{size / 1_000_000:.1f} MB"


def directory_of(path):
    """The directory whose total includes the file: that of a Python package, or the first two levels."""
    parts = path.split("/")[:-1]
    for packages in "site-packages", "dist-packages":
        if packages in parts:
            return "/".join(parts[: parts.index(packages) + 2])
    return "/".join(parts[:3])


def measure(root):
    """The bytes of regular files, by directory. A file with several names counts once."""
    sizes = {}
    seen = set()
    for directory, _, files in os.walk(root):
        for name in files:
            path = os.path.join(directory, name)
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode) or (found.st_dev, found.st_ino) in seen:
                continue
            if found.st_nlink > 1:
                seen.add((found.st_dev, found.st_ino))
            key = directory_of(path[len(root) :]) or "/"
            sizes[key] = sizes.get(key, 0) + found.st_size
    return sizes


def main(root, limit):
    sizes = measure(root)
    total = sum(sizes.values())
    if total <= limit:
        print(f"the image has {megabytes(total)}")
        return
    print(
        f"the image has {megabytes(total)}, more than max-size = {megabytes(limit)}; "
        "the largest directories:"
    )
    largest = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
    for directory, size in largest[:SHOWN]:
        print(f"  {megabytes(size):>10}  {directory}")
    print("leave out what the image does not need, or raise max-size")
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
