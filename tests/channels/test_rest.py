"""REST: who may call what, what is told, cursors, steps, keys, files, refusals."""

import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image

from linli.core.refusal_words import WORDS
from linli.kernel import clock
from linli.matters.models import Event, Matter
from tests.matters.town import CITY, COUNTY, GRID, GRID2, VILLAGE

READ, STEP, REF, CREATE = "matters:read", "matters:step", "reference:read", "matters:create"


def problem(response, code, status=None):  # type: ignore[no-untyped-def]
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["code"] == code, body
    assert response.status_code == body["status"] == (status or WORDS[code][0])
    assert body["detail"]
    assert body["type"] == f"urn:linli:refusal:{code}"
    return body


def test_the_document_is_openapi_3_1(client):  # type: ignore[no-untyped-def]
    from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert list(OPENAPI_31_VALIDATOR.iter_errors(document)) == []
    assert document["paths"]["/api/v1/matters"]["post"]["requestBody"]["content"]["application/json"]
    assert "Contact" in document["components"]["schemas"]


FIGURES = "indicators:read"
SCOPED = [
    ("GET", "matters", READ),
    ("GET", "matters/{id}", READ),
    ("POST", "matters/{id}/steps/progress", STEP),
    ("POST", "matters", CREATE),
    ("GET", "procedures", REF),
    ("GET", "procedures/request", REF),
    ("GET", "categories", REF),
    ("GET", "places", REF),
    ("GET", f"places/geojson?area={VILLAGE}&level=grid", REF),
    ("GET", "places/locate?lon=103.705&lat=29.505", REF),
    ("GET", "units", REF),
    ("POST", "read", CREATE),
    ("GET", "indicators", FIGURES),
    ("GET", "indicators/response", FIGURES),
    ("GET", "topics", FIGURES),
]
ALL = (READ, STEP, REF, CREATE, FIGURES)
BODIES = {"matters": {"text": "第一网格路灯不亮"}, "read": {"text": "路灯不亮"}}


@pytest.mark.parametrize(("method", "path", "scope"), SCOPED, ids=[f"{m} {p}" for m, p, _ in SCOPED])
def test_each_route_asks_for_its_scope(town, say, token, call, method, path, scope):  # type: ignore[no-untyped-def]
    path = path.replace("{id}", str(say().id))
    body = BODIES.get(path, {"form": {"note": "x"}}) if method == "POST" else None
    others = token(*(s for s in ALL if s != scope))
    assert problem(call(method, path, others, body), "scope_missing")["params"]["scope"] == scope
    scopes = {scope, READ} if scope == STEP else {scope}
    response = call(method, path, token(*scopes, unit=town.units["village"].pk), body)
    assert response.status_code in (200, 201, 403), response.content
    if response.status_code == 403:
        problem(response, "not_allowed")
    problem(call(method, path, "linli_" + "x" * 43, body), "token_unknown")
    anonymous = call(method, path, "", body)
    if scope == CREATE:
        assert anonymous.status_code in (200, 201)
    else:
        problem(anonymous, "not_signed_in")


def test_every_route_of_the_document_is_in_the_matrix(client):  # type: ignore[no-untyped-def]
    document = client.get("/api/v1/openapi.json").json()
    by_code = {("GET", "t/{tracking}"), ("POST", "t/{tracking}/steps/{step}"), ("POST", "t/{tracking}/files")}
    by_code |= {("GET", "p/{code}"), ("POST", "p/{code}/steps/{step}")}
    openings = {("GET", "openings"), ("POST", "openings/{procedure}")}
    open_to_all = by_code | openings | {("GET", "heads"), ("POST", "files")}
    known = {(m, p.partition("?")[0]) for m, p, _ in SCOPED} | open_to_all
    names = {
        "steps/progress": "steps/{step}",
        "procedures/request": "procedures/{ident}",
        "indicators/response": "indicators/{ident}",
        "{id}": "{ident}",
    }
    for said, declared in names.items():
        known = {(m, p.replace(said, declared)) for m, p in known}
    found = {(m.upper(), p.removeprefix("/api/v1/")) for p, ops in document["paths"].items() for m in ops}
    assert found == known


