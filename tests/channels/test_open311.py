"""GeoReport v2, method by method, in XML and JSON, with its errors."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from defusedxml.ElementTree import fromstring

from linli.kernel import clock
from linli.matters.models import Matter, Statement
from tests.matters.town import CITY, GRID

LAMP = {"lat": "29.505", "long": "103.705", "description": "第一网格路灯不亮，电话13812345678"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def key(token: Any) -> str:
    return str(token("matters:create"))


@pytest.fixture
def post(client: Any, key: str) -> Any:
    """POST requests as a client of others would."""

    def posted(format_: str = "json", api_key: str | None = None, **form: str) -> Any:
        given = {"api_key": key if api_key is None else api_key} | form
        return client.post(f"/open311/v2/requests.{format_}", urlencode(given), content_type=FORM)

    return posted


def street(client: Any) -> str:
    """A service that is told in full."""
    return str(client.get("/open311/v2/services.json").json()[0]["service_code"])


def xml(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert response.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    return fromstring(response.content)


def wrong(response: Any, status: int) -> str:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json; charset=utf-8"
    body = response.json()
    assert isinstance(body, list)
    assert all(set(one) == {"code", "description"} and one["code"] == status for one in body)
    return " ".join(one["description"] for one in body)


@pytest.mark.parametrize("path", ["/open311/discovery", "/open311/v2/discovery"])
def test_discovery(town: Any, client: Any, path: str) -> None:
    top = xml(client.get(f"{path}.xml"))
    body = client.get(f"{path}.json").json()
    assert top.tag == "discovery"
    assert top.find("endpoints/endpoint/url").text == "http://testserver/open311/v2" == body["endpoints"][0]["url"]
    assert [f.text for f in top.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]
    assert body["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert body["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    for name in ("changeset", "contact", "key_service"):
        assert top.find(name).text == body[name] != ""
    assert body["changeset"].endswith("Z")
    assert xml(client.get(path)).tag == "discovery"


def test_services(town: Any, client: Any) -> None:
    listed = client.get("/open311/v2/services.json").json()
    top = xml(client.get("/open311/v2/services.xml"))
    assert top.tag == "services"
    assert [s.find("service_code").text for s in top.findall("service")] == [s["service_code"] for s in listed]
    fields = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
    assert all(set(s) == fields for s in listed)
    assert {s["type"] for s in listed} == {"realtime"}
    assert {s["metadata"] for s in listed} == {False}
    assert {s.find("metadata").text for s in top} == {"false"}
    response = client.get("/open311/v2/services.json", headers={"Accept-Language": "en"})
    assert response["Access-Control-Allow-Origin"] == "*"
    english = response.json()
    assert english[0]["service_name"].isascii()


def test_a_definition(town: Any, client: Any) -> None:
    code = street(client)
    assert client.get(f"/open311/v2/services/{code}.json").json() == {"service_code": code, "attributes": []}
    top = xml(client.get(f"/open311/v2/services/{code}.xml"))
    assert (top.tag, top.find("service_code").text) == ("service_definition", code)
    wrong(client.get("/open311/v2/services/none.such.json"), 404)


def test_a_request_is_made_and_read(town: Any, client: Any, post: Any) -> None:
    code = street(client)
    made = post(service_code=code, account_id="a1", device_id="d", **LAMP)
    assert made.status_code == 201
    (one,) = made.json()
    assert set(one) == {"service_request_id", "service_notice", "account_id"}
    assert one["account_id"] == "a1"
    ident = one["service_request_id"]
    (got,) = client.get(f"/open311/v2/requests/{ident}.json").json()
    assert got["service_request_id"] == ident
    assert (got["status"], got["service_code"]) == ("open", code)
    assert got["requested_datetime"].endswith("Z")
    assert got["address_id"] == GRID
    assert (got["lat"], got["long"]) == (29.505, 103.705)
    top = xml(client.get(f"/open311/v2/requests/{ident}.xml"))
    assert top.tag == "service_requests"
    assert {child.tag for child in top.find("request")} == set(got)
    assert top.find("request/lat").text == "29.505"
    assert [r["service_request_id"] for r in client.get("/open311/v2/requests.json").json()] == [ident]


def test_xml_answers_to_a_post(town: Any, client: Any, post: Any) -> None:
    top = xml(post("xml", service_code=street(client), **LAMP), 201)
    assert (top.tag, top[0].tag) == ("service_requests", "request")
    assert Matter.objects.get().code == top.find("request/service_request_id").text
    assert top.find("request/token") is None


def test_nobodys_words_are_public(town: Any, client: Any, post: Any) -> None:
    person = {"first_name": "芳", "last_name": "王", "email": "w@example.org", "phone": "13900001111"}
    link = "http://169.254.169.254/secret"
    made = post(service_code=street(client), media_url=link, address_string="柳荫路7号", **LAMP, **person)
    ident = made.json()[0]["service_request_id"]
    kept = Statement.objects.get()
    assert (kept.contact_name, kept.contact_phone, kept.address) == ("王芳", "13900001111", "柳荫路7号")
    assert kept.reading["given"]["media_url"] == link
    for path in ("requests.json", f"requests/{ident}.json", f"requests/{ident}/updates.json", "requests.xml"):
        shown = client.get(f"/open311/v2/{path}").content.decode()
        assert ident in shown
        for secret in ("13812345678", "13900001111", "王芳", "w@example.org", "柳荫路7号", link, "不亮，电话"):
            assert secret not in shown, (path, secret)


def test_sensitive_matters_are_told_without_subject_and_place(town: Any, client: Any, post: Any) -> None:
    listed = client.get("/open311/v2/services.json").json()
    code = next(s["service_code"] for s in listed if s["service_code"].startswith("discipline."))
    ident = post(service_code=code, **LAMP).json()[0]["service_request_id"]
    (got,) = client.get(f"/open311/v2/requests/{ident}.json").json()
    assert (got["service_code"], got["address_id"], got["agency_responsible"]) == ("other", GRID[:6], None)
    assert client.get(f"/open311/v2/requests.json?service_code={code}").json() == []
    assert len(client.get("/open311/v2/requests.json?service_code=other").json()) == 1


def test_places_by_address(town: Any, client: Any, post: Any) -> None:
    code = street(client)
    assert post(service_code=code, address_string="柳荫社区第一网格").status_code == 201
    assert post(service_code=code, address_id=GRID, description="灯坏了").status_code == 201
    assert set(Matter.objects.values_list("area", flat=True)) == {GRID}
    assert post(service_code="other", address_id=GRID, description="说不清的事").status_code == 201
    wrong(post(service_code=code, address_id="123456", description="x"), 400)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"service_code": ""}, 400),
        ({"service_code": "none.such"}, 404),
        ({"lat": ""}, 400),
        ({"lat": "", "long": ""}, 400),
        ({"lat": "103.7", "long": "29.5"}, 400),
        ({"lat": "NaN"}, 400),
        ({"lat": "north"}, 400),
        ({"description": "x" * 4001}, 400),
        ({"description": "\x00"}, 400),
        ({"media_url": "file:///etc/passwd"}, 400),
        ({"media_url": "javascript:alert(1)"}, 400),
        ({"media_url": "http://[::1"}, 400),
        ({"jurisdiction_id": "elsewhere.example"}, 404),
        ({"api_key": ""}, 403),
        ({"api_key": "linli_" + "x" * 43}, 403),
        ({"api_key": "字"}, 403),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_post_stores_nothing(town: Any, client: Any, post: Any, form: dict[str, str], status: int) -> None:
    given = {"service_code": street(client)} | LAMP | form
    wrong(post(**given), status)
    assert xml(post("xml", **given), status).tag == "errors"
    assert not Matter.objects.exists()


def test_two_things_wrong_are_both_said(town: Any, post: Any) -> None:
    response = post(service_code="", lat="95", long="x")
    assert len(response.json()) == 3


def test_a_key_without_the_scope_is_refused(town: Any, client: Any, post: Any, token: Any) -> None:
    wrong(post(api_key=token("matters:read"), service_code=street(client), **LAMP), 403)


def test_jurisdictions(town: Any, client: Any) -> None:
    for given in (CITY, f"{CITY}00", "云汀市", "testserver", ""):
        assert client.get(f"/open311/v2/services.json?jurisdiction_id={quote(given)}").status_code == 200
    for path in ("services", "requests", "services/other", "requests/x", "tokens/x"):
        wrong(client.get(f"/open311/v2/{path}.json?jurisdiction_id=city.gov"), 404)


def test_the_same_key_posts_once(town: Any, client: Any, key: str) -> None:
    form = urlencode({"api_key": key, "service_code": street(client)} | LAMP)
    both = [
        client.post("/open311/v2/requests.json", form, content_type=FORM, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert [r.status_code for r in both] == [201, 200]
    assert both[0].json() == both[1].json()


def test_lists_are_filtered(town: Any, say: Any, client: Any) -> None:
    now = clock.now()
    old, new = say(at=now - timedelta(days=100)), say("第二网格水管漏水")
    Matter.objects.filter(pk=new.id).update(closed_at=now)
    codes = dict(Matter.objects.values_list("pk", "code"))
    code = Matter.objects.get(pk=old.id).category

    def ids(**query: str) -> list[str]:
        response = client.get("/open311/v2/requests.json", query)
        assert response.status_code == 200, response.content
        return [r["service_request_id"] for r in response.json()]

    def day(n: int) -> str:
        return (now + timedelta(days=n)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert ids() == [codes[new.id]]
    assert ids(start_date=day(-110)) == [codes[old.id]]
    assert ids(start_date=day(-101), end_date=day(-99)) == [codes[old.id]]
    assert ids(end_date=day(-50)) == [codes[old.id]]
    assert ids(status="open") == []
    assert ids(status="open,closed") == ids(status="") == [codes[new.id]]
    assert ids(status="closed") == [codes[new.id]]
    assert ids(service_code=code, start_date=day(-110)) == [codes[old.id]]
    assert ids(service_request_id=f"{codes[old.id]},{codes[new.id]}", status="open") == [codes[new.id], codes[old.id]]
    assert len(ids(page_size="1")) == 1
    assert ids(page="2", page_size="1") == []
    both = client.get(f"/open311/v2/requests/{codes[old.id]},{codes[new.id]}.json").json()
    assert [r["service_request_id"] for r in both] == [codes[old.id], codes[new.id]]
    assert (both[1]["status"], both[1]["expected_datetime"]) == ("closed", None)


@pytest.mark.parametrize(
    "query",
    [
        "status=done",
        "start_date=2010-05-24",
        "start_date=2010-05-24T00:00:00",
        "start_date=x",
        "start_date=2026-01-01T00:00:00Z&end_date=2026-12-01T00:00:00Z",
        "page=0",
        "page_size=1001",
        "page_size=x",
        "service_code=none.such",
        "service_request_id=%00",
        "start_date=0001-01-01T00:00:00Z",
    ],
)
def test_bad_parameters_are_400(town: Any, client: Any, query: str) -> None:
    wrong(client.get(f"/open311/v2/requests.json?{query}"), 400)


def test_what_is_not_there_is_404_in_its_format(town: Any, client: Any) -> None:
    for path in ("requests/none", "requests/,", "tokens/ABCDEFGH2345", "nothing", "requests/none/updates"):
        wrong(client.get(f"/open311/v2/{path}.json"), 404)
        assert xml(client.get(f"/open311/v2/{path}.xml"), 404).find("error/code").text == "404"
    wrong(client.delete("/open311/v2/requests.json"), 400)
    wrong(client.post("/open311/v2/services.json"), 400)


def test_a_private_code_as_a_token(town: Any, say: Any, client: Any) -> None:
    got = say()
    (one,) = client.get(f"/open311/v2/tokens/{got.tracking}.json").json()
    assert one == {"service_request_id": Matter.objects.get().code, "token": got.tracking}
    top = xml(client.get(f"/open311/v2/tokens/{got.tracking}.xml"))
    assert top.find("request/token").text == got.tracking
    for _ in range(20):
        client.get("/open311/v2/tokens/ABCDEFGH2345.json")
    limited = client.get(f"/open311/v2/tokens/{got.tracking}.json")
    assert limited.status_code == 429
    assert int(limited["Retry-After"]) > 0


def test_updates(town: Any, say: Any, client: Any) -> None:
    from linli.matters import actions, queries

    got = say()
    at = clock.now()
    actions.take(got.id, "claim", viewer=town.viewer("alice", at), form={"note": "马上来，王师傅"}, at=at)
    resident = queries.resident(Matter.objects.get())
    actions.take(got.id, "add", viewer=resident, form={"note": "保密的话"}, at=at)
    code = Matter.objects.get().code
    told = client.get(f"/open311/v2/requests/{code}/updates.json").json()
    assert [t["status"] for t in told] == ["open"] * len(told)
    assert len(told) == 3
    shown = client.get(f"/open311/v2/requests/{code}/updates.xml").content.decode()
    assert "保密的话" not in shown
    assert "王师傅" not in shown
    assert fromstring(shown.encode()).tag == "service_request_updates"


def test_a_list_is_one_query(town: Any, say: Any, client: Any, django_assert_num_queries: Any) -> None:
    from linli.matters import reference

    for n in range(5):
        say(f"第一网格第{n}盏路灯不亮")
    reference.current(fresh=True)
    with django_assert_num_queries(1):
        assert len(client.get("/open311/v2/requests.json").json()) == 5
