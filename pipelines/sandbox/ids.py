"""Which id a thing gets: 24 hex characters like Clever's ObjectIDs, ascending in time, never given twice.

Clever docs (Clever's Data Model): ids are ObjectIDs, unique across districts and user types, and sort by creation time.
"""

import datetime as dt
import functools

SECONDS_A_DAY = 86_400

_FIVE_BYTES = 1 << 40
_THREE_BYTES = 1 << 24
_ODD = 0x9E_3779_B97F
_SEED_ODD = 0xC2_B2AE_3D27


class ObjectIds:
    """Ids of one origin (the people, or the places, of one district); origins with other numbers never collide."""

    def __init__(self, origin: int, seed: int, reserved: int = 0) -> None:
        """Number the origin; the first `reserved` counts are given by `at` and not by `mint`."""
        mark = ((origin + 1) * _ODD ^ (seed + 1) * _SEED_ODD) % _FIVE_BYTES
        self.mark = f"{mark:010x}"
        self._count = reserved

    def at(self, seconds: int, count: int) -> str:
        """Return the id number `count` of this origin, made at `seconds` since 1970 (UTC)."""
        return f"{seconds:08x}{self.mark}{count:06x}"

    def mint(self, seconds: int) -> str:
        """Return an id that was never given before, made at `seconds` since 1970 (UTC).

        Raises:
            OverflowError: after 16.7 million ids of one origin.
        """
        if self._count >= _THREE_BYTES:
            message = f"an origin gives at most {_THREE_BYTES} ids; make a smaller district"
            raise OverflowError(message)
        minted = self.at(seconds, self._count)
        self._count += 1
        return minted


def mark_of(object_id: str) -> str:
    """Return the ten characters that all ids of one origin share."""
    return object_id[8:18]


def seconds_of(object_id: str) -> int:
    """Return when an id was made, in seconds since 1970 (UTC)."""
    return int(object_id[:8], 16)


def count_of(object_id: str) -> int:
    """Return the number of an id among all ids of its origin."""
    return int(object_id[18:], 16)


@functools.lru_cache(maxsize=8192)
def day_text(day: int) -> str:
    """Write day number `day` since 1970 as YYYY-MM-DD."""
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()


def time_text(milliseconds: int) -> str:
    """Write an instant as Clever does: 2023-08-25T00:00:00.000Z (UTC, spec: format datetime)."""
    seconds, thousandths = divmod(milliseconds, 1000)
    day, second = divmod(seconds, SECONDS_A_DAY)
    minutes, second = divmod(second, 60)
    hour, minute = divmod(minutes, 60)
    return f"{day_text(day)}T{hour:02d}:{minute:02d}:{second:02d}.{thousandths:03d}Z"
