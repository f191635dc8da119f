"""A resident's photo in real browsers: made smaller on the phone, on their page at once, and on the grid worker's."""

import re
import time
from typing import Any

import pytest

from tests.journeys.test_desk_to_field import own_grid, picture, sign_ins

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def file(name: str, data: bytes, kind: str = "image/jpeg") -> dict[str, Any]:
    """A file as it is chosen in a browser."""
    return {"name": name, "mimeType": kind, "buffer": data}


def leaves(request: Any) -> bool:
    """Whether something was sent; the question whether others reported the same carries no photo and keeps nothing."""
    return bool(request.url.startswith("http")) and not request.url.endswith("/alike")


def loaded(page: Any, selector: str) -> list[int]:
    """Width and height of a picture once it is there in full."""
    page.locator(selector).first.wait_for()
    size: list[int] = page.evaluate(
        """async selector => { const image = new Image(), shown = document.querySelector(selector);
        image.src = shown.src.split("?")[0]; await image.decode();
        return [image.naturalWidth, image.naturalHeight]; }""",
        selector,
    )
    return size


def test_a_photo_goes_from_the_resident_to_the_grid_worker(open_page: Any, house: Any) -> None:
    worker, page = open_page(360), open_page(360)
    worker.goto(house.sign_in_address(sign_ins(house)["网格员"]))
    worker.goto("/field")
    worker.wait_for_selector('body[data-live-state="on"]')
    sent: list[str] = []
    page.goto("/", wait_until="networkidle")
    page.on("request", lambda request: sent.append(request.method) if leaves(request) else None)
    page.fill("#text", f"{own_grid(worker)}楼道堆放杂物没人管，请来清理（第{time.time_ns() % 10**6}次）")
    page.locator("[data-photo-pick]").set_input_files([file("a.jpg", picture()), file("b.jpg", picture())])
    page.locator("[data-photo-list] img").nth(1).wait_for()
    page.locator("[data-photo-drop]").first.click()
    assert page.locator("[data-photo-list] li").count() == 1
    assert sent == [], "nothing leaves the phone before it is sent"
    page.evaluate("() => { const b = document.querySelector('.ll-say-button'); b.click(); b.click(); }")
    page.wait_for_url("**/answer")
    assert sent.count("POST") == 1
    assert max(loaded(page, ".ll-photos img")) == 2048
    page.get_by_role("link", name="打开进度页").click()
    page.wait_for_url(re.compile(r"/t/\w{12}$"))
    assert max(loaded(page, ".ll-history .ll-photos img")) == 2048
    code = page.locator(".ll-code").first.inner_text()
    worker.wait_for_selector(f'[data-task="{code}"]')
    worker.goto(f"/field/t/{code}")
    assert max(loaded(worker, ".ll-thumbs img")) == 2048


def test_sent_while_photos_are_still_worked_on_it_waits_and_goes_once(page: Any) -> None:
    posts: list[str] = []
    page.goto("/")
    page.on(
        "request", lambda request: posts.append(request.url) if request.method == "POST" and leaves(request) else None
    )
    page.fill("#text", "云麓镇新桥社区路灯坏了")
    page.evaluate(
        """() => { const real = linli.smaller;
        linli.smaller = async file => { await new Promise(done => setTimeout(done, 600)); return real(file); }; }"""
    )
    page.locator("[data-photo-pick]").set_input_files(file("a.jpg", picture()))
    page.evaluate("() => { const b = document.querySelector('.ll-say-button'); b.click(); b.click(); }")
    page.wait_for_url("**/answer")
    assert len(posts) == 1
    assert max(loaded(page, ".ll-photos img")) == 2048


@pytest.mark.parametrize(("scripts", "language"), [(True, "zh-CN"), (False, "en-US")])
def test_what_is_no_photo_is_refused_and_the_rest_stays(
    open_page: Any, watch: Any, check_access: Any, scripts: bool, language: str
) -> None:
    watch.expect("415")
    page = open_page(360, language, scripts=scripts)
    page.goto("/")
    page.fill("#text", "云麓镇新桥社区路灯坏了")
    bad = file("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml")
    page.locator("[data-photo-pick]").set_input_files([file("a.jpg", picture()), bad])
    if scripts:
        page.locator("[data-photo-list] li:not([aria-busy])").nth(1).wait_for()
    page.locator(".ll-say-button").click()
    assert "SVG" in page.get_by_role("alert").first.inner_text()
    assert page.input_value("#text") == "云麓镇新桥社区路灯坏了"
    assert page.locator("[data-photo-list] li").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if scripts:
        assert check_access(page) == []
    page.locator(".ll-say-button").click()
    page.wait_for_url("**/answer")
    assert page.locator(".ll-photos img").count() == 1
