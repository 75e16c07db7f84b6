"""Builds, containers, images and caches of the engine."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import Failure

BASE = "python:3.13-slim-trixie"

_ANSWER_SECONDS = 30
# Runs in the container, so that the engine may be on another host.
_ASK = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"
# Counts a file with several hard links once.
_BYTE_CODE = """
import os
sizes = {}
for directory, names, files in os.walk("/"):
    if directory == "/":
        names[:] = sorted(set(names) - {"dev", "proc", "sys"})
    for file in files:
        if file.endswith(".pyc"):
            found = os.lstat(os.path.join(directory, file))
            sizes[found.st_dev, found.st_ino] = found.st_size
print(sum(sizes.values()))
"""


@dataclass(frozen=True)
class Build:
    """A build, as a user would run it."""

    directory: Path
    file: str
    tag: str
    options: tuple[str, ...]


def build(wanted: Build, log: Path) -> float:
    """Builds, and returns the seconds that the whole command took, including the image's export to the store."""
    command = ["docker", "buildx", "build", "--progress=plain", "-f", wanted.file, "-t", wanted.tag]
    with log.open("wb") as shown:
        start = time.perf_counter()
        done = subprocess.run(
            [*command, *wanted.options, "."],
            cwd=wanted.directory,
            stdin=subprocess.DEVNULL,
            stdout=shown,
            stderr=subprocess.STDOUT,
            check=False,
        )
        seconds = time.perf_counter() - start
    if done.returncode:
        raise Failure(f"the build failed; log: {log}")
    return seconds


def docker(*arguments: str) -> str:
    """Runs a command and returns its output."""
    done = _run(arguments)
    if done.returncode:
        raise Failure(f"`docker {arguments[0]}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def image_id(tag: str) -> str:
    return docker("image", "inspect", "--format", "{{.Id}}", tag)


def image_size(tag: str) -> int:
    return int(docker("image", "inspect", "--format", "{{.Size}}", tag))


def byte_code_size(tag: str) -> int:
    """The size of all `.pyc` files in the image."""
    # -B: Python itself must not add any.
    run = ("run", "--rm", "--user=0", "--entrypoint=python3", tag, "-B", "-c", _BYTE_CODE)
    return int(docker(*run))


def run_python(tag: str, python: Sequence[str], code: str) -> None:
    """Runs Python code in a container of the image. It must succeed."""
    program, *arguments = python
    docker("run", "--rm", f"--entrypoint={program}", tag, *arguments, "-c", code)


def answer(tag: str, port: int | None) -> str:
    """Starts a container of the image, and returns its output or its HTTP response."""
    if port is None:
        return docker("run", "--rm", tag)
    container = docker("run", "--detach", tag)
    try:
        return _ask(container, f"http://127.0.0.1:{port}/")
    finally:
        docker("rm", "--force", "--volumes", container)


def _ask(container: str, url: str) -> str:
    deadline = time.monotonic() + _ANSWER_SECONDS
    while True:
        try:
            return docker("exec", container, "python3", "-B", "-c", _ASK, url)
        except Failure as failure:
            if time.monotonic() > deadline:
                log = _run(["logs", container])
                raise Failure(
                    f"no response; the container's log: {log.stdout}{log.stderr}"
                ) from failure
        time.sleep(0.2)


def remove_image(identity: str) -> None:
    """Removes an image and all its names."""
    docker("image", "rm", "--force", identity)


def forget_repository(name: str) -> None:
    """Removes all images of that name. A push also leaves a name by digest."""
    listed = docker("image", "ls", "--digests", "--format", "{{.Tag}} {{.Digest}}", name)
    for line in listed.splitlines():
        tag, digest = line.split()
        for reference in (f"{name}:{tag}", f"{name}@{digest}"):
            if "<none>" not in reference:
                # Removing one name may remove the other; --force ignores that.
                docker("image", "rm", "--force", reference)


def remove_cache_mounts(namespace: str) -> None:
    """Removes the cache mounts of one namespace only."""
    listed = docker("buildx", "du", "--verbose", "--filter=type=exec.cachemount")
    for record in listed.split("\n\n"):
        # The description contains the command, and ends with the mount's id.
        if f'with id "{namespace}/' in record:
            identity = record.split("ID:", 1)[1].split(maxsplit=1)[0]
            docker("buildx", "prune", "--force", f"--filter=id={identity}")


def versions() -> dict[str, str]:
    """The versions of the engine and the client."""
    return {
        "Docker": docker("version", "--format", "{{.Server.Version}}"),
        "buildx": docker("buildx", "version").split()[1],
    }
