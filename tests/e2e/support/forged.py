"""Forges entries of the bytecode cache, as `src/scripts/compile_bytecode.py` writes them."""

import hashlib
import importlib.util
import marshal
import os
import sys


def forged(path, source, other):
    """The name of the entry for the module `source` at `path`, and an entry that runs `other` instead."""
    compiler = repr(
        (sys.implementation.cache_tag, importlib.util.MAGIC_NUMBER, tuple(sys.version_info))
    ).encode()
    key = hashlib.sha256(b"%s\0%s\0%s" % (compiler, os.fsencode(path), source)).hexdigest()
    header = importlib.util.MAGIC_NUMBER + (3).to_bytes(4, "little")
    header += importlib.util.source_hash(source)
    code = compile(other, path, "exec", dont_inherit=True, optimize=0)
    content = header + marshal.dumps(code)
    return f"{key[:2]}/{key[2:]}", hashlib.sha256(content).digest() + content
