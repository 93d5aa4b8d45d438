"""What deploy/ starts: units that systemd accepts, and commands that there are."""

import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
UNITS = sorted((CHECKOUT / "deploy" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
INSTALLED = "/opt/clever-warehouse"


def name(unit: Path) -> str:
    return unit.name


def read(unit: Path) -> RawConfigParser:
    """The sections of a unit, with the names of its options as they are written."""
    parser = RawConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit, encoding="utf-8")
    return parser


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(INSTALLED, str(CHECKOUT))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    verified = subprocess.run(
        [analyze, "verify", "--recursive-errors=no", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("service", SERVICES, ids=name)
def test_a_unit_starts_a_command_that_there_is_with_its_options(service: Path) -> None:
    program, *arguments = shlex.split(read(service)["Service"]["ExecStart"].replace(INSTALLED, str(CHECKOUT)))
    shown = subprocess.run([program, *arguments, "--help"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert f"clever-warehouse {arguments[0]}" in shown.stdout
    assert all(option in shown.stdout for option in arguments if option.startswith("--"))


@pytest.mark.parametrize("service", SERVICES, ids=name)
def test_a_unit_keeps_what_it_writes_from_others_and_writes_to_one_place(service: Path) -> None:
    options = read(service)["Service"]
    expected = {
        "User": "clever",
        "UMask": "0027",
        "ProtectSystem": "strict",
        "NoNewPrivileges": "yes",
        "LimitCORE": "0",
        "ReadWritePaths": "/srv/clever",
        "WorkingDirectory": INSTALLED,
    }
    assert {option: options[option] for option in expected} == expected


def test_the_timer_starts_the_sync_and_catches_up() -> None:
    timer = CHECKOUT / "deploy" / "systemd" / "clever-warehouse-sync.timer"
    assert timer.with_suffix(".service") in SERVICES
    assert read(timer)["Timer"]["Persistent"] == "yes"
