"""What a message wants: request, dispute, question, help in danger, praise or advertisement. Declared words only."""

import re

from linli.core.words import Words
from linli.understanding.reading import ADVERTISEMENT, DISPUTE, HELP, PRAISE, QUESTION, REQUEST, Reason

_QUESTION = re.compile(
    "请问|咨询|如何|怎么办理|怎么办|怎么交|怎么领|怎么报|怎么换|怎么申请|怎样|什么时候|何时|需要什么|哪里办|在哪|多少钱|是否|能不能|能否|可不可以|什么条件|什么手续|什么材料|"
    "为什么|为何|吗[？?]|呢[？?]|哪些|有没有|how do|how can|where do|when will|what is|may i ask|can i\\b"
)
_COMPLAINT = re.compile(
    "投诉|举报|反映|严重|扰民|坏了|不亮|没人管|无人管|堵|漏|断了|停水|停电|违规|违法|违建|乱|拖欠|不发|不给|不退|强制|危险|求助|请求|"
    "希望|要求|尽快|解决|整治|处理|broken|complain|please fix|blocked|illegal|leak|refuse"
)
_DISPUTE = re.compile(
    "纠纷|争吵|吵架|争执|矛盾|打架|互不相让|调解|索赔|要求赔偿|拒不赔|不肯赔|侵占我|占了我|打官司|离婚|赡养|抚养费|欠钱不还|"
    "dispute|quarrel|mediat"
)
_PRAISE = re.compile(
    "表扬|点赞|锦旗|热心肠|好人好事|(?:感谢|谢谢)[^，。！？\n]{0,12}(?:帮|师傅|民警|网格员|工作人员|及时|热情|解决了)|"
    "praise|thank you for"
)

REASONS: dict[str, Words] = {
    REQUEST: Words("没有其他迹象，按诉求处理", "Nothing says otherwise: treated as a request"),
    DISPUTE: Words("提到了纠纷、调解或赔偿", "It speaks of a quarrel, mediation or compensation"),
    QUESTION: Words("用了提问的说法，没有投诉的说法", "It asks, and complains of nothing"),
    HELP: Words("提到了危险", "It speaks of danger"),
    PRAISE: Words("表达了表扬或感谢", "It praises or thanks"),
    ADVERTISEMENT: Words("大部分内容是广告", "Most of it is advertising"),
}
USUAL = Words("这一类事项通常是纠纷", "Matters of this category are usually disputes")
MOSTLY = 0.6
"""Share of advertising from which on the whole message counts as such."""


def kind_of(text: str, *, danger: bool, advertising: float, default: str | None) -> tuple[str, Reason]:
    """The kind and why. *advertising* is the share of the text marked so, *default* the best category's own kind."""
    kind = default if default == DISPUTE else REQUEST
    complains = _COMPLAINT.search(text) is not None
    if danger:
        kind = HELP
    elif advertising > MOSTLY:
        kind = ADVERTISEMENT
    elif not complains and _PRAISE.search(text):
        kind = PRAISE
    elif _DISPUTE.search(text):
        kind, default = DISPUTE, None
    elif not complains and _QUESTION.search(text):
        kind = QUESTION
    return kind, USUAL if kind == DISPUTE == default else REASONS[kind]
