"""Runs Poetry with a few checks, and with index pages filtered down to the locked files.

    /opt/poetry/bin/python -I run_poetry.py ARGUMENT...

An index page lists the files of every release of a project, sometimes thousands, and Poetry examines all of them to
choose one. For a lock of a hundred packages, that takes longer than the installation. A page is not filtered if it does
not list all locked files in the usual way, or if this Poetry differs from the known releases
(`poetry/repositories/legacy_repository.py`, `link_sources/html.py`, `link_sources/json.py`).

A wheel with an entry outside its own directory is refused: older releases of the library that Poetry installs with write
it (`poetry/installation/wheel_installer.py`).

Poetry shows the whole output of each package that cannot be installed, with remarks about itself at the end. So the last
lines are a summary: the packages, and their own errors.

Poetry writes its repository cache in place, so only one build of a project uses it at a time. A build that waits says so,
which an engine does not do for a locked cache mount.
"""

import copy
import fcntl
import functools
import os
import re
import subprocess
import sys
import threading
import zipfile

# The files of the package that this thread installs.
wanted = threading.local()

# What went wrong: the packages, and the exceptions.
failures: list[tuple] = []
# The summary fits into what a client shows of a failed step.
MOST_PACKAGES = 3
MOST_LINES = 4
LONGEST = 200
# A line with an error of a compiler, a build tool or Python.
UNTRUSTED = re.compile(r"certificate verify failed[^()'\"]*\w")
ERROR = re.compile(r"(^|[\s:])((fatal )?error|\w*Error)(\[\w+\])?( at \S+)?:", re.IGNORECASE)


def only_wanted_html(content):
    """The page up to its first link, and the links to the wanted files."""
    kept = [content[: content.index("<a")]]
    for file in sorted(wanted.files):
        end = f">{file}</a>"
        before, found, _ = content.partition(end)
        # The text of a link is the file name (PEP 503), so only one link matches.
        start = before.rindex("<a")
        if not found or "href=" not in before[start:]:
            raise ValueError(file)
        kept.append(before[start:] + end)
    return "\n".join(kept)


def only_wanted_json(content):
    files = [file for file in content["files"] if file["filename"] in wanted.files]
    if len(files) != len(wanted.files):
        raise ValueError(files)
    return {**content, "files": files}


def narrow(page, only_wanted):
    """Filters the content of each page of that class."""
    init = page.__init__

    @functools.wraps(init)
    def narrowed(self, url, content):
        if getattr(wanted, "files", None):
            try:
                content = only_wanted(content)
            except (ValueError, LookupError, TypeError):
                pass  # Keep the whole page.
        init(self, url, content)

    page.__init__ = narrowed


def narrow_all():
    from poetry.repositories.legacy_repository import LegacyRepository
    from poetry.repositories.link_sources.html import HTMLPage
    from poetry.repositories.link_sources.json import SimpleJsonPage

    find = LegacyRepository.find_links_for_package

    def find_links_for_package(self, package):
        # Bypass Poetry's cache of pages: building a package may need other releases of this one.
        alone = copy.copy(self)
        alone.get_page = self._get_page
        wanted.files = {file["file"] for file in package.files}
        try:
            return find(alone, package)
        finally:
            wanted.files = None

    LegacyRepository.find_links_for_package = find_links_for_package
    narrow(HTMLPage, only_wanted_html)
    narrow(SimpleJsonPage, only_wanted_json)


def leaves(entry):
    """Whether the path of an entry leads out of the directory that a wheel is unpacked into."""
    path = entry.replace("\\", "/")
    return path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"


def refuse_bad_wheels():
    from poetry.installation.wheel_installer import WheelInstaller

    install = WheelInstaller.install

    def checked(self, wheel):
        with zipfile.ZipFile(wheel) as file:
            bad = next(filter(leaves, file.namelist()), None)
        if bad is not None:
            name, version = os.path.basename(wheel).split("-")[:2]
            raise ValueError(
                f"the wheel of {name} {version} has the entry {bad!r}, which is outside its directory"
            )
        return install(self, wheel)

    WheelInstaller.install = checked


def note_failures():
    from poetry.installation.executor import Executor

    execute = Executor._do_execute_operation

    def noted(self, operation):
        try:
            return execute(self, operation)
        except Exception as error:
            failures.append((operation.package, error))
            raise

    Executor._do_execute_operation = noted


