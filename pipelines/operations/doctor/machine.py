"""What is found out about this machine: the folder of the warehouse, its disk, memory and the published file."""

import fcntl
import os
import re
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipelines.clever.network import CERTIFICATES, NetworkSettingError, host_name, proxy_of
from pipelines.operations.doctor.checks import Checks, Finding, failed, passed, unchecked, warned
from pipelines.warehouse import NothingPublishedError, OlderSchemaError, Warehouse, WarehouseError
from pipelines.warehouse.database import is_encrypted
from pipelines.warehouse.extensions import extension_file

MB: Final = 10**6

# Measured on 29 November 2026 with one mock district of 2,000 and of 20,000 people and all record types, synced twice: the file
# had 11 to 15 MB and 15 to 20 MB, the responses of one read 2.5 and 24.5 MB, and a sync took up to 337 and 435 MB of memory.
FILE_BYTES: Final = 15 * MB
FILE_BYTES_PER_PERSON: Final = 300
READ_BYTES_PER_PERSON: Final = 1_300
MEMORY_BYTES: Final = 450 * MB
# docs/performance.md: a whole roster of a million people took 1.5 GB at most, with DuckDB limited to 1 GB.
MEMORY_BYTES_PER_PERSON: Final = 1_050
MEMORY_BESIDE_DUCKDB: Final = 500 * MB

PRIVATE: Final = 0o077
"""The permissions that others must not have in state/."""


@dataclass(frozen=True)
class Machine:
    """This machine, with the settings that concern it."""

    warehouse: Warehouse
    hosts: Mapping[str, str]
    """The addresses of Clever's hosts, by setting."""
    environment: Mapping[str, str]
    memory_limit: str
    """CLEVER_DUCKDB_MEMORY_LIMIT."""
    kept_files: int
    """How many former files are kept at the most."""
    people: int | None
    """In all districts; None if it is not known."""
    is_estimated: bool
    """Whether the number of people is an estimate from the districts that were examined."""

    @property
    def size(self) -> str:
        """The number of people in words."""
        return f"{'about ' if self.is_estimated else ''}{self.people:,} people"


MACHINE: Final[Checks[Machine]] = Checks()
"""The checks of this machine."""


@MACHINE.named("network")
def network(machine: Machine) -> Finding:
    """How Clever's hosts are reached."""
    ways = []
    for setting, url in machine.hosts.items():
        try:
            proxy = proxy_of(url, machine.environment)
        except NetworkSettingError as error:
            return failed(f"{error}.", "Correct the variable, or remove it.")
        ways.append(f"{setting} {f'through the proxy {proxy.shown} of {proxy.variable}' if proxy else 'directly'}")
    named = next((name for name in CERTIFICATES if machine.environment.get(name)), None)
    trusted = f"the certificates of {named}" if named else "the usual certificates"
    return passed(f"Reached: {', '.join(ways)}; trusted: {trusted}.")


@MACHINE.named("warehouse folder")
def folder(machine: Machine) -> Finding:
    """Whether the folder can be written to, without writing to it."""
    fix = "Set CLEVER_WAREHOUSE_DIR to a folder that the user who runs this may write to."
    for place in (machine.warehouse.folder, machine.warehouse.state):
        nearest = existing(place)
        if not nearest.is_dir():
            return failed(f"{nearest} is no folder.", fix)
        if not may_write(nearest):
            return failed(f"{nearest} may not be written to.", fix)
    if not is_there(machine.warehouse.folder):
        return passed(f"{machine.warehouse.folder} does not exist yet, and can be made.")
    return passed(f"{machine.warehouse.folder} may be written to.")


@MACHINE.named("privacy")
def privacy(machine: Machine) -> Finding:
    """Whether only we can read state/."""
    state = machine.warehouse.state
    if not is_there(state):
        return passed("There is no state/ yet. A sync makes it readable by its owner only.")
    mode = stat.S_IMODE(state.stat().st_mode)
    if mode & PRIVATE:
        return warned(
            f"state/ has the mode {mode:04o}: others may read it, and it holds personal data.",
            "Run a sync, which sets the mode 0700. If it does not last, the file system keeps no permissions: mount it privately.",
        )
    return passed("state/ is readable by its owner only.")


