"""Builds the wheel of the project in the working directory, and installs it under another root.

    python install_project.py ROOT PREFIX [TEMPLATES]

Files are installed as in the environment PREFIX, but under ROOT; commands run PREFIX's Python. This script runs in
Poetry's environment. With PYTHONDONTWRITEBYTECODE there is no bytecode.

TEMPLATES is a directory that outlives the build. A template is an installed wheel that was built with a placeholder in
each module: the path of its code. poetry-core does not read code, so filling in the code gives the same files as
building the wheel again, but much faster. Any other change, such as the name of a file, needs another template.
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

# Other modules are imported where they are used, because filling in a template needs none of them.

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
        return [sys.executable, "-m", "pip"]
    return [sys._base_executable, "-m", "pip", "--python", sys.executable]


def build(pyproject):
    """Builds the wheel, and returns its path."""
    if is_plain(pyproject):
        # `poetry build` runs the same code, but takes half a second to start.
        from poetry.core.masonry.api import build_wheel

        return os.path.join("dist", build_wheel("dist"))

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


def paths(prefix):
    """The directories of an environment, by kind of file."""
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else "posix_prefix"
    return sysconfig.get_paths(scheme, {"base": prefix, "platbase": prefix})


def install_wheel(wheel, root, prefix, bytecode):
    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.sources import WheelFile

    with WheelFile.open(wheel) as source:
        directories = {**paths(prefix), "headers": f"{prefix}/include/site/{source.distribution}"}
        install(
            source=source,
            destination=SchemeDictionaryDestination(
                directories,
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
    """The paths of the project's files; none if one is a link, since writing placeholders would follow it."""
    found = []
    for directory, directories, files in os.walk("."):
        names = [os.path.join(directory, name) for name in [*directories, *files]]
        if any(map(os.path.islink, names)):
            return []
        found += [os.path.relpath(name) for name in names if not os.path.isdir(name)]
    return sorted(found)


def key_of(files, prefix):
    """A hash of everything that a template depends on: all but the code."""
    digest = hashlib.sha256()

    def add(part):
        digest.update(b"%d:" % len(part))
        digest.update(part)

    environment = sorted(
        name for name in os.listdir(sysconfig.get_path("purelib")) if name.endswith(".dist-info")
    )
    for part in [sys.version, prefix, *environment]:
        add(part.encode())
    add(read(__file__))
    for path in files:
        add(os.fsencode(path))
        add(b"x" if os.access(path, os.X_OK) else b"")
        add(b"" if is_code(path) else read(path))
    return digest.hexdigest()


def record_of(root, prefix):
    """The directory of the environment's packages, and the path of the only RECORD in it."""
    packages = root + paths(prefix)["purelib"]
    (info,) = (name for name in os.listdir(packages) if name.endswith(".dist-info"))
    return packages, os.path.join(packages, info, "RECORD")


def rows_of(record):
    with open(record, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def make_template(files, pyproject, root, prefix):
    """Installs the project with placeholders, and returns whether the result can be a template."""
    with tempfile.TemporaryDirectory() as project:
        shutil.copytree(".", project, dirs_exist_ok=True)
        before = os.getcwd()
        os.chdir(project)
        try:
            for path in filter(is_code, files):
                write(path, os.fsencode(path))
            install_wheel(build(pyproject), root, prefix, bytecode=False)
        finally:
            os.chdir(before)
    packages, record = record_of(root, prefix)
    # Code outside the packages, such as a script file of the project, may be changed when it is installed.
    return all(
        not path.startswith("..") and os.fsdecode(read(os.path.join(packages, path))) in files
        for path, _, _ in rows_of(record)
        if is_code(path)
    )


def template_of(files, pyproject, prefix, templates):
    """The path of the project's template, or None if it cannot have one."""
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
    """Installs the template with the current code of the project."""
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
            py_compile.compile(
                path, dfile=os.path.join(paths(prefix)["purelib"], row[0]), optimize=0
            )
    with open(record, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def main(root, prefix, templates=None):
    pyproject = read_pyproject()
    create_missing_readmes(pyproject)
    files = project_files() if templates else []
    template = template_of(files, pyproject, prefix, templates) if files else None
    if template:
        fill_in(template, root, prefix)
    else:
        install_wheel(build(pyproject), root, prefix, bytecode=not sys.dont_write_bytecode)
    _, record = record_of(root, prefix)
    print(
        "Installed",
        os.path.basename(os.path.dirname(record)).removesuffix(".dist-info").replace("-", " "),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
