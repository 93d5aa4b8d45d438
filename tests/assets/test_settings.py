import json
import re
from datetime import date
from pathlib import Path

import pytest

from assets import settings
from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.sync import Limits, Rollover, Season

DISTRICT = "60dd05805c85d78458000000"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_district_has_the_limits_of_its_own_and_for_the_rest_those_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEVER_MAX_CHANGED_PERCENT", "60")
    monkeypatch.setenv("CLEVER_DISTRICT_LIMITS", '{"d1": {"max_archived_percent": 30, "hold_min_records": 0}}')
    limits = settings.load().limits
    assert limits.of("d1") == Limits(max_archived_percent=30, max_changed_percent=60, min_records=0)
    assert limits.of("d2") == Limits(max_archived_percent=10, max_changed_percent=60, min_records=20)


def test_seasons_of_rollover_have_limits_and_a_district_may_have_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEVER_ROLLOVER", "2026-07-15..2026-09-15, 2027-01-10..2027-01-20")
    monkeypatch.setenv("CLEVER_ROLLOVER_MAX_ARCHIVED_PERCENT", "40")
    monkeypatch.setenv("CLEVER_SYNC_TIMEZONE", "America/Chicago")
    monkeypatch.setenv(
        "CLEVER_DISTRICT_LIMITS",
        '{"d1": {"rollover": "2026-06-01..2026-06-30", "rollover_max_changed_percent": 90}, "d2": {"rollover": ""}}',
    )
    limits = settings.load().limits
    summer, winter = Season(date(2026, 7, 15), date(2026, 9, 15)), Season(date(2027, 1, 10), date(2027, 1, 20))
    assert limits.of("d0").rollover == Rollover((summer, winter), 40, 100, "America/Chicago")
    june = Season(date(2026, 6, 1), date(2026, 6, 30))
    assert limits.of("d1").rollover == Rollover((june,), 40, 90, "America/Chicago")
    assert limits.of("d2").rollover is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2026-07-15", "is not a season: write its first and last day, such as 2026-07-15..2026-09-15."),
        ("2026-07-15..", "is not a season"),
        ("15.7.2026..15.9.2026", "is not a season"),
        ("2026-07-15..2026-02-30", "is not a season"),
        ("2026-09-15..2026-07-15", "the season 2026-09-15..2026-07-15 ends before it begins."),
    ],
)
def test_season_that_cannot_be_one_is_refused(monkeypatch: pytest.MonkeyPatch, value: str, why: str) -> None:
    monkeypatch.setenv("CLEVER_ROLLOVER", value)
    with pytest.raises(settings.SettingsError, match=f"^CLEVER_ROLLOVER cannot be used: .*{re.escape(why)}"):
        settings.load()
    monkeypatch.delenv("CLEVER_ROLLOVER")
    monkeypatch.setenv("CLEVER_DISTRICT_LIMITS", json.dumps({DISTRICT: {"rollover": value}}))
    with pytest.raises(settings.SettingsError, match=f"CLEVER_DISTRICT_LIMITS cannot be used .*{re.escape(why)}"):
        settings.load()


@pytest.mark.parametrize("name", ["CLEVER_WAREHOUSE_DIR", "DAGSTER_HOME"])
@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("~/roster", "HOME/roster"),
        ('"~/roster"', "HOME/roster"),
        ("~", "HOME"),
        ("$HOME/roster", "HOME/roster"),
        ("${HOME}/roster", "HOME/roster"),
        ('"/srv/roster"', "/srv/roster"),
        ("'/srv/roster'\r", "/srv/roster"),
        ("\u201c/srv/my roster\u201d", "/srv/my roster"),
        (" /srv/roster \r\n", "/srv/roster"),
        ("\ufeff/srv/roster\u200b", "/srv/roster"),
        ("'\"/srv/roster\"'", "/srv/roster"),
        ("/srv/it's", "/srv/it's"),
        ("data/~old", "data/~old"),
    ],
)
def test_a_path_is_read_without_what_an_env_file_leaves_around_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, path: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    found = getattr(settings.load(), name.lower())
    assert found == Path(path.replace("HOME", str(tmp_path)))


