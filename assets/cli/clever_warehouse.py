"""How the command starts: the wheel installs this module at the top level, under a name that no other package has.

``assets`` and ``pipelines`` are names that other projects use too. If PYTHONPATH leads to such a package first, ours are
imported from where they are installed all the same.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path

PACKAGES = ("assets", "pipelines")


def main() -> None:
    """Run the command."""
    for name in PACKAGES:
        _import_ours(name)
    from assets.cli.commands import main as run  # noqa: PLC0415 - found only now

    run()


def _import_ours(name: str) -> None:
    """Import a package of ours, whichever package of that name comes first in the path."""
    ours = [folder for folder in sys.path if Path(folder, "assets", "cli", "commands.py").is_file()]
    spec = PathFinder.find_spec(name, ours[:1])
    if spec is None or spec.loader is None:
        sys.stderr.write(f"The package {name} of clever-warehouse is missing: install clever-warehouse again.\n")
        sys.exit(2)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    main()
