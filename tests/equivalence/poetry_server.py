"""Runs Poetry without importing it each time, which takes longer than all that it does for a small project.

`python poetry_server.py SOCKET` is the server: it imports Poetry, says that it is ready, and ends with its input.
`python poetry_server.py SOCKET ARGUMENT...` is `poetry ARGUMENT...`, or `python SCRIPT.py ARGUMENT...` with Poetry's Python:
a fork of the server runs it with the environment, the directory and the standard streams of the one who asks.
"""

import marshal
import os
import socket
import sys


def ask(path, arguments):
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        socket.send_fds(server, [b"-"], [0, 1, 2])
        server.sendall(marshal.dumps((arguments, dict(os.environ), os.getcwd())))
        server.shutdown(socket.SHUT_WR)
        return int(server.makefile().read())


def serve(path):
    import importlib
    import pkgutil
    import select
    import signal

    import poetry.core.version.markers
    import poetry.factory

    for module in pkgutil.walk_packages(poetry.__path__, "poetry."):
        if "._vendor." not in module.name:
            importlib.import_module(module.name)
    # Poetry reads the grammar of markers and, the newest, its schemas when it first needs them.
    poetry.core.version.markers.parse_marker("extra == 'any'")
    poetry.factory.Factory.validate({})

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        # Nobody waits for the forks that answer.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            client, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                sys.exit(answer(client))
            client.close()


def answer(client):
    streams = socket.recv_fds(client, 1, 3)[1]
    arguments, environment, directory = marshal.loads(client.makefile("rb").read())
    poetry = os.fork()
    if poetry != 0:
        status = os.waitstatus_to_exitcode(os.waitpid(poetry, 0)[1])
        client.sendall(str(status).encode())
        os._exit(0)
    client.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    if arguments[0].endswith(".py"):
        import runpy

        sys.argv = arguments
        return runpy.run_path(arguments[0], run_name="__main__")
    sys.argv = ["poetry", *arguments]

    from poetry.console.application import main

    return main()


if __name__ == "__main__":
    socket_path, *arguments = sys.argv[1:]
    sys.exit(ask(socket_path, arguments) if arguments else serve(socket_path))