@pytest.mark.parametrize("value", ["", "  ", '""', "''", "' '", '"\r"', "\r"])
def test_a_setting_that_is_empty_without_its_quotes_is_not_set(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CLEVER_WAREHOUSE_DIR", value)
    monkeypatch.setenv("CLEVER_SYNC_TIME", value)
    Path(".env").write_text("CLEVER_WAREHOUSE_DIR=from_file\n")
    found = settings.load()
    assert (found.clever_warehouse_dir, found.clever_sync_time) == (Path("from_file"), "02:00")


@pytest.mark.parametrize("name", ["CLEVER_WAREHOUSE_DIR", "DAGSTER_HOME"])
@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("/srv/a\tb", r"it contains a control character \(U\+0009\)"),
        ("/srv/a\nb", r"it contains a control character \(U\+000A\)"),
        ("/srv/\x1bb", r"it contains a control character \(U\+001B\)"),
        ("$NO_SUCH_VARIABLE/roster", r"\$NO_SUCH_VARIABLE in it is not set; write the path out"),
        ("${NO_SUCH_VARIABLE}/roster", r"\$\{NO_SUCH_VARIABLE\} in it is not set"),
        ("~no_such_person/roster", "no home folder is known for the ~ in it"),
        ("s3://bucket/roster", "must be a folder of this machine"),
        ("file:///srv/roster", "must be a folder of this machine"),
        ("C:\\roster", "must be a folder of this machine"),
    ],
)
def test_a_path_that_would_make_a_folder_of_a_wrong_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingsError, match=rf"^{name} cannot be used: {sentence}") as raised:
        settings.load()
    assert str(raised.value).count(".") <= 2
    assert list(Path().iterdir()) == []


def test_a_null_character_in_an_env_file_is_refused() -> None:
    Path(".env").write_bytes(b"CLEVER_WAREHOUSE_DIR=a\0b\n")
    with pytest.raises(settings.SettingsError, match=r"\.env is not UTF-8 text"):
        settings.load()


def test_every_kind_of_setting_is_read_without_its_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CLEVER_API_URL": '"https://api.example.com"\r',
        "CLEVER_API_VERSION": "'v3.1'",
        "CLEVER_CLIENT_ID": '"id"',
        "CLEVER_CLIENT_SECRET": '"secret"\r',
        "CLEVER_DISTRICT_TOKENS": '"one","two",\r',
        "CLEVER_MAX_ARCHIVED_PERCENT": '"5"',
        "CLEVER_DISTRICT_LIMITS": f"""'{{"{DISTRICT}": {{"hold_min_records": 1}}}}'\r""",
        "CLEVER_SYNC_TIME": '"03:30"',
        "CLEVER_SYNC_TIMEZONE": "'America/Chicago'",
    }.items():
        monkeypatch.setenv(name, value)
    found = settings.load()
    assert found.clever_api_url == "https://api.example.com"
    assert found.clever_api_version == "v3.1"
    assert found.clever_client_id == "id"
    assert found.clever_client_secret is not None
    assert found.clever_client_secret.get_secret_value() == "secret"
    assert [token.get_secret_value() for token in found.clever_district_tokens] == ["one", "two"]
    assert found.limits.for_all.max_archived_percent == 5
    assert found.limits.of(DISTRICT).min_records == 1
    assert (found.clever_sync_time, found.clever_sync_timezone) == ("03:30", "America/Chicago")


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("2g", "2GB"),
        ("2GB", "2GB"),
        ("2 GiB", "2GiB"),
        ("2Gi", "2GiB"),
        ("512m", "512MB"),
        ("1.5 tb", "1.5TB"),
        ('"750 MB"', "750MB"),
    ],
)
def test_a_size_of_memory_is_understood_in_any_usual_spelling(
    monkeypatch: pytest.MonkeyPatch, value: str, size: str
) -> None:
    monkeypatch.setenv("CLEVER_DUCKDB_MEMORY_LIMIT", value)
    assert settings.load().clever_duckdb_memory_limit == size


@pytest.mark.parametrize("value", ["80%", "2", "-2GB", "0GB", "2,5GB", "two GB", "2GB; SELECT 1"])
def test_a_size_of_memory_without_a_unit_or_of_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CLEVER_DUCKDB_MEMORY_LIMIT", value)
    sentence = "CLEVER_DUCKDB_MEMORY_LIMIT cannot be used: must be a size with its unit, such as 2GB, 512MB or 2GiB."
    with pytest.raises(settings.SettingsError, match=sentence):
        settings.load()


