"""Applies unified diffs of several files. Every line of context must match."""

import re
from collections.abc import Iterator

from .errors import Failure

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


def files(diff: str) -> Iterator[tuple[str, str]]:
    """Yields the name of each file and its part of the diff."""
    for part in re.split(r"^(?=--- )", diff, flags=re.MULTILINE):
        if part:
            yield part.split("\n", 1)[0].removeprefix("--- ").removeprefix("a/"), part


def apply(text: str, diff: str) -> str:
    """Applies the part for one file."""
    lines = text.splitlines(keepends=True)
    out: list[str] = []
    done = 0
    for line in diff.splitlines(keepends=True)[2:]:
        if hunk := _HUNK.match(line):
            start = int(hunk[1]) - (1 if hunk[2] != "0" else 0)
            out += lines[done:start]
            done = start
        elif line.startswith("+"):
            out.append(line[1:])
        else:
            if lines[done : done + 1] != [line[1:]]:
                raise Failure(f"the diff does not apply at line {done + 1}: {line[1:].rstrip()!r}")
            if line.startswith(" "):
                out.append(line[1:])
            done += 1
    return "".join(out + lines[done:])
