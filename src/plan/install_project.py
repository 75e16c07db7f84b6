"""Builds the wheel of the project in the working directory and installs it below another root.

    python install_project.py ROOT PREFIX [TEMPLATES]

The files land where they would in the environment PREFIX, with ROOT in front, and commands start PREFIX's own Python.
Run by the Python of Poetry's environment. PYTHONDONTWRITEBYTECODE leaves the byte code out.

TEMPLATES is a folder that outlives the build. A template is the tree of an installed wheel that was built with a mark in
each module in place of its code: the path that the code comes from. poetry-core reads no code, so until anything else
changes, such as the name of a file, filling in the code gives what building the wheel again would give, in a fraction of
the time.
"""

import base64
import csv
import hashlib
import os
import py_compile
import shutil
import sys
import sysconfig
import tempfile

# Anything else is imported where it is needed: a template needs none of it.

TEMPLATES_KEPT = 32


def read_pyproject():
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10 and older
        import tomli as tomllib
    if not os.path.exists("pyproject.toml"):
        return {}
    with open("pyproject.toml", "rb") as file:
        return tomllib.load(file)


def is_of_poetry(pyproject):
    """Whether Poetry builds it; a path dependency may be a project of any other kind."""
    backend = pyproject.get("build-system", {}).get("build-backend", "")
    return backend.startswith("poetry.") or not backend and not os.path.exists("setup.py")


def is_plain(pyproject):
    """Whether Poetry's own poetry-core builds it without an environment for the build, as `poetry build` decides."""
    from importlib.metadata import version

    from packaging.requirements import InvalidRequirement, Requirement

    system = pyproject.get("build-system", {})
    if pyproject.get("tool", {}).get("poetry", {}).get("build"):
        return False
    if "build-backend" not in system:
        return is_of_poetry(pyproject)
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
        if not os.path.exists(name):
            print(f"{name} is not in the build context; the wheel has an empty one")
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            with open(name, "wb"):
                pass


def pip():
    """The command of a pip that works in this environment: its own, or that of the Python that it was made from."""
    from importlib.util import find_spec

    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    return [sys._base_executable, "-m", "pip", "--python", sys.executable]


def build(pyproject):
    """Gives the path of the wheel."""
    if is_plain(pyproject):
        # The same code that `poetry build` runs, without the half second that Poetry takes to start.
        from poetry.core.masonry.api import build_wheel

        return os.path.join("dist", build_wheel("dist"))

    import subprocess
    from glob import glob

    if is_of_poetry(pyproject):
        poetry = os.path.join(os.path.dirname(sys.executable), "poetry")
        command = [poetry, "build", "--format", "wheel", "--no-ansi"]
    else:
        command = [*pip(), "wheel", "--no-deps", "--wheel-dir", "dist", "."]
    subprocess.run(command, check=True)
    (wheel,) = glob("dist/*.whl")
    return wheel


def paths(prefix):
    """Where an environment has its files, by kind."""
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else "posix_prefix"
    return sysconfig.get_paths(scheme, {"base": prefix, "platbase": prefix})


def install_wheel(wheel, root, prefix, bytecode):
    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.sources import WheelFile

    with WheelFile.open(wheel) as source:
        places = {**paths(prefix), "headers": f"{prefix}/include/site/{source.distribution}"}
        install(
            source=source,
            destination=SchemeDictionaryDestination(
                places,
                interpreter=f"{prefix}/bin/python",
                script_kind="posix",
                bytecode_optimization_levels=[0] if bytecode else [],
                destdir=root,
            ),
            additional_metadata={"INSTALLER": b"poetry-frontend"},
        )


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def is_code(path):
    return path.endswith(".py")


def project_files():
    """The paths of the project's files, or nothing when one is a link: a mark would go astray."""
    found = []
    for folder, folders, files in os.walk("."):
        names = [os.path.join(folder, name) for name in [*folders, *files]]
        if any(map(os.path.islink, names)):
            return []
        found += [os.path.relpath(name) for name in names if not os.path.isdir(name)]
    return sorted(found)


