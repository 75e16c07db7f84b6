"""Does as it likes."""

import getpass
import os

import cowsay

GREETING = "Hello from Poetry!"


def main() -> None:
    print(cowsay.get_output_string("cow", GREETING))
    print(f"I am {getpass.getuser()} ({os.getuid()}:{os.getgid()}).")
