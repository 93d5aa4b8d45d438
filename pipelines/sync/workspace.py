"""What a sync or an approval works with: the session of the work database, and what stages, compares and records in it."""

from dataclasses import dataclass

from pipelines.warehouse import Differences, Findings, Ledger, Session, Staging


@dataclass(frozen=True, slots=True)
class Workspace:
    """The parts of the warehouse during one sync or approval."""

    session: Session
    staging: Staging
    differences: Differences
    ledger: Ledger
    findings: Findings

    @classmethod
    def open(cls, session: Session) -> "Workspace":
        """Make empty staging tables, and everything that works with them."""
        staging = Staging(session)
        return cls(session, staging, Differences(session, staging), Ledger(session), Findings(session))

    def close(self) -> None:
        """Give back the memory of what was staged and compared; nothing can be applied after this."""
        self.staging.close()
        self.differences.close()
