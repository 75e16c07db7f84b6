"""Hashes its arguments with libsodium, through its own C code."""

import ctypes
import sys
from pathlib import Path

_library = ctypes.CDLL(str(Path(__file__).with_name("_digest.so")))


def digest(text: str) -> str:
    data = text.encode()
    out = ctypes.create_string_buffer(65)
    if _library.digest(data, ctypes.c_ulonglong(len(data)), out) != 0:
        raise RuntimeError("libsodium could not be started")
    return out.value.decode()


def main() -> None:
    for argument in sys.argv[1:]:
        print(digest(argument))
