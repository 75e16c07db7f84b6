"""The image's health check: exits with 0 if the service is healthy."""

import os
import sys
import urllib.request


def main() -> None:
    address = f"http://127.0.0.1:{os.environ['PORT']}/health"
    with urllib.request.urlopen(address, timeout=2) as answer:
        sys.exit(answer.status != 200)


if __name__ == "__main__":
    main()
