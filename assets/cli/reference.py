"""Which options does each command have? docs/options.md, made from the help of the commands.

Run as ``python -m assets.cli.reference`` (make docs).
"""

from pathlib import Path
from typing import Any

import typer

from assets.cli.commands import command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "options.md"
WIDTH = 100
HEAD = """\
# Options of every command

What each command shows with `-h`. [Commands](commands.md) says what each is for, and the exit codes. This file is generated from the
commands (`make docs`).
"""


def options() -> str:
    """The text of docs/options.md."""
    group: Any = typer.main.get_command(command)
    parent = typer.Context(group, info_name=group.name, **group.context_settings)
    parts = [HEAD]
    for name, each in group.commands.items():
        context = typer.Context(each, info_name=name, parent=parent, terminal_width=WIDTH)
        parts.append(f"## {name}\n\n```text\n{each.get_help(context).strip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(options(), encoding="utf-8")
