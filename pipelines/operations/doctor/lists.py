"""How the lists of a district are paged, and what is in them."""

from typing import Any, Final

from pipelines.clever.assumptions import (
    MAX_CONSECUTIVE_EMPTY_PAGES,
    PAGE_LIMIT,
    TOO_LARGE,
)
from pipelines.operations.doctor.checks import NOT_READ, REPORT_IT, Checks, Finding, failed, passed, unchecked, warned
from pipelines.operations.doctor.district import DistrictSeen
from pipelines.operations.doctor.probe import OK, UNASKED, Asked

CHECKS: Final[Checks[DistrictSeen]] = Checks()
"""In the order in which they are shown."""

ONCE: Final[Checks[DistrictSeen]] = Checks()
"""The checks of one district that hold for all."""


@CHECKS.named("form of lists", assumes=("ENVELOPE",))
def form_of_lists(seen: DistrictSeen) -> Finding:
    """Whether lists have the documented form."""
    if not seen.pages:
        return unchecked("No list could be read.")
    wrong = [name for name, asked in seen.pages.items() if not _has_form(asked.envelope)]
    if wrong:
        return failed(
            f"A list has another form than documented: {', '.join(wrong)}.",
            "Check that CLEVER_API_URL is Clever's and that no proxy changes responses. " + REPORT_IT,
        )
    return passed(f"{len(seen.pages)} lists have the documented form.")


@CHECKS.named("end of lists", assumes=("NO_LINKS",))
def end_of_lists(seen: DistrictSeen) -> Finding:
    """Whether a list says where it ends."""
    if not seen.pages:
        return unchecked("No list could be read.")
    bare = [name for name, asked in seen.pages.items() if not isinstance(asked.envelope.get("links"), list)]
    if bare:
        return warned(
            f"No links in: {', '.join(bare)}. The client takes such a page as the last one, and the rest would be missing if it is not.",
            "Compare the number of users with Clever's dashboard. " + REPORT_IT,
        )
    return passed("Every list has links, so its end is certain.")


@CHECKS.named("page size", assumes=("PAGE_LIMIT",))
def page_size(seen: DistrictSeen) -> Finding:
    """Whether pages are as large as they are asked for."""
    if not seen.is_readable:
        return unchecked(NOT_READ)
    shown = len(seen.users.ids)
    refused = [each.status for each in seen.users.exchanges if each.status == TOO_LARGE]
    if refused or (seen.users.next_uri is not None and shown < PAGE_LIMIT):
        how = f"refuses pages of {PAGE_LIMIT:,} records" if refused else f"shows {shown:,} records per page"
        return warned(
            f"Clever {how}, where the client asks for {PAGE_LIMIT:,}. Syncs work, with more requests.",
            "Nothing needs to be done here. " + REPORT_IT,
        )
    if shown > PAGE_LIMIT:
        return warned(f"Clever shows {shown:,} records on a page, more than was asked for.", REPORT_IT)
    if seen.users.next_uri is None:
        return passed(
            f"A limit of {PAGE_LIMIT:,} is accepted. All {shown:,} users are on one page, so a full one was not seen."
        )
    return passed(f"A limit of {PAGE_LIMIT:,} is accepted, and the first page is full.")


@CHECKS.named("next links", assumes=("NEXT_LINK",))
def next_links(seen: DistrictSeen) -> Finding:
    """Whether next links have the documented form and lead on."""
    if seen.small is UNASKED:
        return unchecked("There are too few users for a second page." if seen.is_readable else NOT_READ)
    error = seen.small.error or seen.following.error
    if error is not None:
        return failed(f"{error.seen[0].upper()}{error.seen[1:]}.", error.advice)
    following = seen.small.next_uri
    if following is None:
        return failed(
            f"A page of {len(seen.small.ids):,} of {len(seen.users.ids):,} users has no next link: a sync would miss the others.",
            "Do not sync. " + REPORT_IT,
        )
    if not set(seen.following.ids).isdisjoint(seen.small.ids):
        return failed("A next link leads to users of the page before it.", "Do not sync. " + REPORT_IT)
    if not following.startswith(f"/{seen.version}/"):
        return warned(
            f"A next link does not begin with /{seen.version}/. The client follows it, because it leads to the same host.",
            REPORT_IT,
        )
    return passed("A next link is a path below the API version and leads to other users.")


@CHECKS.named("smaller pages", assumes=("OTHER_LIMIT", "MIN_PAGE_LIMIT"))
def smaller_pages(seen: DistrictSeen) -> Finding:
    """Whether another limit, also in a next link, changes the size of the page and nothing else."""
    if seen.following.page is None or seen.small.page is None:
        return unchecked("There is no second page that could be read.")
    expected = sorted(set(seen.users.ids))
    begin, end = seen.small_limit, seen.small_limit + seen.following_limit
    if len(seen.small.ids) != begin or len(seen.following.ids) != end - begin:
        return warned(
            f"Pages of {begin:,} and {end - begin:,} users were asked for, and {len(seen.small.ids):,} and "
            f"{len(seen.following.ids):,} came.",
            "Syncs work unless Clever needs smaller pages. " + REPORT_IT,
        )
    if set(seen.small.ids + seen.following.ids) != set(expected[:end]):
        return warned(
            "Small pages show other users than a large one: the limit changes more than the size, or users changed meanwhile.",
            "Run this again. If it stays: " + REPORT_IT,
        )
    return passed(f"Pages of {begin:,} and then {end - begin:,} users continue where the one before ended.")