@MACHINE.named("encryption")
def encryption(machine: Machine) -> Finding:
    """Whether the folder is encrypted, and its key can be used."""
    warehouse = machine.warehouse
    if warehouse.key_file is None:
        return passed("clever-warehouse does not encrypt its files: keep the folder on an encrypted disk.")
    if extension_file("httpfs") is None:
        return failed(
            "CLEVER_ENCRYPTION_KEY_FILE is set, and DuckDB's extension httpfs is not installed, which writes encrypted files.",
            "Run `pip install 'clever-warehouse[encryption]'`.",
        )
    databases = warehouse.databases
    if not databases and not warehouse.key_file.exists():
        return passed(f"The first sync creates the key file {warehouse.key_file}.")
    try:
        warehouse.key  # noqa: B018 (raises if it cannot be used)
    except WarehouseError as error:
        sentence, _, fix = str(error).partition(": ")
        return failed(f"{sentence}.", f"{fix[:1].upper()}{fix[1:]}")
    if plain := sum(is_encrypted(database) is False for database in databases):
        return failed(
            f"CLEVER_ENCRYPTION_KEY_FILE is set, and {plain} of {len(databases)} databases in the folder are plain.",
            "Run `clever-warehouse rekey`, which encrypts them.",
        )
    return passed(f"The folder is encrypted with the key in {warehouse.key_file}, which only its owner may read.")


@MACHINE.named("file locks")
def locks(machine: Machine) -> Finding:
    """Whether the file system has locks. A shared lock on a folder writes nothing."""
    nearest = existing(machine.warehouse.state)
    try:
        descriptor = os.open(nearest, os.O_RDONLY)
    except OSError as error:
        return unchecked(f"{nearest} cannot be opened ({error.strerror}).")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pass  # another process has a lock, so there are locks
    except OSError as error:
        return warned(
            f"A folder of this file system cannot be locked ({error.strerror}). If files cannot either, a sync ends at its start.",
            "Set CLEVER_WAREHOUSE_DIR to a folder on a local disk.",
        )
    finally:
        os.close(descriptor)
    return passed("The file system has locks.")


@MACHINE.named("disk")
def disk(machine: Machine) -> Finding:
    """Whether there is room for a sync of the size that was found."""
    free = shutil.disk_usage(existing(machine.warehouse.state)).free
    if machine.people is None:
        return unchecked(f"{shown(free)} are free; how many people there are is not known.")
    file = FILE_BYTES + FILE_BYTES_PER_PERSON * machine.people
    whole = (3 + machine.kept_files) * file + 2 * READ_BYTES_PER_PERSON * machine.people
    # Even where all of it is there already, a sync needs room for the copy that it publishes.
    needed = max(whole - _taken(machine.warehouse.folder), file)
    found = f"{shown(free)} are free, and {machine.size} need about {shown(needed)}, kept files included"
    if free < needed:
        return failed(
            f"{found}.", "Free some space, or keep fewer files: CLEVER_KEEP_PUBLISHED, CLEVER_KEEP_PUBLISHED_DAYS."
        )
    if free < 2 * needed:
        return warned(f"{found}: that is close.", "Free some space, or keep fewer files: CLEVER_KEEP_PUBLISHED_DAYS.")
    return passed(f"{found}.")


@MACHINE.named("memory")
def memory(machine: Machine) -> Finding:
    """Whether there is memory for a sync of the size that was found."""
    total, available = _memory()
    if total is None:
        return unchecked("This system does not say how much memory it has.")
    if machine.people is None:
        return unchecked(f"There are {shown(total)} of memory; how many people there are is not known.")
    most = MEMORY_BESIDE_DUCKDB + bytes_of(machine.memory_limit)
    needed = min(MEMORY_BYTES + MEMORY_BYTES_PER_PERSON * machine.people, most)
    found = f"{machine.size} need about {shown(needed)} of memory, and there are {shown(total)}"
    if total < needed:
        return failed(
            f"{found}.", "Give it more memory, or lower CLEVER_DUCKDB_MEMORY_LIMIT: DuckDB then spills to disk."
        )
    if available is not None and available < needed:
        return warned(
            f"{found}, of which {shown(available)} are available.",
            "Sync when less else is running, or lower CLEVER_DUCKDB_MEMORY_LIMIT: DuckDB then spills to disk.",
        )
    return passed(f"{found}.")


