"""A host of one Git repository, over SSH for one key and over HTTPS for one token.

    git_server.py TOKEN < PACKAGE

PACKAGE is the text of the package's module. What a client needs is put into /client: its private key, the host's public
keys, the certificate, and the id of the commit.
"""

import base64
import http.server
import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

CLIENT = Path("/client")
REPOSITORIES = Path("/srv/git")
PYPROJECT = """\
[project]
name = "library"
version = "1.0"

[build-system]
requires = ["poetry-core>=1.0.0"]
build-backend = "poetry.core.masonry.api"

[tool.poetry]
name = "library"
version = "1.0"
description = ""
authors = []
"""


def run(*command, **options):
    return subprocess.run(
        command, check=True, capture_output=True, text=True, **options
    ).stdout.strip()


def make_repository(module):
    work = Path("/tmp/library")
    (work / "library").mkdir(parents=True)
    (work / "library/__init__.py").write_text(module)
    (work / "pyproject.toml").write_text(PYPROJECT)
    author = ["-c", "user.name=a", "-c", "user.email=a@git.example"]
    run("git", "init", "--quiet", "--initial-branch=main", cwd=work)
    run("git", "add", ".", cwd=work)
    run("git", *author, "commit", "--quiet", "--message=One", cwd=work)
    run("git", "clone", "--quiet", "--bare", work, REPOSITORIES / "library.git")
    (CLIENT / "commit").write_text(run("git", "rev-parse", "HEAD", cwd=work))


def start_ssh():
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", CLIENT / "key")
    run("useradd", "--create-home", "--shell", "/usr/bin/git-shell", "--password", "*", "git")
    home = Path("/home/git/.ssh")
    home.mkdir(mode=0o700)
    shutil.copy(CLIENT / "key.pub", home / "authorized_keys")
    run("chown", "--recursive", "git:git", home, REPOSITORIES)
    run("git", "config", "--system", "safe.directory", "*")
    Path("/run/sshd").mkdir(exist_ok=True)
    run("/usr/sbin/sshd")
    shutil.copy("/etc/ssh/ssh_host_ed25519_key.pub", CLIENT / "host_key")


class Backend(http.server.BaseHTTPRequestHandler):
    """Passes requests to Git's own CGI program."""

    allowed = ""

    def do_GET(self):
        if self.headers.get("Authorization") != self.allowed:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        url = urlsplit(self.path)
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(REPOSITORIES),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        answer = subprocess.run(
            ["git", "http-backend"],
            input=self.body(),
            env=environment,
            capture_output=True,
            check=True,
        ).stdout
        head, _, body = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body


def serve_https(token):
    key, certificate = Path("/tmp/tls.key"), CLIENT / "certificate"
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=index".split()
    run(*request, "-addext", "subjectAltName=DNS:index", "-keyout", key, "-out", certificate)
    Backend.allowed = "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
    server = http.server.ThreadingHTTPServer(("", 443), Backend)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    (CLIENT / "ready").touch()
    server.serve_forever()


CLIENT.mkdir()
REPOSITORIES.mkdir(parents=True)
make_repository(sys.stdin.read())
start_ssh()
serve_https(sys.argv[1])
