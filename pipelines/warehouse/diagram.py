"""Which table refers to which? The picture docs/pictures/tables.svg, made from the declaration of the tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import sqlalchemy as sa

from pipelines.warehouse import tables

WIDTH: Final = 240
"""Width of a table, in pixels like every length here."""
ROW: Final = 18
HEAD: Final = 24
GAP: Final = 18
"""Between two tables of a column."""
CHANNEL: Final = 90
"""Between two columns of tables, for the lines."""
MARGIN: Final = 16
COLORS: Final = ("#1f6feb", "#b35900", "#1a7f37", "#8250df", "#cf222e", "#0a7c86", "#9a6700", "#bf3989", "#57606a")
"""One for each table that others refer to; all of them are readable on white."""
STYLE: Final = (
    "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#24292f}.name{font-weight:700}.key{text-decoration:underline}"
    "path{fill:none;stroke-width:1.4}"
)


@dataclass(frozen=True, slots=True)
class _Box:
    """A table on the picture: its rows are the key and what refers to other tables."""

    table: sa.Table
    rows: Sequence[sa.Column[object]]
    x: int
    y: int

    @property
    def bottom(self) -> int:
        return self.y + _height(self.rows)

    def row(self, column: str) -> int:
        """The middle of the row of a column; of the head, if the column has none."""
        names = [each.name for each in self.rows]
        return self.y + (HEAD + names.index(column) * ROW + ROW // 2 if column in names else HEAD // 2)


def diagram(shown: Sequence[sa.Table]) -> str:
    """Draw tables: each column of the picture refers to those on its left."""
    boxes = _placed(shown)
    referred = list(dict.fromkeys(target for table in shown for target in tables.references(table).values()))
    colors = {name: COLORS[number % len(COLORS)] for number, name in enumerate(referred)}
    width = max(box.x for box in boxes.values()) + WIDTH + MARGIN
    height = max(box.bottom for box in boxes.values()) + MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            "<title>The tables, their keys, and which column refers to which table</title>",
            f"<style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *_lines(boxes, colors),
            *(line for box in boxes.values() for line in _drawn(box, colors)),
            "</svg>\n",
        ]
    )


def _placed(shown: Sequence[sa.Table]) -> Mapping[str, _Box]:
    """Place each table in the column to the right of all that it refers to, near to them."""
    levels: dict[str, int] = {}
    references = {table.name: tables.references(table) for table in shown}

    def level(name: str) -> int:
        if name not in levels:
            levels[name] = max((level(target) + 1 for target in references[name].values()), default=0)
        return levels[name]

    boxes: dict[str, _Box] = {}
    for number in range(max(level(table.name) for table in shown) + 1):
        column = [table for table in shown if level(table.name) == number]

        def nearness(table: sa.Table) -> float:
            ends = [boxes[target].row(name) for name, target in references[table.name].items()]
            return sum(ends) / len(ends) if ends else 0

        y = MARGIN
        for table in sorted(column, key=nearness):
            rows = _rows(table)
            boxes[table.name] = _Box(table, rows, MARGIN + number * (WIDTH + CHANNEL), y)
            y += _height(rows) + GAP
    return boxes


def _rows(table: sa.Table) -> Sequence[sa.Column[object]]:
    """The columns of the key and those that refer to other tables; the district is part of every key, and shown where it is all."""
    references = tables.references(table)
    rows = [column for column in table.columns if tables.is_key(column) or column.name in references]
    return [column for column in rows if column.name != "district_id"] or rows


def _height(rows: Sequence[sa.Column[object]]) -> int:
    return HEAD + len(rows) * ROW + 4


def _lines(boxes: Mapping[str, _Box], colors: Mapping[str, str]) -> Iterator[str]:
    for name, box in boxes.items():
        for column, target in tables.references(box.table).items():
            end = boxes[target]
            x, y, to_x, to_y = box.x, box.row(column), end.x + WIDTH, end.row(_key_of(end))
            is_list = isinstance(box.table.columns[column].type, sa.ARRAY)
            feet = "" if _is_one(box.table, column) else f"M{x},{y - 5} L{x - 9},{y} L{x},{y + 5} "
            feet += f"M{to_x},{to_y - 5} L{to_x + 9},{to_y} L{to_x},{to_y + 5} " if is_list else ""
            curve = f"M{x},{y} C{x - CHANNEL // 2},{y} {to_x + CHANNEL // 2},{to_y} {to_x},{to_y}"
            yield f'<path data-from="{name}.{column}" data-to="{target}" stroke="{colors[target]}" d="{feet}{curve}"/>'


def _key_of(box: _Box) -> str:
    """The column of a table that others refer to."""
    return str(box.table.info.get("id_column", ""))


def _is_one(table: sa.Table, column: str) -> bool:
    """Whether a row that is referred to by a column has at most one row that refers to it."""
    return tables.is_key(table.columns[column]) and set(table.info.get("row_key", ())) == {"district_id", column}


def _drawn(box: _Box, colors: Mapping[str, str]) -> Iterator[str]:
    name, x, y = box.table.name, box.x, box.y
    stroke = colors.get(name, "#8c959f")
    references = tables.references(box.table)
    yield f'<g id="{name}">'
    yield f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{_height(box.rows)}" rx="4" fill="#f6f8fa" stroke="{stroke}"/>'
    yield f'<text class="name" x="{x + 8}" y="{y + 16}">{escape(name)}</text>'
    for column in box.rows:
        target = references.get(column.name)
        kind = ' class="key"' if tables.is_key(column) else ""
        middle = box.row(column.name) + 4
        yield f'<text{kind} x="{x + 8}" y="{middle}">{escape(column.name)}</text>'
        if target:
            yield f'<text x="{x + WIDTH - 8}" y="{middle}" text-anchor="end" style="fill:{colors[target]}">{escape(target)}</text>'
    yield "</g>"
