"""The columns of imported tables: by which titles they are known, and which are refused. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from linli.core.refusals import Refused

UNITS: Final = {
    "name": ("name", "unit", "单位", "单位名称", "名称"),
    "area": ("area", "areacode", "辖区", "辖区代码", "区划代码", "地方代码"),
    "kind": ("kind", "type", "类型", "单位类型"),
    "tag": ("tag", "field", "职责领域", "领域"),
    "duties": ("duties", "categories", "职责", "职责分类", "负责分类"),
    "phone": ("phone", "telephone", "电话", "联系电话"),
    "name_en": ("nameen", "englishname", "英文名称", "英文名"),
    "parent": ("parent", "上级", "上级单位"),
}
PEOPLE: Final = {
    "username": ("username", "login", "account", "登录名", "用户名", "账号"),
    "name": ("name", "姓名", "名字"),
    "phone": ("phone", "mobile", "电话", "手机", "手机号", "联系电话"),
    "email": ("email", "邮箱", "电子邮箱"),
    "unit": ("unit", "unitname", "单位", "单位名称"),
    "unit_area": ("unitarea", "单位辖区", "单位辖区代码", "单位区划代码"),
    "role": ("role", "post", "岗位", "角色", "职务"),
    "area": ("area", "areacode", "辖区", "辖区代码", "区划代码", "网格代码", "地方代码"),
}
KINDS: Final = {
    "centre": ("centre", "center", "中心", "综治中心"),
    "department": ("department", "部门", "职能部门", "局"),
    "station": ("station", "站所", "站", "所"),
    "studio": ("studio", "工作室"),
    "social_organisation": ("socialorganisation", "socialorganization", "ngo", "社会组织"),
}
# What is never collected of a person: religion, ethnicity, political opinion, biometrics, ratings.
_REFUSED_ZH = re.compile(
    r"宗教|信仰|教派|民族|族别|族裔|政治|党派|党员|入党|指纹|掌纹|人脸|面部|面容|虹膜|声纹|步态|基因|DNA|生物识别|生物特征"
    r"|信用分|评分|打分|评级|风险等级|风险级别|重点人员|标签|画像",
    re.IGNORECASE,
)
_REFUSED_EN = re.compile(
    r"relig|faith|\bcreed|ethnic|\brace\b|racial|\btribe|politic|\bparty\b|partymember|biometr|fingerprint|\bface|facial|\biris\b"
    r"|voiceprint|\bgait\b|\bdna\b|genetic|\brating|\bscore|\brank\b|risklevel|risk level|\blabels?\b"
)


def plain(title: str) -> str:
    """A title without spaces, case and punctuation, full width folded."""
    return re.sub(r"[\s_\-（）()/·:：*]+", "", unicodedata.normalize("NFKC", title)).lower()


def refuse_forbidden(titles: Sequence[str]) -> None:
    """Raise Refused that names every column that may not be collected."""
    named = []
    for title in titles:
        spaced = re.sub(r"[\s_\-./]+", " ", unicodedata.normalize("NFKC", title)).strip()
        split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", spaced).lower()
        if _REFUSED_ZH.search(spaced.replace(" ", "")) or _REFUSED_EN.search(split):
            named.append(title.strip())
    if named:
        raise Refused("forbidden_column", column="、".join(named))


def found(header: Sequence[str], table: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Which column holds what; the first of several wins."""
    places: dict[str, int] = {}
    for number, title in enumerate(header):
        word = plain(title)
        for key, aliases in table.items():
            if word in aliases:
                places.setdefault(key, number)
                break
    return places


def kind_of(text: str) -> str:
    """A kind of unit by any of its names; the text itself where none fits."""
    word = plain(text)
    return next((kind for kind, names in KINDS.items() if word in names or word == plain(kind)), text.strip())
