"""Mediation in a real browser: conditional form, refusal that keeps words, the other side's link, staff's page."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PICTURES = os.environ.get("PICTURES", "")


def picture(page: Any, name: str) -> None:
    """Keep what the page looks like, where a folder is named."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def apply_for(page: Any) -> None:
    """Fill in and send the application."""
    page.goto("/open/mediation")
    assert page.locator("[name=amount]").is_hidden()
    page.select_option("[name=topic]", "damage")
    assert page.locator("[name=amount]").is_visible()
    page.fill("[name=amount]", "800.50")
    page.fill("[name=facts]", "楼上漏水，把我家天花板泡坏了。")
    page.fill("[name=name]", "王小明")
    page.fill("[name=phone]", "13812345678")
    assert page.locator("[name=guardian_name]").is_hidden()
    page.fill("[name=other_name]", "李四海")
    page.fill("[name=other_phone]", "12")


def test_a_resident_applies_and_follows(page: Any, watch: Any) -> None:
    watch.expect("422")
    page.goto("/services")
    picture(page, "services-360")
    apply_for(page)
    picture(page, "open-360")
    page.reload()
    assert page.input_value("[name=name]") == "王小明"  # the draft is kept in this tab
    page.get_by_role("button", name="提交").click()
    page.get_by_text("电话号码有误").wait_for()
    assert page.input_value("[name=facts]").startswith("楼上漏水")
    page.fill("[name=other_phone]", "13912345678")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url(re.compile("/p/"))
    body = page.locator("main").inner_text()
    assert "征求双方意愿" in body
    assert "人民调解法" in body
    picture(page, "party-360")
    page.get_by_text("退出调解").first.click()
    page.locator("#step-leave button").click()
    page.get_by_text("调解终止").wait_for()


@pytest.mark.parametrize(
    ("width", "dark", "language"),
    [(820, False, "zh-CN"), (1440, False, "zh-CN"), (1440, True, "en-GB"), (360, True, "en-GB")],
)
def test_pages_fit(open_page: Any, width: int, dark: bool, language: str) -> None:
    page = open_page(width, language, dark=dark)
    for address, name in (("/services", "services"), ("/open/mediation", "open"), ("/open/application", "application")):
        page.goto(address)
        picture(page, f"{name}-{width}-{language}-{'dark' if dark else 'light'}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
