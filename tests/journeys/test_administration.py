"""One edit of each kind in a browser: a category, next year's calendar by clicking days, a rule, a post; and WCAG."""

from typing import Any

import pytest

from tests.journeys.test_desk_to_field import sign_ins

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def enter(open_page: Any, house: Any) -> Any:
    """A signed-in page for a role, by the Chinese name under which the server printed it."""

    def entered(role: str, width: int = 1440, language: str = "zh-CN") -> Any:
        page = open_page(width, language)
        page.goto(house.sign_in_address(sign_ins(house)[role]))
        return page

    return entered


def test_a_category_is_edited_checked_and_published(enter: Any, watch: Any) -> None:
    watch.expect("422")
    page = enter("系统管理员")
    page.goto("/admin/categories?q=路灯")
    page.get_by_role("link", name="路灯故障").click()
    page.get_by_label("办结时限", exact=True).fill("很快")
    page.get_by_role("button", name="检查并预览").click()
    assert page.locator("#f-complete").get_attribute("aria-invalid") == "true"
    page.get_by_label("办结时限", exact=True).fill("6")
    page.get_by_label("办结时限：单位").select_option(label="工作小时")
    page.get_by_label("时限的依据").fill("市城管局试行办法")
    page.get_by_role("button", name="检查并预览").click()
    assert "6个工作小时" in page.locator("form [role=status]").inner_text()
    page.get_by_role("button", name="发布").click()
    assert "已发布第2版" in page.locator("main [role=status]").first.inner_text()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="恢复此版").click()
    assert "作为第3版发布" in page.locator("main [role=status]").first.inner_text()


def test_a_year_is_entered_by_clicking_days(enter: Any) -> None:
    page = enter("系统管理员")
    page.goto("/admin/calendars/cn-workdays?year=2028")
    page.locator('[data-day="2028-01-03"]').click()
    page.locator('[data-day="2028-01-04"]').press("Enter")
    saturday = page.locator('[data-day="2028-01-08"]')
    saturday.click()
    saturday.click()
    assert page.get_by_label("放假的日子").input_value() == "2028-01-03 – 2028-01-04"
    assert page.get_by_label("调休上班的周末").input_value() == "2028-01-08"
    page.get_by_label("依据（通知名称和文号）").fill("测试用的通知")
    page.get_by_role("button", name="检查并预览").click()
    page.get_by_role("button", name="发布").click()
    assert "2028年的安排已发布" in page.locator("main [role=status]").first.inner_text()
    assert "ll-day-make_up" in (page.locator('[data-day="2028-01-08"]').get_attribute("class") or "")


def test_a_rule_is_added_moved_and_discarded(enter: Any) -> None:
    page = enter("系统管理员")
    page.goto("/admin/routing")
    page.get_by_role("link", name="加一条规则").click()
    page.get_by_label("标识").fill("night")
    page.get_by_label("中文说明").fill("夜间由县级值守")
    page.get_by_label("英文说明").fill("At night the county is on watch")
    page.get_by_label("时段").fill("22:00-06:00")
    page.get_by_label("调度员").check()
    page.get_by_role("button", name="放入草稿").click()
    row = page.locator("tr", has=page.get_by_role("link", name="夜间由县级值守"))
    assert row.locator("td").first.inner_text() == "12"
    row.get_by_role("button", name="上移").click()
    assert row.locator("td").first.inner_text() == "11"
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="放弃修改").click()
    assert page.get_by_role("link", name="夜间由县级值守").count() == 0


def test_a_post_is_granted(enter: Any, watch: Any) -> None:
    watch.expect("422")
    page = enter("安全管理员")
    page.goto("/admin/people")
    page.get_by_text("新建账号").click()
    page.get_by_label("登录名").fill("ce.shi")
    page.get_by_label("姓名", exact=True).fill("测试员")
    page.get_by_role("button", name="建立账号").click()
    page.get_by_text("授予岗位", exact=True).click()
    page.locator("#g-unit").select_option(index=1)
    page.locator("#g-role").select_option("operator")
    page.get_by_label("辖区代码").fill("99")
    page.get_by_role("button", name="授予", exact=True).click()
    assert page.locator("#g-area").get_attribute("aria-invalid") == "true"
    page.get_by_label("辖区代码").fill(area_of(page))
    page.get_by_role("button", name="授予", exact=True).click()
    assert "岗位已授予" in page.locator("main [role=status]").first.inner_text()


def area_of(page: Any) -> str:
    """The area of the chosen unit, which its name carries in brackets."""
    text = page.locator("#g-unit option:checked").inner_text()
    return str(text.rpartition("（")[2].rstrip("）"))


@pytest.mark.parametrize(("role", "path"), [
    ("中心负责人", "/city"), ("系统管理员", "/admin"), ("系统管理员", "/admin/calendars/cn-workdays?year=2026"),
    ("系统管理员", "/admin/routing"), ("系统管理员", "/admin/categories/urban.lighting.streetlamp"),
    ("安全管理员", "/admin/people"), ("审计管理员", "/admin/audit"),
])  # fmt: skip
def test_pages_are_usable_by_everyone_at_any_width(enter: Any, check_access: Any, role: str, path: str) -> None:
    for width in (360, 1440):
        page = enter(role, width, "en" if width == 360 else "zh-CN")
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
        assert check_access(page) == []
