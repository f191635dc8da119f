"""Danger to life in a text: what goes at once to the urgent path, with a person.

A missed danger costs more than a needless look, so only what plainly is none is passed over: a negation directly before
the words (没有着火), a word of prevention or of habit beside them (预防, 跳楼价), an event plainly long past (去年).
Limits: irony, quotations and negations further away (“说是着火，其实没有”) are still taken as danger; allusions without
any declared word are not found. A person decides in either case.
"""

import re
from typing import Final

from linli.core.words import Words
from linli.understanding.lexicon import Hit, Lexicon, folded
from linli.understanding.reading import Danger

KINDS: Final[dict[str, Words]] = {
    "fire": Words("火情", "Fire"),
    "gas": Words("燃气泄漏", "Gas leak"),
    "self_harm": Words("轻生风险", "Risk of self-harm"),
    "child_violence": Words("儿童受侵害", "Violence against a child"),
    "violence": Words("暴力伤害", "Violence"),
    "collapse": Words("倒塌塌方", "Collapse"),
    "electric": Words("触电漏电", "Electric shock"),
    "flood": Words("洪水溺水", "Flood or drowning"),
    "trapped": Words("人员被困", "People trapped"),
    "medical": Words("急病重伤", "Medical emergency"),
    "explosion": Words("爆炸", "Explosion"),
}

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "fire": (
        "着火 起火 失火 火灾 火警 冒浓烟 着大火 山火 烧起来了 电线冒烟 电表冒烟 电表箱冒烟 冒火花 冒火",
        "house fire|on fire|caught fire|flames",
    ),
    "gas": (
        "燃气泄漏 煤气泄漏 天然气泄漏 燃气泄露 煤气泄露 漏煤气 漏天然气 漏燃气 煤气味 燃气味 煤气中毒 燃气漏气",
        "gas leak|smell gas|smell of gas",
    ),
    "self_harm": (
        "自杀 轻生 不想活 活不下去 跳楼 割腕 上吊 喝农药 结束生命 结束自己 想死 寻短见 自残 没有活下去 去死了算了",
        "suicide|kill myself|end my life|want to die|self-harm",
    ),
    "violence": (
        "持刀 打我 砍人 杀人 拿刀 捅人 被捅 人被砍 被砍伤 被砍死 绑架 强奸 快被打死 打死人 往死里打 家暴 持械",
        "stabbed|with a knife|rape|beats me|kidnapped|domestic violence",
    ),
    "collapse": (
        "房子塌 楼塌 墙塌 房屋倒塌 墙倒塌 塌方 垮塌 坍塌 房子要倒 墙要倒 山体滑坡 泥石流 路面塌陷 快塌了 要塌了 塌下来",
        "collapsed|collapsing|landslide|mudslide",
    ),
    "electric": (
        "触电 漏电 电线掉下来 电线垂地 高压线断 电线断落",
        "electric shock|electrocuted|live wire",
    ),
    "flood": (
        "溺水 落水 决堤 掉进河 掉河里 山洪 被洪水 洪水进 掉进井",
        "drowning|drowned|flash flood",
    ),
    "trapped": (
        "困在电梯 电梯困人 被困 关在电梯 埋在下面",
        "trapped|stuck in the lift|stuck in the elevator",
    ),
    "medical": (
        "昏迷 晕倒 大出血 没有呼吸 没呼吸 心脏骤停 不省人事 吐血不止 快不行了 叫救护车 中毒",
        "unconscious|not breathing|heart attack|poisoned",
    ),
    "explosion": (
        "爆炸 炸了",
        "explosion|exploded",
    ),
}

