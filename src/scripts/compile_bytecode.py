"""Runs the command that installs packages into an environment, and compiles their modules while it still runs.

    python3 -sS compile_bytecode.py PREFIX CACHE COMMAND...

Each module that a distribution's RECORD lists gets the bytecode that `py_compile` would write, validated by the hash of
its source. An installer would compile on one processor, and delay the installation meanwhile. The exit code is that of
COMMAND.

All processes write the same bytes, before Python 3.11 only with PYTHONHASHSEED=0. In Python 3.12 a few constants depend
on what the process compiled before.

CACHE is a directory that outlives the build. It has the bytecode of each source at each path, so that a new dependency
compiles only its own modules. A damaged entry, or one of another source, is ignored. This does not protect against
malicious code: what runs while a package is built could plant an entry, but it could also replace a wheel in Poetry's
cache, whose hash Poetry does not check.

No code of the environment runs here. There are no threads, so forking is safe.
"""

import csv
import hashlib
import importlib.util
import marshal
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import warnings

DAY = 24 * 60 * 60
# Entries that no build has used for this long are removed.
KEPT = 30 * DAY
# What the bytecode depends on, apart from the source and its path.
COMPILER = repr(
    (sys.implementation.cache_tag, importlib.util.MAGIC_NUMBER, tuple(sys.version_info))
).encode()
# The flags mean that the file is validated by the hash of its source (PEP 552).
HEADER = importlib.util.MAGIC_NUMBER + (0b11).to_bytes(4, "little")


def packages_of(prefix):
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else "posix_prefix"
    return sysconfig.get_path("purelib", scheme, {"base": os.path.abspath(prefix)})


def compiled(source, path, header):
    """The content of the compiled file, or None if this Python cannot compile the source, such as a template."""
    try:
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    except Exception:
        return None
    return header + marshal.dumps(code)


def cached(entry, header):
    """The content of the compiled file, if the cache has it."""
    try:
        with open(entry, "rb") as file:
            if time.time() - os.fstat(file.fileno()).st_mtime > DAY:
                os.utime(entry)
            digest, content = file.read(32), file.read()
    except OSError:
        return None
    whole = content.startswith(header) and hashlib.sha256(content).digest() == digest
    return content if whole else None


def keep(entry, content):
    try:
        os.makedirs(os.path.dirname(entry), exist_ok=True)
        new = entry + os.urandom(8).hex()
        with open(new, "xb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        os.rename(new, entry)
    except OSError:
        pass  # The disk may be full. The cache is optional.


def compile_module(path, cache):
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            source = file.read()
    except OSError:
        return
    header = HEADER + importlib.util.source_hash(source)
    key = hashlib.sha256(b"%s\0%s\0%s" % (COMPILER, os.fsencode(path), source)).hexdigest()
    entry = os.path.join(cache, key[:2], key[2:])
    content = cached(entry, header)
    if content is None:
        content = compiled(source, path, header)
        if content is None:
            return
        keep(entry, content)
    target = importlib.util.cache_from_source(path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode & 0o666 | 0o200), "wb"
    ) as file:
        file.write(content)


class Workers:
    """Processes that compile the modules whose paths they are sent."""

    def __init__(self, cache):
        # Keeps the boundaries of messages, and delivers each to only one of the workers.
        self.paths, receiver = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pids = []
        for _ in os.sched_getaffinity(0):
            pid = os.fork()
            if pid == 0:
                self.paths.close()
                work(receiver, cache)
            self.pids.append(pid)
        receiver.close()

    def send(self, path):
        try:
            self.paths.send(os.fsencode(path))
        except OSError:
            pass  # No worker is left; `finish` reports it.

    def finish(self):
        """Waits for all workers, and returns whether they succeeded."""
        self.paths.close()
        statuses = [os.waitpid(pid, 0)[1] for pid in self.pids]
        return not any(statuses)


def work(receiver, cache):
    status = 1
    try:
        # The installation has priority.
        os.nice(19)
        while path := receiver.recv(1 << 16):
            compile_module(os.fsdecode(path), cache)
        status = 0
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def records_in(packages):
    """The RECORDs of installed distributions. RECORD is the last file that an installer writes."""
    try:
        names = [entry.name for entry in os.scandir(packages) if entry.name.endswith(".dist-info")]
    except FileNotFoundError:
        return []
    records = (os.path.join(packages, name, "RECORD") for name in sorted(names))
    return [record for record in records if os.path.exists(record)]


def modules_of(record, packages):
    """The paths of its modules. Files outside the packages, such as commands, are never imported."""
    with open(record, newline="", encoding="utf-8", errors="surrogateescape") as file:
        # The installer may still be writing the last line.
        whole = (line for line in file if line.endswith("\n"))
        paths = [row[0] for row in csv.reader(whole) if row]
    return [
        os.path.join(packages, path)
        for path in paths
        if path.endswith(".py") and not path.startswith(("../", "/"))
    ]


class Modules:
    """The installed modules, and those of them that several distributions have."""

    def __init__(self, packages):
        self.packages = packages
        self.read = set()
        self.owners = {}
        self.shared = set()

    def new(self, again):
        """Yields new modules of distributions that were not read yet, or with `again`, of all."""
        for record in records_in(self.packages):
            if record in self.read and not again:
                continue
            self.read.add(record)
            for path in modules_of(record, self.packages):
                if path not in self.owners:
                    self.owners[path] = record
                    yield path
                elif self.owners[path] != record:
                    self.shared.add(path)


def remove_unused(cache):
    """Removes unused entries. Runs once a day, because it examines every entry."""
    stamp = os.path.join(cache, "cleaned")
    now = time.time()
    try:
        if os.path.exists(stamp) and now - os.stat(stamp).st_mtime < DAY:
            return
        with open(stamp, "wb"):
            os.utime(stamp)
        for directory, _, names in os.walk(cache):
            for path in (os.path.join(directory, name) for name in names):
                if now - os.stat(path).st_mtime > KEPT:
                    os.remove(path)
    except OSError:
        pass  # Another build may be doing the same.


def main(prefix, cache, *command):
    # Users cannot fix warnings about the code of packages.
    warnings.simplefilter("ignore")
    workers = Workers(cache)
    modules = Modules(packages_of(prefix))
    child = None

    def end(number, _):
        if child is None:
            sys.exit(128 + number)
        child.send_signal(number)

    for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        signal.signal(number, end)
    child = subprocess.Popen(command)
    while child.poll() is None:
        for path in modules.new(again=False):
            workers.send(path)
        time.sleep(0.05)
    if child.returncode == 0:
        for path in modules.new(again=True):
            workers.send(path)
        remove_unused(cache)
    compiled_all = workers.finish()
    if child.returncode:
        # After a signal, the exit code of a shell.
        sys.exit(child.returncode if child.returncode > 0 else 128 - child.returncode)
    if not compiled_all:
        sys.exit("cannot write the bytecode")
    # The last installed file wins. The workers have ended, so nothing else writes these files now.
    for path in sorted(modules.shared):
        compile_module(path, cache)


if __name__ == "__main__":
    main(*sys.argv[1:])
