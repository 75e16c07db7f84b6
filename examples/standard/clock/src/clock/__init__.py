"""Tells the time."""

import os
import time

import cowsay


def main() -> None:
    print(cowsay.get_output_string("cow", time.strftime("%H:%M")))
    print(f"In {os.environ['TZ']}; logs are {os.environ['LOG_FORMAT']}.")
