"""How the packages depend on each other, what is in them, and how they are installed."""

import ast
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from xml.etree import ElementTree as ET

import dagster as dg
import pytest
import yaml

from assets.definitions import definitions

CHECKOUT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SVG = "{http://www.w3.org/2000/svg}"


def run(*command: str | Path, cwd: Path = CHECKOUT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=120
    )


def test_imports_follow_the_declared_layers() -> None:
    done = run(BIN / "lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def drawn() -> tuple[list[set[str]], set[tuple[str, str]]]:
    """Return the layers of the picture of the architecture, and its arrows."""
    picture = ET.parse(CHECKOUT / "docs" / "pictures" / "architecture.svg")
    layers = sorted(picture.iter(f"{SVG}g"), key=lambda group: int(group.attrib["data-layer"]))
    arrows = {
        (path.attrib["data-from"], path.attrib["data-to"]) for path in picture.iter(f"{SVG}path") if path.get("data-to")
    }
    return [{box.attrib["id"] for box in layer.iter(f"{SVG}rect")} for layer in layers], arrows


def test_the_picture_of_the_architecture_has_the_declared_layers() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (ours, within) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert ours == ["assets", "pipelines"]
    layers, _ = drawn()
    assert layers == [{"assets"}, *(set(layer.split(" | ")) for layer in within)]


def test_the_arrows_of_the_architecture_are_the_imports_and_lead_to_lower_layers() -> None:
    layers, arrows = drawn()
    level = {name: number for number, layer in enumerate(layers) for name in layer}
    assert all(level[start] < level[end] for start, end in arrows)
    imports: dict[str, set[str]] = {name: set() for name in level.keys() - layers[-1]}
    for package in ("assets", "pipelines"):
        for file in (CHECKOUT / package).rglob("*.py"):
            start = package_of(".".join(file.relative_to(CHECKOUT).with_suffix("").parts))
            if start in imports:
                imports[start] |= {package_of(name) for name in imported(file)} & imports.keys() - {start}
    assert arrows == {
        (start, end)
        for start, ends in imports.items()
        for end in ends
        if not any(end in reached(imports, between) for between in ends - {end})
    }


def package_of(module: str) -> str:
    """Return the package that a module of ours belongs to."""
    root, name, *_ = [*module.split("."), ""]
    return root if root == "assets" else name


def reached(imports: Mapping[str, set[str]], start: str) -> set[str]:
    """Return all packages that one imports, directly or by others."""
    return imports[start].union(*(reached(imports, each) for each in imports[start]))


def test_imports_against_the_declared_layers_are_found(tmp_path: Path) -> None:
    for package in ("assets", "pipelines"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for module in (
        "operations",
        "identity",
        "operations",
        "sync",
        "clever",
        "landing",
        "warehouse",
        "sandbox",
        "records",
        "progress",
        "disk",
        "interruption",
        "encryption",
    ):
        (tmp_path / "pipelines" / f"{module}.py").touch()
    (tmp_path / "pipelines" / "warehouse.py").write_text("import assets\nimport dagster\nimport sql\n")
    (tmp_path / "pipelines" / "landing.py").write_text("import pipelines.clever\n")
    (tmp_path / "pipelines" / "sync.py").write_text("import pipelines.sandbox\n")
    (tmp_path / "pyproject.toml").write_text((CHECKOUT / "pyproject.toml").read_text())
    done = run(BIN / "lint-imports", "--no-cache", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert len(re.findall(r"BROKEN", done.stdout)) == 5, done.stdout


def test_pipelines_has_only_packages_and_the_shared_leaf_modules() -> None:
    modules = {file.stem for file in (CHECKOUT / "pipelines").glob("*.py")}
    assert modules == {"__init__", "progress", "disk", "interruption", "encryption"}
    for name in modules:
        assert imported(CHECKOUT / "pipelines" / f"{name}.py") == set(), name


def test_the_dagster_definitions_do_not_import_the_command_line() -> None:
    for file in (CHECKOUT / "assets").glob("*.py"):
        assert not any(name.startswith("assets.cli") for name in imported(file)), file.name


def test_the_sandbox_has_no_import_circle() -> None:
    folder = CHECKOUT / "pipelines" / "sandbox"
    imports = {
        file.stem: {name.split(".")[2] for name in imported(file) if name.startswith("pipelines.sandbox.")}
        for file in folder.glob("*.py")
    }
    assert {"app", "sandbox", "server"} <= imports.keys()
    assert imports["server"] == {"app"}
    tuple(TopologicalSorter(imports).static_order())  # raises CycleError


def imported(file: Path) -> set[str]:
    """Name our own modules that a file imports, also where it does so only for types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in {"assets", "pipelines"}}


def test_nothing_imports_the_text_of_sql() -> None:
    imports = re.compile(r"^\s*(?:import sql\b|from sql\b)", re.MULTILINE)
    files = [file for package in ("assets", "pipelines", "tests") for file in (CHECKOUT / package).rglob("*.py")]
    assert files
    assert [file for file in files if imports.search(file.read_text(encoding="utf-8"))] == []
    assert list((CHECKOUT / "sql").rglob("*.py")) == []


def test_python_code_is_only_in_the_packages_the_tests_and_the_tools_of_ci() -> None:
    tracked = run("git", "ls-files").stdout.split()
    folders = {Path(file).parts[0] for file in tracked if file.endswith(".py")}
    assert folders <= {"assets", "pipelines", "tests", ".ci"}


def test_workspace_yaml_is_what_dagster_reads() -> None:
    (entry,) = yaml.safe_load((CHECKOUT / "workspace.yaml").read_text())["load_from"]
    assert entry["python_module"]["module_name"] == "assets.definitions"
    # A section of either name in pyproject.toml would take the place of workspace.yaml.
    assert not {"dagster", "dg"} & tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"].keys()


def test_dagster_validates_the_definitions_that_workspace_yaml_points_at(tmp_path: Path) -> None:
    done = run(BIN / "dagster", "definitions", "validate", DAGSTER_HOME=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation successful for code location clever_warehouse" in done.stdout + done.stderr


def test_the_definitions_load_without_credentials_and_touch_nothing(tmp_path: Path) -> None:
    dg.Definitions.validate_loadable(definitions)
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("CLEVER_", "DAGSTER_"))}
    done = subprocess.run(
        [sys.executable, "-c", "import assets.definitions"], cwd=tmp_path, env=bare, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_make_ui_starts_the_ui_with_the_settings_of_the_command() -> None:
    for given, expected in (([], "ui"), (["PORT=3001"], "ui --port 3001")):
        commands = run("make", "--no-print-directory", "--dry-run", "ui", *given).stdout.splitlines()
        assert commands[-1] == f".venv/bin/clever-warehouse {expected}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_contains_the_packages_and_their_sql(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    text = {
        file.relative_to(CHECKOUT).as_posix()
        for file in (CHECKOUT / "sql").rglob("*")
        if file.suffix in {".sql", ".md", ".yml"}
    }
    code = {
        file.relative_to(CHECKOUT).as_posix()
        for package in ("assets", "pipelines")
        for file in (CHECKOUT / package).rglob("*.py")
    }
    code |= {f"pipelines/operations/report/{name}" for name in ("page.html.jinja", "style.css")}
    # The start has a name at the top that no other package has.
    code = code - {"assets/cli/clever_warehouse.py"} | {"clever_warehouse.py"}
    assert text
    assert names >= text | code | {"assets/dagster.yaml"}
    assert not any(name.startswith(("tests/", "data/")) for name in names)


def test_the_source_distribution_contains_every_tracked_file(tmp_path: Path) -> None:
    done = run(sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", tmp_path)
    assert done.returncode == 0, done.stderr
    (built,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = set(run("git", "ls-files").stdout.splitlines())
    assert names >= {name for name in tracked if (CHECKOUT / name).exists()}


def test_the_wheel_gives_a_command_that_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    (site,) = place.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    (declared,) = site.glob("*.dist-info/entry_points.txt")
    assert "clever-warehouse = clever_warehouse:main" in declared.read_text()
    (dependencies,) = BIN.parent.glob("lib/python*/site-packages")
    program = (
        "import sys; from clever_warehouse import main; import assets; "
        "from pipelines.warehouse.checks import checks; print(assets.__file__, len(checks())); "
        "sys.argv = ['clever-warehouse', '--help']; main()"
    )
    done = run(place / "bin" / "python", "-c", program, cwd=tmp_path, PYTHONPATH=f"{site}:{dependencies}")
    assert done.returncode == 0, done.stderr
    assert str(site) in done.stdout
    assert "Sync Clever rosters into a DuckDB warehouse." in done.stdout
