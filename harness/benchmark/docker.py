"""The engine: builds, containers, images, pushes."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import Failure

BASE = "python:3.13-slim-trixie"

_ANSWER_SECONDS = 30
# Asks from inside, so that it does not matter where the engine is.
_ASK = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"
# Each file once, whatever its number of names.
_BYTE_CODE = """
import os
sizes = {}
for folder, names, files in os.walk("/"):
    if folder == "/":
        names[:] = sorted(set(names) - {"dev", "proc", "sys"})
    for file in files:
        if file.endswith(".pyc"):
            found = os.lstat(os.path.join(folder, file))
            sizes[found.st_dev, found.st_ino] = found.st_size
print(sum(sizes.values()))
"""


@dataclass(frozen=True)
class Build:
    """A build as a user would start it."""

    folder: Path
    file: str
    tag: str
    options: tuple[str, ...]


def build(wanted: Build, log: Path) -> float:
    """Builds, and gives the seconds that the whole command took, the image in the engine's store included."""
    command = ["docker", "buildx", "build", "--progress=plain", "-f", wanted.file, "-t", wanted.tag]
    with log.open("wb") as shown:
        start = time.perf_counter()
        done = subprocess.run(
            [*command, *wanted.options, "."],
            cwd=wanted.folder,
            stdin=subprocess.DEVNULL,
            stdout=shown,
            stderr=subprocess.STDOUT,
            check=False,
        )
        seconds = time.perf_counter() - start
    if done.returncode:
        raise Failure(f"a build failed; its log: {log}")
    return seconds


def docker(*arguments: str) -> str:
    """Runs a command and gives what it prints."""
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
    """The bytes of all `.pyc` files in the image."""
    # Python itself must not add any, which `-B` sees to.
    run = ("run", "--rm", "--user=0", "--entrypoint=python3", tag, "-B", "-c", _BYTE_CODE)
    return int(docker(*run))


def run_python(tag: str, python: Sequence[str], code: str) -> None:
    """Runs some Python in a container of the image; it must succeed."""
    program, *arguments = python
    docker("run", "--rm", f"--entrypoint={program}", tag, *arguments, "-c", code)


def answer(tag: str, port: int | None) -> str:
    """Starts a container as it is meant to be, and gives what it prints, or what it answers over HTTP."""
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
                    f"no answer; the container wrote: {log.stdout}{log.stderr}"
                ) from failure
        time.sleep(0.2)


def remove_image(identity: str) -> None:
    """Removes an image, whatever it is called."""
    docker("image", "rm", "--force", identity)


def forget_repository(name: str) -> None:
    """Removes what the engine knows by that name: a push leaves a name by digest as well."""
    listed = docker("image", "ls", "--digests", "--format", "{{.Tag}} {{.Digest}}", name)
    for line in listed.splitlines():
        tag, digest = line.split()
        for reference in (f"{name}:{tag}", f"{name}@{digest}"):
            if "<none>" not in reference:
                # One name may go with the other, which `--force` does not mind.
                docker("image", "rm", "--force", reference)


def remove_cache_mounts(namespace: str) -> None:
    """Removes the cache mounts of one namespace, and no other cache."""
    listed = docker("buildx", "du", "--verbose", "--filter=type=exec.cachemount")
    for record in listed.split("\n\n"):
        # The description shows the whole command, and ends with the mount's id.
        if f'with id "{namespace}/' in record:
            identity = record.split("ID:", 1)[1].split(maxsplit=1)[0]
            docker("buildx", "prune", "--force", f"--filter=id={identity}")


def versions() -> dict[str, str]:
    """The engine's and the client's."""
    return {
        "Docker": docker("version", "--format", "{{.Server.Version}}"),
        "buildx": docker("buildx", "version").split()[1],
    }
