"""Which lists of records are read from Clever."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Feed:
    """One list of records that Clever pages out, for example all users who hold one role."""

    name: str
    """The name in receipts, messages and the catalogue."""
    path: str
    """Below the API version, with its slash: "/users"."""
    role: str | None = None
    """The value of the query parameter `role`; None asks for all."""
    version: str | None = None
    """The API version to ask, such as "v2.1"; None is the client's own."""
    only_ids: bool = False
    """Whether nothing of a record is kept but its id and its district: enough to prove another feed."""
    after: "Feed | None" = None
    """The feed that must be read to its end before this one is requested; None if the order does not matter."""

    def first_uri(self, version: str, limit: int) -> str:
        """Give the path and query of the first page: "/v3.0/users?limit=10000&role=student"."""
        role = f"&role={self.role}" if self.role else ""
        return f"/{self.version or version}{self.path}?limit={limit}{role}"


USERS: Final = Feed("users", "/users")
STUDENTS: Final = Feed("students", "/users", role="student", only_ids=True, after=USERS)
TEACHERS: Final = Feed("teachers", "/users", role="teacher", only_ids=True, after=USERS)
STAFF: Final = Feed("staff", "/users", role="staff", only_ids=True, after=USERS)
DISTRICT_ADMINS: Final = Feed("district_admins", "/users", role="district_admin", only_ids=True, after=USERS)
CONTACTS: Final = Feed("contacts", "/users", role="contact", only_ids=True, after=USERS)

FEEDS: Final = (USERS, STUDENTS, TEACHERS, STAFF, DISTRICT_ADMINS, CONTACTS)
"""Everybody, and the five role views that must agree with it.

The views are requested after the crawl of /users has ended. A role that is given or taken away in the middle of that crawl is
then in the views as it is afterwards, so /users and a view disagree unless /users shows it so as well. If both were read side
by side, both could show the state before the change on their first pages and the state after it on their last ones.
"""
