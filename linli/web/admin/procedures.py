"""Procedures, to read: stages, steps, who, clocks with their sources, and the drawing."""

from django.http import Http404, HttpRequest, HttpResponse

from linli.core.procedure import Procedure
from linli.core.role_words import said as role_words
from linli.matters import reference
from linli.procedures import drawing, lint
from linli.web.admin.common import SYSTEM, only, page


@only(SYSTEM)
def index(request: HttpRequest) -> HttpResponse:
    """The procedures in force and what the last check found."""
    ref = reference.current(fresh=True)
    return page(request, "procedures.html", {"procedures": list(ref.declared.latest.values())})


@only(SYSTEM)
def show(request: HttpRequest, ident: str) -> HttpResponse:
    """One procedure."""
    procedure = _procedure(ident)
    stages = [
        (
            stage,
            procedure.starting(stage.id),
            [(s, [role_words(r) for r in s.by]) for s in procedure.steps_from(stage.id)],
        )
        for stage in procedure.stages.values()
    ]
    pinned = sorted(v for p, v in reference.current().declared.procedures if p == ident)
    findings = lint.lint(procedure)
    return page(
        request, "procedure.html", {"procedure": procedure, "stages": stages, "pinned": pinned, "findings": findings}
    )


@only(SYSTEM)
def picture(request: HttpRequest, ident: str) -> HttpResponse:
    """The drawing; a document of its own, so that its fonts and colours may stand in it."""
    response = HttpResponse(drawing.svg(_procedure(ident)), content_type="image/svg+xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


def _procedure(ident: str) -> Procedure:
    found = reference.current().declared.latest.get(ident)
    if found is None:
        raise Http404
    return found
