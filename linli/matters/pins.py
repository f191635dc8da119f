"""Versions of procedures that have matters stay as they were, whatever becomes of the files they came from."""

from datetime import datetime

from linli.core.procedure import Procedure
from linli.matters.case_models import PinnedProcedure
from linli.matters.reference import Reference


def pin(procedure: Procedure, ref: Reference, at: datetime) -> None:
    """Keep the body of a version whose first matter opens now. No query where it is known to be kept."""
    key = procedure.id, procedure.version
    body = ref.declared.bodies.get(key)
    if key in ref.declared.pinned or body is None:
        return
    row = PinnedProcedure(ident=procedure.id, version=procedure.version, body=body, at=at)
    PinnedProcedure.objects.bulk_create([row], ignore_conflicts=True)
