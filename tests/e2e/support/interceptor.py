"""An HTTP proxy that intercepts TLS, as in the network of a company: it decrypts everything and signs as an authority of its own.

    interceptor.py [HOST...]

With hosts, it only intercepts what goes to them. It prints its port, the path of its authority's certificate, and the path of a
log, which has the host and the request line of each request. Behind the host `index`, whose certificates nobody has signed, it
also accepts servers without TLS.
"""

import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

HERE = "index"
DIRECTORY = tempfile.mkdtemp()
KEY, AUTHORITY, LOG = (os.path.join(DIRECTORY, name) for name in ("key", "ca.pem", "log"))
ISSUING = threading.Lock()


def issue(subject: str, *options: str) -> None:
    command = ["openssl", "req", "-x509", "-days", "2", "-subj", f"/CN={subject}", *options]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def server_context(host: str) -> ssl.SSLContext:
    path = os.path.join(DIRECTORY, f"{host}.pem")
    with ISSUING:
        if not os.path.exists(path):
            names = ["-addext", f"subjectAltName=DNS:{host}", "-addext"]
            names += ["basicConstraints=critical,CA:FALSE", "-key", KEY, "-out", path]
            issue(host, *names, "-CA", AUTHORITY, "-CAkey", KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, KEY)
    return context


def connect(host: str, port: int) -> socket.socket:
    if host != HERE:
        plain = socket.create_connection((host, port))
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return context.wrap_socket(socket.create_connection(("127.0.0.1", port)))
    except OSError:
        return socket.create_connection(("127.0.0.1", port))


def relay(client: socket.socket, server: socket.socket, host: str) -> None:
    """Passes on what both say until one has nothing more to say."""
    other = {client: server, server: client}
    while True:
        readable = [one for one in other if isinstance(one, ssl.SSLSocket) and one.pending()]
        for one in readable or select.select(list(other), [], [])[0]:
            one.setblocking(False)
            try:
                data = one.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            except OSError:
                data = b""
            finally:
                one.setblocking(True)
            if not data:
                hang_up(client)
                hang_up(server)
                return
            line = data.split(b"\r\n", 1)[0]
            if one is client and line.endswith(b" HTTP/1.1"):
                with open(LOG, "a", encoding="utf-8") as log:
                    log.write(f"{host} {line.decode()}\n")
            other[one].sendall(data)


def hang_up(one: socket.socket) -> None:
    one.settimeout(1)
    try:
        # Some clients insist on a proper end.
        if isinstance(one, ssl.SSLSocket):
            one.unwrap()
    except (OSError, ValueError):
        pass  # It has hung up already.
    one.close()


def head(client: socket.socket) -> bytes:
    """The request up to its empty line, and nothing after it."""
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            break
        received += byte
    return received


def talk(client: socket.socket) -> None:
    method, _, rest = head(client).decode().partition(" ")
    if method != "CONNECT":
        client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        client.close()
        return
    host, _, port = rest.split(" ")[0].rpartition(":")
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    if sys.argv[1:] and host not in sys.argv[1:]:
        relay(client, socket.create_connection((host, int(port))), host)
        return
    try:
        outer = server_context(host).wrap_socket(client, server_side=True)
    except OSError:
        return  # The client does not trust the certificate.
    relay(outer, connect(host, int(port)), host)


def main() -> None:
    subprocess.run(
        ["openssl", "genrsa", "-out", KEY, "2048"], check=True, stderr=subprocess.DEVNULL
    )
    # Python 3.13 insists on it.
    usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    issue("corporate authority", *usage, "-key", KEY, "-out", AUTHORITY)
    with open(LOG, "w", encoding="utf-8"):
        pass
    listener = socket.create_server(("0.0.0.0", 0), backlog=100)
    print(listener.getsockname()[1], AUTHORITY, LOG, flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=talk, args=(client,), daemon=True).start()


main()
