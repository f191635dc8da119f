"""The sign-in journey: allauth's views that Linli uses, each by name; everything else of allauth is closed."""

from typing import Any

from allauth.account import views as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from linli.audit.actions import record
from linli.kernel import clock
from linli.parties import demo, gate
from linli.parties.roles import ADMIN_ROLES, CENTRE_ROLES


def _factor_was_set_up(request: HttpRequest, kind: str) -> None:
    """Setting a factor up proves it; the session gets a new key, since it may do more from here on."""
    record_authentication(request, request.user, "mfa", type=kind, reauthenticated=True)
    request.session.cycle_key()
    record(f"person:{request.user.pk}", "add_second_factor", "account", kind, at=clock.now())


class ActivateTotp(totp.ActivateTOTPView):  # type: ignore[misc]
    """An authenticator app is set up."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _factor_was_set_up(self.request, "totp")
        return response


class AddPasskey(webauthn.AddWebAuthnView):  # type: ignore[misc]
    """A passkey is set up."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _factor_was_set_up(self.request, "webauthn")
        return response


class RemovePasskey(webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    """A passkey goes, unless it is the last second factor."""

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            return render(self.request, "mfa/last_factor.html", status=409)
        response: HttpResponse = super().form_valid(form)
        record(f"person:{self.request.user.pk}", "remove_second_factor", "account", "webauthn", at=clock.now())
        return response


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the page of the person's work, as far as it stands."""
    viewer = gate.viewer_of(request)
    if viewer.kind != "person":
        return gate.to_sign_in(request)
    if viewer.has(*CENTRE_ROLES, "unit_lead"):
        wanted = ["desk", "field"]
    elif viewer.has(*ADMIN_ROLES):
        wanted = ["administration"]
    else:
        wanted = ["field", "desk"] if viewer.posts else []
    for name in wanted:
        try:
            return HttpResponseRedirect(reverse(name))
        except NoReverseMatch:
            continue
    return HttpResponseRedirect("/" if wanted else reverse(gate.SETUP))


@never_cache
@require_GET
def demo_sign_in(request: HttpRequest, username: str) -> HttpResponse:
    """A demo city's one-click sign-in; 404 everywhere else."""
    person = demo.demo_person(username, request.GET.get("key", ""))
    if person is None:
        raise Http404
    demo.sign_in(request, person)
    record(f"person:{person.pk}", "sign_in", "account", person.username, at=clock.now(), data={"by": "demo"})
    return HttpResponseRedirect(reverse("account_start"))


def closed(request: HttpRequest, **_: object) -> HttpResponse:
    """Signing up, mail addresses and resets by mail: staff accounts are made by an administrator."""
    raise Http404


urlpatterns: list[URLPattern] = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/start/", start, name="account_start"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/", account.password_change, name="account_change_password"),
    path("accounts/2fa/", mfa.index, name="mfa_index"),
    path("accounts/2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", ActivateTotp.as_view(), name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/2fa/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/2fa/recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/2fa/recovery-codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("accounts/2fa/passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("accounts/2fa/passkeys/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("accounts/2fa/passkeys/prove/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("accounts/2fa/passkeys/<int:pk>/remove/", RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("accounts/2fa/passkeys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("demo/sign-in/<str:username>", demo_sign_in, name="demo_sign_in"),
    # allauth looks these names up; the pages are closed
    path("accounts/signup/", closed, name="account_signup"),
    path("accounts/email/", closed, name="account_email"),
    path("accounts/inactive/", closed, name="account_inactive"),
    path("accounts/password/set/", closed, name="account_set_password"),
    path("accounts/password/reset/", closed, name="account_reset_password"),
    path("accounts/confirm-email/", closed, name="account_email_verification_sent"),
    path("accounts/login/code/confirm/", closed, name="account_confirm_login_code"),
]
