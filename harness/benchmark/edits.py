"""The measured edits. Each repetition is a new one, so that no cache already has its result."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from . import diffs
from .errors import Failure
from .projects import (
    DEV_ADDITION,
    GREETING,
    LOCK,
    MAIN_ADDITIONS,
    PYPROJECT,
    README,
    WorkingCopy,
)

_HELLO = "hello!"


class Kind(Enum):
    """The kinds of edits, in the order of the tables."""

    COLD = "cold"
    NOTHING = "no change"
    SOURCE = "source edit"
    MAIN = "main dependency added"
    DEV = "dev dependency added"
    VERSION = "version bump"
    README = "README edit"
    COMMENT = "comment in pyproject"

    @property
    def slug(self) -> str:
        return self.name.lower()

    def repeats(self, cheap: int, cold: int) -> int:
        """The number of measurements."""
        match self:
            case Kind.COLD:
                return cold
            case Kind.MAIN:
                return min(cheap, len(MAIN_ADDITIONS))
            case _:
                return cheap


@dataclass(frozen=True)
class Edit:
    """The changed files, and what the image must then do."""

    files: Mapping[str, str]
    answer: str = _HELLO
    module: str | None = None
    """A module that it must contain."""


def make(kind: Kind, copy: WorkingCopy, nonce: int, repetition: int) -> Edit:
    """Makes an edit that no earlier build has seen, provided that `nonce` is new."""
    match kind:
        case Kind.COLD | Kind.NOTHING:
            return Edit({})
        case Kind.SOURCE:
            answer = f"hello {nonce}!"
            return Edit({GREETING: _replaced(copy, GREETING, _HELLO, answer)}, answer)
        case Kind.MAIN:
            addition = MAIN_ADDITIONS[repetition]
            files = _patched(copy, copy.project.diff(addition).read_text(encoding="utf-8"))
            return Edit(files, module=addition.module)
        case Kind.DEV:
            # All repetitions add the same dependency, with a comment that makes each one new. Whether it is cached does not
            # matter, since it is not installed.
            files = _patched(copy, copy.project.diff(DEV_ADDITION).read_text(encoding="utf-8"))
            return Edit(files | {PYPROJECT: f"{files[PYPROJECT]}\n# {nonce}\n"})
        case Kind.VERSION:
            version = f'version = "1.0.{nonce}"'
            return Edit({PYPROJECT: _replaced(copy, PYPROJECT, 'version = "1.0.0"', version)})
        case Kind.README:
            return Edit({README: f"{copy.read(README)}\nEdited: {nonce}.\n"})
        case Kind.COMMENT:
            return Edit({PYPROJECT: f"{copy.read(PYPROJECT)}\n# {nonce}\n"})


def _replaced(copy: WorkingCopy, name: str, old: str, new: str) -> str:
    text = copy.read(name)
    if text.count(old) != 1:
        raise Failure(f"{name} of {copy.project.name} must contain {old!r} once")
    return text.replace(old, new)


def _patched(copy: WorkingCopy, diff: str) -> dict[str, str]:
    files = {name: diffs.apply(copy.read(name), part) for name, part in diffs.files(diff)}
    if set(files) != {PYPROJECT, LOCK}:
        raise Failure(
            f"a diff of {copy.project.name} must change {PYPROJECT} and {LOCK}, not {', '.join(files)}"
        )
    return files
