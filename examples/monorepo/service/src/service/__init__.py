from greeting import greet
from shared import everybody


def main() -> None:
    for name in everybody():
        print(greet(name))
