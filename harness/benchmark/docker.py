"""Builds, containers, images and caches of the engine."""

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import Failure

BASE = "python:3.13-slim-trixie"
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
"""The path in the base image."""

_ANSWER_SECONDS = 30
_POLL_SECONDS = 0.005
_EMPTY_SECONDS = 2
# Provenance contains the time of the build, so no image would equal an earlier one.
_ENVIRONMENT = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
# Runs in the container, so that the engine may be on another host.
_ASK = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"
# Prints the size of all files and of all bytecode. Counts a file with several hard links once.
_SIZES = """
import os, stat
files, byte_code = {}, {}
for directory, names, others in os.walk("/"):
    if directory == "/":
        names[:] = sorted(set(names) - {"dev", "proc", "sys"})
    for name in others:
        found = os.lstat(os.path.join(directory, name))
        if stat.S_ISREG(found.st_mode):
            files[found.st_dev, found.st_ino] = found.st_size
            if name.endswith(".pyc"):
                byte_code[found.st_dev, found.st_ino] = found.st_size
print(sum(files.values()), sum(byte_code.values()))
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
            env=os.environ | _ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=shown,
            stderr=subprocess.STDOUT,
            check=False,
        )
        seconds = time.perf_counter() - start
    if done.returncode:
        raise Failure(f"the build failed; log: {log}")
    return seconds


def docker(*arguments: str, given: str | None = None) -> str:
    """Runs a command and returns its output. `given` is its standard input."""
    done = _run(arguments, given)
    if done.returncode:
        raise Failure(f"`docker {arguments[0]}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _run(arguments: Sequence[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments],
        input=given or "",
        env=os.environ | _ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


def image_id(tag: str) -> str:
    return docker("image", "inspect", "--format", "{{.Id}}", tag)


def by_digest(tag: str) -> str:
    """The name of a pushed image with its digest."""
    name = tag.rsplit(":", 1)[0]
    digests = json.loads(docker("image", "inspect", "--format", "{{json .RepoDigests}}", tag))
    for digest in digests:
        if digest.startswith(f"{name}@"):
            return str(digest)
    raise Failure(f"{tag} has no digest: it was not pushed")


def sizes(tag: str) -> tuple[int, int]:
    """The size of all files in the image, and of its `.pyc` files. Image stores disagree about the size of an image."""
    # -B: Python itself must not add any.
    run = ("run", "--rm", "--user=0", "--entrypoint=python3", tag, "-B", "-c", _SIZES)
    files, byte_code = docker(*run).split()
    return int(files), int(byte_code)


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


def seconds_to_answer(tag: str, port: int | None) -> float:
    """Seconds from `docker run` until the first HTTP response; without a port, until the program has ended."""
    start = time.perf_counter()
    if port is None:
        docker("run", "--rm", tag)
        return time.perf_counter() - start
    published = _free_port()
    start = time.perf_counter()
    container = docker("run", "--detach", f"--publish=127.0.0.1:{published}:{port}", tag)
    try:
        while not _responds(published):
            if time.perf_counter() - start > _ANSWER_SECONDS:
                log = _run(["logs", container])
                raise Failure(f"no response; the container's log: {log.stdout}{log.stderr}")
            time.sleep(_POLL_SECONDS)
        return time.perf_counter() - start
    finally:
        docker("rm", "--force", "--volumes", container)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _responds(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


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


def can_pull(image: str) -> bool:
    """Whether the engine can pull an image."""
    return _run(["pull", "--quiet", image]).returncode == 0


def empty_engine() -> None:
    """Removes all cached steps and all images, so that the engine is like that of a fresh CI runner."""
    docker("builder", "prune", "--all", "--force")
    docker("image", "prune", "--all", "--force")
    # The engine deletes layers in the background.
    time.sleep(_EMPTY_SECONDS)
    left = docker("image", "ls", "--quiet").split()
    if left:
        raise Failure(f"the engine still has {len(left)} images: containers use them")


def store() -> str:
    """The engine's image store: `containerd`, or the name of its storage driver, such as `overlay2`."""
    driver, status = json.loads(
        docker("info", "--format", "[{{json .Driver}},{{json .DriverStatus}}]")
    )
    return "containerd" if "io.containerd.snapshotter" in str(status) else str(driver)


def versions() -> dict[str, str]:
    """The versions of the engine and the client."""
    return {
        "Docker": docker("version", "--format", "{{.Server.Version}}"),
        "buildx": docker("buildx", "version").split()[1],
    }
