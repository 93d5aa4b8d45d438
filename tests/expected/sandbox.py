"""The sandbox that tests use: it also gives the rows and the personal data that its districts lead to."""

from pipelines.sandbox import Sandbox as PlainSandbox
from tests.expected.truth import Truth, personal_data


class Sandbox(PlainSandbox):
    """A sandbox that computes what a warehouse of its districts must hold."""

    def truth(self, district_id: str | None = None) -> Truth:
        """Return the expected rows of a district, or of all connected ones, as they are shared now."""
        with self.lock:
            chosen = [district.id for district in self.connected()] if district_id is None else [district_id]
            return Truth(item for each in chosen for item in self.roster(each).shared_items())

    def secrets(self) -> set[str]:
        """Collect what must never appear in a log: name parts, emails, birth dates, phones and tokens of every district."""
        with self.lock:
            found = {district.token for district in self.all_districts()}
            for district in self.all_districts():
                for user_id in district.roster.ids():
                    found |= personal_data(district.roster.record(user_id))
            return found
