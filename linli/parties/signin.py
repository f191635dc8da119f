"""How staff sign in: what allauth asks the house. Nobody signs up; nothing tells who has an account."""

import base64
import os
from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from linli.audit.actions import record
from linli.kernel import clock
from linli.parties import gate
from linli.parties.models import Person

_NONCE = 12  # bytes, as AES-GCM wants it


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by name and password, audited, with the same words whether or not the account is there."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("登录名或密码不对。连续错 6 次，须等 5 分钟再试。"),
        "too_many_login_attempts": _("尝试次数过多，请 5 分钟后再试，或请安全管理员重设密码。"),
        "enter_current_password": _("请输入现在的密码。"),
        "incorrect_password": _("密码不对，请再试一次。"),
        "rate_limited": _("操作过于频繁，请稍后再试。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by a security administrator."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # by name alone: another host name must not open another six attempts
        return f"staff:{str(credentials.get('username', '')).strip().lower()}"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """An ended account is answered like an unknown one."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Audit it. What was typed is kept only when it names an account: it may be a password in the wrong box."""
        name = str(credentials.get("username", "")).strip().lower()[:60]
        known = Person.objects.filter(username=name).exists()
        _audit("nobody", "sign_in_failed", name if known else "", request)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in; Django gives the session a new key here."""
        super().login(request, user)
        _audit(f"person:{user.pk}", "sign_in", user.get_username(), request)

    def logout(self, request: HttpRequest) -> None:
        """Sign out and audit it."""
        if request.user.is_authenticated:
            _audit(f"person:{request.user.pk}", "sign_out", request.user.get_username(), request)
        super().logout(request)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Show the person's own language, unless this browser chose one."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if isinstance(user, Person) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The page of the person's work."""
        from django.urls import reverse

        return reverse("account_start")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """The password again before factors are changed; not for the first one, right after signing in."""
        return gate.second_factor_passed(self.request)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """None: a municipal intranet has no mail."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """None: the pages say it themselves."""


class StaffFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: their secrets are encrypted in the database, and the last one stays."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("这是您唯一的第二重验证，不能删除。请先添加另一种。"),
        "incorrect_code": _("验证码不对或已用过，请等下一个再试。"),
    }

    def encrypt(self, text: str) -> str:
        """AES-GCM under a key made from the signing secret, nonce first, base64."""
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + _box().encrypt(nonce, text.encode(), b"linli.mfa")).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """The counterpart; raises InvalidTag when the signing secret was changed."""
        raw = base64.b64decode(encrypted_text)
        return _box().decrypt(raw[:_NONCE], raw[_NONCE:], b"linli.mfa").decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one: staff always have a second factor."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


@cache
def _box() -> AESGCM:
    key = HKDF(SHA256(), 32, salt=None, info=b"linli second factors").derive(settings.SECRET_KEY.encode())
    return AESGCM(key)


def _audit(actor: str, verb: str, name: str, request: HttpRequest) -> None:
    address = request.META.get("REMOTE_ADDR", "")
    record(actor, verb, "account", name, at=clock.now(), data={"address": address} if address else None)
