"""Personal data of every kind in one message: covered for those who need not see it, wherever the words are shown."""

from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from linli.matters.models import Matter
from linli.understanding import personal
from tests.matters.town import Town
from tests.web.desk_world import act, client_of, say

pytestmark = pytest.mark.django_db

CARD = next(f"622202123456789012{n}" for n in range(10) if personal.luhn(f"622202123456789012{n}"))
SECRETS = {
    "mobile": "13812345678",
    "landline": "0833-2123456",
    "identity": "11010519491231002X",
    "bank_card": CARD,
    "plate": "川LD12345",
    "name": "王小明",
    "email": "w.xm@example.com",
    "address": "3栋2单元501室",
    "passport": "E12345678",
    "account": "xiaoming_88",
}
TEXT = (
    "我叫王小明，住柳荫社区3栋2单元501室，楼道堆放杂物没人管。手机13812345678，座机0833-2123456，身份证11010519491231002X，"
    f"卡号{CARD}，车牌川LD12345，邮箱w.xm@example.com，护照E12345678，微信号xiaoming_88。"
)


@pytest.fixture
def matter(town: Town) -> Any:
    return say(TEXT)


def shown(secret: str, where: str) -> bool:
    """Whether more of a secret than its first character stands in *where*."""
    return secret[1:] in where


def test_every_kind_is_found() -> None:
    found = {span.kind: TEXT[span.start : span.end] for span in personal.find(TEXT)}
    assert found == SECRETS


def test_a_colleague_who_does_not_hold_it_reads_it_covered(town: Town, matter: Any) -> None:
    act(town, matter, "alice", "claim")
    page = client_of(town, "alice").get(f"/field/t/{matter.code}").content.decode()
    assert shown(SECRETS["mobile"], page), "whoever holds it reads the numbers"
    Matter.objects.filter(pk=matter.pk).update(holder_post=None, holder_unit=town.units["urban"])
    olga = client_of(town, "olga")
    for address in (f"/desk/m/{matter.code}", f"/field/t/{matter.code}", "/desk/list", "/desk", "/field"):
        page = olga.get(address).content.decode()
        assert [kind for kind, secret in SECRETS.items() if shown(secret, page)] == [], address


def test_lists_and_exports_are_covered_for_everybody(town: Town, matter: Any) -> None:
    bob = client_of(town, "bob")
    listed = bob.get("/desk/list").content.decode()
    answer = bob.get("/desk/list.xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    cells = "".join(str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row)
    assert "楼道堆放杂物" in listed
    assert "楼道堆放杂物" in cells
    for where in (listed, cells):
        assert [kind for kind, secret in SECRETS.items() if shown(secret, where)] == []


def test_public_lists_hold_no_word_of_it(town: Town, matter: Any) -> None:
    got = client_of(town, "nobody").get("/open311/v2/requests.json").content.decode()
    assert [kind for kind, secret in SECRETS.items() if shown(secret, got)] == []


@pytest.mark.parametrize("kind", ["mobile", "identity", "bank_card"])
def test_a_search_confirms_no_number_that_is_covered(town: Town, matter: Any, kind: str) -> None:
    """The centre over the place finds by number; a department that sees the matter in its list does not."""
    Matter.objects.filter(pk=matter.pk).update(holder_post=None, holder_unit=town.units["urban"])
    asked = {"q": SECRETS[kind][:12], "state": "all"}
    assert matter.code in client_of(town, "bob").get("/desk/list", asked).content.decode()
    olga = client_of(town, "olga")
    assert matter.code in olga.get("/desk/list", {"q": "楼道堆放杂物", "state": "all"}).content.decode()
    assert matter.code not in olga.get("/desk/list", asked).content.decode()
