"""What the frontend promises, held against what was measured."""

from dataclasses import dataclass

from .edits import Kind
from .results import ApproachResult, ProjectResult, Results

# These change nothing that the image's dependencies are made from, so they cost what no change costs.
_LIKE_NO_CHANGE = (Kind.DEV, Kind.VERSION, Kind.README, Kind.COMMENT)
_LIKE_NO_CHANGE_LIMIT = 1.2
_AGAINST_BEST = ((Kind.SOURCE, 1.1), (Kind.MAIN, 1.0), (Kind.COLD, 1.0))
_SIZE_LIMIT = 1.0


@dataclass(frozen=True)
class Verdict:
    """One target for one of our approaches on one project."""

    project: str
    approach: str
    subject: str
    figure: str
    against: str
    ratio: float
    limit: float

    @property
    def held(self) -> bool:
        return self.ratio <= self.limit

    def __str__(self) -> str:
        return (
            f"{self.project}, {self.approach}: {self.subject} {self.figure}"
            f" is {self.ratio:.2f} times {self.against} (at most {self.limit:g})"
        )


def verdicts(results: Results) -> list[Verdict]:
    """All of them; where no Dockerfile or nothing of ours was measured there is nothing to say."""
    return [
        verdict
        for project in results.projects
        for approach in project.ours
        for verdict in (
            *_like_no_change(project, approach),
            *_against_best(project, approach),
            *_size(project, approach),
        )
    ]


def _like_no_change(project: ProjectResult, ours: ApproachResult) -> list[Verdict]:
    base = ours.seconds(Kind.NOTHING)
    return [
        Verdict(
            project.name,
            ours.title,
            kind.value,
            _seconds(ours.seconds(kind)),
            f"its no change of {_seconds(base)}",
            ours.seconds(kind) / base,
            _LIKE_NO_CHANGE_LIMIT,
        )
        for kind in _LIKE_NO_CHANGE
    ]


def _against_best(project: ProjectResult, ours: ApproachResult) -> list[Verdict]:
    if not project.others:
        return []
    found = []
    for kind, limit in _AGAINST_BEST:
        best = min(project.others, key=lambda one: one.seconds(kind))
        found.append(
            Verdict(
                project.name,
                ours.title,
                kind.value,
                _seconds(ours.seconds(kind)),
                f"the {_seconds(best.seconds(kind))} of {best.title}",
                ours.seconds(kind) / best.seconds(kind),
                limit,
            )
        )
    return found


def _size(project: ProjectResult, ours: ApproachResult) -> list[Verdict]:
    if not project.others:
        return []
    best = min(project.others, key=lambda one: one.image_without_byte_code)
    return [
        Verdict(
            project.name,
            ours.title,
            "image without byte code",
            readable(ours.image_without_byte_code),
            f"the {readable(best.image_without_byte_code)} of {best.title}",
            ours.image_without_byte_code / best.image_without_byte_code,
            _SIZE_LIMIT,
        )
    ]


def readable(size: int) -> str:
    """A size as people read it."""
    if size == 0:
        return "0"
    if size < 100_000:
        return f"{size / 1e3:.1f} kB"
    if size < 1_000_000:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:.1f} MB"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"
