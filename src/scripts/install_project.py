"""Builds the wheel of the project in the working directory, and installs it under another root.

    python3 -I install_project.py ROOT PREFIX [TOOLS]

Files are installed as in the environment PREFIX, but under ROOT; commands run PREFIX's Python. TOOLS is a directory with
poetry-core, which builds the wheel, its schemas as compile_schemas.py writes them, and installer. Without it, this script
runs in Poetry's environment, which has poetry-core and installer, and the project may have any build backend. With
WITH_PLUGINS in the environment, Poetry itself builds the project, so that its plugins take part.
"""

import gc
import os
import sys
import sysconfig
import zipfile


def read_pyproject():
    from poetry.core.utils._compat import tomllib  # Python 3.10 and older have none of their own.

    if not os.path.exists("pyproject.toml"):
        return {}
    with open("pyproject.toml", "rb") as file:
        return tomllib.load(file)


def uses_poetry(pyproject):
    """Whether Poetry builds the project. A path dependency may use another build backend."""
    backend = pyproject.get("build-system", {}).get("build-backend", "")
    return backend.startswith("poetry.") if backend else not os.path.exists("setup.py")


def is_plain(pyproject):
    """Whether `poetry build` would use Poetry's own poetry-core, without creating a build environment."""
    from importlib.metadata import version

    from packaging.requirements import InvalidRequirement, Requirement

    system = pyproject.get("build-system", {})
    if pyproject.get("tool", {}).get("poetry", {}).get("build"):
        return False
    if "build-backend" not in system:
        return uses_poetry(pyproject)
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


def create_missing_readmes(pyproject):
    """Creates readmes that an ignore file excludes. The build needs them, but only an index shows them."""
    for name in readmes(pyproject):
        if not os.path.exists(name):
            print(f"{name} is not in the build context; the wheel has an empty one")
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            with open(name, "wb"):
                pass


def pip():
    """The command of a pip for this environment: its own, or that of the Python that created it."""
    from importlib.util import find_spec

    if find_spec("pip"):
        return [sys.executable, "-I", "-m", "pip"]
    return [sys._base_executable, "-I", "-m", "pip", "--python", sys.executable]


def use_compiled_schemas():
    """Lets poetry-core validate with the schemas that compile_schemas.py has compiled."""
    from importlib import import_module

    import poetry.core.json
    from fastjsonschema import JsonSchemaException

    def validate_object(value, schema):
        module = import_module(f"compiled_schemas.{schema.replace('-', '_')}")
        try:
            module.validate(value)
        except JsonSchemaException as error:
            return [error.message]
        return []

    poetry.core.json.validate_object = validate_object


def build_with_core():
    """Builds the wheel as `poetry build` does, which takes half a second to start; returns its path."""
    from poetry.core.masonry.api import build_wheel

    return os.path.join("dist", build_wheel("dist"))


def build(pyproject):
    """Builds the wheel with the project's own backend, and returns its path."""
    if is_plain(pyproject) and not os.environ.get("WITH_PLUGINS"):
        return build_with_core()

    import subprocess
    from glob import glob

    if uses_poetry(pyproject):
        poetry = os.path.join(os.path.dirname(sys.executable), "poetry")
        command = [poetry, "build", "--format", "wheel", "--no-ansi"]
    else:
        command = [*pip(), "wheel", "--no-deps", "--wheel-dir", "dist", "."]
    subprocess.run(command, check=True)
    (wheel,) = glob("dist/*.whl")
    return wheel


def broken_link():
    """Describes a link to a file that the build does not have; empty if there is none."""
    for directory, directories, files in os.walk("."):
        for name in sorted(directories + files):
            path = os.path.join(directory, name)
            if os.path.islink(path) and not os.path.exists(path):
                return (
                    f"error: {path[2:]} is a link to {os.readlink(path)}, which is not part of the build\n"
                    "replace it with the file, or name both in `include` of `[source]`"
                )
    return ""


def built(pyproject, tools):
    """Builds the wheel and returns its path, or exits with the reason."""
    from subprocess import CalledProcessError

    try:
        if not tools:
            return build(pyproject)
        use_compiled_schemas()
        return build_with_core()
    except CalledProcessError as error:
        sys.exit(broken_link() or error.returncode)
    except Exception as error:
        sys.exit(
            broken_link()
            or f"error: poetry-core cannot build the wheel: {type(error).__name__}: {error}"
        )


def paths(prefix):
    """The directories of an environment, by kind of file."""
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else "posix_prefix"
    return sysconfig.get_paths(scheme, {"base": prefix, "platbase": prefix})


def leaves(entry):
    """Whether the path of an entry leads out of the directory that a wheel is unpacked into."""
    path = entry.replace("\\", "/")
    return path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"


def install_wheel(wheel, root, prefix):
    """Installs the wheel, and returns its name and version."""
    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.sources import WheelFile

    with zipfile.ZipFile(wheel) as file:
        bad = next(filter(leaves, file.namelist()), None)
    if bad is not None:
        sys.exit(
            f"error: {os.path.basename(wheel)} has the entry {bad!r}, which is outside its directory\n"
            "fix what adds it, such as `to` of an entry of `packages` in pyproject.toml"
        )
    with WheelFile.open(wheel) as source:
        directories = {**paths(prefix), "headers": f"{prefix}/include/site/{source.distribution}"}
        destination = SchemeDictionaryDestination(
            directories, interpreter=f"{prefix}/bin/python", script_kind="posix", destdir=root
        )
        metadata = {"INSTALLER": b"poetry-frontend"}
        install(source=source, destination=destination, additional_metadata=metadata)
        return f"{source.distribution} {source.version}"


def main(root, prefix, tools=""):
    gc.disable()  # A tenth of the time of a small wheel, and little memory to gain.
    if tools:
        sys.path.insert(0, tools)
    pyproject = read_pyproject()
    create_missing_readmes(pyproject)
    wheel = built(pyproject, tools)
    print("Installed", install_wheel(wheel, root, prefix))


if __name__ == "__main__":
    main(*sys.argv[1:])