_LEXICON: Lexicon[str] = Lexicon(
    (word, kind) for kind, (zh, en) in _WORDS.items() for word in (*zh.split(), *en.split("|"))
)
_NEGATED = re.compile(
    r"(?:没有|没|未|并无|无|并非|不是|不会|不存在|排除|no|not|isn't|wasn't|without)\s?(?:再|发生|出现|发现|闻到|任何|什么|真的|人员|有|过|人|a|any)*\s?$"
)
_PREVENTED = re.compile(
    r"(?:防止|预防|避免|以防|严防|谨防|杜绝|以免|免得|防|万一|如果|假如|要是|怕|担心会?|容易|可能会?|导致|引发|引起)[^，。；！？\n]{0,4}$"
)
_PREVENTED_NOW = frozenset({"fire", "explosion", "electric", "flood", "gas", "medical", "violence", "trapped"})
_PAST = re.compile(
    r"(?:去年|前年|以前|曾经|曾|当年|上个月|几年前|多年前|小时候|last year|years ago)[^，。；！？\n]{0,12}$"
)
_AFTER: Final[dict[str, re.Pattern[str]]] = {
    "fire": re.compile("锅|隐患|险情排查|演练|宣传|报警器|警铃|保险|预防|风险|事故调查|防控|点|科普|知识"),
    "gas": re.compile("报警器|检测|隐患排查|演练|知识"),
    "self_harm": re.compile("价|机|大甩卖|式|干预|热线|预防|我了|你了|他了"),
    "violence": re.compile("片|案|罪|预防|的?电话|手机|小报告"),
    "electric": re.compile("保护|开关|断路|跳闸|检测"),
    "explosion": re.compile("式|头|性增长|物品|物管理|天|锅"),
    "collapse": re.compile("预防|防治|演练"),
    "flood": re.compile("预防|防治|演练|灾害防御|预警"),
    "trapped": re.compile("扰|难|境"),
    "medical": re.compile("预防|知识"),
}
_FEEL = re.compile("(?:信息|知识|人气|数据|热得|气得)$")
_CHILD = "(?:孩子|小孩|儿童|未成年|幼儿|女童|男童|小朋友|婴儿|女儿|儿子|娃|学生|child|kid|baby)"
_HARM = "(?:殴打|毒打|虐待|家暴|猥亵|性侵|强奸|体罚|暴打|拐|侵犯|掐|烫|打伤|打得|打骂|打)"
_CHILD_HARMED = re.compile(
    rf"{_HARM}(?:了|伤|骂)?(?:自己|自家|他|她|我|家|小|女|的|几个|一个){{0,4}}{_CHILD}"
    rf"|{_CHILD}[^，。；！？\n]{{0,10}}(?:被|遭|挨|遭到)[^，。；！？\n]{{0,8}}{_HARM}(?!电话|招呼|针|断|扰|动|扫|车|分)"
    r"|(?:beat|hit|abus|molest)\w*\s(?:a|the|his|her|their|my|own|\s)*(?:child|kid|baby|son|daughter|children)"
    r"|(?:child|kid|baby)\s(?:is|was|being|\s)*(?:beaten|abused|molested)"
)
MOST_WEIGHED: Final = 20_000
_CHILD_HINT = re.compile("[打虐侵猥暴奸罚拐掐烫]|beat|abus|hit|molest")
_CLAUSE = re.compile("[，。；！？,;!?\n]")


def find(text: str) -> Danger | None:
    """The gravest danger said in the text, or None. One pass; a child in danger comes before everything else."""
    text = folded(text)
    if _CHILD_HINT.search(text):
        for match in _CHILD_HARMED.finditer(text):
            before = text[max(0, match.start() - 16) : match.start()]
            if not (_NEGATED.search(before) or _PREVENTED.search(before)):
                return Danger("child_violence", match[0], 0.85)
    best: Danger | None = None
    for hit in _LEXICON.scan(text)[:MOST_WEIGHED]:
        found = _weighed(text, hit)
        if found is not None and (best is None or found.confidence > best.confidence):
            best = found
    return best


def _weighed(text: str, hit: Hit[str]) -> Danger | None:
    kind = hit.payloads[0]
    before = _CLAUSE.split(text[max(0, hit.start - 18) : hit.start])[-1]
    after = text[hit.end : hit.end + 8]
    follows = _AFTER.get(kind)
    if _NEGATED.search(before) or _FEEL.search(before) or (follows is not None and follows.match(after)):
        return None
    if kind in _PREVENTED_NOW and _PREVENTED.search(before):
        return None
    if _PAST.search(before):
        return None
    return Danger(kind, hit.word, 0.9 if len(hit.word) > 2 else 0.8)
