"""Examine this machine, the app and districts, and show what was found: as a table, as JSON, or for a bug report."""

import importlib.metadata
import json
import os
import platform
import re
import shutil
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from assets import instance, settings
from assets.resources import opened_app, warehouse
from pipelines.clever import ClientCredentials, NetworkSettingError, RetryPolicy
from pipelines.clever.network import proxy_of
from pipelines.operations import doctor
from pipelines.operations.doctor import Finding, Result, Verdict, failed, passed, warned
from pipelines.operations.doctor.checks import Checks
from pipelines.operations.doctor.machine import existing, is_there, may_write

EXAMINED: Final = 3
"""How many districts are examined if none is named."""

RETRY_POLICY: Final = RetryPolicy(deadline=60, tries=3, garbled=3, unreachable=4)
"""Fewer retries than a sync makes: a failure is what this command is to show."""

LIBRARIES: Final = ("clever-warehouse", "duckdb", "dagster", "httpx")

NARROWEST: Final = 60
"""Characters of the narrowest table."""

STYLES: Final = {Verdict.PASS: "green", Verdict.WARNING: "yellow", Verdict.FAIL: "red", Verdict.NOT_CHECKED: "dim"}


@dataclass(frozen=True)
class Examination:
    """What was found."""

    results: list[Result]
    connected: int
    """Districts that are connected."""
    examined: list[str]
    """IDs of the districts that were examined."""
    requests: int
    values: settings.Settings

    @property
    def verdict(self) -> Verdict:
        """The worst result."""
        found = {result.finding.verdict for result in self.results}
        return next((each for each in (Verdict.FAIL, Verdict.WARNING) if each in found), Verdict.PASS)

    @property
    def summary(self) -> str:
        """The numbers in one sentence."""
        counts = Counter(result.finding.verdict for result in self.results)
        numbers = {
            "failed": counts[Verdict.FAIL],
            "warnings": counts[Verdict.WARNING],
            "passed": counts[Verdict.PASS],
            "not checked": counts[Verdict.NOT_CHECKED],
        }
        of_checks = ", ".join(f"{what} {count}" for what, count in numbers.items())
        not_examined = self.connected - len(self.examined)
        others = (
            f" {not_examined:,} connected districts were not examined: name them by --district." if not_examined else ""
        )
        return f"Checks: {of_checks}. Requests to Clever: {self.requests}. Districts examined: {len(self.examined)}.{others}"


ENVIRONMENT: Final[Checks[settings.Settings]] = Checks()
"""The checks of the settings and of Dagster, which the machine's own checks do not know."""


@ENVIRONMENT.named("settings")
def check_settings(values: settings.Settings) -> Finding:
    """Whether each variable has an effect."""
    if unknown := settings.unknown():
        return warned(
            f"Not a setting, without effect: {', '.join(unknown)}.", " ".join(dict.fromkeys(unknown.values()))
        )
    if values.clever_district_tokens and values.clever_client_id:
        return warned(
            "Both CLEVER_DISTRICT_TOKENS and CLEVER_CLIENT_ID are set: the tokens are used, and no district is listed.",
            "Remove one of them.",
        )
    return passed(f"{len(_set())} settings are set, and all can be used.")


@ENVIRONMENT.named("Dagster instance")
def check_dagster(values: settings.Settings) -> Finding:
    """Whether Dagster can keep its runs, without making a run."""
    home = values.dagster_folder
    setting = "DAGSTER_HOME" if values.dagster_home else "CLEVER_WAREHOUSE_DIR"
    fix = f"Set {setting} to a folder that the user who runs this may write to, or give this user the right."
    nearest = existing(home)
    if not nearest.is_dir() or not may_write(nearest):
        return failed(f"Dagster cannot keep its runs in {home}: {nearest} may not be written to.", fix)
    if not is_there(home):
        return passed(f"There is no Dagster instance in {home} yet, and it can be made.")
    closed = [file for file in home.rglob("*.db") if not os.access(file, os.R_OK | os.W_OK)]
    if closed:
        return failed(f"{len(closed)} databases of Dagster in {home} may not be written to.", fix)
    if instance.has_our_settings(home):
        return passed(f"Dagster keeps its runs in {home}, as we set it up.")
    return _by_their_settings(home)


