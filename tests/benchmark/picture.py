"""How does cost grow with size? A picture of seconds against people, both in powers of ten."""

from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter, NullLocator

from tests.benchmark.results import (
    CHANGED,
    CODED,
    DEFAULTS,
    EVENTS,
    FIRST,
    NARROW,
    TUNED,
    UNCHANGED,
    WHOLE_CHANGED,
    WHOLE_FIRST,
    WHOLE_UNCHANGED,
    WIDE,
    Results,
)

LOOKS = {
    DEFAULTS: ("#b0413e", "s", ":"),
    TUNED: ("#d9822b", "s", "-"),
    CODED: ("#d9822b", "D", "--"),
    FIRST: ("#1f5fa8", "o", "-"),
    CHANGED: ("#1f5fa8", "^", "--"),
    UNCHANGED: ("#1f5fa8", "v", ":"),
    WHOLE_FIRST: ("#2e7d4f", "o", "-"),
    WHOLE_CHANGED: ("#2e7d4f", "^", "--"),
    WHOLE_UNCHANGED: ("#2e7d4f", "v", ":"),
    EVENTS: ("#2e7d4f", "*", "-."),
    WIDE: ("#8a8a8a", "x", "-"),
    NARROW: ("#8a8a8a", "+", ":"),
}
"""Color, mark and line of each."""

SECONDS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def draw(results: Results, file: Path) -> None:
    """Draw the medians of one district."""
    figure, axes = plt.subplots(figsize=(10, 4.8), dpi=130, layout="constrained")
    for contestant, (color, mark, line) in LOOKS.items():
        points = [(users, results.median(contestant, users)) for users in results.sizes]
        measured = [(users, seconds) for users, seconds in points if seconds is not None]
        if measured:
            people, seconds_taken = zip(*measured, strict=True)
            axes.plot(people, seconds_taken, color=color, marker=mark, linestyle=line, markersize=5, label=contestant)
            axes.annotate(
                f"{seconds_taken[-1]:.3g} s",
                (people[-1], seconds_taken[-1]),
                xytext=(6, -3),
                textcoords="offset points",
                color=color,
                fontsize=8,
            )
    axes.set(xscale="log", yscale="log", xlabel="people in the district", ylabel="seconds, the whole command")
    axes.set_xticks(results.sizes)
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in SECONDS if low <= tick <= high])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(
        f"From Clever's API to DuckDB, {results.machine['cores']} cores, {results.began_at:%d %B %Y}",
        fontsize=10,
        loc="left",
    )
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    figure.savefig(file)
    plt.close(figure)
