"""The administration of people, tokens, units and places, and the audit log."""

import io
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.test_admin import deliver, enter, now, office, say

if TYPE_CHECKING:
    from tests.matters.town import Town

__all__ = ["now", "office"]
pytestmark = pytest.mark.django_db


def test_posts_come_and_go_and_their_matters_are_handed_on(office: "Town") -> None:
    from linli.matters.models import Matter
    from linli.parties.models import Person, Post

    client = enter(office, "sec")
    made = client.post(
        "/admin/people", {"username": "Xin.Wei", "name": "辛维", "phone": "", "email": "", "password": ""}
    )
    assert made.status_code == 302
    person = Person.objects.get(username="xin.wei")
    page = f"/admin/people/{person.pk}"
    grant = {"verb": "grant", "unit": str(office.units["village"].pk), "role": "grid_worker", "area": "990102001001002"}
    assert client.post(page, grant).status_code == 302
    wrong = client.post(page, grant | {"area": "12"})
    assert wrong.status_code == 422
    assert 'id="g-area-e"' in wrong.content.decode()
    post = Post.objects.get(person=person)
    got = say()
    alice = office.posts["alice"]
    assert Matter.objects.get(pk=got.id).holder_post_id == alice.pk
    end = {"verb": "end_post", "post": str(alice.pk), "reason": "调离"}
    assert client.post(f"/admin/people/{office.people['alice'].pk}", end).status_code == 302
    deliver()
    assert Matter.objects.get(pk=got.id).holder_post_id in (post.pk, office.posts["amy"].pk)
    own = client.post(f"/admin/people/{office.people['sec'].pk}", grant)
    assert own.status_code >= 400  # nobody grants a post to themselves
    taken = client.post("/admin/people", {"username": "xin.wei", "name": "辛维", "password": ""})
    assert taken.status_code >= 400
    assert 'value="辛维"' in taken.content.decode()


def test_a_tokens_secret_is_shown_once(office: "Town") -> None:
    from linli.parties.models import Token

    client = enter(office, "sec")
    shown = client.post("/admin/tokens", {"name": "热线平台", "area": "9901", "scopes": ["matters:read"]})
    secret = shown.context["secret"]
    assert secret
    assert secret in shown.content.decode()
    assert secret not in client.get("/admin/tokens").content.decode()
    token = Token.objects.get(name="热线平台")
    missing = client.post("/admin/tokens", {"name": "无辖区", "scopes": ["matters:read"]})
    assert missing.status_code == 422
    client.post("/admin/tokens", {"end": str(token.pk)})
    token.refresh_from_db()
    assert token.ended_at is not None


def test_duties_must_be_categories(office: "Town") -> None:
    from linli.parties.models import Duty

    client = enter(office, "sys")
    page = f"/admin/units/{office.units['urban'].pk}"
    answer = client.post(page, {"verb": "duties", "duties": "urban\nnowhere.land"})
    assert answer.status_code == 422
    assert "nowhere.land" in answer.content.decode()
    assert client.post(page, {"verb": "duties", "duties": "urban.lighting\nurban.sanitation"}).status_code == 302
    assert Duty.objects.filter(unit=office.units["urban"]).count() == 2


def test_places_are_renamed_with_history(office: "Town") -> None:
    client = enter(office, "sys")
    page = "/admin/places/at/990102001001"
    assert client.post(page, {"name": "柳浪社区", "reason": "民政批复"}).status_code == 302
    html = client.get(page).content.decode()
    assert "柳浪社区" in html
    assert "柳荫社区" in html


def test_an_import_is_tried_first_then_confirmed_once(office: "Town", tmp_path: Any, monkeypatch: Any) -> None:
    from linli.places.models import Place
    from linli.web.admin import importing

    monkeypatch.setattr(importing, "_room", lambda: tmp_path)
    monkeypatch.setattr(importing, "_start", lambda ident, *, dry: importing._run(ident, dry=dry))
    monkeypatch.setattr(importing, "close_old_connections", lambda: None)
    client = enter(office, "sys")

    def send(text: str) -> str:
        file = io.BytesIO(text.encode("utf-8-sig"))
        file.name = "places.csv"
        return client.post("/admin/places/import", {"files": file, "city_code": "990100"})["Location"]

    bad = send("代码,名称\n990102002,\n990199001001,孤村\n")
    assert client.get(bad).context["job"]["stage"] == "refused"
    assert client.post(bad + "/confirm").status_code == 302
    assert "990199001001" in b"".join(client.get(bad + "/errors.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    good = send("代码,名称\n990102002,青石镇\n")
    job = client.get(good).context["job"]
    assert (job["stage"], job["outcome"]["places_new"]) == ("checked", 1)
    assert not Place.objects.filter(area="990102002").exists()
    client.post(good + "/confirm")
    assert client.get(good).context["job"]["stage"] == "done"
    assert Place.objects.get(area="990102002").name == "青石镇"
    assert importing.confirm(good.rsplit("/", 1)[1], "person:x") is False
    assert client.get("/admin/places/import/../../secret").status_code == 404


def test_the_audit_log_is_filtered_by_whom_and_what(office: "Town") -> None:
    client = enter(office, "sys")
    client.post("/admin/places/at/990102001001", {"name": "柳浪社区"})
    audit = enter(office, "aud")
    rows = audit.get("/admin/audit", {"actor": "Sys", "verb": "rename"}).context["lines"]
    assert [(row.entry.target, row.who) for row in rows] == [("990102001001", "Sys")]
    assert audit.get("/admin/audit", {"actor": "Bob"}).context["lines"] == []
    for odd in ({"after": "x"}, {"since": "2026-13-40"}, {"after": "2026-01-01_x"}):
        assert audit.get("/admin/audit", odd).status_code == 200
    assert audit.get("/admin/audit", {"xlsx": ""}).content[:2] == b"PK"
