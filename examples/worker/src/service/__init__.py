"""Takes texts over HTTP, and has a worker count their words: `POST /texts`, then `GET /texts/ID`."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from service import queue


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if (method, path) == ("POST", "/texts"):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        text = environ["wsgi.input"].read(length).decode(errors="replace")
        status, answer = "202 Accepted", queue.add(text)
    elif method == "GET" and path.startswith("/texts/"):
        words = queue.words(path.removeprefix("/texts/"))
        status, answer = "200 OK", "waiting" if words is None else f"{words} words"
    else:
        status, answer = "404 Not Found", "POST a text to /texts"
    body = f"{answer}\n".encode()
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
