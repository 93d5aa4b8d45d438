"""What GitHub and git read: the forms, the workflows, and the hooks say what the project does."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
MAKEFILE = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
FORMS = sorted(file for file in (CHECKOUT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if file.name != "config.yml")
WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def name(file: Path) -> str:
    return file.stem


@pytest.mark.parametrize("file", FORMS, ids=name)
def test_issue_form_requires_that_no_data_of_a_person_is_in_it(file: Path) -> None:
    form = read(file)
    assert form.keys() >= {"name", "description", "body"}
    assert all(part["type"] in {"markdown", "checkboxes", "textarea"} for part in form["body"])
    boxes = [
        option for part in form["body"] if part["type"] == "checkboxes" for option in part["attributes"]["options"]
    ]
    assert [option["required"] for option in boxes if "no student data, no tokens" in option["label"]] == [True]


def test_an_issue_is_opened_by_a_form_only() -> None:
    assert FORMS
    assert read(CHECKOUT / ".github" / "ISSUE_TEMPLATE" / "config.yml") == {"blank_issues_enabled": False}


def test_pull_request_template_asks_for_no_data_of_a_person() -> None:
    text = (CHECKOUT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    assert "- [ ] No student data, no tokens" in text


def commands(file: Path) -> list[str]:
    """Return what the steps of a workflow run."""
    return [step["run"] for job in read(file)["jobs"].values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("file", WORKFLOWS, ids=name)
def test_workflow_runs_only_what_is_in_the_checkout_and_may_write_only_to_release(file: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    for command in commands(file):
        program, *arguments = shlex.split(command)
        if program == "make":
            assert set(arguments) <= targets, command
        elif program == "python":
            assert (CHECKOUT / arguments[0]).is_file(), command
        elif program not in {"git", "gh"}:
            assert (CHECKOUT / program).is_file(), command
    assert read(file)["permissions"] == {"contents": "write" if file.stem == "release" else "read"}


def test_ci_runs_the_script_that_runs_on_any_checkout() -> None:
    assert ".ci/run" in commands(CHECKOUT / ".github" / "workflows" / "ci.yml")


def test_hooks_before_a_commit_run_what_make_check_runs_and_download_nothing() -> None:
    (repository,) = read(CHECKOUT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    dry = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--assume-old=setup", "check"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    checks = [line.removesuffix(" .") for line in dry.stdout.splitlines() if line.startswith(".venv/bin/")]
    assert [hook["entry"] for hook in repository["hooks"]] == checks
