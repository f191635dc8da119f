"""Who looks at a page: rights are read from posts once per request, never kept in the session."""

from typing import cast

from django.http import HttpRequest

from linli.kernel import clock
from linli.parties.access import NOBODY, Viewer, viewer_for
from linli.parties.models import Person


def viewer(request: HttpRequest) -> Viewer:
    """The viewer of *request*: a signed-in person with the posts held now, or nobody. One query, once per request."""
    known = getattr(request, "linli_viewer", None)
    if known is None:
        user = getattr(request, "user", None)
        signed_in = user is not None and user.is_authenticated
        known = viewer_for(cast(Person, user), clock.now()) if signed_in else NOBODY
        request.linli_viewer = known  # type: ignore[attr-defined]
    return cast(Viewer, known)
