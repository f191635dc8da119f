"""The rows of the list alone, as the live script asks for them: same filter, same page, keys and versions."""

import re

from linli.matters.models import Matter
from tests.matters.town import Town
from tests.web.desk_world import act, client_of, say

ROW = re.compile(r'data-row data-key="([^"]+)" data-version="(\d+)\.(\d+)"')


def test_the_part_has_the_rows_of_the_page_and_nothing_around_them(town: Town) -> None:
    matters = [say(f"柳荫社区第一网格第{n}盏路灯不亮") for n in range(3)]
    vera = client_of(town, "vera")
    page = vera.get("/desk/list?sort=new").content.decode()
    part = vera.get("/desk/list?sort=new&part=1").content.decode()
    assert ROW.findall(part) == ROW.findall(page)
    assert [key for key, _, _ in ROW.findall(part)] == [str(m.pk) for m in reversed(matters)]
    assert "<form" not in part
    assert "3 件" in part
    assert 'data-rows="/desk/list?sort=new&amp;part=1"' in page


def test_the_address_of_the_part_keeps_the_filter_and_the_place_in_the_list(town: Town) -> None:
    matter = say()
    vera = client_of(town, "vera")
    after = f"ffffffff-0000-7000-8000-{'0' * 12}"
    page = vera.get(f"/desk/list?sort=new&urgent=0&q=楼道&after={after}").content.decode()
    (address,) = re.findall(r'data-rows="([^"]+)"', page)
    part = vera.get(address.replace("&amp;", "&")).content.decode()
    assert [key for key, _, _ in ROW.findall(part)] == [str(matter.pk)]
    assert "after=" in address
    assert "q=" in address


def test_a_step_moves_the_version_of_its_row_alone(town: Town) -> None:
    moved, still = say(), say("柳荫社区第一网格井盖丢失")
    vera = client_of(town, "vera")

    def versions() -> dict[str, str]:
        return {key: seq for key, seq, _ in ROW.findall(vera.get("/desk/list?part=1").content.decode())}

    before = versions()
    act(town, moved, "alice", "claim")
    after = versions()
    assert before[str(still.pk)] == after[str(still.pk)]
    assert after[str(moved.pk)] == str(Matter.objects.get(pk=moved.pk).seq) != before[str(moved.pk)]
