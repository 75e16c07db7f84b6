"""The figures, and their file."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from .edits import Kind
from .errors import Failure


@dataclass
class Measurement:
    """One kind of edit with one approach."""

    seconds: list[float] = field(default_factory=list)
    pushed: int = 0
    """The bytes that the first repetition uploads to the registry."""

    @property
    def median(self) -> float:
        return median(self.seconds)


@dataclass
class ApproachResult:
    """One approach on one project."""

    name: str
    title: str
    ours: bool
    image: int
    """The size of the image."""
    byte_code: int
    """How much of it is bytecode."""
    measured: dict[Kind, Measurement]

    @property
    def image_without_byte_code(self) -> int:
        return self.image - self.byte_code

    def seconds(self, kind: Kind) -> float:
        return self.measured[kind].median


@dataclass
class ProjectResult:
    """One project."""

    name: str
    title: str
    locked: int
    approaches: list[ApproachResult]

    @property
    def ours(self) -> list[ApproachResult]:
        return [one for one in self.approaches if one.ours]

    @property
    def others(self) -> list[ApproachResult]:
        return [one for one in self.approaches if not one.ours]


@dataclass
class Results:
    """A whole run."""

    machine: dict[str, str]
    projects: list[ProjectResult]

    def save(self, path: Path) -> None:
        data = asdict(self)
        for project in data["projects"]:
            for approach in project["approaches"]:
                approach["measured"] = {
                    kind.slug: measurement for kind, measurement in approach["measured"].items()
                }
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Results":
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(data["machine"], [_project(one) for one in data["projects"]])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Failure(f"{path} is not a results file: {error!r}") from error


def _project(data: dict[str, Any]) -> ProjectResult:
    return ProjectResult(**data | {"approaches": [_approach(one) for one in data["approaches"]]})


def _approach(data: dict[str, Any]) -> ApproachResult:
    measured = {Kind[slug.upper()]: Measurement(**one) for slug, one in data["measured"].items()}
    return ApproachResult(**data | {"measured": measured})
