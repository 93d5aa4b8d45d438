"""Where every ID leads, worked out in plain Python from the applied rosters and imports, without the warehouse's SQL.

The holders of an ID are the users who hold it now, in any district. If no user holds it now, they are the users whose hold
ended last in each district, unless a later sync of another district still showed the ID. A user who is gone leads to the
other holders of the legacy IDs that the user had when last seen. A user in a current roster is never passed through.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tests.expected.truth import Truth

Pair = tuple[str, str]
"""A legacy ID and a v3 ID."""


class Answer(NamedTuple):
    """Where an ID leads."""

    status: str | None
    """current, inherited, ambiguous, gone or unconfirmed; None if the ID is unknown."""
    user_ids: frozenset[str]
    """The living heirs; if there are none, the last holders."""
    is_living: bool = False

    @property
    def user_id(self) -> str | None:
        """The one user to whom the ID leads; None if it is ambiguous or unknown."""
        return min(self.user_ids) if len(self.user_ids) == 1 else None

    @property
    def listed(self) -> tuple[str, ...] | None:
        """The users to whom the ID leads if these are several, sorted."""
        return tuple(sorted(self.user_ids)) if len(self.user_ids) > 1 else None


UNKNOWN = Answer(None, frozenset())


class _Ended(NamedTuple):
    """The holds of a legacy ID that ended last in a district."""

    order: int
    users: frozenset[str]


class IdentityOracle:
    """The applied rosters and imports of a warehouse, and the identity of every ID in them."""

    def __init__(self) -> None:
        """Begin before the first sync."""
        self.users: set[str] = set()
        """Every v3 ID that an applied roster ever had."""
        self.links: set[Pair] = set()
        """Every link that an applied roster ever had."""
        self.told: set[Pair] = set()
        """Every link that an import entered."""
        self._order = 0
        self._rosters: dict[str, set[str]] = {}
        self._holders: dict[str, dict[str, set[str]]] = {}
        """For each district, the current holders of each legacy ID."""
        self._shown: dict[Pair, int] = {}
        """For each district and legacy ID, the latest read that showed it."""
        self._ended: dict[Pair, _Ended] = {}
        """For each district and legacy ID, the holds that ended last."""
        self._left_with: dict[Pair, set[str]] = {}
        """For each district and user, the legacy IDs in the latest roster that had the user."""
        self._answers: dict[str, Answer] = {}

    def begin(self) -> int:
        """Begin a sync, and number it."""
        self._order += 1
        return self._order

    def apply(self, district_id: str, truth: Truth, *, read: int | None = None) -> None:
        """Learn what a sync, or an approval, applied of a district.

        Args:
            district_id: the district.
            truth: its roster.
            read: the number of the sync that read it, if that was not the latest one.
        """
        self._answers = {}
        users = {row.user_id for row in truth.users}
        now: dict[str, set[str]] = defaultdict(set)
        of_user: dict[str, set[str]] = defaultdict(set)
        for row in truth.crosswalk:
            now[row.legacy_id].add(row.user_id)
            of_user[row.user_id].add(row.legacy_id)
            self.links.add((row.legacy_id, row.user_id))
            self._shown[district_id, row.legacy_id] = read or self._order
        for legacy_id, before in self._holders.get(district_id, {}).items():
            if ended := before - now.get(legacy_id, set()):
                self._ended[district_id, legacy_id] = _Ended(self._order, frozenset(ended))
        for user_id in users:
            self._left_with[district_id, user_id] = of_user[user_id]
        self.users |= users
        self._rosters[district_id] = users
        self._holders[district_id] = dict(now)

    def tell(self, pairs: Iterable[Pair]) -> None:
        """Learn the links of an import."""
        self._answers = {}
        self.told |= set(pairs)

    @property
    def legacy_ids(self) -> set[str]:
        """Every legacy ID ever shown."""
        return {legacy_id for legacy_id, _ in self.links}

    @property
    def living(self) -> set[str]:
        """The users in the current roster of any district."""
        return set().union(*self._rosters.values())

    def entered(self) -> set[Pair]:
        """The told links that do not take a v3 ID for a legacy ID, or the reverse, as far as the rosters have shown."""
        legacy_only, users_only = self.legacy_ids - self.users, self.users - self.legacy_ids
        return {
            pair for pair in self.told if pair[0] == pair[1] or not (pair[0] in users_only or pair[1] in legacy_only)
        }

    def unconfirmed(self) -> set[Pair]:
        """The told links that say where an ID leads: no applied roster ever showed the legacy ID, in either kind."""
        known = self.legacy_ids | self.users
        return {pair for pair in self.entered() if pair[0] not in known}

    def ids(self) -> set[str]:
        """Every ID ever seen or told."""
        return self.legacy_ids | self.users | {each for pair in self.entered() for each in pair}

    def answer(self, id_: str) -> Answer:
        """Tell where an ID leads."""
        if id_ not in self._answers:
            self._answers[id_] = self._answer(id_)
        return self._answers[id_]

    def chain(self, user_id: str) -> set[Pair]:
        """List the links that lead, by both IDs, to a user who is in Clever."""
        links = self.links | self.entered()
        return {link for link in links if all(user_id in self._heirs_in_clever(each) for each in link)}

    def chains(self) -> set[tuple[str, str, str]]:
        """List the links of every chain, each with its living user: user, former user, legacy ID."""
        links = self.links | self.entered()
        return {
            (heir, user_id, legacy_id)
            for legacy_id, user_id in links
            for heir in self._heirs_in_clever(legacy_id) & self._heirs_in_clever(user_id)
        }

    def _heirs_in_clever(self, id_: str) -> frozenset[str]:
        return self.answer(id_).user_ids & self.living

    def _answer(self, id_: str) -> Answer:
        if id_ in self.users or id_ in self.legacy_ids:
            return self._shown_answer(id_)
        told = {user_id for legacy_id, user_id in self.unconfirmed() if legacy_id == id_}
        if id_ in {user_id for _, user_id in self.entered()}:
            told |= {id_}
        if not told:
            return UNKNOWN
        reached = [self._shown_answer(each) if each in self.users else Answer(None, frozenset([each])) for each in told]
        living = frozenset().union(*(each.user_ids for each in reached if each.is_living))
        users = living or frozenset().union(*(each.user_ids for each in reached))
        return Answer("unconfirmed" if len(users) == 1 else "ambiguous", users, is_living=bool(living))

    def _shown_answer(self, id_: str) -> Answer:
        starts = self._holders_of(id_)
        reached, ways = self._reached(starts)
        living = frozenset(reached & self.living)
        if living:
            status = "current" if living & starts else "inherited"
            return Answer("ambiguous" if len(living) > 1 else status, living, is_living=True)
        ends = frozenset(each for each in reached if self._is_end(each, ways))
        return Answer("gone" if len(ends) == 1 else "ambiguous", ends)

    def _reached(self, starts: set[str]) -> tuple[set[str], Mapping[str, set[str]]]:
        """List the users to whom the holders of an ID lead, and to whom each of these leads next."""
        reached, waiting = set(starts), list(starts)
        ways: dict[str, set[str]] = {}
        while waiting:
            user_id = waiting.pop()
            ways[user_id] = set() if user_id in self.living else self._next(user_id)
            waiting += ways[user_id] - reached
            reached |= ways[user_id]
        return reached, ways

    def _is_end(self, user_id: str, ways: Mapping[str, set[str]]) -> bool:
        """Return whether a user who is gone leads to no user who does not lead back."""
        return all(user_id in _all_after(other, ways) for other in _all_after(user_id, ways))

    def _next(self, user_id: str) -> set[str]:
        """List the users to whom the legacy IDs of a user who is gone lead."""
        left_with = [ids for (_, user), ids in self._left_with.items() if user == user_id]
        return set().union(*(self._holders_of_legacy_id(each) for each in set().union(*left_with))) - {user_id}

    def _holders_of(self, id_: str) -> set[str]:
        """List the users who hold an ID, legacy or v3, now, or else those who held it last."""
        current = self._current_holders(id_) | ({id_} & self.living)
        return current or self._holders_of_legacy_id(id_) | ({id_} & self.users)

    def _current_holders(self, legacy_id: str) -> set[str]:
        return set().union(*(holders.get(legacy_id, set()) for holders in self._holders.values()))

    def _holders_of_legacy_id(self, legacy_id: str) -> set[str]:
        """List the users who hold a legacy ID now, or else those who held it last in each district."""
        if current := self._current_holders(legacy_id):
            return current
        ended = {district: each for (district, id_), each in self._ended.items() if id_ == legacy_id}
        shown = {district: each for (district, id_), each in self._shown.items() if id_ == legacy_id}
        return {
            user_id
            for district, (order, users) in ended.items()
            if not any(other != district and latest >= order for other, latest in shown.items())
            for user_id in users
        }


def _all_after(user_id: str, ways: Mapping[str, set[str]]) -> set[str]:
    """List the users to whom a user leads, directly or through others."""
    found: set[str] = set()
    waiting = [user_id]
    while waiting:
        further = ways.get(waiting.pop(), set()) - found
        found |= further
        waiting += further
    return found
