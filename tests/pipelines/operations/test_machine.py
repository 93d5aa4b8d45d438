"""What `doctor` says of disk and memory for districts of a size, and of the folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.operations.doctor import MACHINE, Finding, Machine, Verdict, run
from pipelines.operations.doctor.machine import bytes_of, existing
from pipelines.warehouse import Warehouse

BILLION = 10**9


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(
        Warehouse(tmp_path / "below" / "data"),
        hosts={"CLEVER_API_URL": "https://api.clever.com"},
        environment={},
        memory_limit="1GB",
        kept_files=10,
        people=1_000,
        is_estimated=False,
    )


def found(machine: Machine) -> dict[str, Finding]:
    return {result.check: result.finding for result in run(MACHINE, machine)}


def test_small_district_fits(machine: Machine) -> None:
    assert {finding.verdict for finding in found(machine).values()} == {Verdict.PASS}


def test_folder_that_is_not_there_stays_so(machine: Machine, tmp_path: Path) -> None:
    assert found(machine)["warehouse folder"].found.endswith("does not exist yet, and can be made.")
    assert list(tmp_path.iterdir()) == []
    assert existing(machine.warehouse.state) == tmp_path


def test_more_people_than_the_disk_has_room_for_fail(machine: Machine) -> None:
    disk = found(replace(machine, people=1_000 * BILLION, is_estimated=True))["disk"]
    assert disk.verdict == Verdict.FAIL
    assert "about 1,000,000,000,000 people need about" in disk.found
    assert disk.fix.startswith("Free some space, or keep fewer files: CLEVER_KEEP_PUBLISHED")


def test_memory_is_limited_by_the_setting_whatever_the_number_of_people(machine: Machine) -> None:
    memory = found(replace(machine, people=1_000 * BILLION))["memory"]
    assert "need about 1.5 GB of memory" in memory.found
    memory = found(replace(machine, people=1_000 * BILLION, memory_limit="900TB"))["memory"]
    assert memory.verdict == Verdict.FAIL
    assert "lower CLEVER_DUCKDB_MEMORY_LIMIT" in memory.fix


def test_proxy_and_certificates_are_named_without_password(machine: Machine) -> None:
    environment = {"HTTPS_PROXY": "http://me:secret@proxy.example:3128", "SSL_CERT_FILE": "/ca.pem"}
    network = found(replace(machine, environment=environment))["network"]
    assert network.found == (
        "Reached: CLEVER_API_URL through the proxy proxy.example:3128 of HTTPS_PROXY; trusted: the certificates of SSL_CERT_FILE."
    )


@pytest.mark.parametrize(
    ("size", "number"), [("1GB", BILLION), ("512MB", 512 * 10**6), ("2GiB", 2 * 2**30), ("1.5KB", 1_500)]
)
def test_sizes_are_read_as_duckdb_reads_them(size: str, number: int) -> None:
    assert bytes_of(size) == number
