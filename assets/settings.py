"""Which settings there are: the only reader of the environment and of a .env file."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pipelines.clever import ClientCredentials, DistrictTokens, host_url
from pipelines.holding import Limits, LimitsByDistrict


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message is one sentence that says which and what to do."""


class DistrictLimits(BaseModel):
    """Limits of one district's own; what is not given is as for all."""

    model_config = ConfigDict(extra="forbid")

    max_archived_percent: float | None = Field(default=None, ge=0, le=100)
    max_changed_percent: float | None = Field(default=None, ge=0, le=100)
    hold_min_records: int | None = Field(default=None, ge=0)


class Settings(BaseSettings):
    """The settings, each from the environment variable of the same name in capitals, else from .env, else the default."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    clever_api_url: str = "https://api.clever.com"
    clever_oauth_url: str = "https://clever.com"
    clever_api_version: Literal["v3.0", "v3.1"] = "v3.0"
    clever_client_id: str | None = None
    clever_client_secret: SecretStr | None = None
    clever_district_tokens: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    clever_warehouse_dir: Path = Path("data")
    dagster_home: Path | None = None
    clever_max_archived_percent: float = Field(default=10, ge=0, le=100)
    clever_max_changed_percent: float = Field(default=75, ge=0, le=100)
    clever_hold_min_records: int = Field(default=20, ge=0)
    clever_district_limits: Annotated[dict[str, DistrictLimits], NoDecode] = {}
    clever_keep_published: int = Field(default=3, ge=0)
    clever_duckdb_memory_limit: str = Field(default="1GB", pattern=r"^\s*\d+(\.\d+)?\s*[KMGT]i?B\s*$")
    clever_sync_time: str = "02:00"
    clever_sync_timezone: str = "UTC"

    @field_validator("clever_district_tokens", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return [token.strip() for token in value.split(",") if token.strip()] if isinstance(value, str) else value

    @field_validator("clever_district_limits", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            message = 'must be JSON such as {"<district id>": {"max_archived_percent": 30}}'
            raise ValueError(message) from None

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
    def limits(self) -> LimitsByDistrict:
        """How much a sync may change by itself, for all districts and for those with limits of their own."""
        for_all = Limits(
            self.clever_max_archived_percent, self.clever_max_changed_percent, self.clever_hold_min_records
        )
        return LimitsByDistrict(
            for_all,
            {
                district_id: Limits(
                    for_all.max_archived_percent if own.max_archived_percent is None else own.max_archived_percent,
                    for_all.max_changed_percent if own.max_changed_percent is None else own.max_changed_percent,
                    for_all.min_records if own.hold_min_records is None else own.hold_min_records,
                )
                for district_id, own in self.clever_district_limits.items()
            },
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
            raise SettingsError(f"{missing} is missing: the app proves itself to Clever with its id and its secret.")
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
        SettingsError: a value cannot be used; the message names the setting, never the value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        message = f"{name} cannot be used: {first['msg'].removeprefix('Value error, ')}."
        raise SettingsError(message) from None
