"""The web application."""


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"open\n"]


def main():
    print("open")
