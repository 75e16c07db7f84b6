"""Hashes its arguments with libsodium, through an extension module in C."""

import sys

from digest._digest import digest


def main() -> None:
    for argument in sys.argv[1:]:
        print(digest(argument.encode()))
