"""The main job in two browsers: a call typed at the desk arrives on a phone within a second, and is done there."""

import io
import re
import time
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECOND = 1.0


def sign_ins(house: Any) -> dict[str, str]:
    """Role → username of the demo sign-ins that the server printed."""
    end = time.monotonic() + 10
    while "Ctrl-C" not in (text := house.log.read_text("utf-8")) and time.monotonic() < end:
        time.sleep(0.1)  # the addresses are printed just after the server is ready
    return {
        role.strip(): name for role, name in re.findall(r"　(\S+) [A-Z][^\n]*\n\s+\S+/demo/sign-in/([\w.]+)\?", text)
    }


def picture() -> bytes:
    """A photo larger than what is sent: the page makes it smaller."""
    from PIL import Image

    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "CANARY-GPS"
    Image.effect_noise((3000, 2000), 40).convert("RGB").save(out, "JPEG", exif=exif, quality=90)
    return out.getvalue()


@pytest.fixture
def phone(open_page: Any, house: Any) -> Any:
    """The grid worker's phone."""
    page = open_page(360)
    page.goto(house.sign_in_address(sign_ins(house)["网格员"]))
    page.goto("/field")
    return page


@pytest.fixture
def desk(open_page: Any, house: Any) -> Any:
    """The operator's desk."""
    page = open_page(1440)
    page.goto(house.sign_in_address(sign_ins(house)["受理员"]))
    return page


def own_grid(phone: Any) -> str:
    """A name of the worker's own grid, as a caller would say it, taken from a task of theirs."""
    place = phone.locator(".ll-next-place").first.inner_text().split("\n")[0]
    return str(place.split("·")[-1].strip())


