"""Fails if a custom base has a Python that cannot be used, before anything is installed with it.

    python check_python.py look BASE VERSIONS ORIGIN
    python check_python.py compare BUILD_BASE RUNTIME_BASE

`look` fails unless this Python is one of VERSIONS, which ORIGIN, a line of the user's files, asks for. They are separated
by spaces, such as `3.12`, `3.13.4`, `3.13.0-3.13.4` and `3.13.4+`. `compare` fails
unless the image at /stage has a Python that can replace this one: at the same path, of the same version, with the same
ABI. Both run in the builder, with the Python that creates the environment.
"""

import os
import subprocess
import sys

STAGE = "/stage"

# The image's Python runs this too, whatever its version.
DESCRIBE = """
import os, sys, sysconfig
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (AttributeError, OSError, ValueError):
    libc = ""
print("%d.%d" % sys.version_info[:2])
print(sysconfig.get_config_var("SOABI") or sys.implementation.cache_tag)
print(libc)
"""


def fail(problem, hint):
    sys.exit(f"{problem}\n{hint}")


def numbers(version):
    return tuple(map(int, version.split(".")))


def allows(versions, found):
    """Whether one of the ranges contains a version."""
    first, _, last = versions.rstrip("+").partition("-")
    if versions.endswith("+"):
        return found[:2] == numbers(first)[:2] and found >= numbers(first)
    if last:
        return numbers(first) <= found <= numbers(last)
    return found[: len(numbers(first))] == numbers(first)


def look(base, versions, origin):
    found = sys.version_info[:3]
    version = ".".join(map(str, found))
    allowed = versions.split()
    if not any(allows(one, found) for one in allowed):
        fail(
            f"{base} has Python {version}, but {origin} asks for {' or '.join(allowed)}",
            f"use a base with such a Python, or change the version that {origin} asks for",
        )
    print(f"{base} has Python {version}")


def describe(python, root="/"):
    """The version, ABI and C library of a Python, as a list; or the error, as a string, if it does not start."""

    def enter():
        os.chroot(root)
        os.chdir("/")

    command = [python, "-I", "-S", "-c", DESCRIBE]
    try:
        output = subprocess.check_output(command, preexec_fn=enter, stderr=subprocess.STDOUT)
    except (OSError, subprocess.CalledProcessError) as error:
        output = getattr(error, "output", None) or b""
        return output.decode(errors="replace").strip() or str(error)
    return output.decode().split("\n")[:3]


def exists(path):
    """Whether the image has the file, resolving symbolic links inside the image."""
    child = os.fork()
    if child == 0:
        os.chroot(STAGE)
        os._exit(0 if os.path.exists(path) else 1)
    return os.waitpid(child, 0)[1] == 0


def others(python):
    """The other Pythons of the image, in the usual directories."""
    directories = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/venv/bin", "/opt/python/bin"]
    found = [os.path.join(directory, "python3") for directory in directories]
    return [path for path in found if path != python and exists(path)]


def release(libc):
    """`(2, 41)` for `glibc 2.41`."""
    return tuple(int(part) for part in libc.split()[-1].split(".") if part.isdigit())


def compare(build, runtime):
    python = sys._base_executable if hasattr(sys, "_base_executable") else sys.executable
    if not exists(python):
        found = " and ".join(others(python))
        has = f"its Python is {found}" if found else "it has no Python in the usual directories"
        fail(
            f"{runtime} has no {python}, which the environment created in {build} runs; {has}",
            "use build and runtime bases that have the same Python at the same path",
        )
    ours, theirs = describe(python), describe(python, STAGE)
    if isinstance(theirs, str):
        fail(
            f"{python} of {runtime} does not start: {theirs}",
            "use a runtime base with a Python that runs",
        )
    version, abi, libc = ours
    their_version, their_abi, their_libc = theirs
    if version != their_version:
        fail(
            f"{runtime} has Python {their_version} at {python}, but {build} has {version}",
            "use build and runtime bases with the same Python",
        )
    if abi != their_abi or bool(libc) != bool(their_libc):
        built = abi + (libc and f" with {libc}")
        their_built = their_abi + (their_libc and f" with {their_libc}")
        fail(
            f"Python of {runtime} is built as {their_built}, but that of {build} as {built}"
            ": compiled packages of one do not load in the other",
            "use build and runtime bases of the same distribution",
        )
    if libc and release(libc) > release(their_libc):
        fail(
            f"{build} has {libc} and {runtime} the older {their_libc}"
            ": packages compiled or chosen for the newer do not load there",
            "use a build base that is no newer than the runtime base",
        )
    print(f"{runtime} has the same Python {version} at {python}")


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "look":
        look(*arguments)
    else:
        compare(*arguments)
