"""Clever's OpenAPI files, for the tests that compare the declarations with them."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.records import BOTH

Spec = dict[str, Any]


@pytest.fixture(scope="session")
def specs() -> dict[str, Spec]:
    """The OpenAPI (Swagger 2) file of each API version whose records are read."""
    folder = os.environ.get("CLEVER_SPEC_DIR")
    if folder is None:
        pytest.skip("needs CLEVER_SPEC_DIR, a folder with v3.0.yml and v3.1.yml of Clever")
    return {version: yaml.safe_load((Path(folder) / f"{version}.yml").read_text(encoding="utf-8")) for version in BOTH}
