"""Compiles `digest.c` into a library in the package. Poetry runs this script when it builds the wheel."""

import subprocess

flags = ["-O2", "-shared", "-fPIC"]
subprocess.run(
    ["gcc", *flags, "-o", "src/digest/_digest.so", "src/digest/digest.c", "-lsodium"], check=True
)
