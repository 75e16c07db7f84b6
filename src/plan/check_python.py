"""Finds a Python that does not go with the rest, before anything is installed with it.

    python check_python.py look BASE VERSIONS SAID
    python check_python.py compare BUILD_BASE RUNTIME_BASE

`look` fails unless this Python is one of VERSIONS, as SAID, a line of the user's, has it. `compare` fails unless the tree
at /stage has a Python that can stand in for this one: at the same path, of the same version, with the same ABI. Run by
the Python that makes the environment, in the builder.
"""

import os
import subprocess
import sys

STAGE = "/stage"

# Also run by the other Python, whatever its version.
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


def fail(what, mend):
    sys.exit(what + "\n" + mend)


def look(base, versions, said):
    version = "%d.%d.%d" % sys.version_info[:3]
    allowed = versions.split()
    if not any((version + ".").startswith(one + ".") for one in allowed):
        fail(
            base + " has Python " + version + ", but " + said + " asks for " + " or ".join(allowed),
            "give a base with such a Python, or change what " + said + " says",
        )
    print(base + " has Python " + version)


def describe(python, tree="/"):
    """What a Python says of itself, if it can be started."""

    def enter():
        os.chroot(tree)
        os.chdir("/")

    try:
        return subprocess.check_output(
            [python, "-I", "-S", "-c", DESCRIBE], preexec_fn=enter, stderr=subprocess.STDOUT
        ).decode().split("\n")[:3]
    except (OSError, subprocess.CalledProcessError) as error:
        output = getattr(error, "output", None) or b""
        return output.decode(errors="replace").strip() or str(error)


def exists(path):
    """Whether the image has the file, with its links followed as the image has them."""
    child = os.fork()
    if child == 0:
        os.chroot(STAGE)
        os._exit(0 if os.path.exists(path) else 1)
    return os.waitpid(child, 0)[1] == 0


def others(python):
    """The Pythons of the image at the places where they usually are."""
    folders = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/venv/bin", "/opt/python/bin"]
    found = [os.path.join(folder, "python3") for folder in folders]
    return [path for path in found if path != python and exists(path)]


def release(libc):
    """`(2, 41)` of `glibc 2.41`."""
    return tuple(int(part) for part in libc.split()[-1].split(".") if part.isdigit())


def compare(build, runtime):
    python = sys._base_executable if hasattr(sys, "_base_executable") else sys.executable
    if not exists(python):
        found = others(python)
        has = "its Python is " + " and ".join(found) if found else "it has none at the usual places"
        fail(
            runtime + " has no " + python + ", which the environment made in " + build + " starts; " + has,
            "give build and runtime bases that have the same Python at the same path",
        )
    mine, its = describe(python), describe(python, STAGE)
    if isinstance(its, str):
        fail(
            python + " of " + runtime + " does not start: " + its,
            "give a runtime base whose Python runs",
        )
    if mine[0] != its[0]:
        fail(
            runtime + " has Python " + its[0] + " at " + python + ", but " + build + " has " + mine[0],
            "give build and runtime bases of the same Python",
        )
    if mine[1] != its[1] or bool(mine[2]) != bool(its[2]):
        fail(
            "Python of " + runtime + " is built as " + its[1] + (its[2] and " with " + its[2])
            + ", but that of " + build + " as " + mine[1] + (mine[2] and " with " + mine[2])
            + ": compiled packages of one do not load in the other",
            "give build and runtime bases of the same distribution",
        )
    if mine[2] and release(mine[2]) > release(its[2]):
        fail(
            build + " has " + mine[2] + " and " + runtime + " the older " + its[2]
            + ": packages compiled or chosen for the newer do not load there",
            "give a build base that is not newer than the runtime's",
        )
    print(runtime + " has the same Python " + mine[0] + " at " + python)


{"look": look, "compare": compare}[sys.argv[1]](*sys.argv[2:])
