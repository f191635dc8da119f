"""People, posts, absences: the security administrator's pages. Every change goes through linli.parties.actions."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.core.refusals import Refusal, Refused
from linli.core.role_words import ROLES
from linli.kernel import clock
from linli.matters import reference
from linli.parties import actions, gate
from linli.parties.access import Viewer, current_posts
from linli.parties.models import Absence, Person, Post, Unit
from linli.web.admin.common import SECURITY, language, only, page
from linli.web.admin.forms import Input, filled, instant, typed
from linli.web.city import excel

ROWS: Final = 60


@only(SECURITY)
def people(request: HttpRequest) -> HttpResponse:
    """People by name, sign-in name, unit or place; a new account. Three queries."""
    refusal, sent = None, None
    if request.method == "POST":
        sent = typed(request, _account())
        try:
            made = actions.create_person(
                sent["username"], sent["name"], actor=gate.viewer_of(request), at=clock.now(), phone=sent["phone"],
                email=sent["email"], password=request.POST.get("password") or None,
            )  # fmt: skip
        except Refused as refused:
            refusal = refused.refusal
        else:
            messages.success(request, _("账号已建立。接着授予岗位；本人首次登录时设置第二重验证。"))
            return HttpResponseRedirect(reverse("admin-person", args=[made.pk]))
    wanted = request.GET.get("q", "").strip()[:60]
    rows = found(wanted)
    if "xlsx" in request.GET:
        return _workbook(rows)
    after = request.GET.get("after", "")
    if after:
        rows = rows.filter(username__gt=after[:60])
    listed = list(rows.prefetch_related("posts__unit")[: ROWS + 1])
    at = clock.now()
    held = [(p, [post for post in p.posts.all() if _held(post, at)]) for p in listed[:ROWS]]
    context = {
        "people": held,
        "q": wanted,
        "next": listed[ROWS - 1].username if len(listed) > ROWS else "",
        "first": not after,
        "inputs": filled(_account(), sent, refusal),
        "refusal": refusal,
        "roles": ROLES,
    }
    return page(request, "people.html", context, refusal.status if refusal else 200)


def found(wanted: str) -> Any:
    """People by any of their names, their unit's name, or the code of a place."""
    rows = Person.objects.order_by("username")
    if not wanted:
        return rows
    fits = Q(name__icontains=wanted) | Q(username__icontains=wanted.lower()) | Q(posts__unit__name__icontains=wanted)
    if wanted.isdecimal():
        fits |= Q(posts__area__startswith=wanted)
    return rows.filter(fits).distinct()


def _held(post: Post, at: Any) -> bool:
    return post.valid_from <= at and (post.valid_to is None or post.valid_to > at)


def _account() -> list[Input]:
    return [
        Input("username", _("登录名"), told="登录名", help=_("2–60 位，可用汉字、字母、数字。")),
        Input("name", _("姓名"), told="姓名"),
        Input("phone", _("电话"), "tel", required=False, told="电话"),
        Input("email", _("邮箱"), "email", required=False, told="邮箱"),
        Input(
            "password", _("初始密码"), "password", required=False, told="密码", help=_("至少 10 位；由本人登录后修改。")
        ),
    ]


def _workbook(rows: Any) -> HttpResponse:
    said, at = language(), clock.now()
    posts = Post.objects.filter(current_posts(at), person__in=rows.values("pk")).select_related("person", "unit")
    lines = [
        (p.person.username, p.person.name, ROLES[p.role].said(said), p.unit.name, p.area, p.valid_from, p.valid_to)
        for p in posts.order_by("area", "role")
    ]
    titles = (_("登录名"), _("姓名"), _("岗位"), _("单位"), _("地方"), _("起"), _("止"))
    return excel.answer("linli-people", [(_("岗位"), titles, lines)])


@only(SECURITY)
def person(request: HttpRequest, ident: UUID) -> HttpResponse:
    """One person: posts from–to, absences, password, second factor, the end of the account."""
    held = Person.objects.filter(pk=ident).first()
    if held is None:
        raise Http404
    refusal: Refusal | None = None
    verb = request.POST.get("verb", "")
    if request.method == "POST":
        try:
            said = VERBS[verb](request, held, gate.viewer_of(request)) if verb in VERBS else ""
        except Refused as refused:
            refusal = refused.refusal
        else:
            if said:
                messages.success(request, said)
            return HttpResponseRedirect(reverse("admin-person", args=[ident]))
    return page(request, "person.html", _shown(request, held, verb, refusal), refusal.status if refusal else 200)


def _shown(request: HttpRequest, held: Person, verb: str, refusal: Refusal | None) -> dict[str, Any]:
    """What the page of one person shows; the form of *verb* keeps what was typed."""
    at = clock.now()
    posts = list(Post.objects.filter(person=held).select_related("unit").order_by("-valid_from", "-id"))

    def inputs(name: str, listed: list[Input]) -> list[Input]:
        mine = verb == name
        return filled(listed, typed(request, listed) if mine else None, refusal if mine else None)

    held_now = [(str(p.pk), f"{ROLES[p.role].said(language())} · {p.unit.name}") for p in posts if _held(p, at)]
    return {
        "person": held,
        "posts": _rows(posts, at),
        "grant": inputs("grant", _grant(_units(gate.viewer_of(request)))),
        "absence": inputs("absence", _absence(held_now)),
        "change": inputs("change", _change(held)),
        "password": inputs("password", [_new_password()]),
        "reset": inputs("reset", [_why()]),
        "end": inputs("end", [Input("reason", _("理由"), required=False, told="理由")]),
        "open": verb,
        "refusal": refusal,
    }


