"""The administration's named spots: found, imported after a check, added, ended; by the system administrator alone."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web.test_admin import enter, now, office

__all__ = ["now", "office"]
pytestmark = pytest.mark.django_db
HEAD = "名称,别名,类型,代码,来源\n"


def table(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("地名.csv", (HEAD + text).encode())


def names() -> set[str]:
    from linli.places.models import PlaceName

    return set(PlaceName.objects.filter(valid_to=None).exclude(kind="official").values_list("name", flat=True))


def test_a_table_is_checked_then_imported(office: Any) -> None:
    from tests.matters.town import GRID

    client = enter(office, "sys")
    row = f"金色家园,老棉纺厂,小区,{GRID},街道台账\n"
    tried = client.post("/admin/places/spots", {"file": table(row), "do": "check"})
    assert tried.status_code == 200
    assert "将新增 2 个名称" in tried.content.decode()
    assert names() == set()
    done = client.post("/admin/places/spots", {"file": table(row), "do": "import"})
    assert done.status_code == 302
    assert names() == {"金色家园", "老棉纺厂"}
    page = client.get("/admin/places/spots?q=棉纺").content.decode()
    assert "老棉纺厂" in page
    assert "街道台账" in page
    assert "金色家园" not in page


def test_a_bad_row_is_named_and_nothing_changes(office: Any) -> None:
    from tests.matters.town import GRID

    client = enter(office, "sys")
    bad = client.post(
        "/admin/places/spots", {"file": table(f"金色家园,,小区,{GRID},\n银色家园,,小区,110000001,\n"), "do": "import"}
    )
    assert bad.status_code == 422
    assert "110000001" in bad.content.decode()
    assert names() == set()
    assert client.post("/admin/places/spots", {"do": "import"}).status_code == 422
    odd = SimpleUploadedFile("a.exe", b"MZ")
    assert client.post("/admin/places/spots", {"file": odd, "do": "import"}).status_code == 422


def test_one_is_added_and_ended(office: Any) -> None:
    from linli.places.models import PlaceName
    from tests.matters.town import GRID

    client = enter(office, "sys")
    added = client.post("/admin/places/spots/add", {"name": "柳荫小学", "kind": "landmark", "area": GRID})
    assert added.status_code == 302
    assert names() == {"柳荫小学"}
    assert client.post("/admin/places/spots/add", {"name": "柳", "kind": "landmark", "area": GRID}).status_code == 422
    assert (
        client.post("/admin/places/spots/add", {"name": "某小学", "kind": "landmark", "area": "11"}).status_code == 403
    )
    held = PlaceName.objects.get(name="柳荫小学")
    assert client.post(f"/admin/places/spots/{held.pk}/end").status_code == 302
    assert names() == set()


@pytest.mark.parametrize("name", ["sec", "aud", "alice", "bob"])
def test_nobody_else_enters(office: Any, name: str) -> None:
    client = enter(office, name)
    assert client.get("/admin/places/spots").status_code == 403
    assert client.post("/admin/places/spots/add", {"name": "柳荫小学"}).status_code == 403
    assert names() == set()