def key_of(files, prefix):
    """A hash of all that decides a template: everything but the code."""
    digest = hashlib.sha256()

    def add(part):
        digest.update(b"%d:" % len(part))
        digest.update(part)

    environment = sorted(name for name in os.listdir(sysconfig.get_path("purelib")) if name.endswith(".dist-info"))
    for part in [sys.version, prefix, *environment]:
        add(part.encode())
    add(read(__file__))
    for path in files:
        add(os.fsencode(path))
        add(b"x" if os.access(path, os.X_OK) else b"")
        add(b"" if is_code(path) else read(path))
    return digest.hexdigest()


def record_of(root, prefix):
    """The folder of the environment's packages, and the path of the only RECORD in it."""
    packages = root + paths(prefix)["purelib"]
    (info,) = (name for name in os.listdir(packages) if name.endswith(".dist-info"))
    return packages, os.path.join(packages, info, "RECORD")


def rows_of(record):
    with open(record, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def make_template(files, pyproject, root, prefix):
    """Whether it could be made."""
    with tempfile.TemporaryDirectory() as marked:
        shutil.copytree(".", marked, dirs_exist_ok=True)
        before = os.getcwd()
        os.chdir(marked)
        try:
            for path in filter(is_code, files):
                write(path, os.fsencode(path))
            install_wheel(build(pyproject), root, prefix, bytecode=False)
        finally:
            os.chdir(before)
    packages, record = record_of(root, prefix)
    # Code elsewhere, such as a script that is a file of the project, is more than copied.
    return all(
        not path.startswith("..") and os.fsdecode(read(os.path.join(packages, path))) in files
        for path, _, _ in rows_of(record)
        if is_code(path)
    )


def template_of(files, pyproject, prefix, templates):
    """The path of the project's template; nothing if it can have none."""
    found = os.path.join(templates, key_of(files, prefix))
    if not os.path.isdir(found):
        if not is_plain(pyproject) or any(map(is_code, readmes(pyproject))):
            return None
        new = tempfile.mkdtemp(dir=templates)
        os.chmod(new, 0o755)
        try:
            if not make_template(files, pyproject, new, prefix):
                return None
            os.rename(new, found)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    os.utime(found)
    every = sorted((entry.path for entry in os.scandir(templates)), key=os.path.getmtime)
    for old in every[:-TEMPLATES_KEPT]:
        shutil.rmtree(old)
    return found


def fill_in(template, root, prefix):
    """Installs the template with the code that the project has now."""
    shutil.copytree(template, root, dirs_exist_ok=True)
    packages, record = record_of(root, prefix)
    rows = rows_of(record)
    for row in filter(lambda row: is_code(row[0]), rows):
        path = os.path.join(packages, row[0])
        code = read(os.fsdecode(read(path)))
        write(path, code)
        digest = base64.urlsafe_b64encode(hashlib.sha256(code).digest()).rstrip(b"=").decode()
        row[1:] = [f"sha256={digest}", str(len(code))]
        if not sys.dont_write_bytecode:
            py_compile.compile(path, dfile=os.path.join(paths(prefix)["purelib"], row[0]), optimize=0)
    with open(record, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def main(root, prefix, templates=None):
    pyproject = read_pyproject()
    stand_in_for_readmes(pyproject)
    files = project_files() if templates else []
    template = template_of(files, pyproject, prefix, templates) if files else None
    if template:
        fill_in(template, root, prefix)
    else:
        install_wheel(build(pyproject), root, prefix, bytecode=not sys.dont_write_bytecode)
    _, record = record_of(root, prefix)
    print("Installed", os.path.basename(os.path.dirname(record)).removesuffix(".dist-info").replace("-", " "))


if __name__ == "__main__":
    main(*sys.argv[1:])