def _rows(posts: list[Post], at: datetime) -> list[tuple[Any, ...]]:
    """Posts with role, place, whether held now, and the absences to come."""
    away: dict[UUID, list[Absence]] = {}
    for absence in Absence.objects.filter(post__in=posts, away_to__gt=at).order_by("away_from"):
        away.setdefault(absence.post_id, []).append(absence)
    index = reference.current().index
    places = [" · ".join(e.name for e in index.chain(p.area)[-3:]) or p.area for p in posts]
    return [(p, ROLES[p.role], place, _held(p, at), away.get(p.pk)) for p, place in zip(posts, places, strict=True)]


def _new_password() -> Input:
    return Input("password", _("新密码"), "password", told="密码", help=_("至少 10 位；改后此人立即退出登录。"))


def _why() -> Input:
    return Input("reason", _("理由"), told="理由", help=_("例如：手机遗失，已当面核对身份。"))


def _units(viewer: Viewer) -> list[tuple[str, str]]:
    areas = viewer.areas(frozenset({SECURITY}))
    inside = Q(pk__in=())
    for area in areas:
        inside |= Q(area__gte=area, area__lt=area + "~")
    rows = Unit.objects.filter(inside, active_to__isnull=True)
    return [
        (str(pk), f"{name}（{area}）")
        for pk, name, area in rows.order_by("area", "name").values_list("pk", "name", "area")
    ]


def _grant(units: list[tuple[str, str]]) -> list[Input]:
    roles = [(role, words.said(language())) for role, words in ROLES.items()]
    return [
        Input("unit", _("单位"), "select", options=units),
        Input("role", _("岗位"), "select", options=roles, told="岗位"),
        Input("area", _("辖区代码"), told="辖区代码", help=_("4 位市、6 位县、9 位乡镇、12 位村、15 位网格。")),
        Input("valid_from", _("起"), "date", required=False),
        Input(
            "valid_to",
            _("止"),
            "date",
            required=False,
            told="结束时间",
            help=_("不填为长期；到期时未办结的事项自动移交。"),
        ),
    ]


def _absence(posts: list[tuple[str, str]]) -> list[Input]:
    return [
        Input("post", _("岗位"), "select", options=posts),
        Input("away_from", _("从"), "date"),
        Input("away_to", _("到"), "date", told="请假结束时间"),
        Input("reason", _("事由"), required=False, told="事由"),
    ]


def _change(held: Person) -> list[Input]:
    return [
        Input("name", _("姓名"), told="name", value=held.name),
        Input("phone", _("电话"), "tel", required=False, told="phone", value=held.phone),
        Input("email", _("邮箱"), "email", required=False, told="email", value=held.email),
    ]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("post_unknown") from None


def _do_grant(request: HttpRequest, held: Person, viewer: Viewer) -> str:
    got = request.POST
    start, end = instant(got.get("valid_from", "")), instant(got.get("valid_to", ""), end=True)
    actions.grant_post(
        held.pk, _uuid(got.get("unit", "")), got.get("role", ""), got.get("area", ""), actor=viewer, at=clock.now(),
        valid_from=start, valid_to=end,
    )  # fmt: skip
    return _("岗位已授予。")


def _do_end_post(request: HttpRequest, held: Person, viewer: Viewer) -> str:
    post = _uuid(request.POST.get("post", ""))
    if not Post.objects.filter(pk=post, person=held).exists():
        raise Refused("post_unknown")
    actions.end_post(post, actor=viewer, at=clock.now(), reason=request.POST.get("reason", ""))
    return _("岗位已结束；未办结的事项正在移交。")


def _do_absence(request: HttpRequest, held: Person, viewer: Viewer) -> str:
    got = request.POST
    start, end = instant(got.get("away_from", "")), instant(got.get("away_to", ""), end=True)
    if start is None or end is None:
        raise Refused("bad_time", why=_("请填写起止日期"), about="away_from" if start is None else "away_to")
    post = _uuid(got.get("post", ""))
    if not Post.objects.filter(pk=post, person=held).exists():
        raise Refused("post_unknown")
    actions.record_absence(post, start, end, actor=viewer, at=clock.now(), reason=got.get("reason", ""))
    return _("请假已登记；这段时间不再派单给此岗位。")


def _do_end_absence(request: HttpRequest, held: Person, viewer: Viewer) -> str:
    actions.end_absence(_uuid(request.POST.get("absence", "")), actor=viewer, at=clock.now())
    return _("已销假。")


def _do_change(request: HttpRequest, held: Person, viewer: Viewer) -> str:
    values = {name: request.POST.get(name, "") for name in ("name", "phone", "email")}
    return _("已修改。") if actions.change_person(held.pk, values, actor=viewer, at=clock.now()) else _("没有改动。")


def _do_password(request: HttpRequest, held: Person, viewer: Viewer) -> str:
    actions.set_password(held.pk, request.POST.get("password", ""), actor=viewer, at=clock.now())
    return _("密码已更换，此人已在各处退出登录。")


def _do_reset(request: HttpRequest, held: Person, viewer: Viewer) -> str:
    reason = request.POST.get("reason", "")
    actions.reset_second_factor(held.pk, actor=viewer, at=clock.now(), reason=reason)
    return _("第二重验证已清除；此人下次登录时重新设置。")


def _do_end(request: HttpRequest, held: Person, viewer: Viewer) -> str:
    actions.end_person(held.pk, actor=viewer, at=clock.now(), reason=request.POST.get("reason", ""))
    return _("账号已停用，岗位全部结束，未办结的事项正在移交。")


VERBS: Final = {
    "grant": _do_grant, "end_post": _do_end_post, "absence": _do_absence, "end_absence": _do_end_absence,
    "change": _do_change, "password": _do_password, "reset": _do_reset, "end": _do_end,
}  # fmt: skip
