"""Which column of a table of requests holds what, by the names that cities and platforms use."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "id": (
        *("id", "编号", "留言编号", "诉求编号", "工单编号", "工单号", "事项编号", "信件编号", "受理编号", "requestid"),
        *("servicerequestid", "srrecordid", "servicerequestnum", "uniquekey", "caseid", "key"),
    ),
    "subject": ("subject", "title", "留言主题", "主题", "标题", "诉求标题", "信件标题"),
    "detail": (
        *("detail", "details", "query", "content", "text", "message", "description", "留言详情", "留言内容", "详情"),
        *("内容", "诉求内容", "反映内容", "问题描述", "信件内容", "来信内容", "descriptor"),
    ),
    "time": (
        *("time", "date", "querydate", "createddate", "opened", "openedat", "requesteddatetime", "留言时间", "时间"),
        *("诉求时间", "受理时间", "创建时间", "来信时间", "反映时间", "登记时间", "留言日期"),
    ),
    "closed": (
        *(
            "closed",
            "closedat",
            "closedate",
            "closeddate",
            "replydate",
            "replytime",
            "办结时间",
            "办结日期",
            "答复时间",
        ),
        *("回复时间", "答复日期", "关闭时间"),
    ),
    "settled": ("statusdate", "状态时间"),
    "status": ("status", "srstatus", "状态", "办理状态"),
    "reply": ("reply", "answer", "答复意见", "答复", "回复", "答复内容", "回复内容"),
    "agency": ("replyagency", "agency", "答复单位", "承办单位", "办理单位", "回复单位"),
    "lon": ("lon", "lng", "long", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "address": ("address", "incidentaddress", "addressstring", "地址", "地点", "事发地址", "发生地点"),
    "area": ("area", "areacode", "网格编码", "区划代码", "所属网格编码"),
    "category": ("category", "srtype", "servicecode", "complainttype", "分类", "类别", "诉求类型", "label", "一级标签"),
    "name": ("contactname", "姓名", "联系人", "诉求人"),
    "phone": ("phone", "contactphone", "电话", "手机", "手机号", "联系电话"),
    "email": ("email", "邮箱", "电子邮箱"),
}
# What is never stored of people (docs of the safeguards): parts of a title, and whole titles.
FORBIDDEN_PARTS: Final = (
    *(
        "民族",
        "宗教",
        "信仰",
        "政治面貌",
        "党派",
        "指纹",
        "人脸",
        "虹膜",
        "声纹",
        "基因",
        "信用分",
        "信用等级",
        "人员评级",
    ),
    *("ethnic", "religio", "politicalview", "politicalaffiliation", "biometric", "fingerprint", "faceid"),
)
FORBIDDEN: Final = frozenset({"race", "faith", "creed", "党员"})
CLOSED_WORDS: Final = (
    *("closed", "resolved", "cancel", "duplicate"),
    *("已办结", "办结", "已办理", "已答复", "已回复", "已关闭", "已完成", "已归档"),
)


def plain(title: str) -> str:
    """A title without blanks, marks and case."""
    return re.sub(r"[\s_\-（）()/·:：*]+", "", unicodedata.normalize("NFKC", title)).lower()


def columns_of(header: Sequence[str]) -> dict[str, list[int]]:
    """Field → the columns that may hold it, best name first."""
    titles = [plain(title) for title in header]
    found: dict[str, list[int]] = {}
    for field, names in ALIASES.items():
        places = [titles.index(name) for name in names if name in titles]
        if places:
            found[field] = list(dict.fromkeys(places))
    return found


def usable(columns: dict[str, list[int]]) -> bool:
    """Whether there are words to import: a text, or at least what kind of request it is."""
    return bool({"detail", "subject", "category"} & columns.keys())


def forbidden(header: Sequence[str]) -> list[str]:
    """Titles of what Linli never stores of people."""
    return [
        title for title in header if plain(title) in FORBIDDEN or any(part in plain(title) for part in FORBIDDEN_PARTS)
    ]


def is_closed(status: str) -> bool:
    """Whether a source's own status says that it is finished."""
    return status.strip().lower().startswith(CLOSED_WORDS)
