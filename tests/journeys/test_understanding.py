"""In a browser: a suggestion is overruled from the keyboard, thresholds are set and set back, models are changed."""

from typing import Any

import pytest

from tests.journeys.test_administration import enter as enter

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SENTENCE = "这边东西又坏了，麻烦来看看"


def unclear(open_page: Any) -> None:
    """A resident says something that nobody could sort from the words alone."""
    page = open_page()
    page.goto("/")
    page.locator("textarea").first.fill(SENTENCE)
    page.locator("form button.btn-primary").first.click()
    page.wait_for_url("**/t/**" if "/t/" in page.url else "**")


def test_a_suggestion_is_decided_from_the_keyboard(enter: Any, open_page: Any) -> None:
    unclear(open_page)
    desk = enter("调度员")
    desk.goto("/desk/list?stage=triage&state=open&sort=new")
    row = desk.locator("tr", has_text=SENTENCE).first
    assert "系统建议" in row.inner_text()
    row.locator("a[data-matter]").click()
    offer = desk.locator("#offer")
    offer.wait_for()
    assert offer.locator("button").count() == 0, "without a place nobody can be sent"
    assert "先核实地点" in offer.inner_text()
    offer.get_by_role("link", name="其他分类或地点").click()
    desk.locator("dialog[open]").wait_for()
    desk.locator("dialog [data-pick=category] [data-pick-list]").select_option("urban.lighting.streetlamp")
    desk.locator("#desk-dialog button.btn-primary").click()
    desk.locator("main [role=status]", has_text="已完成").first.wait_for()
    assert "系统" in desk.locator(".ll-history").inner_text()
    number = offered(desk)
    desk.locator("body").press(number)
    assert desk.evaluate("document.activeElement.dataset.offerKey") == number
    desk.keyboard.press("Enter")
    desk.locator("main [role=status]", has_text="已完成").first.wait_for()
    assert "，改为" in desk.locator(".ll-history").inner_text()


def offered(desk: Any) -> str:
    """Open a matter that has another category to offer; the key of that category."""
    desk.goto("/desk/list?stage=received&state=open&sort=new")
    found = [link.get_attribute("href") for link in desk.locator("tr[data-row] a[data-matter]").all()[:12]]
    for address in found:
        desk.goto(address)
        keys = desk.locator("#offer [data-offer-key]")
        if keys.count():
            return str(keys.first.get_attribute("data-offer-key"))
    raise AssertionError(f"none of {len(found)} matters has another category to offer")


def test_thresholds_are_chosen_published_and_set_back(enter: Any, watch: Any) -> None:
    watch.expect("422")
    page = enter("系统管理员")
    page.goto("/admin/understanding")
    page.locator("[data-limit='0.90']").click()
    number = page.get_by_role("spinbutton", name="分类门槛")
    assert number.input_value() == "0.90"
    slide = page.get_by_role("slider", name="地点门槛")
    slide.press("ArrowRight")
    assert page.get_by_role("spinbutton", name="地点门槛").input_value() == slide.input_value() == "0.61"
    page.get_by_label("为什么改").fill("多请人看")
    page.get_by_role("button", name="启用这个门槛").click()
    assert "门槛已生效" in page.locator("main [role=status]").first.inner_text()
    assert page.get_by_role("spinbutton", name="分类门槛").input_value() == "0.90"
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="恢复此版").click()
    page.wait_for_url("**/admin/understanding")
    assert page.get_by_role("spinbutton", name="分类门槛").input_value() == "0.80"


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("address", ["/admin/understanding", "/admin/understanding/corrections"])
def test_the_pages_pass_wcag_and_fit(enter: Any, check_access: Any, address: str, width: int) -> None:
    page = enter("系统管理员", width)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert check_access(page) == []
