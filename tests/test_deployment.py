"""What deploy/ starts: units that systemd accepts, containers that can change little, and commands that there are."""

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
DEPLOY = CHECKOUT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
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


def services() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"])


OURS = [name for name, declared in services().items() if declared["image"] == "clever-warehouse"]


@pytest.mark.parametrize("name", OURS)
def test_container_of_ours_can_change_nothing_but_its_volume(name: str) -> None:
    declared = services()[name]
    assert declared["read_only"] is True
    assert declared["cap_drop"] == ["ALL"]
    assert declared["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in declared
    assert not [volume for volume in declared.get("volumes", ()) if volume != "warehouse:/srv/clever"]


@pytest.mark.parametrize("name", services())
def test_container_has_a_health_check_and_waits_for_what_there_is(name: str) -> None:
    declared = services()[name]
    check = declared["healthcheck"]
    assert check.get("test", ["CMD"])[0] == "CMD"
    assert ("test" in check) != check.get("disable", False)
    for other, waited in declared.get("depends_on", {}).items():
        ends = "disable" in services()[other]["healthcheck"]
        assert waited["condition"] == ("service_completed_successfully" if ends else "service_healthy")


@pytest.mark.parametrize("name", services())
def test_container_takes_its_secrets_from_elsewhere_and_has_no_shell(name: str) -> None:
    declared = services()[name]
    assert "&" not in str(declared.get("command"))
    assert declared.get("command", [""])[0] not in {"sh", "bash", "/bin/sh"}
    for variable, value in declared["environment"].items():
        if re.search("PASSWORD|SECRET", variable):
            assert re.fullmatch(r"\$\{[A-Z_]+:\?\}", value)
            assert value[2:-3] in (DEPLOY / "passwords.env.example").read_text(encoding="utf-8")
    assert not re.search("PASSWORD|SECRET|TOKEN", str(declared.get("command")))


def test_only_the_code_has_credentials_of_clever_and_of_the_lake() -> None:
    for name in OURS:
        declared = services()[name]
        is_code = name == "code"
        assert ("env_file" in declared) is is_code
        assert any(re.match("CLEVER_|AWS_|PG", variable) for variable in declared["environment"]) is is_code


def test_the_code_server_outlasts_a_sync() -> None:
    assert services()["code"]["stop_grace_period"] == "2h"


def test_image_has_no_privileges_and_no_shell_between_docker_and_the_process() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    last = text.rpartition("\nFROM ")[2]
    instructions = dict(line.split(" ", 1) for line in last.splitlines() if re.match("[A-Z]+ ", line))
    assert instructions["USER"] == "10001:10001"
    assert yaml.safe_load(instructions["CMD"]) == services()["code"]["command"]
    assert yaml.safe_load(last.partition("CMD ")[2].partition("\n")[0]) == services()["code"]["healthcheck"]["test"][1:]
    assert not re.search("^(ARG|ADD|ENTRYPOINT) ", text, re.MULTILINE)


def test_what_goes_into_the_build_is_listed_and_holds_no_secret() -> None:
    first, *listed = [
        line
        for line in (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert first == "*"
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {line[1:] for line in listed if line.startswith("!")} == {name for line in copied for name in line.split()}
    assert not [name for name in listed if "env" in name]


def test_packages_of_the_image_are_those_of_the_lock() -> None:
    pinned, all_pinned = (
        {
            name: re.findall(r"sha256:\w+", hashes)
            for name, hashes in re.findall(
                r"^([a-z][\w.\[\],-]*==[^ ;]+)[^\n]*((?:\n    --hash[^\n]*)+)",
                file.read_text(encoding="utf-8"),
                re.MULTILINE,
            )
        }
        for file in (DEPLOY / "requirements.lock", CHECKOUT / "requirements.lock")
    )
    assert pinned
    assert [name for name, hashes in pinned.items() if all_pinned.get(name) != hashes] == []
    for extra in ("dagster-postgres", "duckdb-extension-ducklake", "cryptography", "hatchling"):
        assert any(name.startswith(f"{extra}==") for name in pinned)