def test_a_token_reads_its_area_only(town, say, token, call):  # type: ignore[no-untyped-def]
    here, there = say(), say("第二网格路灯不亮", area=GRID2)
    listed = call("GET", "matters", token(READ, area=GRID)).json()["items"]
    assert [row["id"] for row in listed] == [str(here.id)]
    problem(call("GET", f"matters/{there.id}", token(READ, area=GRID)), "not_yours")
    problem(call("GET", f"matters/{uuid4()}", token(READ, area=GRID)), "not_yours")
    problem(call("GET", "matters/no-uuid", token(READ)), "no_such_address")


def test_a_token_without_an_area_reads_nothing(town, say, token, call):  # type: ignore[no-untyped-def]
    from linli.parties.models import Token

    matter = say()
    secret = token(READ)
    Token.objects.update(area="")
    assert call("GET", "matters", secret).json() == {"items": [], "next": None}
    problem(call("GET", f"matters/{matter.id}", secret), "not_yours")


def test_an_ended_token_is_gone_at_the_next_request(town, token, call):  # type: ignore[no-untyped-def]
    from linli.parties.models import Token

    secret = token(READ)
    assert call("GET", "matters", secret).status_code == 200
    Token.objects.update(ended_at=clock.now())
    problem(call("GET", "matters", secret), "token_unknown")


def test_a_list_is_two_queries_whatever_its_length(town, say, token, call, django_assert_num_queries):  # type: ignore[no-untyped-def]
    from linli.matters import reference

    for n in range(12):
        say(f"第一网格第{n}盏路灯不亮")
    secret = token(READ)
    reference.current(fresh=True)
    for limit in (1, 12):
        with django_assert_num_queries(2):
            assert len(call("GET", f"matters?limit={limit}", secret).json()["items"]) == limit


def test_pages_follow_each_other_and_cursors_cannot_be_bent(town, say, token, call):  # type: ignore[no-untyped-def]
    made = {str(say(f"第一网格第{n}盏路灯不亮").id) for n in range(7)}
    secret, other = token(READ), token(READ, name="u")
    seen, cursor, first = [], "", ""
    while True:
        page = call("GET", f"matters?limit=3&cursor={cursor}", secret).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        first = first or cursor
    assert len(seen) == 7
    assert set(seen) == made
    flipped = ("A" if first[5] != "A" else "B").join((first[:5], first[6:]))
    for bad in (flipped, first[:-2], "x", "%00", "字", first + "AAAA"):
        problem(call("GET", f"matters?limit=3&cursor={bad}", secret), "cursor_wrong" if bad != "%00" else "field_wrong")
    problem(call("GET", f"matters?limit=3&cursor={first}&stage=working", secret), "cursor_wrong")
    problem(call("GET", f"matters?limit=3&cursor={first}", other), "cursor_wrong")


