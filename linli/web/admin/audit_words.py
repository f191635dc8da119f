"""The audit log in people's words: what was done, to what, by whom. One query for each kind of thing on a page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.audit.models import Entry
from linli.core.role_words import said as role_words
from linli.core.words import Words
from linli.matters import reference
from linli.matters.models import Matter
from linli.parties.models import Person, Post, Token, Unit
from linli.web import frame
from linli.web.admin.common import said

VERBS: Final[dict[str, Words]] = {
    "view": Words("查看", "Looked at"),
    "api": Words("经接口读取", "Read by API"),
    "export": Words("导出", "Exported"),
    "sign_in": Words("登录", "Signed in"),
    "sign_out": Words("退出登录", "Signed out"),
    "sign_in_failed": Words("登录失败", "Failed to sign in"),
    "second_factor_failed": Words("第二重验证失败", "Failed the second factor"),
    "add_second_factor": Words("添加第二重验证", "Added a second factor"),
    "remove_second_factor": Words("移除第二重验证", "Removed a second factor"),
    "reset_second_factor": Words("重置第二重验证", "Reset a second factor"),
    "set_password": Words("设置密码", "Set a password"),
    "create_person": Words("新建人员", "Added a person"),
    "change_person": Words("修改人员资料", "Changed a person"),
    "end_person": Words("停用人员", "Ended a person's account"),
    "create_unit": Words("新建单位", "Added a unit"),
    "change_unit": Words("修改单位", "Changed a unit"),
    "set_duties": Words("设置职责", "Set duties"),
    "grant_post": Words("任命岗位", "Granted a post"),
    "end_post": Words("免去岗位", "Ended a post"),
    "record_absence": Words("登记离岗", "Recorded an absence"),
    "end_absence": Words("结束离岗", "Ended an absence"),
    "issue_token": Words("签发接口令牌", "Issued a token"),
    "end_token": Words("停用接口令牌", "Ended a token"),
    "publish": Words("发布", "Published"),
    "import": Words("导入", "Imported"),
    "rename": Words("更名", "Renamed"),
    "add_names": Words("添加别名", "Added names"),
    "end_name": Words("停用地名", "Ended a name"),
    "erased": Words("删除个人信息", "Erased personal data"),
    "recompute": Words("重算时限", "Recomputed deadlines"),
    "clocks_held": Words("时间可疑，暂停计时", "Held clocks: time not trusted"),
    "clocks_released": Words("恢复计时", "Released clocks"),
    "time_accepted": Words("确认系统时间", "Confirmed the time"),
    "purge": Words("清除过期日志", "Purged old lines"),
    "demo": Words("生成演示数据", "Made demo data"),
}
KINDS: Final[dict[str, Words]] = {
    "matter": Words("事项", "Matter"),
    "person": Words("人员", "Person"),
    "post": Words("岗位", "Post"),
    "unit": Words("单位", "Unit"),
    "place": Words("地方", "Place"),
    "places": Words("地方", "Places"),
    "parties": Words("单位与人员", "Units and people"),
    "account": Words("账号", "Account"),
    "token": Words("接口令牌", "Token"),
    "page": Words("页面", "Page"),
    "list": Words("列表", "List"),
    "audit": Words("审计日志", "Audit log"),
    "time": Words("系统时间", "System time"),
    "category": Words("分类", "Category"),
    "routing": Words("派单规则", "Routing rules"),
    "calendar": Words("工作日历", "Calendar"),
    "procedure": Words("规程", "Procedure"),
    "understanding": Words("理解阈值", "Understanding thresholds"),
}
_PAGES: Final[dict[str, Words]] = {
    "city": Words("全市概览", "City page"),
    "audit": Words("审计日志", "Audit log"),
    "matters": Words("事项列表", "List of matters"),
}
_ACTORS: Final[dict[str, Words]] = {
    "nobody": Words("未登录者", "Nobody signed in"),
    "system": Words("系统", "The system"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as it is read; the raw values stay beside for filters and for whoever checks."""

    entry: Entry
    who: str
    verb: str
    kind: str
    target: str
    place: str