def output_of(error):
    """What the build of a package printed; empty if that is not why it failed."""
    inner = getattr(error, "exception", None)
    for one in error, inner, getattr(inner, "exception", None):
        output = getattr(one, "output", None)
        if output:
            return output.decode(errors="replace") if isinstance(output, bytes) else str(output)
    is_build = "BuildError" in type(error).__name__ or "BuildBackend" in type(error).__name__
    return str(error) if is_build else ""


def untrusted(error):
    """What is wrong with a server's certificate, which Poetry 2 does not say; empty if nothing is."""
    while error is not None:
        if found := UNTRUSTED.search(str(error)):
            return found[0]
        error = error.__cause__ or error.__context__
    return ""


def git_error(package):
    """What Git says about the repository of a package; Poetry hides it. Empty if Git can read it."""
    url = getattr(package, "source_url", None) or ""
    if getattr(package, "source_type", None) != "git" or not url.startswith("http"):
        return ""
    ran = subprocess.run(
        ["git", "ls-remote", url, "HEAD"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
    )
    said = ran.stderr.strip() if ran.returncode else ""
    return re.sub("^fatal: unable to access '[^']*': *", "", said)


def errors_in(output):
    """The errors in the output of a build, or its last line."""
    lines = [line.strip() for line in output.splitlines()]
    lines = [line for line in lines if line]
    found = list(dict.fromkeys(line for line in lines if ERROR.search(line)))
    # The first is a cause, and the last says which command failed.
    first, last = found[: MOST_LINES - 1], found[MOST_LINES - 1 :][-1:]
    return first + last or lines[-1:]


def summary():
    lines = []
    for package, error in failures[:MOST_PACKAGES]:
        name = f"{package.pretty_name} {package.version}"
        output = output_of(error)
        if output:
            lines.append(f"error: {name} cannot be built from its source:")
            lines += [f"  {line}" for line in errors_in(output)]
        else:
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            reason = untrusted(error) or next(iter(git_error(package).splitlines()), reason)
            lines.append(f"error: {name} cannot be installed: {reason}")
    more = len(failures) - MOST_PACKAGES
    if more > 0:
        lines.append(f"and {more} more")
    return [shortened(line) for line in lines]


def shortened(line):
    """The line without its middle: a long command, of which the end says how it ended."""
    half = LONGEST // 2
    return line if len(line) <= LONGEST else f"{line[:half]} ... {line[-half:]}"


def lock(cache):
    """Returns the open file that holds the lock."""
    os.makedirs(cache, exist_ok=True)
    file = open(os.path.join(cache, "lock"), "w")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for another build of this project, which uses Poetry's cache", flush=True)
        fcntl.flock(file, fcntl.LOCK_EX)
    return file


def check_release(expected):
    """Fails if Poetry's environment is from an image that does not fit."""
    try:
        from poetry.__version__ import __version__ as found
    except ImportError:
        sys.exit(
            f"error: the image of `[poetry]` has no Poetry for Python {sys.version.split()[0]}\n"
            "make it with `--target poetry` on the base image of this build"
        )
    if expected and found != expected:
        sys.exit(
            f"error: the image of `[poetry]` has Poetry {found}, but this build needs {expected}\n"
            "use another image, or set `version` in `[poetry]`"
        )


def trim_credentials():
    """Drops the newline at the end of a secret's file, and credentials that are empty: a client whose variable for a secret is
    unset provides it all the same."""
    start, names = "POETRY_HTTP_BASIC_", ("_USERNAME", "_PASSWORD")
    for name in [name for name in os.environ if name.startswith(start)]:
        os.environ[name] = os.environ[name].rstrip("\r\n")
    indexes = {name.rpartition("_")[0] for name in os.environ if name.startswith(start)}
    for index in indexes:
        if not any(os.environ.get(index + name) for name in names):
            for name in names:
                os.environ.pop(index + name, None)


if __name__ == "__main__":
    trim_credentials()
    check_release(os.environ.get("EXPECTED_POETRY"))
    refuse_bad_wheels()
    for change in narrow_all, note_failures:
        try:
            change()
        except (ImportError, AttributeError):
            pass  # An unknown Poetry, which works without it.
    held = lock(os.environ["POETRY_CACHE_DIR"])

    from poetry.console.application import main

    try:
        status = main()
    except SystemExit as error:
        status = error.code
    if status:
        sys.stdout.flush()
        print(*summary(), sep="\n", file=sys.stderr)
    sys.exit(status)