@CHECKS.named("empty pages", assumes=("MAX_CONSECUTIVE_EMPTY_PAGES",))
def empty_pages(seen: DistrictSeen) -> Finding:
    """Whether an empty page has a next link."""
    if not seen.pages:
        return unchecked("No list could be read.")
    found = [name for name, asked in seen.pages.items() if not asked.ids and asked.next_uri is not None]
    if found:
        return warned(
            f"Empty, with a next link: {', '.join(found)}. A sync gives up after {MAX_CONSECUTIVE_EMPTY_PAGES} such pages in a row.",
            REPORT_IT,
        )
    return passed("No empty page has a next link.")


@CHECKS.named("order of IDs")
def order(seen: DistrictSeen) -> Finding:
    """Whether records come once, in ascending order of IDs."""
    if not seen.users.ids:
        return unchecked("No user was read.")
    doubled = [name for name, asked in seen.pages.items() if len(set(asked.ids)) < len(asked.ids)]
    if doubled:
        return failed(
            f"An ID comes twice on one page: {', '.join(doubled)}.", "Sync later. If it stays, report it to Clever."
        )
    unsorted = [name for name, asked in seen.pages.items() if asked.ids != sorted(asked.ids)]
    if unsorted:
        return warned(
            f"IDs are not in ascending order: {', '.join(unsorted)}. A record that is created while a list is read may be missed until the "
            "next sync.",
            REPORT_IT,
        )
    return passed("Every page is in ascending order of IDs, and no ID comes twice.")


@CHECKS.named("district of records", assumes=("OWN_RECORDS",))
def own_records(seen: DistrictSeen) -> Finding:
    """Whether the records belong to the district."""
    if not seen.users.records:
        return unchecked("No user was read.")
    asked = {"users": seen.users, **seen.lists}
    foreign = {
        name: count
        for name, each in asked.items()
        if (count := sum(record.get("district") != seen.district.id for record in each.records))
    }
    if foreign:
        counts = ", ".join(f"{name} {count:,}" for name, count in foreign.items())
        return failed(
            f"Records of another district, or of none: {counts}. A sync would not believe this read.",
            "Check that the token is this district's. If it is, report it to Clever.",
        )
    return passed("Every record that was read belongs to the district.")


@CHECKS.named("role filters", assumes=("ROLE_FILTER",))
def role_filters(seen: DistrictSeen) -> Finding:
    """Whether the role views agree with /users."""
    if not seen.users.records:
        return unchecked("No user was read.")
    for role, view in seen.roles.items():
        if view.error is not None:
            return failed(f"Users with the role {role}: {view.error.seen}.", view.error.advice)
    others = {role: len(view.ids) - len(view.holders(role)) for role, view in seen.roles.items()}
    if ignored := [role for role, count in others.items() if count]:
        return failed(
            f"The filter shows users without the role: {', '.join(ignored)}. A sync would not believe this read.",
            "Check that no proxy changes requests. " + REPORT_IT,
        )
    different = [role for role, view in seen.roles.items() if not _agrees(seen.users, view, role)]
    if different:
        return failed(
            f"Role views differ from /users: {', '.join(different)}. A sync reads again, and then fails the district.",
            "Run this again: users may have changed meanwhile. If it stays, report it to Clever.",
        )
    return passed(f"The views of {len(seen.roles)} roles agree with /users.")


@ONCE.named("too large a limit", assumes=("TOO_LARGE",))
def too_large(seen: DistrictSeen) -> Finding:
    """Whether too large a page is refused as assumed, and a smaller one then given."""
    statuses = [each.status for each in seen.too_large.exchanges]
    if not statuses or statuses[0] in {403, 404}:
        return unchecked("The list of schools could not be read.")
    if statuses == [TOO_LARGE, OK]:
        return passed(f"A limit over {PAGE_LIMIT:,} gets {TOO_LARGE}, and half of it the records.")
    if statuses[0] == OK:
        return warned(
            f"A limit over {PAGE_LIMIT:,} is not refused. Larger pages may be possible.",
            "Nothing needs to be done here. " + REPORT_IT,
        )
    return warned(
        f"A limit over {PAGE_LIMIT:,} gets {statuses[0] or 'no response'}, not {TOO_LARGE}: the client would not ask for less.",
        "Syncs work as long as Clever allows pages of that size. " + REPORT_IT,
    )


def _has_form(envelope: dict[str, Any]) -> bool:
    items, links = envelope.get("data"), envelope.get("links")
    return (
        isinstance(items, list)
        and all(isinstance(item, dict) and isinstance(item.get("data"), dict) for item in items)
        and (links is None or (isinstance(links, list) and all(isinstance(link, dict) for link in links)))
    )


def _agrees(users: Asked, view: Asked, role: str) -> bool:
    """Whether the first users of a role view are the first ones with that role in /users, as far as both were read."""
    expected, shown = sorted(set(users.holders(role))), sorted(set(view.ids))
    if users.next_uri is None and view.next_uri is None:
        return expected == shown
    both = min(len(expected), len(shown))
    return expected[:both] == shown[:both]