def verb(name: str) -> str:
    """What was done, in the reader's language; the raw name where no word is known."""
    return said(VERBS[name]) if name in VERBS else name


def kind(name: str) -> str:
    return said(KINDS[name]) if name in KINDS else name


def lines(rows: Iterable[Entry]) -> list[Shown]:
    """*rows* in words. At most one query for each kind of thing, whatever their number."""
    held = list(rows)
    people = _ids(row.actor.removeprefix("person:") for row in held if row.actor.startswith("person:"))
    tokens = _ids(row.actor.removeprefix("token:") for row in held if row.actor.startswith("token:"))
    wanted = {name: _ids(row.target for row in held if row.target_kind == name) for name in _FINDERS}
    wanted["person"] |= people
    wanted["token"] |= tokens
    names = {name: _FINDERS[name](ids) if ids else {} for name, ids in wanted.items()}
    return [
        Shown(row, _actor(row.actor, names), verb(row.verb), kind(row.target_kind), _target(row, names), _place(row))
        for row in held
    ]


def _ids(texts: Iterable[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


def _people(ids: set[UUID]) -> Mapping[UUID, str]:
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))


def _posts(ids: set[UUID]) -> Mapping[UUID, str]:
    rows = Post.objects.filter(pk__in=ids).values_list("pk", "person__name", "unit__name", "role")
    return {pk: f"{person} · {unit} · {said(role_words(role))}" for pk, person, unit, role in rows}


def _units(ids: set[UUID]) -> Mapping[UUID, str]:
    rows = Unit.objects.filter(pk__in=ids).values_list("pk", "name", "name_en")
    return {pk: said(Words(name, english or name)) for pk, name, english in rows}


def _tokens(ids: set[UUID]) -> Mapping[UUID, str]:
    return dict(Token.objects.filter(pk__in=ids).values_list("pk", "name"))


def _matters(ids: set[UUID]) -> Mapping[UUID, str]:
    """Codes alone: what is in a matter is no business of an administrator's."""
    return dict(Matter.objects.filter(pk__in=ids).values_list("pk", "code"))


_FINDERS: Final[dict[str, Callable[[set[UUID]], Mapping[UUID, str]]]] = {
    "person": _people,
    "post": _posts,
    "unit": _units,
    "token": _tokens,
    "matter": _matters,
}
Names = Mapping[str, Mapping[UUID, str]]


def _actor(actor: str, names: Names) -> str:
    sort, _colon, ident = actor.partition(":")
    if sort in ("person", "token"):
        for found in _ids([ident]):
            name = names[sort].get(found, actor)
            return said(Words(f"接口：{name}", f"API: {name}")) if sort == "token" else name
    word = _ACTORS.get(sort)
    if word is None:
        return actor
    return said(word) + (f" · {ident}" if ident else "")


def _target(row: Entry, names: Names) -> str:
    for found in _ids([row.target]) if row.target_kind in _FINDERS else ():
        return names[row.target_kind].get(found, row.target)
    if row.target_kind in ("place", "places"):
        return frame.area_chain(row.target)
    if row.target_kind in ("page", "list") and row.target in _PAGES:
        return said(_PAGES[row.target])
    return _declared(row.target_kind, row.target) or row.target


def _declared(sort: str, ident: str) -> str:
    """The name of a declaration, if it stands now."""
    declared = reference.current().declared
    if sort == "category" and ident in declared.catalogue.by_code:
        return said(declared.catalogue.by_code[ident].path)
    if sort == "procedure" and ident in declared.latest:
        return said(declared.latest[ident].labels)
    return ""


def _place(row: Entry) -> str:
    return frame.area_chain(row.area) if row.area else ""