def test_a_call_arrives_on_the_phone_and_is_done_with_a_photo(phone: Any, desk: Any) -> None:
    phone.wait_for_selector('body[data-live-state="on"]')
    text = f"{own_grid(phone)}楼道堆放杂物没人管，请来清理（第{time.time_ns() % 10**6}次来电）"
    desk.goto("/desk")
    desk.wait_for_selector('body[data-live-state="on"]')
    desk.keyboard.press("n")
    desk.wait_for_url("**/desk/new")
    desk.locator("#i-text").fill(text)
    desk.locator("#reading .ll-card").first.wait_for()
    desk.locator("#reading", has_text="分类").wait_for()
    desk.locator("#i-phone").fill("19400001234")
    phone.evaluate("window.stayed = true")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(re.compile(r"/desk/new/[0-9a-f-]{36}$"))
    started = time.monotonic()
    code = desk.locator(".ll-taken [data-matter]").first.get_attribute("data-matter")
    phone.wait_for_selector(f'[data-task="{code}"]', timeout=5000)
    assert time.monotonic() - started <= SECOND
    assert phone.evaluate("window.stayed") is True  # nobody reloaded the page
    spoken = desk.locator(".ll-read").first.inner_text()
    assert re.fullmatch(r"([2-9A-HJ-NP-Z]{4} ){2}[2-9A-HJ-NP-Z]{4}", spoken)

    phone.goto(f"/field/t/{code}")
    assert phone.get_by_role("link", name=re.compile("打电话")).get_attribute("href") == "tel:19400001234"
    phone.locator(".leaflet-interactive").first.wait_for(state="attached")
    desk.goto(f"/desk/m/{code}")
    desk.wait_for_selector('body[data-live-state="on"]')
    phone.locator('[data-main="claim"]').click()
    phone.get_by_label("给诉求人的话").fill("十分钟内到")
    phone.get_by_role("button", name="接单响应").click()
    phone.wait_for_url(f"**/field/t/{code}")
    desk.locator(".ll-history", has_text="十分钟内到").wait_for(timeout=5000)  # live at the desk

    phone.locator('[data-main="complete"]').click()
    phone.get_by_label("办理说明").fill("已清运，楼道畅通")
    phone.locator('input[name="photo"]').nth(1).set_input_files(
        {"name": "done.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    phone.locator("[data-photo-list] li[data-done]").wait_for()
    phone.get_by_role("button", name="办结").click()
    phone.wait_for_url("**/field")
    desk.locator(".ll-thumbs img").first.wait_for(timeout=5000)
    sizes = desk.evaluate(
        """async () => { const image = new Image(); image.src = document.querySelector('.ll-thumbs a').href;
        await image.decode(); return [image.naturalWidth, image.naturalHeight]; }"""
    )
    assert max(sizes) <= 2048
    assert "待评价" in desk.locator(".ll-matter-head").inner_text()


def test_a_photo_that_is_none_is_refused_in_words_and_the_note_stays(phone: Any, watch: Any) -> None:
    watch.expect("415")
    watch.expect("422")
    phone.locator('[data-main="claim"], [data-main="complete"]').first.wait_for()
    if phone.locator('[data-main="claim"]').count():
        phone.locator('[data-main="claim"]').click()
        phone.wait_for_url("**/field/t/*")
        phone.locator('[data-main="complete"]').click()
    else:
        phone.locator('[data-main="complete"]').click()
    phone.get_by_label("办理说明").fill("已处理")
    phone.locator('input[name="photo"]').nth(1).set_input_files(
        {"name": "photo.jpg", "mimeType": "application/pdf", "buffer": b"<svg onload=alert(1)>"}
    )
    wrong = phone.locator("[data-photo-list] li[data-wrong]")
    wrong.wait_for()
    assert "SVG" in wrong.inner_text()
    wrong.locator("[data-photo-drop]").click()
    assert phone.get_by_label("办理说明").input_value() == "已处理"


def test_the_board_keeps_focus_and_place_while_it_changes(desk: Any, open_page: Any) -> None:
    desk.goto("/desk")
    desk.wait_for_selector('body[data-live-state="on"]')
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    here = desk.evaluate("document.activeElement.dataset.matter")
    assert here
    desk.evaluate("document.querySelector('[data-column=green] [data-cards]').scrollTop = 120")
    before = desk.locator('[data-column="green"] [data-count]').inner_text()
    resident = open_page()
    resident.goto("/")
    resident.fill("#text", f"云麓镇新桥社区3栋楼下的路灯坏了{time.time_ns() % 10**6}天")
    resident.get_by_role("button", name="提交").click()
    resident.wait_for_url("**/answer")
    desk.wait_for_function(
        "before => document.querySelector('[data-column=green] [data-count]').innerText !== before", arg=before
    )
    assert desk.evaluate("document.activeElement.dataset.matter") == here
    assert desk.evaluate("document.querySelector('[data-column=green] [data-cards]').scrollTop") == 120
    desk.keyboard.press("?")
    assert desk.locator("#desk-help").is_visible()
    desk.keyboard.press("Escape")
    desk.evaluate("code => document.querySelector(`[data-matter='${code}']`).focus()", here)
    desk.keyboard.press("a")
    desk.locator("#desk-dialog form, #desk-dialog [role=alert]").first.wait_for()
    desk.keyboard.press("Escape")
    desk.keyboard.press("/")
    assert desk.evaluate("document.activeElement.id") == "desk-find"


@pytest.mark.parametrize("dark", [False, True])
def test_pages_are_usable_by_all(open_page: Any, house: Any, check_access: Any, dark: bool) -> None:
    names = sign_ins(house)
    desk, phone = open_page(1440, dark=dark), open_page(360, dark=dark)
    desk.goto(house.sign_in_address(names["调度员"]))
    for address in ("/desk", "/desk/list", "/desk/new", "/desk/map"):
        desk.goto(address)
        desk.wait_for_timeout(300)
        assert check_access(desk) == [], address
    desk.goto("/desk")
    matter = desk.locator("#board a[data-matter]").first.get_attribute("href")
    for address in (matter, f"{matter}/step/assign", f"{matter}/step/classify"):
        desk.goto(address)
        desk.wait_for_timeout(300)
        assert check_access(desk) == [], address
    phone.goto(house.sign_in_address(names["网格员"]))
    phone.goto("/field")
    assert check_access(phone) == []
    phone.goto(phone.locator("a[data-task], [data-task] a").first.get_attribute("href"))
    phone.wait_for_timeout(300)
    assert check_access(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
