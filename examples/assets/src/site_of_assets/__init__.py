"""Serves the files of `/app/static`."""

import functools
import http.server

FOLDER = "/app/static"


def main() -> None:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=FOLDER)
    http.server.ThreadingHTTPServer(("0.0.0.0", 8000), handler).serve_forever()
