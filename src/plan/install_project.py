"""Builds the wheel of the project in the working directory and installs it below another root.

    python install_project.py ROOT PREFIX

The files land where they would in the environment PREFIX, with ROOT in front, and commands start PREFIX's own Python.
Run by the Python of Poetry's environment.
"""

import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile
from packaging.requirements import InvalidRequirement, Requirement

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10 and older
    import tomli as tomllib


def read_pyproject():
    path = Path("pyproject.toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def is_of_poetry(pyproject):
    """Whether Poetry builds it; a path dependency may be a project of any other kind."""
    backend = pyproject.get("build-system", {}).get("build-backend", "")
    return backend.startswith("poetry.") or not backend and not Path("setup.py").exists()


def is_plain(pyproject):
    """Whether Poetry's own poetry-core builds it without an environment for the build, as `poetry build` decides."""
    system = pyproject.get("build-system", {})
    if "build-backend" not in system:
        return True
    if pyproject.get("tool", {}).get("poetry", {}).get("build"):
        return False
    try:
        (only,) = map(Requirement, system.get("requires", []))
    except (InvalidRequirement, TypeError, ValueError):
        return False
    return (
        system["build-backend"] == "poetry.core.masonry.api"
        and only.name == "poetry-core"
        and not only.url
        and only.specifier.contains(version("poetry-core"), prereleases=True)
    )


def readmes(pyproject):
    """The paths of the readmes that the project names."""
    for table in pyproject.get("project", {}), pyproject.get("tool", {}).get("poetry", {}):
        named = table.get("readme")
        if isinstance(named, dict):
            named = named.get("file")
        for name in named if isinstance(named, list) else [named]:
            if isinstance(name, str):
                yield name


def stand_in_for_readmes(pyproject):
    """A readme that an ignore file leaves out is no reason for not building: only an index shows it."""
    for name in readmes(pyproject):
        path = Path(name)
        if not path.exists():
            print(f"{name} is not in the build context; the wheel has an empty one")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def build():
    """Gives the path of the wheel."""
    pyproject = read_pyproject()
    stand_in_for_readmes(pyproject)
    if not is_of_poetry(pyproject):
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", "dist", "."]
    elif is_plain(pyproject):
        # The same code that `poetry build` runs, without the half second that Poetry takes to start.
        from poetry.core.masonry.api import build_wheel

        return Path("dist", build_wheel("dist"))
    else:
        poetry = Path(sys.executable).with_name("poetry")
        command = [poetry, "build", "--format", "wheel", "--no-ansi"]
    subprocess.run(command, check=True)
    (wheel,) = Path("dist").glob("*.whl")
    return wheel


def main(root, prefix):
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else "posix_prefix"
    places = sysconfig.get_paths(scheme, {"base": prefix, "platbase": prefix})
    with WheelFile.open(build()) as wheel:
        places["headers"] = f"{prefix}/include/site/{wheel.distribution}"
        install(
            source=wheel,
            destination=SchemeDictionaryDestination(
                places,
                interpreter=f"{prefix}/bin/python",
                script_kind="posix",
                bytecode_optimization_levels=[0],
                destdir=root,
            ),
            additional_metadata={"INSTALLER": b"poetry-frontend"},
        )
        print(f"Installed {wheel.distribution} {wheel.version}")


main(*sys.argv[1:])