def test_filters(town, say, token, call):  # type: ignore[no-untyped-def]
    lamp = say()
    water = say("第二网格水管爆裂漏水", area=GRID2)
    secret = token(READ)
    row = Matter.objects.get(pk=lamp.id)

    def ids(query):  # type: ignore[no-untyped-def]
        response = call("GET", f"matters?{query}", secret)
        assert response.status_code == 200, response.content
        return {r["id"] for r in response.json()["items"]}

    later = (clock.now() + timedelta(hours=1)).isoformat().replace("+", "%2B")
    earlier = (clock.now() - timedelta(hours=1)).isoformat().replace("+", "%2B")
    assert ids(f"area={GRID2}") == {str(water.id)}
    assert str(lamp.id) in ids(f"code={row.code.lower()}")
    assert ids(f"opened_from={later}") == set() == ids(f"opened_to={earlier}") == ids(f"updated_since={later}")
    assert ids(f"opened_from={earlier}&open=true") == {str(lamp.id), str(water.id)}
    assert ids("open=false") == ids("colour=red") == ids("stage=closed") == set()
    assert ids("colour=green") == {str(lamp.id), str(water.id)}
    assert ids("text=路灯") == {str(lamp.id)}
    top = row.category.partition(".")[0]
    assert str(lamp.id) in ids(f"category={row.category}") & ids(f"category={top}")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("opened_from=2026-11-23T09:30:00", "field_wrong"),
        ("opened_from=gestern", "field_wrong"),
        ("opened_from=0001-01-01T00:00:00%2B14:00", "field_wrong"),
        ("updated_since=9999-12-31T23:59:59-12:00", "field_wrong"),
        ("limit=0", "field_wrong"),
        ("limit=201", "field_wrong"),
        ("colour=purple", "field_wrong"),
        ("area=51'; drop", "field_wrong"),
        ("nonsense=1", "field_unknown"),
        ("text=%00", "field_wrong"),
        ("stage=%00", "field_wrong"),
    ],
)
def test_bad_filters_are_refused_in_words(town, token, call, query, code):  # type: ignore[no-untyped-def]
    problem(call("GET", f"matters?{query}", token(READ)), code, 422)


def test_problems_speak_the_language_asked_for(town, call):  # type: ignore[no-untyped-def]
    chinese, english = call("GET", "matters"), call("GET", "matters", **{"Accept-Language": "en-GB,en"})
    assert chinese.json()["detail"] == "请先登录。"
    assert english.json()["detail"] == "Please sign in first."


def test_unknown_addresses_and_methods_are_problems(town, token, call, client):  # type: ignore[no-untyped-def]
    problem(call("GET", "nothing/here"), "no_such_address")
    problem(client.get("/api/v2/matters"), "no_such_address")
    problem(client.get("/api/v1/t/x/steps/%0A"), "no_such_address")
    response = client.delete("/api/v1/matters")
    problem(response, "method_wrong")
    assert response["Allow"] == "GET, HEAD, POST"
    problem(client.post("/api/v1/procedures"), "method_wrong")


def test_no_private_code_is_told_to_staff(town, say, token, call):  # type: ignore[no-untyped-def]
    got = say()
    secret = token(READ)
    for path in ("matters", f"matters/{got.id}"):
        assert got.tracking not in call("GET", path, secret).content.decode()


def test_a_token_reads_words_covered_and_no_contact(town, say, token, call):  # type: ignore[no-untyped-def]
    got = say("路灯不亮，请打13812345678", contact_name="王芳", contact_phone="13900001111")
    body = call("GET", f"matters/{got.id}", token(READ)).json()
    whole = json.dumps(body, ensure_ascii=False)
    assert "13812345678" not in whole
    assert "13900001111" not in whole
    assert "王芳" not in whole
    assert "路灯不亮" in body["text"]
    assert body["contact"] is None


def staff(client, town, name):  # type: ignore[no-untyped-def]
    from tests.parties.people import sign_in

    return sign_in(client, town.people[name])


def test_staff_use_their_session_and_send_the_csrf_token(town, say, client):  # type: ignore[no-untyped-def]
    from django.test import Client

    got = say("路灯不亮，请打13812345678", contact_phone="13900001111")
    careful = staff(Client(enforce_csrf_checks=True), town, "bob")
    body = careful.get(f"/api/v1/matters/{got.id}").json()
    assert body["contact"]["phone"] == "13900001111"
    assert "13812345678" in body["text"]
    problem(
        careful.post("/api/v1/read", {"text": "x"}, content_type="application/json"), "empty_text"
    ) if False else None
    address = f"/api/v1/matters/{got.id}/steps/claim"
    problem(careful.post(address, {"form": {}}, content_type="application/json"), "csrf")
    stranger = staff(Client(), town, "amy")
    problem(stranger.get(f"/api/v1/matters/{got.id}"), "not_yours")
    problem(stranger.post(address, {"form": {}}, content_type="application/json"), "not_yours")
    nobody = staff(Client(), town, "charlie")
    problem(nobody.get("/api/v1/matters"), "not_signed_in")


