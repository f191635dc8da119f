"""Hot topics in a browser: open, see why, look behind, confirm, take back; and WCAG."""

from typing import Any

import pytest

from tests.journeys.test_desk_to_field import sign_ins

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("width", "language"), [(1440, "zh-CN"), (360, "en-US")])
def test_a_topic_is_looked_into_and_decided(
    open_page: Any, house: Any, axe_source: str, width: int, language: str
) -> None:
    page = open_page(width, language)
    page.goto(house.sign_in_address(sign_ins(house)["中心负责人"]))
    first = page.locator(".ll-topic").first
    for _ in range(40):  # the follower reads the demo city's history in the background
        page.goto("/topics?days=90")
        if first.count():
            break
        page.wait_for_timeout(2000)
    first.locator("details summary").click()
    assert first.locator("details li").count() >= 2
    page.evaluate(axe_source)
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa']})")
    assert [rule["id"] for rule in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    first.locator("h2 a").click()
    assert page.locator("tbody tr").count() >= 2
    page.goto("/topics?days=90")
    anchor = first.get_attribute("id")
    first.locator("button[value=confirm]").click()
    mine = page.locator(f"#{anchor}")
    assert "✓" in mine.inner_text()
    mine.locator("button[value=undo]").click()
    assert "✓" not in page.locator(f"#{anchor}").inner_text()