def _by_their_settings(home: Path) -> Finding:
    """Whether the instance of a dagster.yaml that somebody wrote can be opened, and what is different with it."""
    try:
        with instance.opened() as opened:
            is_shared = instance.is_shared(opened)
    except (settings.SettingsError, instance.InstanceError) as error:
        sentence, _, fix = str(error).partition(". ")
        return failed(f"{sentence.removesuffix('.')}.", fix or f"Correct {home / 'dagster.yaml'}.")
    if not is_shared:
        return passed(f"Dagster keeps its runs in {home}, by a dagster.yaml of your own.")
    return passed(
        f"Dagster keeps its runs where {home / 'dagster.yaml'} says. CLEVER_DAGSTER_RETENTION_DAYS has no effect there: the runs "
        "are removed by those who look after that Dagster."
    )


def examine(asked_for: Collection[str], console: Console) -> Examination:
    """Ask this machine and Clever what there is to know; nothing is written.

    Raises:
        SettingsError: a setting is missing or cannot be used.
        Interrupted: a signal stopped the process.
    """
    values = settings.load()
    lists_tokens = isinstance(values.credentials, ClientCredentials)
    probe = doctor.Probe()
    with console.status("Asking Clever ..."), opened_app(RETRY_POLICY, probe.note) as app:
        seen_app = doctor.look_at_app(
            app.clever,
            probe,
            lists_tokens=lists_tokens,
            asked_for=asked_for,
            with_limits=values.clever_district_limits,
        )
        of_app = doctor.run(doctor.APP, seen_app)
        of_districts: list[Result] = []
        people: list[int | None] = []
        chosen = seen_app.chosen if asked_for else seen_app.chosen[:EXAMINED]
        was_asked_once = False
        for district in chosen:
            seen = doctor.look_at_district(
                app.clever, probe, district, app.streams, values.clever_api_version, is_first=not was_asked_once
            )
            if seen.is_readable and not was_asked_once:
                was_asked_once = True
                of_app += doctor.run(doctor.ONCE, seen)
            of_districts += doctor.run(doctor.DISTRICT, seen, district.id)
            people.append(seen.people)
    known = [each for each in people if each is not None]
    is_known = bool(known) and len(known) == len(people)
    machine = doctor.Machine(
        warehouse(),
        hosts=_hosts(values, lists_tokens=lists_tokens),
        environment=settings.environment(),
        memory_limit=values.clever_duckdb_memory_limit,
        kept_files=values.clever_keep_published + values.clever_keep_published_days,
        people=sum(known) * len(seen_app.districts) // len(known) if is_known else None,
        is_estimated=len(known) < len(seen_app.districts),
    )
    of_machine = doctor.run(ENVIRONMENT, values) + doctor.run(doctor.MACHINE, machine)
    return Examination(
        of_machine + of_app + of_districts,
        len(seen_app.districts),
        [district.id for district in chosen],
        probe.requests,
        values,
    )


