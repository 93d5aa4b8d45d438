"""Which records are left out of what Clever sends, although the district shares them: those of people who were purged for good.

Only keyed hashes of their IDs are known, so every ID on a page is hashed to find them. What is left out reaches no disk.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from pipelines.clever.envelopes import Records

_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
"""An ID of Clever's, anywhere in a record."""

# A number keeps the digits that Clever sent.
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def hash_of(record_id: str, key: bytes) -> str:
    """HMAC-SHA256 of an ID, in hexadecimal digits."""
    return hmac.new(key, record_id.encode(), hashlib.sha256).hexdigest()


class Blocked:
    """The IDs that are left out."""

    def __init__(self, hashes: Collection[str], key: bytes) -> None:
        """Know them by their hashes.

        Args:
            hashes: What `hash_of` gives of each ID.
            key: The key of the hashes.
        """
        known = frozenset(hashes)
        self._contains: Callable[[str], bool] = cache(lambda record_id: hash_of(record_id, key) in known)

    def __contains__(self, record_id: str) -> bool:
        """Whether a record is left out."""
        return self._contains(record_id)

    def without(self, records: Records) -> Records:
        """The records of a page without those that are left out, and without what names them in others."""
        found = self._named(records.lines)
        if not found:
            return records
        lines = [self._pruned(line, found) for line in records.lines[:-1].split(b"\n")]
        kept = [line for line in lines if line is not None]
        ids = [_decoder.decode(line).get("id") for line in (kept[:1] + kept[-1:])]
        return replace(
            records,
            lines=b"".join(line + b"\n" for line in kept),
            count=len(kept),
            first_id=ids[0] if ids else None,
            last_id=ids[-1] if ids else None,
            repaired=tuple(each for each in records.repaired if each not in found),
        )

    def pruned(self, record: bytes) -> bytes | None:
        """A record without what names somebody who is left out; None if it is left out itself."""
        found = self._named(record)
        return self._pruned(record, found) if found else record

    def _named(self, lines: bytes) -> set[str]:
        return {each for each in map(bytes.decode, set(_ID.findall(lines))) if each in self}

    def _pruned(self, line: bytes, found: Collection[str]) -> bytes | None:
        if not any(each.encode() in line for each in found):
            return line
        record = _decoder.decode(line)
        if not isinstance(record, dict):
            return line
        return None if record.get("id") in found else _encoder.encode(_without(record, found))


def _without(value: Any, found: Collection[str]) -> Any:
    """A value without the fields, items and texts that name an ID, such as a student in a section, or an object that has it as a field."""
    if isinstance(value, dict):
        return {
            name: _without(each, found)
            for name, each in value.items()
            if not (_says(name, found) or _says(each, found) or _names(each, found))
        }
    if isinstance(value, list):
        return [_without(each, found) for each in value if not (_says(each, found) or _names(each, found))]
    return value


def _says(value: Any, found: Collection[str]) -> bool:
    return isinstance(value, str) and any(each in value for each in found)


def _names(value: Any, found: Collection[str]) -> bool:
    return isinstance(value, dict) and any(isinstance(each, str) and each in found for each in value.values())
