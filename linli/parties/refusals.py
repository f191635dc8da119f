"""Refusals of this room that the house's table has no words for."""

from linli.core.refusals import Refusal, Refused
from linli.core.role_words import said
from linli.core.words import Words

_WORDS: dict[str, Words] = {
    "username_taken": Words(
        "登录名“{username}”已有人使用，请换一个。", "The sign-in name “{username}” is taken; choose another."
    ),
    "unit_taken": Words(
        "“{area}”已有名为“{name}”的单位，请核对后再建。",
        "“{area}” has a unit named “{name}” already; check before adding.",
    ),
    "own_post": Words(
        "不能给自己授予岗位，请由另一位安全管理员办理。",
        "Nobody grants a post to themselves; ask another security administrator.",
    ),
    "person_ended": Words(
        "{name}的账号已停用，不能授予岗位。", "The account of {name} has been ended; it takes no posts."
    ),
    "unit_ended": Words("{name}已撤销，不能安排岗位。", "{name} has been dissolved; it takes no posts."),
}


def refused(code: str, **params: object) -> Refused:
    """A refusal with this room's words, filled in."""
    return Refused(Refusal(code, params, said_by=_WORDS[code]))


def not_allowed(step: Words, roles: frozenset[str]) -> Refused:
    """Only *roles* may take *step*."""
    names = [said(role) for role in sorted(roles)]
    return Refused(
        "not_allowed", step=step, roles=Words("、".join(n.zh for n in names), ", ".join(n.en for n in names))
    )


def wrong(field: Words, why: Words) -> Refused:
    """A field was filled in wrongly."""
    return Refused("field_wrong", field=field, why=why)


def missing(field: Words) -> Refused:
    """A field was left empty."""
    return Refused("field_missing", field=field)
