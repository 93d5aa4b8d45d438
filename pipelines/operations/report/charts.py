"""Where the lines and bars of a picture are: coordinates for the SVG of the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.operations.report.suppression import SMALL

HEIGHT = 120
"""The height of a picture, in the units of its viewBox."""

LINE_WIDTH, BARS_WIDTH = 320, 640
"""The widths of a picture of a line and of one of bars."""

LEFT, RIGHT, TOP, BOTTOM = 46, 6, 10, 20
"""The margins around the lines and bars, for the labels of the axes."""

_CUT = 5
"""A bar that is so many times as high as all others is cut, so that the others can be seen."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis."""

    position: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line over days."""

    points: str
    area: str
    end: tuple[float, float]
    ticks: Sequence[Tick]
    """The labels of the vertical axis."""
    first: date
    last: date
    width: int = LINE_WIDTH


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar."""

    name: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of one day."""

    left: float
    width: float
    segments: Sequence[Segment]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars over days."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    first: date
    last: date
    width: int = BARS_WIDTH


def line(days: Sequence[date], counts: Sequence[int]) -> Line:
    """A line of counts of people from zero up, one per day; a small count is drawn as the smallest that is shown."""
    drawn = [drawn_count(count) for count in counts]
    top = _round_up(max(drawn))
    step = (LINE_WIDTH - LEFT - RIGHT) / max(1, len(days) - 1)
    xs = [LEFT + number * step for number in range(len(days))]
    points = [(x, _y(count, top)) for x, count in zip(xs, drawn, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    base = HEIGHT - BOTTOM
    return Line(
        points=path,
        area=f"{xs[0]:.1f},{base} {path} {xs[-1]:.1f},{base}",
        end=points[-1],
        ticks=_ticks(top),
        first=days[0],
        last=days[-1],
    )


def bars(days: Sequence[date], names: Sequence[str], counts: Sequence[Sequence[int]]) -> Bars:
    """Stacked bars of counts of people, one bar per day; a small count is drawn as the smallest that is shown."""
    drawn = [[drawn_count(count) for count in of_day] for of_day in counts]
    *others, highest = sorted(sum(of_day) for of_day in drawn)
    second = max(others, default=0)
    top = _round_up(second * 1.25 if second and highest > _CUT * second else highest)
    step = (BARS_WIDTH - LEFT - RIGHT) / len(days)
    made = []
    for number, of_day in enumerate(drawn):
        segments, below = [], 0
        for name, count in zip(names, of_day, strict=True):
            if count and below < top:
                upper = min(below + count, top)
                segments.append(Segment(name, _y(upper, top), _y(below, top) - _y(upper, top)))
            below += count
        made.append(Bar(LEFT + (number + 0.15) * step, step * 0.7, segments, is_cut=below > top))
    return Bars(made, _ticks(top), days[0], days[-1])


def drawn_count(count: int) -> int:
    """How a count of people is drawn: the height must not show a small one either."""
    return SMALL if 0 < count < SMALL else count


def _y(count: float, top: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / top


def _round_up(count: float) -> int:
    """The lowest of 10, 20, 30, 40, 50, 60, 80, 100, 200, ... that is not below a count."""
    power = 10
    while power * 10 < count:
        power *= 10
    return next(power * factor for factor in (1, 2, 3, 4, 5, 6, 8, 10) if power * factor >= count)


def _ticks(top: int) -> list[Tick]:
    return [Tick(_y(count, top), _label(count)) for count in (0, top // 2, top)]


def _label(count: int) -> str:
    """A number on an axis, short enough for the margin: 5,000, 20k, 1.5M."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= 10 * size or (count >= size and unit == "M"):
            return f"{count / size:g}{unit}"
    return f"{count:,}"
