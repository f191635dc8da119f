"""One-click sign-in for a generated demo city, and for nothing else.

Three locks: the database must have been marked as a demo when the city was generated, the key must be an HMAC of the
signing secret (printed by ``linli up``), and the account must have no password, as those of real people have.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from linli.core.role_words import said
from linli.core.words import Words
from linli.kernel import stamps
from linli.parties.access import current_posts
from linli.parties.models import Person, Post
from linli.parties.roles import ROLES

FLAG = "demo"  # the kernel stamp that marks a generated city
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line for the terminal: who, as what, and the address that signs in."""

    name: str
    role: Words
    path: str


def mark_demo() -> None:
    """Say that this database holds a generated city. Called once by the generator, in its transaction."""
    if not is_demo():
        stamps.bump(FLAG)


def is_demo() -> bool:
    """Whether this database holds a generated city. One query."""
    return stamps.read().get(FLAG, 0) > 0


def key_for(username: str) -> str:
    """The key of one account's link."""
    return salted_hmac("linli.demo.sign-in", username, algorithm="sha256").hexdigest()[:32]


def _without_password(person: Person) -> bool:
    return not person.password or not person.has_usable_password()


def demo_person(username: str, key: str) -> Person | None:
    """The account that the link may enter, or None."""
    if not hmac.compare_digest(key.encode(), key_for(username).encode()) or not is_demo():
        return None
    person = Person.objects.filter(username=username, is_active=True).first()
    return person if person is not None and _without_password(person) else None


def sign_in(request: HttpRequest, person: Person) -> None:
    """Sign the demo account in, second factor included, in a new session."""
    request.session.flush()
    person.backend = _BACKEND
    login(request, person)
    record_authentication(request, person, "mfa", type="demo")


def demo_sign_ins(at: datetime) -> list[SignIn]:
    """One account per role, with its address without the host; empty unless this is a demo. One query per role."""
    if not is_demo():
        return []
    posts = Post.objects.filter(current_posts(at), person__is_active=True).select_related("person").order_by("id")
    found: dict[str, SignIn] = {}
    for role in ROLES:
        for post in posts.filter(role=role)[:5]:
            if _without_password(post.person):
                name = post.person.username
                path = f"/demo/sign-in/{quote(name)}?key={key_for(name)}"
                found[role] = SignIn(post.person.name, said(role), path)
                break
    return list(found.values())
