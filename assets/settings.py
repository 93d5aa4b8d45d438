"""Which settings there are: the only reader of the environment and of a .env file."""

import difflib
import io
import json
import logging
import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import available_timezones

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from pipelines.clever import ClientCredentials, DistrictTokens, host_url
from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.operations import notification
from pipelines.records import CATALOG, Tier
from pipelines.sync import Limits, LimitsByDistrict, Rollover, Season

T = TypeVar("T")

ENV_FILE = Path(".env")
"""The file of settings, in the folder where a command runs."""

LAKE = "ducklake:postgres:"
"""How CLEVER_WAREHOUSE begins where it names a lake."""

QUOTES = ('""', "''", "\u201c\u201d", "\u2018\u2019")
"""Quotation marks that an env file, or text copied from a document, leaves around a value."""

INVISIBLE = "\ufeff\u200b"
"""Byte order mark and zero-width space, which str.strip() keeps."""

SEVERAL_LINES = frozenset({"clever_alerts", "clever_district_limits", "clever_district_tokens"})
"""Settings whose value may span lines."""

NOT_SETTINGS = re.compile(
    # The folder of Clever's specifications, which the tests read.
    r"CLEVER_SPEC_DIR"
    # Kubernetes gives every container such variables for a service whose name begins with "clever-".
    r"|CLEVER_\w+_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)
"""Names that begin like a setting, have no effect here, and are no mistake."""


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message is one sentence that says which and what to do."""


def seasons(text: str) -> tuple[Season, ...]:
    """The seasons that a text such as 2026-07-15..2026-09-15 names, separated by commas.

    Raises:
        ValueError: it is not written so, or a season ends before it begins.
    """
    found = []
    for part in filter(None, (_bare(part) for part in text.split(","))):
        first, separator, last = part.partition("..")
        try:
            season = Season(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
        except ValueError:
            season = None
        if season is None or not separator:
            message = f"{part!r} is not a season: write its first and last day, such as 2026-07-15..2026-09-15"
            raise ValueError(message)
        if season.last < season.first:
            message = f"the season {season} ends before it begins"
            raise ValueError(message)
        found.append(season)
    return tuple(found)


class DistrictLimits(BaseModel):
    """Limits of one district's own; what is not given is as for all."""

    model_config = ConfigDict(extra="forbid")

    max_archived_percent: float | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    max_changed_percent: float | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    hold_min_records: int | None = Field(default=None, ge=0)
    rollover: tuple[Season, ...] | None = None
    rollover_max_archived_percent: float | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    rollover_max_changed_percent: float | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)

    @field_validator("rollover", mode="before")
    @classmethod
    def _are_seasons(cls, value: object) -> object:
        return seasons(value) if isinstance(value, str) else value


