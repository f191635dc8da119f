"""``request.viewer``, and the second factor before anything else."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from linli.parties import gate

# What a person without a second factor may open: setting one up, proving the password again, leaving.
BEFORE_SECOND_FACTOR = frozenset(
    {
        gate.SETUP,
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "account_logout",
        "set_language",
        "healthz",
        "readyz",
    }
)


class ViewerMiddleware:
    """Sets ``request.viewer`` (read when first used) and leads half-signed-in people to their second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: gate.viewer_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Before any other page, a person who has only given the password sets up or passes the second factor.

        Interfaces for programs refuse such a session themselves (``refuses_half_signed_in``).
        """
        match = request.resolver_match
        if match is None or match.url_name in BEFORE_SECOND_FACTOR or not gate.half_signed_in(request):
            return None
        if getattr(view, "refuses_half_signed_in", False):  # an interface for programs: it answers in its own format
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403, headers={"HX-Redirect": reverse(gate.SETUP)})
        return HttpResponseRedirect(reverse(gate.SETUP))
