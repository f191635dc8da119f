"""One lamp, two residents, one dispatcher: told while typing, joined, shown with reasons, decided with one click."""

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRST = "滨河社区滨河公交站旁边的路灯坏了，晚上看不见路"
SECOND = "滨河社区滨河公交站那里街灯不亮，黑漆漆的"


def send(page: Any) -> None:
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/answer")


def typed(page: Any, text: str) -> Any:
    """Type until the hint stands: the index is filled by the first question, and follows once a second."""
    page.goto("/")
    hint = page.locator(".ll-alike")
    for n in range(20):
        page.fill("#text", text + "。" * (n % 2))
        page.wait_for_timeout(1200)
        if hint.count():
            return hint
    pytest.fail("no hint while typing")


def test_two_residents_and_a_dispatcher(page: Any, open_page: Any, house: Any) -> None:
    page.goto("/")
    page.fill("#text", FIRST)
    send(page)
    hint = typed(page, SECOND)
    assert re.search(r"已有 \d+ 件类似的反映", hint.inner_text())
    assert "看不见路" not in hint.inner_text()
    hint.get_by_label("我也遇到了同样的事").check()
    send(page)
    assert "您说这和附近正在办的事是同一件" in page.locator("main").inner_text()
    code = page.locator("main .ll-code").first.inner_text().strip()

    desk = open_page(1440)
    desk.goto(house.sign_in_address("xu.yuxin"))
    desk.goto(f"/desk/m/{code}")
    card = desk.locator(".ll-similar").filter(has_text="居民自己说是同一件事")
    card.wait_for()
    assert "说法有" in card.inner_text()
    other = card.locator("a.ll-code").inner_text()
    card.get_by_role("button", name="不是同一件事").click()
    desk.wait_for_load_state()
    desk.goto(f"/desk/m/{code}")
    assert desk.locator(".ll-similar").filter(has_text=other).count() == 0
