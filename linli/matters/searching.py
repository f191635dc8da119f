"""Searching what was said without finding out what is covered.

Numbers (telephone, identity, card) are covered for whoever neither looks on from a centre nor holds the matter. A
search for one would confirm it digit by digit, so a search that holds a run of DIGITS figures looks only at matters
whose numbers the viewer may read.
"""

import re
from typing import Final

from django.db.models import Q, QuerySet

from linli.matters import queries
from linli.matters.models import Matter
from linli.parties.access import Viewer

DIGITS: Final = 5
_NUMBER = re.compile(rf"(?:[0-9][ -]?){{{DIGITS}}}")


def guarded(rows: QuerySet[Matter], viewer: Viewer, text: str) -> QuerySet[Matter]:
    """*rows*, or of them those whose numbers *viewer* may read when *text* searches for a number."""
    if not _NUMBER.search(text) or viewer.kind not in ("person", "token"):
        return rows
    readable = Q(holder_post__in=viewer.post_ids)
    for area in viewer.centre_areas:
        readable |= queries.inside(area)
    return rows.filter(readable)
