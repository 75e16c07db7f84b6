"""Compiles `digest.c` into a library beside the package's code. Poetry runs it when it builds the wheel."""

import subprocess

subprocess.run(
    ["gcc", "-O2", "-shared", "-fPIC", "-o", "src/digest/_digest.so", "src/digest/digest.c", "-lsodium"],
    check=True,
)
