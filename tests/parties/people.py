"""A small city of people: made once per test, with few statements."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.test import Client

from linli.parties.access import Viewer, viewer_for
from linli.parties.models import Person, Post, Unit

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def person(username: str, **extra: object) -> Person:
    values: dict[str, object] = {"name": username, "created_at": AT - timedelta(days=30)} | extra
    return Person.objects.create(username=username, **values)


def unit(name: str, area: str, level: str, kind: str = "centre", **extra: object) -> Unit:
    return Unit.objects.create(name=name, area=area, level=level, kind=kind, **extra)


def post(holder: Person, of: Unit, role: str, **extra: object) -> Post:
    values: dict[str, object] = {"area": of.area, "valid_from": AT - timedelta(days=10)} | extra
    return Post.objects.create(person=holder, unit=of, role=role, **values)


@dataclass(frozen=True)
class Town:
    """A city centre, a county centre and a department, with one security administrator."""

    city: Unit
    county: Unit
    roads: Unit
    security: Person
    security_viewer: Viewer


def make_town() -> Town:
    city = unit("市综治中心", "5111", "city")
    county = unit("市中区综治中心", "511102", "county")
    roads = unit("市中区住建局", "511102", "county", "department", tag="住建")
    security = person("anquan", name="安全员")
    post(security, city, "security_admin")
    return Town(city, county, roads, security, viewer_for(security, AT))


def sign_in(client: Client, who: Person) -> Client:
    """Sign *who* in as the pages do after both factors, without asking for them."""
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": AT.timestamp()}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client
