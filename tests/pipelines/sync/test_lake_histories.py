"""Random histories in a lake: it remembers what a file remembers, also of processes that are killed at any instant."""

import ssl
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Begin
from tests.lakes import Postgres, in_lakes, postgres
from tests.pipelines.sync.test_histories import LOST_SOCKETS, history_of_kills, random_history

EXAMPLES = 3
"""Histories: each sync of a lake takes twice as long as that of a file, and the histories of files find what is wrong in a sync."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Return a PostgreSQL server."""
    with postgres() as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield made


@pytest.mark.search
@pytest.mark.filterwarnings(LOST_SOCKETS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_random_histories_in_a_lake_are_remembered(begin: Begin, server: Postgres, data: st.DataObject) -> None:
    random_history(in_lakes(begin, server), data)


@pytest.mark.search
def test_processes_that_are_killed_while_they_sync_a_lake_lose_and_double_nothing(
    begin: Begin, server: Postgres
) -> None:
    history_of_kills(in_lakes(begin, server))