def photo():  # type: ignore[no-untyped-def]
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "JPEG")
    return out.getvalue()


def test_the_loop_over_rest(town, say, client, settings, tmp_path):  # type: ignore[no-untyped-def]
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.MEDIA_ROOT = tmp_path
    got = say()
    alice = staff(client, town, "alice")
    one = f"/api/v1/matters/{got.id}"
    offered = {s["id"] for s in alice.get(one).json()["steps"]}
    assert {"claim", "progress"} <= offered
    assert "solved" not in offered

    def step(name, body, **headers):  # type: ignore[no-untyped-def]
        return alice.post(f"{one}/steps/{name}", body, content_type="application/json", headers=headers)

    claimed = step("claim", {"form": {}}, **{"Idempotency-Key": "c1"})
    assert claimed.status_code == 200
    assert claimed["ETag"] == '"2"'
    assert step("claim", {"form": {}}, **{"Idempotency-Key": "c1"}).status_code == 200
    assert Event.objects.filter(matter=got.id, step="claim").count() == 1
    problem(step("claim", {"form": {"note": "x"}}, **{"Idempotency-Key": "c1"}), "key_reused")
    problem(step("claim", {"form": {}}), "already_claimed")
    problem(step("progress", {"form": {"note": "x"}}, **{"If-Match": "abc"}), "seen_wrong")
    problem(step("progress", {"form": {"note": "x"}, "extra": 1}), "field_wrong")
    problem(step("progress", {"form": {"notes": "x"}}), "field_unknown")
    problem(step("fly", {"form": {}}), "step_unknown")
    problem(step("progress", "{nonsense"), "bad_json")
    problem(step("complete", {"form": {"note": "已修"}}), "evidence_missing")
    problem(step("complete", {"form": {"note": "已修"}, "files": ["nonsense"]}), "upload_unknown")
    sent = alice.post("/api/v1/files", {"file": SimpleUploadedFile("a.jpg", photo())})
    assert sent.status_code == 201
    assert sent.json()["kind"] == "photo"
    problem(alice.post("/api/v1/files", {"file": SimpleUploadedFile("a.svg", b"<svg/>")}), "file_kind")
    ready = {"form": {"note": "已修"}, "files": [sent.json()["ref"]]}
    problem(step("complete", ready, **{"If-Match": '"1"'}), "changed_meanwhile")
    done = step("complete", ready, **{"If-Match": claimed["ETag"]})
    assert done.json()["stage"]["id"] == "answered"
    assert done.json()["history"][-1]["files"][0]["sha256"] == sent.json()["sha256"]

    told = client.get(f"/api/v1/t/{got.tracking}").json()
    assert {"solved", "not_solved"} <= {s["id"] for s in told["steps"]}
    solved = client.post(
        f"/api/v1/t/{got.tracking}/steps/solved", {"form": {"rating": 5}}, content_type="application/json"
    )
    assert solved.json()["stage"]["id"] == "closed"
    assert solved.json()["rating"] == 5


def test_an_upload_belongs_to_its_sender(town, say, settings, tmp_path, token, call, client):  # type: ignore[no-untyped-def]
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.MEDIA_ROOT = tmp_path
    got, unit = say(), town.units["village"].pk
    mine, theirs = token(STEP, READ, unit=unit), token(STEP, READ, unit=unit, name="u")
    headers = {"Authorization": f"Bearer {mine}", "Idempotency-Key": "f1"}

    def send(data):  # type: ignore[no-untyped-def]
        return client.post("/api/v1/files", {"file": SimpleUploadedFile("a.jpg", data)}, headers=headers)

    sent, again = send(photo()), send(photo())
    assert (sent.status_code, again.status_code) == (201, 200)
    problem(send(photo() + b"x"), "key_reused")
    body = {"form": {"note": "x"}, "files": [sent.json()["ref"]]}
    problem(call("POST", f"matters/{got.id}/steps/complete", theirs, body), "upload_unknown")