@pytest.mark.parametrize("name", ["CLEVER_MAX_ARCHIVED_PERCENT", "CLEVER_MAX_CHANGED_PERCENT"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1", "100.1"])
def test_a_limit_that_no_number_exceeds_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingsError, match=f"^{name} cannot be used: "):
        settings.load()


def test_the_ids_of_districts_with_limits_are_read_as_clever_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEVER_DISTRICT_LIMITS", f'{{" {DISTRICT.upper()} ": {{"hold_min_records": 1}}}}')
    assert settings.load().limits.of(DISTRICT).min_records == 1


@pytest.mark.parametrize(
    "value",
    [
        f'{{"{DISTRICT}": {{}}, "{DISTRICT}": {{"hold_min_records": 1}}}}',
        f'{{"{DISTRICT}": {{}}, "{DISTRICT.upper()}": {{"hold_min_records": 1}}}}',
        f'{{"{DISTRICT}": {{"hold_min_records": 2, "hold_min_records": 1}}}}',
    ],
)
def test_a_district_or_a_limit_that_comes_twice_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CLEVER_DISTRICT_LIMITS", value)
    with pytest.raises(settings.SettingsError, match=r"^CLEVER_DISTRICT_LIMITS cannot be used: .* (once|twice)"):
        settings.load()


def test_a_mistyped_limit_of_a_district_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEVER_DISTRICT_LIMITS", f'{{"{DISTRICT}": {{"max_archvied_percent": 1}}}}')
    with pytest.raises(settings.SettingsError, match=rf"\(at {DISTRICT}, max_archvied_percent\)"):
        settings.load()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_an_env_file_is_read_with_and_without_a_byte_order_mark(encoding: str) -> None:
    Path(".env").write_bytes("CLEVER_SYNC_TIME=03:00\r\nCLEVER_CLIENT_ID='id'\r\n".encode(encoding))
    found = settings.load()
    assert (found.clever_sync_time, found.clever_client_id) == ("03:00", "id")


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("CLEVER_SYNC_TIME=03:00\n".encode("utf-16"), " (it looks like UTF-16, which PowerShell writes with >)"),
        ("CLEVER_SYNC_TIME=03:00\n".encode("utf-16-le"), " (it looks like UTF-16, which PowerShell writes with >)"),
        ("# é\nCLEVER_SYNC_TIME=03:00\n".encode("latin-1"), ""),
    ],
    ids=["utf-16", "utf-16 without a mark", "latin-1"],
)
def test_an_env_file_in_another_encoding_is_named(content: bytes, hint: str) -> None:
    file = Path(".env").absolute()
    file.write_bytes(content)
    with pytest.raises(settings.SettingsError) as raised:
        settings.load()
    assert str(raised.value) == f"{file} is not UTF-8 text{hint}: save it again with the encoding UTF-8."


def test_an_env_file_that_is_a_folder_is_named() -> None:
    Path(".env").mkdir()
    with pytest.raises(settings.SettingsError, match=r"/\.env is a folder: remove it, or write the settings in a file"):
        settings.load()


@pytest.mark.parametrize(
    ("written", "records"),
    [
        ("all", DEFAULT_RECORDS),
        ("all,resource_courses", (*DEFAULT_RECORDS, "resource_courses")),
        ("Resource_Courses , users", ("resource_courses", "users")),
    ],
)
def test_lists_of_single_records_are_synced_only_if_they_are_named(
    monkeypatch: pytest.MonkeyPatch, written: str, records: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CLEVER_RECORDS", written)
    assert settings.load().records == records


def test_addresses_of_alerts_are_separate_and_are_not_in_the_text_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CLEVER_ALERTS", '"json://host/one, json://host/two\njson://host/three"\r')
    found = settings.load()
    assert [each.get_secret_value()[-5:] for each in found.clever_alerts] == ["t/one", "t/two", "three"]
    assert "json" not in repr(found)


def test_an_address_of_alerts_that_cannot_be_used_is_reported_by_its_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEVER_ALERTS", "json://host/one slack://secret")
    with pytest.raises(settings.SettingsError, match=r"^CLEVER_ALERTS cannot be used: address 2 of 2 is not") as raised:
        settings.load()
    assert "secret" not in str(raised.value)


def test_files_with_fewer_tiers_are_read_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEVER_PUBLISH_TIERS", '"grades=public, directory=Public + identifier"')
    assert settings.load().clever_publish_tiers == {"grades": ("public",), "directory": ("public", "identifier")}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("grades", "names no file and its tiers"),
        ("grades=", "names no file and its tiers"),
        ("../grades=public", "names no file and its tiers"),
        ("deidentified=public", "names no file and its tiers"),
        ("grades=private", "'private' is not a tier"),
        ("grades=public, grades=identifier", "grades"),
    ],
)
def test_file_with_fewer_tiers_that_cannot_be_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str, why: str
) -> None:
    monkeypatch.setenv("CLEVER_PUBLISH_TIERS", value)
    with pytest.raises(settings.SettingsError, match=f"^CLEVER_PUBLISH_TIERS cannot be used: .*{re.escape(why)}"):
        settings.load()


@pytest.mark.parametrize(("value", "mode"), [("0444", 0o444), ("440", 0o440), ("0o400", 0o400)])
def test_mode_of_published_files_is_octal(monkeypatch: pytest.MonkeyPatch, value: str, mode: int) -> None:
    monkeypatch.setenv("CLEVER_PUBLISHED_MODE", value)
    assert settings.load().clever_published_mode == mode


@pytest.mark.parametrize("value", ["0644", "0777", "044", "4444", "rw-r--r--", "0448"])
def test_mode_that_lets_anyone_write_or_the_owner_not_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CLEVER_PUBLISHED_MODE", value)
    with pytest.raises(settings.SettingsError, match="lets only read"):
        settings.load()
