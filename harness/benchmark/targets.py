"""The frontend's targets, compared with the measurements."""

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

    target: str
    project: str
    approach: str
    ours: str
    """The figure."""
    against: str
    """The figure that it is compared with, and whose it is."""
    ratio: float
    limit: float

    @property
    def met(self) -> bool:
        return self.ratio <= self.limit

    def __str__(self) -> str:
        return (
            f"{self.project}, {self.approach}: {self.target}: {self.ours}"
            f" is {self.ratio:.2f} times {self.against}"
        )


def verdicts(results: Results) -> list[Verdict]:
    """All of them; where no Dockerfile or nothing of ours was measured there is nothing to say."""
    return [
        verdict
        for project in results.projects
        for approach in project.ours
        for verdict in _verdicts(project, approach)
    ]


def _verdicts(project: ProjectResult, ours: ApproachResult) -> list[Verdict]:
    found = [_like_no_change(project, ours, kind) for kind in _LIKE_NO_CHANGE]
    if project.others:
        found += [_against_best(project, ours, kind, limit) for kind, limit in _AGAINST_BEST]
        found.append(_size(project, ours))
    return found


def _like_no_change(project: ProjectResult, ours: ApproachResult, kind: Kind) -> Verdict:
    seconds, base = ours.seconds(kind), ours.seconds(Kind.NOTHING)
    return Verdict(
        f"{kind.value}, at most {_LIKE_NO_CHANGE_LIMIT:g} times no change",
        project.name,
        ours.title,
        _seconds(seconds),
        _seconds(base),
        seconds / base,
        _LIKE_NO_CHANGE_LIMIT,
    )


def _against_best(
    project: ProjectResult, ours: ApproachResult, kind: Kind, limit: float
) -> Verdict:
    best = min(project.others, key=lambda one: one.seconds(kind))
    seconds, base = ours.seconds(kind), best.seconds(kind)
    bound = "not slower than" if limit == 1 else f"at most {limit:g} times"
    return Verdict(
        f"{kind.value}, {bound} the best Dockerfile",
        project.name,
        ours.title,
        _seconds(seconds),
        f"the {_seconds(base)} of {best.title}",
        seconds / base,
        limit,
    )


def _size(project: ProjectResult, ours: ApproachResult) -> Verdict:
    best = min(project.others, key=lambda one: one.image_without_byte_code)
    size, base = ours.image_without_byte_code, best.image_without_byte_code
    return Verdict(
        "image without bytecode, not larger than the smallest Dockerfile's",
        project.name,
        ours.title,
        readable(size),
        f"the {readable(base)} of {best.title}",
        size / base,
        _SIZE_LIMIT,
    )


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
