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
class FreshBuild:
    """A build on an engine without any cache but the imported one, after one package was added."""

    seconds: list[float] = field(default_factory=list)
    pulled: int = 0
    """The bytes that the first repetition downloads from the registry."""
    from_elsewhere: int = 0
    """The bytes that it downloads from the package index."""

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
    """The size of all files in the image."""
    byte_code: int
    """How much of it is bytecode."""
    measured: dict[Kind, Measurement]
    start: list[float] = field(default_factory=list)
    """Seconds from `docker run` until the first answer."""
    fresh: dict[str, FreshBuild] = field(default_factory=dict)
    """By what happens to the image: `loaded` or `pushed`. Empty if not measured."""

    @property
    def image_without_byte_code(self) -> int:
        return self.image - self.byte_code

    def seconds(self, kind: Kind) -> float:
        return self.measured[kind].median

    @property
    def seconds_to_answer(self) -> float:
        return median(self.start)

    @property
    def pushed_share(self) -> float:
        """What a new dependency pushes, as a share of what a cold build does."""
        return self.measured[Kind.MAIN].pushed / self.measured[Kind.COLD].pushed


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

    @property
    def fresh(self) -> list[ApproachResult]:
        return [one for one in self.approaches if one.fresh]

    def approach(self, name: str) -> ApproachResult | None:
        return next((one for one in self.approaches if one.name == name), None)


@dataclass
class EngineResult:
    """One engine."""

    name: str
    """Its image store, which is what makes the difference."""
    machine: dict[str, str]
    projects: list[ProjectResult]

    @property
    def title(self) -> str:
        release = self.machine["Docker"].split("+")[0]
        store = "the containerd image store" if self.name == "containerd" else self.name
        return f"Docker {release} with {store}"

    def project(self, name: str) -> ProjectResult | None:
        return next((one for one in self.projects if one.name == name), None)


@dataclass
class Results:
    """The last run on each engine."""

    engines: list[EngineResult]

    def save(self, path: Path) -> None:
        path.write_text(
            json.dumps({one.name: _engine_data(one) for one in self.engines}, indent=1) + "\n",
            encoding="utf-8",
        )

    @classmethod
    def load(cls, path: Path) -> "Results":
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls([_engine(name, one) for name, one in data.items()])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Failure(f"{path} is not a results file: {error!r}") from error

    def replaced(self, engine: EngineResult) -> "Results":
        """These results, with new ones of one engine."""
        return Results([one for one in self.engines if one.name != engine.name] + [engine])

    @property
    def headline(self) -> EngineResult | None:
        """The engine of the chart and of the README: the containerd store, which newer releases have by default."""
        ranked = sorted(self.engines, key=lambda one: one.name != "containerd")
        return ranked[0] if ranked else None


def _engine_data(engine: EngineResult) -> dict[str, Any]:
    data = asdict(engine)
    del data["name"]
    for project in data["projects"]:
        for approach in project["approaches"]:
            approach["measured"] = {
                kind.slug: measurement for kind, measurement in approach["measured"].items()
            }
    return data


def _engine(name: str, data: dict[str, Any]) -> EngineResult:
    return EngineResult(name, data["machine"], [_project(one) for one in data["projects"]])


def _project(data: dict[str, Any]) -> ProjectResult:
    return ProjectResult(**data | {"approaches": [_approach(one) for one in data["approaches"]]})


def _approach(data: dict[str, Any]) -> ApproachResult:
    measured = {Kind[slug.upper()]: Measurement(**one) for slug, one in data["measured"].items()}
    fresh = {way: FreshBuild(**one) for way, one in data["fresh"].items()}
    return ApproachResult(**data | {"measured": measured, "fresh": fresh})
