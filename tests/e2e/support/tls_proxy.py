"""Speaks TLS for a port that does not: prints its own port and the path of its authority, for the host `index`."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # A side that hangs up ends it.


def talk(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    try:
        outer = context.wrap_socket(client, server_side=True)
    except OSError:
        return  # The client does not trust the certificate.
    inner = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=pump, args=(outer, inner), daemon=True).start()
    pump(inner, outer)
    outer.close()


def issue(request: list[str], subject: str, *options: str) -> None:
    subprocess.run([*request, "-subj", subject, *options], check=True, stderr=subprocess.DEVNULL)


def main() -> None:
    directory = tempfile.mkdtemp()
    authority, certificate = (os.path.join(directory, name) for name in ("ca.pem", "cert.pem"))
    authority_key, key = (os.path.join(directory, name) for name in ("ca.key", "cert.key"))
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 2".split()
    issue(request, "/CN=authority", "-keyout", authority_key, "-out", authority)
    signed = ["-CA", authority, "-CAkey", authority_key, "-keyout", key, "-out", certificate]
    # Some clients accept no authority as the certificate of a server.
    names = ["-addext", "subjectAltName=DNS:index", "-addext", "basicConstraints=critical,CA:FALSE"]
    issue(request, "/CN=index", *names, *signed)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("0.0.0.0", 0))
    print(listener.getsockname()[1], authority, flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=talk, args=(client, context, int(sys.argv[1])), daemon=True).start()


main()
