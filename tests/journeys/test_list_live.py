"""The desk's list while things happen: rows change where they stand, and the row one stands on is never taken away."""

import time
from typing import Any

import pytest

from tests.journeys.test_desk_to_field import sign_ins

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def told(page: Any, text: str) -> str:
    """Say *text* through the interface; the code of the matter."""
    answer = page.request.post("/api/v1/matters", data={"text": text})
    assert answer.status == 201, answer.text()
    return str(answer.json()["matters"][0]["code"])


def test_rows_change_in_place_and_the_selection_stays(open_page: Any, house: Any) -> None:
    desk, other = open_page(1440), open_page(1440)
    for page in (desk, other):
        page.goto(house.sign_in_address(sign_ins(house)["调度员"]))
    mine = told(desk, f"滨河社区楼道堆放杂物没人管，第{time.time_ns() % 10**6}次反映")
    desk.goto("/desk/list?sort=new")
    desk.wait_for_selector('body[data-live-state="on"]')
    desk.locator(f'tr[data-row] a[data-matter="{mine}"]').focus()
    desk.evaluate("window.stayed = true")
    number = desk.locator("[data-list-count]").inner_text()

    newer = told(desk, f"滨河社区路灯不亮，第{time.time_ns() % 10**6}次反映")
    desk.locator(f'tr[data-row] a[data-matter="{newer}"]').wait_for(timeout=5000)
    assert desk.evaluate("document.activeElement.dataset.matter") == mine
    assert desk.locator("[data-list-count]").inner_text() != number

    row = desk.locator("tr[data-row]", has=desk.locator(f'a[data-matter="{mine}"]'))
    version = row.get_attribute("data-version")
    other.goto(f"/desk/m/{mine}/step/set_aside")
    other.locator("main textarea").first.fill("重复来电，已电话说明")
    for choice in other.locator("main form:has(textarea) select").all():
        choice.select_option(index=1)
    other.locator("main form:has(textarea) button.btn-primary").last.click()
    other.wait_for_url(f"**/desk/m/{mine}")
    desk.locator("tr.ll-left", has=desk.locator(f'a[data-matter="{mine}"]')).wait_for(timeout=5000)
    assert desk.evaluate("document.activeElement.dataset.matter") == mine
    assert row.get_attribute("data-version") == version

    desk.keyboard.press("k")  # on to another row: what no longer fits goes now
    row.wait_for(state="detached", timeout=5000)
    assert desk.evaluate("document.activeElement.dataset.matter") == newer
    assert desk.evaluate("window.stayed") is True
