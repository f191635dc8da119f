"""Who may change people, units, posts and tokens, and what their fields may hold. No writes here."""

import re
from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override

from linli.core.refusals import Refused
from linli.core.words import Words
from linli.parties.access import Viewer
from linli.parties.models import Person
from linli.parties.refusals import missing, not_allowed, wrong
from linli.parties.roles import ROLES, SCOPES

SECURITY = frozenset({"security_admin"})
SYSTEM = frozenset({"system_admin"})
AREA_WORDS = Words("辖区代码", "area code")
_AREA = re.compile(r"\d{4}|\d{6}|\d{9}|\d{12}|\d{15}", re.ASCII)
_USERNAME = re.compile(r"[\w.@+-]{2,60}")
_LANGUAGES = ("zh-hans", "en")


def require(actor: Viewer, roles: frozenset[str], area: str, step: Words) -> None:
    """Refuse unless *actor* holds one of *roles* over *area*; the system itself (commands, demo) may."""
    if actor.kind == "system":
        return
    if actor.kind != "person" or not any(area.startswith(held) for held in actor.areas(roles)):
        raise not_allowed(step, roles)


def area_of(text: str) -> str:
    """A well-formed area. Raises Refused."""
    area = text.strip()
    if not _AREA.fullmatch(area):
        raise wrong(AREA_WORDS, Words("应为 4、6、9、12 或 15 位数字", "it has 4, 6, 9, 12 or 15 digits"))
    return area


def text_of(value: str, field: Words, limit: int, *, needed: bool = True) -> str:
    """A trimmed text of at most *limit* characters. Raises Refused."""
    text = value.replace("\x00", "").strip()
    if needed and not text:
        raise missing(field)
    if len(text) > limit:
        raise Refused("field_too_long", field=field, limit=limit, length=len(text))
    return text


def username_of(value: str) -> str:
    """A sign-in name in lower case, so that no two differ by case only. Raises Refused."""
    name = value.strip().lower()
    if not _USERNAME.fullmatch(name):
        raise wrong(
            Words("登录名", "sign-in name"),
            Words("2–60 位，可用汉字、字母、数字和 . @ + - _", "2–60 letters, digits or . @ + - _"),
        )
    return name


def role_of(value: str) -> str:
    """A role by identifier or by its name in either language. Raises Refused."""
    for role, words in ROLES.items():
        if value.strip() in (role, words.zh, words.en):
            return role
    raise _choice(Words("岗位", "role"), [w.zh for w in ROLES.values()], [w.en for w in ROLES.values()])


def scopes_of(values: Iterable[str]) -> list[str]:
    """Known scopes, sorted. Raises Refused."""
    wanted = sorted(set(values))
    if not wanted or any(scope not in SCOPES for scope in wanted):
        raise _choice(Words("权限", "scopes"), list(SCOPES), list(SCOPES))
    return wanted


def language_of(value: str) -> str:
    """One of the languages Linli speaks. Raises Refused."""
    if value not in _LANGUAGES:
        raise _choice(Words("语言", "language"), list(_LANGUAGES), list(_LANGUAGES))
    return value


def good_password(password: str, person: Person) -> None:
    """Refuse a weak password, with Django's reasons in both languages."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        reasons = {}
        for language in _LANGUAGES:
            with override(language):
                reasons[language] = " ".join(str(message) for message in error.messages)
        raise wrong(Words("密码", "password"), Words(reasons["zh-hans"], reasons["en"])) from None


def _choice(field: Words, zh: list[str], en: list[str]) -> Refused:
    return Refused("choice_unknown", field=field, choices=Words("、".join(zh), ", ".join(en)))