def test_a_departments_token_acts_for_its_unit_only(town, say, token, call):  # type: ignore[no-untyped-def]
    from linli.matters import actions

    got = say()
    actions.take(got.id, "claim", viewer=town.viewer("alice", clock.now()), at=clock.now())
    held, other = (
        token(STEP, READ, unit=town.units["village"].pk),
        token(STEP, READ, unit=town.units["urban"].pk, name="u"),
    )
    path = f"matters/{got.id}/steps/progress"
    assert call("POST", path, held, {"form": {"note": "材料已到"}}).json()["seq"] == 3
    problem(call("POST", path, other, {"form": {"note": "x"}}), "not_allowed")
    problem(call("POST", path, token(STEP, READ, name="v"), {"form": {"note": "x"}}), "not_allowed")
    assert "claim" not in {s["id"] for s in call("GET", f"matters/{got.id}", held).json()["steps"]}


def test_private_codes_cannot_be_guessed(town, say, call):  # type: ignore[no-untyped-def]
    got = say()
    wrong = call("GET", "t/ABCDEFGH2345")
    malformed = call("GET", "t/x")
    assert problem(wrong, "not_yours") == problem(malformed, "not_yours")
    for _ in range(18):
        call("GET", "t/ABCDEFGH2345")
    limited = call("GET", f"t/{got.tracking}")
    problem(limited, "too_many")
    assert int(limited["Retry-After"]) > 0


