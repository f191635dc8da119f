"""The audit log in words: no raw verb, no identifier where a name is known, in both languages; links are filters."""

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from linli.audit import actions as audit
from linli.kernel import clock
from linli.web.admin import audit_words
from tests.parties.people import person, post, sign_in

if TYPE_CHECKING:
    from tests.matters.town import Town

pytestmark = pytest.mark.django_db
HOUSE = Path(audit_words.__file__).parents[2]
WRITES = re.compile(
    r'(?:record|_note|_audit)\(\s*[^\s",]*(?:"[^"]*")?[^\s",]*,\s*"(\w+)",\s*(?:"\w+"|kind|name|user|request)'
)
UUIDS = re.compile(r">[^<]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}[^<]*<")


def test_every_verb_that_is_written_has_words() -> None:
    found = set()
    for path in (p for p in HOUSE.rglob("*.py") if "demo" not in p.parts):
        found |= set(WRITES.findall(path.read_text("utf-8")))
    assert {"sign_in", "grant_post", "publish", "clocks_held"} <= found
    assert found - audit_words.VERBS.keys() == set(), "give these verbs words in web/admin/audit_words.py"


@pytest.fixture
def auditor(town: "Town") -> Client:
    held = person("aud")
    post(held, town.units["city"], "audit_admin")
    return sign_in(Client(HTTP_ACCEPT_LANGUAGE="zh-CN"), held)


def test_lines_name_people_posts_places_and_matters(town: "Town", auditor: Client) -> None:
    from linli.matters.intake import Request, receive
    from linli.matters.models import Matter
    from tests.matters.town import GRID, VILLAGE

    at = clock.now() + timedelta(seconds=1)
    matter = Matter.objects.get(pk=receive(Request("路灯不亮", "page", area=GRID), at=clock.now()).items[0].id)
    sys, alice = f"person:{town.people['sys'].pk}", town.people["alice"]
    audit.record(sys, "grant_post", "post", str(town.posts["alice"].pk), at=at, area=VILLAGE)
    audit.record(sys, "view", "matter", str(matter.pk), at=at, area=GRID)
    audit.record("system:sweeper", "clocks_held", "time", "jumped", at=at)
    audit.record(sys, "set_password", "person", str(alice.pk), at=at)
    audit.record("nobody", "sign_in_failed", "account", "", at=at)
    page = auditor.get("/admin/audit").content.decode()
    for part in (
        "任命岗位",
        "Alice · 柳荫社区综治中心 · 网格员",
        matter.code,
        "查看",
        "系统 · sweeper",
        "柳荫社区",
        "未登录者",
    ):
        assert part in page
    assert UUIDS.findall(page) == []
    for raw in ("grant_post", "set_password", "clocks_held"):
        assert f">{raw}<" not in page
    english = auditor.get("/admin/audit", headers={"accept-language": "en"}).content.decode()
    assert "Granted a post" in english
    assert "Alice · 柳荫社区综治中心 · Grid worker" in english
    for wanted, count in (
        ({"actor": sys}, 3), ({"kind": "post", "target": str(town.posts["alice"].pk)}, 1), ({"area": VILLAGE}, 2),
        ({"verb": "clocks_held"}, 1), ({"actor": "Sys", "verb": "view"}, 1),
    ):  # fmt: skip
        assert len(auditor.get("/admin/audit", wanted).context["lines"]) == count, wanted


def test_the_export_holds_words_and_raw_values(town: "Town", auditor: Client) -> None:
    import io

    from python_calamine import CalamineWorkbook

    audit.record(f"person:{town.people['sys'].pk}", "publish", "category", "grid.lamp", at=clock.now(), reason="试点")
    book = CalamineWorkbook.from_filelike(io.BytesIO(auditor.get("/admin/audit", {"xlsx": ""}).content))
    rows: list[list[Any]] = book.get_sheet_by_index(0).to_python()
    line = next(row for row in rows if "publish" in row)
    assert {"Sys", "发布", "分类", "试点", "grid.lamp"} <= set(line)
    assert len(line) == len(rows[0]) == 12