@MACHINE.named("published file")
def published(machine: Machine) -> Finding:
    """Whether the published file can be read."""
    try:
        machine.warehouse.reading().close()
    except NothingPublishedError:
        return passed("No sync has published a file yet.")
    except OlderSchemaError as error:
        return warned(str(error).partition(". ")[0] + ".", "Run `clever-warehouse sync`: it migrates the warehouse.")
    except PermissionError:
        return failed(
            f"{machine.warehouse.published} may not be read.", "Give the user who runs this the right to read it."
        )
    except WarehouseError as error:
        sentence, _, fix = str(error).partition(". ")
        return failed(f"{sentence}.", fix or "Check that the file is whole and that you may read it, or roll back.")
    return passed("The published file can be read.")


@MACHINE.named("Clever host of the warehouse")
def clever_host(machine: Machine) -> Finding:
    """Whether the districts in the warehouse come from the host that a sync would ask."""
    asked, recorded = host_name(machine.hosts["CLEVER_API_URL"]), machine.warehouse.clever_host()
    if recorded is None:
        return passed("The warehouse has no Clever host yet: the first sync that reads a district records it.")
    if recorded == asked:
        return passed(f"The districts of the warehouse come from {recorded}, as CLEVER_API_URL says.")
    found = f"The districts of the warehouse come from {recorded}, and CLEVER_API_URL leads to {asked}"
    if machine.warehouse.accepts_host_change:
        return warned(f"{found}, which is accepted.", "Set CLEVER_HOST_CHANGE back to refuse after the next sync.")
    return failed(
        f"{found}: a sync is refused.",
        f"Set CLEVER_WAREHOUSE_DIR to another folder for {asked}, or CLEVER_HOST_CHANGE=accept if these are the same districts.",
    )


def existing(place: Path) -> Path:
    """Return a place, or the nearest above it that exists."""
    while not is_there(place) and place != place.parent:
        place = place.parent
    return place


def is_there(place: Path) -> bool:
    """Whether a place exists, as far as this process may know."""
    try:
        return place.exists()
    except PermissionError:
        return False


def may_write(place: Path) -> bool:
    """Whether the file system lets this process make files in a folder, as far as it says so."""
    try:
        is_writable = not os.statvfs(place).f_flag & os.ST_RDONLY
    except OSError:
        return False
    return is_writable and os.access(place, os.W_OK | os.X_OK)


def shown(size: float) -> str:
    """Return bytes in words."""
    return f"{size / 10**9:,.1f} GB" if size >= 10**9 else f"{size / MB:,.0f} MB"


def bytes_of(size: str) -> int:
    """Return the bytes of a size such as 1GB or 512MiB."""
    found = re.fullmatch(r"([\d.]+)([KMGT]?)(i?)B", size)
    if found is None:
        raise ValueError(f"{size} is not a size")
    power = "KMGT".index(found[2]) + 1 if found[2] else 0
    return int(float(found[1]) * (1024 if found[3] else 1000) ** power)


def _taken(place: Path) -> int:
    """Return the bytes that the warehouse takes; files with several names count once."""
    seen: dict[tuple[int, int], int] = {}
    for folder_name, _, names in os.walk(place, onerror=None):
        for name in names:
            try:
                status = os.lstat(os.path.join(folder_name, name))  # noqa: PTH118 - quicker for many files
            except OSError:
                continue
            seen[status.st_dev, status.st_ino] = status.st_size
    return sum(seen.values())


def _memory() -> tuple[int | None, int | None]:
    """Return the total and the available memory in bytes, within the limit of the container; None for what is not known."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None, None
    available = _number_in(Path("/proc/meminfo"), r"MemAvailable: +(\d+) kB")
    available = available * 1024 if available is not None else None
    limit = _number_in(Path("/sys/fs/cgroup/memory.max"), r"(\d+)")
    if limit is not None and limit < total:
        used = _number_in(Path("/sys/fs/cgroup/memory.current"), r"(\d+)") or 0
        total, available = limit, min(limit - used, available if available is not None else limit)
    return total, available


def _number_in(file: Path, pattern: str) -> int | None:
    try:
        found = re.search(pattern, file.read_text())
    except OSError:
        return None
    return int(found[1]) if found else None
