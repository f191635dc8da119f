"""How things look and are called on pages: third-party files, clock faces, instants, words for scripts."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from linli.core.clocks import GREY, OPEN, PAUSED, colour

VENDOR = {
    "bootstrap.css": "vendor/bootstrap/bootstrap.min.css",
    "bootstrap.js": "vendor/bootstrap/bootstrap.bundle.min.js",
    "htmx.js": "vendor/htmx/htmx.min.js",
    "alpine.js": "vendor/alpine/alpine-csp.min.js",
    "leaflet.css": "vendor/leaflet/leaflet.css",
    "leaflet.js": "vendor/leaflet/leaflet.js",
    "echarts.js": "vendor/echarts/echarts.min.js",
}
SHAPES = {"green": "●", "yellow": "▲", "red": "■", "grey": "‖"}


class Running(Protocol):
    """What a clock's face needs; core's and the database's clocks both have it."""

    state: str
    warn_at: datetime
    due_at: datetime
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Face:
    """A clock as it is drawn now. *left*: time left or overrun, in words."""

    state: str
    colour: str
    shape: str
    word: str
    left: str
    warn: str
    due: str


def colour_word(name: str) -> str:
    """The word that goes with a colour, so that colour is never alone."""
    return {
        "green": pgettext("clock", "正常"),
        "yellow": pgettext("clock", "快到时限"),
        "red": pgettext("clock", "已超时"),
        "grey": pgettext("clock", "计时暂停"),
    }.get(name, name)


def clock_face(running: Running, at: datetime, *, idle: bool = False) -> Face:
    """The face of *running* at *at*. *idle*: it was stopped by an ending (withdrawn, merged…), not by work."""
    warn, due = running.warn_at.isoformat(), running.due_at.isoformat()
    if running.state == PAUSED:
        return Face(PAUSED, GREY, SHAPES[GREY], colour_word(GREY), "", warn, due)
    if running.state != OPEN:
        end = running.stopped_at or at
        late = end > running.due_at
        text = _("超时 %(span)s") % {"span": span(end - running.due_at)} if late else ""
        name = "red" if late else GREY if idle else "green"
        return Face(running.state, name, SHAPES[name], _done(late, idle), text, warn, due)
    name = colour(running.warn_at, running.due_at, at)
    left = running.due_at - at
    text = _("还剩 %(span)s") if left > timedelta(0) else _("超时 %(span)s")
    return Face(OPEN, name, SHAPES[name], colour_word(name), text % {"span": span(left)}, warn, due)


def _done(late: bool, idle: bool) -> str:
    """What a stopped clock is called: nobody finished what was withdrawn, merged or set aside."""
    if idle:
        return pgettext("clock", "超时后停止") if late else pgettext("clock", "已停止计时")
    return pgettext("clock", "超时完成") if late else pgettext("clock", "按时完成")


def span(length: timedelta) -> str:
    """A length of time in its two largest units: `4分12秒`, `4 min 12 s`. The sign is dropped."""
    seconds = int(abs(length.total_seconds()))
    english = (get_language() or "").startswith("en")
    units = ("d", "h", "min", "s") if english else ("天", "小时", "分", "秒")
    parts = (seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60, seconds % 60)
    first = next((i for i, n in enumerate(parts) if n), 3)
    shown = [(parts[i], units[i]) for i in range(first, min(first + 2, 4))]
    return " ".join(f"{n} {unit}" for n, unit in shown) if english else "".join(f"{n}{unit}" for n, unit in shown)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def said(instant: datetime, present: datetime, form: str = "") -> str:
    """An instant for people, in the city's zone; the day is left out when it is today, the year when it is this one."""
    local, here = timezone.localtime(instant), timezone.localtime(present)
    clock = f"{local:%H:%M:%S}" if form == "seconds" else f"{local:%H:%M}"
    if form == "time":
        return clock
    same_year, today = local.year == here.year, local.date() == here.date()
    if (get_language() or "").startswith("en"):
        day = f"{local.day} {_MONTHS[local.month - 1]}" + ("" if same_year else f" {local.year}")
        return f"today {clock}" if today and form != "day" else day if form == "day" else f"{day}, {clock}"
    day = ("" if same_year else f"{local.year}年") + f"{local.month}月{local.day}日"
    return f"今天 {clock}" if today and form != "day" else day if form == "day" else f"{day} {clock}"


_UNVERIFIED = "unverified default"
_SOURCES = (  # how a source says it, and how it is read; the longer first
    ("未核实的默认值（unverified default）", "暂定（未核实）"),
    ("为 unverified default", "为暂定，未核实"),
    ("，unverified default）", "，暂定，未核实）"),
    ("（unverified default）", "（暂定，未核实）"),
    ("; opens: unverified default", "；办公时间为暂定，未核实"),
    (_UNVERIFIED, "暂定（未核实）"),
)
_ARTICLE = re.compile(r" ?\bart\.? ([0-9]+)(?:-([0-9]+))?")


def source(text: str) -> str:
    """Where a rule is written, in the reader's language as far as it is no name: “unverified default”, articles."""
    if (get_language() or "").startswith("en"):
        return text.replace("未核实的默认值（unverified default）", _UNVERIFIED).replace("暂定（未核实）", _UNVERIFIED)
    for written, read in _SOURCES:
        text = text.replace(written, read)
    text = _ARTICLE.sub(lambda m: f"第{m[1]}至{m[2]}条" if m[2] else f"第{m[1]}条", text)
    return text.replace("; ", "；")


def ratings() -> list[tuple[int, str]]:
    """One to five with their words, the best first."""
    return [
        (5, pgettext("rating", "很满意")),
        (4, pgettext("rating", "满意")),
        (3, pgettext("rating", "一般")),
        (2, pgettext("rating", "不满意")),
        (1, pgettext("rating", "很不满意")),
    ]


def script_words() -> dict[str, str]:
    """What scripts say, in the reader's language."""
    return {
        "green": colour_word("green"),
        "yellow": colour_word("yellow"),
        "red": colour_word("red"),
        "left": _("还剩 %(span)s") % {"span": "{span}"},
        "over": _("超时 %(span)s") % {"span": "{span}"},
        "copied": _("已复制。"),
        "copy_by_hand": _("请手动复制："),
        "offline": _("网络不通，内容还没有送达。请稍后再试，您填写的内容仍在本页。"),
        "pin": _("事情的位置"),
        "pinned": _("已标在：{place}。可以拖动标记调整。"),
        "pinned_outside": _("已标出，但不在本市范围内；请核对，或直接在文字里写地址。"),
        "locating": _("正在定位……"),
        "no_location": _("手机没有给出位置。请在地图上点，或在文字里写地址。"),
        "live_on": _("实时更新"),
        "live_off": _("连接中断，正在重连"),
    }
