"""Error pages with a way on. The site names these as its handlers; htmx gets the words alone."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linli.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Way:
    """Somewhere to go from an error page."""

    address: str
    text: str


def page(request: HttpRequest, status: int, title: str, text: str, icon: str = "warning") -> HttpResponse:
    """An error page, or only its words when htmx asked for a part."""
    context = {"status": status, "error_title": title, "text": text, "icon_name": icon, "ways": _ways()}
    template = "parts/error.html" if request.headers.get("HX-Request") else "error.html"
    return render(request, template, context, status=status)


def _ways() -> list[Way]:
    return [Way("/", _("回到首页")), Way("/t", _("凭查询码查进度"))]


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal that belongs to no form."""
    english = (getattr(request, "LANGUAGE_CODE", "") or "").startswith("en")
    title = _("没有找到") if refusal.status == 404 else _("这一步没有办成")
    return page(request, refusal.status, title, refusal.words.said("en" if english else "zh-hans"))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return page(request, 400, _("请求有误"), _("这个请求读不懂。请回到上一页重新填写；多次出现请联系社区。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    text = _("您的岗位不能查看或办理这里的内容。需要的话，请联系您的管理员。")
    return page(request, 403, _("不能进入"), text, "lock")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    text = _("没有这个页面，或地址写错了。查进度请用您的查询码；反映问题请回首页。")
    return page(request, 404, _("没有找到"), text, "search")


def failed(request: HttpRequest) -> HttpResponse:
    """500: without the database, which may be what failed."""
    return HttpResponse(_plain(), status=500)


def _plain() -> str:
    from django.template.loader import render_to_string

    return render_to_string("500.html")


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: nothing was stored, and the way on is to reload."""
    text = _("为了您的安全，这个页面过期了，内容没有提交。请返回上一页、刷新后再提交；您填写的内容还在那一页。")
    return page(request, 403, _("页面已过期"), text, "refresh")