def show(found: Examination, console: Console) -> None:
    """Show a table for this machine, one for the app, and one for each district, as wide as the terminal."""
    width = max(NARROWEST, min(console.width, shutil.get_terminal_size((console.width, 0)).columns))
    machine = {check.name for check in ENVIRONMENT} | {check.name for check in doctor.MACHINE}
    by_title: dict[str, list[Result]] = {}
    for result in found.results:
        title = "This machine" if result.check in machine else "The app at Clever"
        by_title.setdefault(f"District {result.district_id}" if result.district_id else title, []).append(result)
    names = max(len(result.check) for result in found.results)
    for title, results in by_title.items():
        console.print(f"{title}:", markup=False)
        made = Table(
            Column(no_wrap=True, min_width=len(Verdict.NOT_CHECKED)),
            Column(no_wrap=True, min_width=names),
            Column(overflow="fold"),
            show_header=False,
            box=box.SIMPLE if console.is_terminal else None,
            padding=(0, 1, 0, 1),
        )
        for result in results:
            finding = result.finding
            fix = f"\nFix: {finding.fix}" if finding.fix else ""
            made.add_row(
                Text(finding.verdict, STYLES[finding.verdict]), Text(result.check), Text(f"{finding.found}{fix}")
            )
        console.print(made, width=width)
    console.print(found.summary, markup=False)
    console.print(
        f"{len(doctor.UNCHECKABLE)} assumptions about Clever cannot be checked by reading; --json and --bug-report say why.",
        markup=False,
    )


def as_json(found: Examination) -> str:
    """Return what was found as JSON."""
    return json.dumps(
        {
            "versions": _versions(),
            "result": found.verdict,
            "requests": found.requests,
            "districts": {"connected": found.connected, "examined": found.examined},
            "checks": [
                {
                    "check": result.check,
                    "district_id": result.district_id,
                    "result": result.finding.verdict,
                    "found": result.finding.found,
                    "fix": result.finding.fix or None,
                    "assumptions": result.assumptions,
                }
                for result in found.results
            ],
            "cannot_be_checked": doctor.UNCHECKABLE,
        },
        indent=2,
    )


def as_bug_report(found: Examination) -> str:
    """Return what was found as a text that may be published: without IDs, folders, proxies or values of settings."""
    versions = ", ".join(f"{name} {version}" for name, version in _versions().items())
    lines = [
        "clever-warehouse doctor",
        versions,
        f"Settings that are set: {', '.join(_set()) or 'none'}",
        found.summary,
    ]
    lines += [
        f"- {result.finding.verdict}: {f'district {result.district_id}, ' if result.district_id else ''}{result.check}: "
        f"{result.finding.found}{f' (assumed: {assumed})' if (assumed := ', '.join(result.assumptions)) else ''}"
        for result in found.results
    ]
    lines += [f"- cannot be checked: {name}: {why}" for name, why in doctor.UNCHECKABLE.items()]
    return _without_names("\n".join(lines), found)


def _without_names(text: str, found: Examination) -> str:
    """Return a text with numbers in place of IDs, and the names of settings in place of folders and proxies."""
    for number, district_id in enumerate(found.examined, start=1):
        text = text.replace(district_id, str(number))
    text = re.sub(r"\b[0-9a-f]{24}\b", "<id>", text)
    names = {
        found.values.dagster_folder: "$DAGSTER_HOME",
        found.values.clever_warehouse_dir.absolute(): "$CLEVER_WAREHOUSE_DIR",
    }
    for folder, name in list(names.items()):
        for parent in folder.parents[:-1]:
            names.setdefault(parent, f"<above {name}>")
    for folder in sorted(names, key=lambda each: -len(str(each))):
        text = re.sub(rf"{re.escape(str(folder))}(?![\w.-])", names[folder], text)
    environment = settings.environment()
    for url in _hosts(found.values, lists_tokens=True).values():
        try:
            proxy = proxy_of(url, environment)
        except NetworkSettingError:
            continue
        text = text.replace(proxy.shown, "<proxy>") if proxy else text
    return text


def _hosts(values: settings.Settings, *, lists_tokens: bool) -> Mapping[str, str]:
    hosts = {"CLEVER_API_URL": values.clever_api_url}
    return hosts | {"CLEVER_OAUTH_URL": values.clever_oauth_url} if lists_tokens else hosts


def _set() -> list[str]:
    """Name the settings that are set."""
    return sorted(name.upper() for name in settings.environment() if name.lower() in settings.Settings.model_fields)


def _versions() -> dict[str, str]:
    found = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return found | {"Python": platform.python_version(), "system": platform.platform(terse=True)}
