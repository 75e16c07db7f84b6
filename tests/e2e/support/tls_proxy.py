"""Speaks TLS for a port that does not: prints its own port and the path of its certificate, for the host `index`."""

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


def main() -> None:
    directory = tempfile.mkdtemp()
    certificate, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=index".split()
    names = ["-addext", "subjectAltName=DNS:index"]
    subprocess.run(
        [*request, *names, "-keyout", key, "-out", certificate],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("0.0.0.0", 0))
    print(listener.getsockname()[1], certificate, flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=talk, args=(client, context, int(sys.argv[1])), daemon=True).start()


main()
