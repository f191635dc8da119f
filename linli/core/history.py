"""What was finished before Linli knew of it: taken into the record as history, with no clock and nobody to be told."""

from datetime import datetime

from linli.core.procedure import Procedure
from linli.core.snapshot import Decision, Entry

OUTCOME = "imported"  # neither solved nor unsolved: nobody here was asked, so it enters no rate


def imported(procedure: Procedure, *, closed_at: datetime, source: str, agency: str = "", reply: str = "") -> Decision:
    """The decision that a request of another system ended there. Its entry says so and names the source."""
    ended = next(stage.id for stage in procedure.stages.values() if stage.kind == "done")
    data: dict[str, object] = {
        "from": procedure.first,
        "to": ended,
        "closed_at": closed_at.isoformat(),
        "source": source,
    }
    if agency:
        data["agency"] = agency
    entry = Entry("import", data, {"reply": reply} if reply else {})
    return Decision(ended, (entry,), changes={"closed_at": closed_at, "outcome": OUTCOME})