class Settings(BaseSettings):
    """The settings, each from the environment variable of the same name in capitals, else from .env, else the default."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    clever_api_url: str = "https://api.clever.com"
    clever_oauth_url: str = "https://clever.com"
    clever_api_version: Literal["v3.0", "v3.1"] = "v3.0"
    clever_client_id: str | None = None
    clever_client_secret: SecretStr | None = None
    clever_district_tokens: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    clever_host_change: Literal["refuse", "accept"] = "refuse"
    clever_records: Annotated[tuple[str, ...] | Literal["all"], NoDecode] = "all"
    clever_warehouse_dir: Path = Path("data")
    clever_warehouse: SecretStr = SecretStr("duckdb")
    clever_lake_data: str = Field(default="", validate_default=True)
    clever_lake_snapshot_days: int = Field(default=7, ge=1)
    clever_workers: int = Field(default=1, ge=1, le=64)
    dagster_home: Path | None = None
    clever_max_archived_percent: float = Field(default=10, ge=0, le=100, allow_inf_nan=False)
    clever_max_changed_percent: float = Field(default=75, ge=0, le=100, allow_inf_nan=False)
    clever_hold_min_records: int = Field(default=20, ge=0)
    clever_rollover: Annotated[tuple[Season, ...], NoDecode] = ()
    clever_rollover_max_archived_percent: float = Field(default=30, ge=0, le=100, allow_inf_nan=False)
    clever_rollover_max_changed_percent: float = Field(default=100, ge=0, le=100, allow_inf_nan=False)
    clever_district_limits: Annotated[dict[str, DistrictLimits], NoDecode] = {}
    clever_keep_published: int = Field(default=3, ge=0)
    clever_keep_published_days: int = Field(default=7, ge=0)
    clever_history_days: int = Field(default=0, ge=0)
    clever_landings: Literal["keep", "delete"] = "keep"
    clever_files_days: int = Field(default=0, ge=0)
    clever_published_mode: int | None = None
    clever_published_group: str | None = None
    clever_encryption_key_file: Path | None = None
    clever_deidentified: Literal["no", "yes", "with_sensitive"] = "no"
    clever_deidentification_key_file: Path | None = None
    clever_publish_tiers: Annotated[dict[str, tuple[str, ...]], NoDecode] = {}
    clever_duckdb_memory_limit: str = "1GB"
    clever_dagster_retention_days: int = Field(default=60, ge=0)
    clever_approve: Literal["anywhere", "terminal"] = "anywhere"
    clever_owners: Annotated[tuple[str, ...], NoDecode] = ()
    clever_sync_time: str = "02:00"
    clever_sync_timezone: str = "UTC"
    clever_alerts: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    clever_alert_reminder_hours: float = Field(default=24, gt=0, le=24 * 365, allow_inf_nan=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (the signature of pydantic-settings)
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what ``environment`` gives, and nothing else."""
        source = EnvSettingsSource(settings_cls)
        source.env_vars = {name.lower(): value for name, value in environment().items()}
        return (source,)

    @field_validator(
        "clever_warehouse_dir",
        "dagster_home",
        "clever_encryption_key_file",
        "clever_deidentification_key_file",
        mode="before",
    )
    @classmethod
    def _is_a_local_path(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:([/\\]|$)", value):
            message = "must be a folder of this machine, written as a path such as /srv/clever"
            raise ValueError(message)
        expanded = os.path.expandvars(value)
        if missing := re.search(r"\$(?:\w+|\{\w+\})", expanded):
            message = f"{missing[0]} in it is not set; write the path out"
            raise ValueError(message)
        try:
            return Path(expanded).expanduser()
        except RuntimeError:
            message = "no home folder is known for the ~ in it; write the path out, or set HOME"
            raise ValueError(message) from None

    @field_validator("*", mode="before")
    @classmethod
    def _has_no_control_character(cls, value: object, info: ValidationInfo) -> object:
        # The last of these that is declared runs first, while the value is still text.
        if isinstance(value, str) and info.field_name not in SEVERAL_LINES:
            found = next((character for character in value if unicodedata.category(character) == "Cc"), None)
            if found is not None:
                message = f"it contains a control character (U+{ord(found):04X}); write the value again on one line"
                raise ValueError(message)
        return value

    @field_validator("clever_duckdb_memory_limit")
    @classmethod
    def _is_a_size(cls, value: str) -> str:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT])(I?)B?", value, re.IGNORECASE)
        if not found or float(found[1]) == 0:
            message = "must be a size with its unit, such as 2GB, 512MB or 2GiB"
            raise ValueError(message)
        return f"{found[1]}{found[2].upper()}{found[3].lower()}B"

    @field_validator("clever_district_tokens", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        tokens = [token.strip(" \t\r\n" + "".join(QUOTES)) for token in value.split(",")]
        return [token for token in tokens if token]

    @field_validator("clever_alerts", mode="before")
    @classmethod
    def _are_addresses(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        urls = notification.split(_bare(value))
        notification.addresses(urls)
        return urls

    @field_validator("clever_rollover", mode="before")
    @classmethod
    def _are_seasons(cls, value: object) -> object:
        return seasons(value) if isinstance(value, str) else value

    @field_validator("clever_owners", mode="before")
    @classmethod
    def _are_owners(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        owners = [owner for part in value.split(",") if (owner := _bare(part))]
        for owner in owners:
            if not re.fullmatch(r"team:[A-Za-z0-9_-]+|[^@\s]+@[^@\s]+\.[^@\s]+", owner):
                message = f"{owner!r} is no owner: write e-mail addresses or team:NAME (letters, digits, _ and -), separated by commas"
                raise ValueError(message)
        return owners

    @field_validator("clever_published_mode", mode="before")
    @classmethod
    def _is_a_mode(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if not re.fullmatch(r"0?o?[0-7]{3}", value) or int(value[-3:], 8) & 0o333 or not int(value[-3:], 8) & 0o400:
            message = "must be a mode that lets only read, such as 0440 or 0444, in octal digits"
            raise ValueError(message)
        return int(value[-3:], 8)

    @field_validator("clever_publish_tiers", mode="before")
    @classmethod
    def _are_files_with_tiers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found: list[tuple[str, tuple[str, ...]]] = []
        tiers = [tier.value for tier in Tier]
        for part in filter(None, (_bare(part) for part in value.split(","))):
            name, _, listed = (each.strip() for each in part.partition("="))
            named = tuple(tier for each in listed.split("+") if (tier := each.strip().lower()))
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not named or name == "deidentified":
                message = (
                    f"{part!r} names no file and its tiers: write, for instance, grades=public or directory=public+identifier "
                    "(small letters, digits and _; deidentified is taken)"
                )
                raise ValueError(message)
            for tier in named:
                if tier not in tiers:
                    message = f"{tier!r} is not a tier: the tiers are {', '.join(tiers)}"
                    raise ValueError(message)
            found.append((name, named))
        return _without_duplicates(found)

    @field_validator("clever_records", mode="before")
    @classmethod
    def _are_record_types(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        known = [declared.name for declared in CATALOG.streams]
        names = [name.lower() for part in value.split(",") if (name := _bare(part))]
        for name in names:
            if name != "all" and name not in known:
                closest = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
                hint = f"; did you mean {closest[0]}?" if closest else ""
                message = f"{name!r} is not a record type{hint}. Write some of these, separated by commas, or all: {', '.join(known)}"
                raise ValueError(message)
        chosen = (each for name in names for each in (DEFAULT_RECORDS if name == "all" else (name,)))
        return "all" if names == ["all"] else tuple(dict.fromkeys(chosen))

    @field_validator("clever_district_limits", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value, object_pairs_hook=_without_duplicates)
        except ValueError:
            message = 'must be JSON such as {"<district id>": {"max_archived_percent": 30}}, with each name once'
            raise ValueError(message) from None

    @field_validator("clever_district_limits")
    @classmethod
    def _by_district(cls, value: dict[str, DistrictLimits]) -> dict[str, DistrictLimits]:
        return _without_duplicates([(district_id(name), limits) for name, limits in value.items()])

    @field_validator("clever_warehouse", mode="before")
    @classmethod
    def _is_a_destination(cls, value: object) -> object:
        if isinstance(value, str) and value != "duckdb" and not re.fullmatch(rf"{LAKE}\s*\S.*", value):
            message = (
                f"must be duckdb, or {LAKE} and how the catalog is reached, such as {LAKE}host=db dbname=clever user=clever "
                "(with the password in PGPASSWORD or in ~/.pgpass)"
            )
            raise ValueError(message)
        return value

    @field_validator("clever_lake_data")
    @classmethod
    def _belongs_to_a_lake(cls, value: str, info: ValidationInfo) -> str:
        destination = info.data.get("clever_warehouse", SecretStr("duckdb")).get_secret_value()
        if destination.startswith(LAKE) and not value:
            message = "CLEVER_WAREHOUSE names a lake, so set it to a folder, or to a place such as s3://bucket/clever"
            raise ValueError(message)
        if value and not destination.startswith(LAKE):
            message = f"CLEVER_WAREHOUSE names no lake: set that to {LAKE}…, or remove CLEVER_LAKE_DATA"
            raise ValueError(message)
        return value

    @field_validator("clever_workers")
    @classmethod
    def _sync_a_lake(cls, value: int, info: ValidationInfo) -> int:
        destination = info.data.get("clever_warehouse", SecretStr("duckdb")).get_secret_value()
        if value > 1 and not destination.startswith(LAKE):
            message = (
                f"only a lake is synced by several workers: set CLEVER_WAREHOUSE to {LAKE}…, or remove CLEVER_WORKERS"
            )
            raise ValueError(message)
        return value

    @field_validator("clever_api_url", "clever_oauth_url")
    @classmethod
    def _is_a_host(cls, value: str) -> str:
        return host_url(value)

    @field_validator("clever_sync_time")
    @classmethod
    def _is_a_time(cls, value: str) -> str:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            message = "must be a time of day such as 02:00"
            raise ValueError(message)
        return value

    @field_validator("clever_sync_timezone")
    @classmethod
    def _is_a_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            message = "must be a time zone such as America/New_York"
            raise ValueError(message)
        return value

    @property
    def lake(self) -> str | None:
        """How the catalog of the lake is reached, as PostgreSQL's own library takes it; None if the warehouse is a file."""
        destination = self.clever_warehouse.get_secret_value()
        return destination.removeprefix(LAKE).strip() if destination.startswith(LAKE) else None

    @property
    def dagster_folder(self) -> Path:
        """The folder of Dagster's instance, as an absolute path."""
        return (self.dagster_home or self.clever_warehouse_dir / "dagster").absolute()

    @property
    def deidentification_key_file(self) -> Path:
        """The file of the key that makes pseudonyms."""
        default = self.clever_warehouse_dir / "state" / "deidentification.key"
        return (self.clever_deidentification_key_file or default).absolute()

    @property
    def records(self) -> Collection[str]:
        """The record types that are synced."""
        return DEFAULT_RECORDS if self.clever_records == "all" else self.clever_records

    @property
    def limits(self) -> LimitsByDistrict:
        """How much a sync may change by itself, for all districts and for those with limits of their own."""
        for_all = self._limits(DistrictLimits())
        of_district = {district_id: self._limits(own) for district_id, own in self.clever_district_limits.items()}
        return LimitsByDistrict(for_all, of_district)

    def _limits(self, own: DistrictLimits) -> Limits:
        """The limits of a district: its own, and for what it leaves open those of all."""

        def either(name: str, for_all: T) -> T:
            found: T | None = getattr(own, name)
            return for_all if found is None else found

        in_rollover = either("rollover", self.clever_rollover)
        rollover = Rollover(
            in_rollover,
            either("rollover_max_archived_percent", self.clever_rollover_max_archived_percent),
            either("rollover_max_changed_percent", self.clever_rollover_max_changed_percent),
            self.clever_sync_timezone,
        )
        return Limits(
            either("max_archived_percent", self.clever_max_archived_percent),
            either("max_changed_percent", self.clever_max_changed_percent),
            either("hold_min_records", self.clever_hold_min_records),
            rollover if in_rollover else None,
        )

    @property
    def credentials(self) -> ClientCredentials | DistrictTokens:
        """How the app proves itself to Clever.

        Raises:
            SettingsError: there are no credentials, or only half of them, or some that cannot be any.
        """
        if self.clever_district_tokens:
            with _named("CLEVER_DISTRICT_TOKENS"):
                return DistrictTokens([token.get_secret_value() for token in self.clever_district_tokens])
        if self.clever_client_id and self.clever_client_secret:
            with _named("CLEVER_CLIENT_ID"):
                return ClientCredentials(self.clever_client_id, self.clever_client_secret.get_secret_value())
        if self.clever_client_id or self.clever_client_secret:
            missing = "CLEVER_CLIENT_SECRET" if self.clever_client_id else "CLEVER_CLIENT_ID"
            raise SettingsError(f"{missing} is missing: the app authenticates with its client ID and secret.")
        message = (
            "No Clever credentials: set CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET, or CLEVER_DISTRICT_TOKENS, in the environment or in "
            ".env (to try without Clever, run `clever-warehouse demo`)."
        )
        raise SettingsError(message)


@contextmanager
def _named(setting: str) -> Iterator[None]:
    """What is wrong with a value, as a sentence that names the setting."""
    try:
        yield
    except ValueError as error:
        raise SettingsError(f"{setting} cannot be used: {error}.") from None


def load() -> Settings:
    """The settings as they are.

    Raises:
        SettingsError: a value, or the file .env, cannot be used; the message names the setting, never the value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name, *inside = [str(part) for part in first["loc"]]
        where = f" (at {', '.join(inside)})" if inside else ""
        message = f"{name.upper()} cannot be used{where}: {first['msg'].removeprefix('Value error, ')}."
        raise SettingsError(message) from None


def environment() -> dict[str, str]:
    """Every variable that has a value in the environment or in .env; the environment wins.

    What an env file leaves around a value is removed: blanks, a carriage return, quotation marks. A variable that is empty
    then counts as not set.

    Raises:
        SettingsError: .env cannot be read.
    """
    found = {}
    for source in (_env_file(), os.environ):
        for name, value in source.items():
            if bare := _bare(value or ""):
                found[_bare(name)] = bare
    return found


def complete_environment() -> None:
    """Add the variables of .env that the environment of this process lacks; processes that it starts inherit them.

    Dagster gives its processes all of .env; so proxies and certificates that are set there hold for every command.

    Raises:
        SettingsError: .env cannot be read.
    """
    for name, value in environment().items():
        if not _bare(os.environ.get(name, "")):
            os.environ[name] = value


@cache
def load_for_definitions() -> Settings:
    """The settings, or the defaults if one cannot be used, so that Dagster shows all there is; what is wrong is logged.

    Every run then fails with the same sentence.
    """
    try:
        report_unknown()
        values = load()
        _report_another_start(values)
        return values
    except SettingsError as error:
        _log(logging.ERROR, str(error))
        return Settings.model_construct()


def report_unknown() -> None:
    """Log one sentence per variable that looks like a setting and is none: a mistyped limit would not be in force.

    Raises:
        SettingsError: .env cannot be read.
    """
    for name, hint in unknown().items():
        _log(logging.WARNING, f"{name} is not a setting and has no effect. {hint}")


def unknown() -> dict[str, str]:
    """Every variable that looks like a setting and is none, with what may be meant.

    Raises:
        SettingsError: .env cannot be read.
    """
    prefix = "CLEVER_"
    known = [name.upper().removeprefix(prefix) for name in Settings.model_fields]
    found = {}
    for name in sorted(environment()):
        called = name.upper().removeprefix(prefix)
        if called != name.upper() and called not in known and not NOT_SETTINGS.fullmatch(name.upper()):
            closest = difflib.get_close_matches(called, known, n=1, cutoff=0.4)
            found[name] = f"Did you mean {prefix}{closest[0]}?" if closest else "docs/settings.md lists the settings."
    return found


def _report_another_start(values: Settings) -> None:
    """Log in which way a `dagster dev` that was not started by our command differs from the terminal."""
    if not os.environ.get("DAGSTER_IS_DEV_CLI"):
        return
    advice = "Start the UI with `make ui` or `clever-warehouse ui`, so that both use the same."
    if not os.environ.get("DAGSTER_HOME"):
        _log(
            logging.WARNING,
            "DAGSTER_HOME is not set, so this UI keeps its runs in a temporary folder, and clever-warehouse in "
            f"{values.dagster_folder}. {advice}",
        )
    if any(name.lower() in Settings.model_fields for name in _env_file()):
        _log(
            logging.WARNING,
            f"`dagster dev` lets {ENV_FILE} win over the environment, and clever-warehouse does the opposite. {advice}",
        )


@cache
def _log(level: int, sentence: str) -> None:
    """Say a sentence once per process: on stderr, or where Dagster has its logs."""
    logging.getLogger("dagster.clever_warehouse").log(level, sentence)


def district_id(text: str) -> str:
    """The ID of a district as Clever writes it, from what a person typed or pasted."""
    return _bare(text).lower()


def _bare(text: str) -> str:
    """A text without what an env file leaves around it."""
    text = _stripped(text)
    while len(text) > 1 and text[0] + text[-1] in QUOTES:
        text = _stripped(text[1:-1])
    return text


def _stripped(text: str) -> str:
    while (stripped := text.strip().strip(INVISIBLE)) != text:
        text = stripped
    return text


def _env_file() -> dict[str, str | None]:
    """What .env sets; nothing if there is no such file."""
    try:
        content = ENV_FILE.read_bytes()
    except FileNotFoundError:
        return {}
    except IsADirectoryError:
        message = f"{ENV_FILE.absolute()} is a folder: remove it, or write the settings in a file of that name."
        raise SettingsError(message) from None
    except OSError as error:
        message = (
            f"{ENV_FILE.absolute()} cannot be read ({error.strerror}): make it readable for the user who runs this."
        )
        raise SettingsError(message) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = None
    if text is None or "\0" in text:
        utf_16 = " (it looks like UTF-16, which PowerShell writes with >)" if b"\0" in content else ""
        message = f"{ENV_FILE.absolute()} is not UTF-8 text{utf_16}: save it again with the encoding UTF-8."
        raise SettingsError(message)
    return dotenv_values(stream=io.StringIO(text))


def _without_duplicates(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    """Names and values as a dict; a name that comes twice would hide a value, so it is refused."""
    found: dict[str, T] = {}
    for name, value in pairs:
        if name in found:
            message = f"names {name} twice"
            raise ValueError(message)
        found[name] = value
    return found