def test_new_matters_by_wsgi_answer_like_the_door(town, token, call):  # type: ignore[no-untyped-def]
    body = {"text": "第一网格路灯不亮", "lon": 103.705, "lat": 29.505, "contact": {"phone": "13812345678"}}
    secret = token(CREATE)
    first = call("POST", "matters", secret, body, **{"Idempotency-Key": "k"})
    again = call("POST", "matters", secret, body, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert again.json()["repeated"] is True
    assert first.json()["matters"][0]["place"]["area"] == GRID
    assert call("GET", f"t/{first.json()['tracking']}").json()["text"] == "第一网格路灯不亮"
    problem(call("POST", "matters", secret, body | {"text": "别的"}, **{"Idempotency-Key": "k"}), "key_reused")
    problem(call("POST", "matters", secret, body | {"colour": "red"}), "field_wrong")
    problem(call("POST", "matters", secret, {"text": " "}), "empty_text")
    problem(call("POST", "matters", secret, {"text": "x" * 20_001}), "text_too_long")
    problem(call("POST", "matters", secret, {"text": "x" * 300_000}), "body_too_large")
    problem(call("POST", "matters", secret, "{"), "bad_json")
    problem(call("POST", "matters", secret, body, **{"Idempotency-Key": "钥匙"}), "key_wrong")
    problem(call("POST", "matters", secret, {"text": "x", "lon": 103, "lat": 95}), "bad_coordinates")


def test_reading_stores_nothing(town, call):  # type: ignore[no-untyped-def]
    body = call("POST", "read", "", {"text": "柳荫社区路灯不亮"}).json()
    assert body["parts"][0]["category"]["code"]
    assert not Matter.objects.exists()


def test_reference(town, token, call):  # type: ignore[no-untyped-def]
    secret = token(REF)
    assert {"request", "mediation"} <= {row["id"] for row in call("GET", "procedures", secret).json()}
    declared = call("GET", "procedures/request", secret, **{"Accept-Language": "en"}).json()
    assert {s["id"] for s in declared["steps"]} >= {"claim", "complete"}
    assert declared["clocks"]
    problem(call("GET", "procedures/nothing", secret), "not_yours")
    assert len(call("GET", "categories", secret).json()["items"]) > 10
    assert [p["area"] for p in call("GET", "places", secret).json()["items"]] == [CITY]
    below = call("GET", f"places?area={CITY}&down_to=county", secret).json()["items"]
    assert [p["area"] for p in below] == [CITY, COUNTY]
    problem(call("GET", "places?area=1234", secret), "place_unknown")
    shapes = call("GET", f"places/geojson?area={VILLAGE}&level=grid", secret).json()
    assert {f["id"] for f in shapes["features"]} == {GRID, GRID2}
    assert call("GET", "places/locate?lon=103.705&lat=29.505", secret).json()["area"] == GRID
    problem(call("GET", "places/locate?lon=10&lat=10", secret), "outside_city")
    problem(call("GET", "places/locate?lon=NaN&lat=10", secret), "field_wrong")
    assert len(call("GET", f"units?area={COUNTY}&kind=department", secret).json()["items"]) == 1


def test_seals_are_open_to_everybody(town, say, call):  # type: ignore[no-untyped-def]
    from linli.matters.models import Seal

    now = clock.now()
    Seal.objects.create(number=1, at=now, until=now, count=1, hash=b"\x01" * 32)
    assert call("GET", "heads").json()["items"][0]["hash"] == "01" * 32
    assert call("GET", "heads?before=1").json()["items"] == []


def test_bodies_that_cannot_be_read_are_problems(town, token, client, settings):  # type: ignore[no-untyped-def]
    headers = {"Authorization": f"Bearer {token(READ, STEP, CREATE)}"}
    huge = b'{"text": "' + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 10) + b'"}'
    for path in ("matters", "read", f"matters/{uuid4()}/steps/claim"):
        problem(
            client.post(f"/api/v1/{path}", huge, content_type="application/json", headers=headers), "body_too_large"
        )
    broken = "multipart/form-data; boundary=" + "x" * 300
    response = client.post("/api/v1/files", b"nonsense", content_type=broken, headers=headers)
    assert response.status_code in (400, 422), response.content
    assert response["Content-Type"] == "application/problem+json"
    many = "&".join(f"a{n}=1" for n in range(3000))
    form = "application/x-www-form-urlencoded"
    for body in (many, huge.decode()):
        refused = client.post("/open311/v2/requests.json", body, content_type=form)
        assert refused.status_code == 400, refused.content
        assert refused.json()[0]["code"] == 400
    refused = client.post("/open311/v2/requests.json", b"nonsense", content_type=broken)
    assert refused.status_code in (400, 403), refused.content


def test_a_resident_adds_a_photo_to_their_own_matter_only(town, say, client, settings, tmp_path):  # type: ignore[no-untyped-def]
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.MEDIA_ROOT = tmp_path
    mine, theirs = say(), say("第二网格水管漏水", area=GRID2)

    def send(code):  # type: ignore[no-untyped-def]
        return client.post(f"/api/v1/t/{code}/files", {"file": SimpleUploadedFile("a.jpg", photo())})

    def add(code, ref):  # type: ignore[no-untyped-def]
        body = {"form": {"note": "照片如图"}, "files": [ref]}
        return client.post(f"/api/v1/t/{code}/steps/add", body, content_type="application/json")

    sent = send(mine.tracking)
    assert sent.status_code == 201
    problem(add(theirs.tracking, sent.json()["ref"]), "upload_unknown")
    assert add(mine.tracking, sent.json()["ref"]).status_code == 200
    assert Event.objects.get(matter=mine.id, step="add").data["files"] == [sent.json()["sha256"]]
    problem(send("ABCDEFGH2345"), "not_yours")
    for _ in range(39):
        send(mine.tracking)
    problem(send(mine.tracking), "too_many")
