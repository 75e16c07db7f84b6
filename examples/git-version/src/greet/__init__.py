"""Says which version it is."""

from importlib.metadata import version


def main() -> None:
    print(f"greet {version('greet')}")
