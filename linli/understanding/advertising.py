"""Advertising pasted into a message: marked, never removed. A sentence needs two signals of different sorts.

Limits: a sentence that complains about advertising (投诉, 诈骗, 小广告 …) is never marked;
one signal alone is not enough.
"""

import re

from linli.understanding.reading import Span

_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]*")
_COMPLAINT = re.compile("投诉|举报|反映|诈骗|小广告|骚扰|被骗|骗|打击|查处|曝光|垃圾短信|传销|complain|scam")
_CONTACT = re.compile(
    r"(?:加|添加|咨询|联系)?(?:微信|威信|薇信|徽信|VX|vx|V信|v信|weixin|QQ|qq|扣扣|Q群)(?:号|群)?[:：]?\s*[A-Za-z0-9_-]{5,}"
    r"|加[vV微薇]|扫码(?:领|关注|加)|https?://|www\.|[a-z0-9-]{1,40}\.(?:com|cn|net|top|xyz|vip|cc)\b|热线[:：]?\s*[0-9-]{7,}"
    r"|(?:咨询|订购|预约|客服|联系)(?:电话|热线)?[:：]?\s*(?:400|1[3-9])[0-9-]{7,}"
)
_OFFER = re.compile(
    "代开发票|刷单|日结|兼职|无抵押|秒批|秒到账|低息|贷款(?:办理|当天|找)|免费领取|限时(?:优惠|抢购|特价)|特价|包邮|办证|刻章|包过|高薪|"
    "下注|投注|彩金|棋牌|博彩|娱乐城|返利|稳赚|日赚|月入|点击(?:链接|领取)|优惠券|全场[一二三四五六七八九0-9.]+折|厂家直销|加盟|招商|祖传秘方|包治|"
    "减肥茶|丰胸|壮阳|祛斑|专业(?:疏通|开锁|维修|搬家|清洗)|上门服务|价格优惠|欢迎(?:来电|选购|光临|订购)|诚招|开业大酬宾|私家侦探|内部资料|"
    "cheap|discount|click here|free gift|casino|earn money|buy now"
)


def find(text: str) -> tuple[Span, ...]:
    """Stretches that are advertising, neighbours joined."""
    spans: list[Span] = []
    for sentence in _SENTENCE.finditer(text):
        body = sentence[0]
        if not is_advertising(body):
            continue
        if spans and spans[-1].end == sentence.start():
            spans[-1] = Span("advertising", spans[-1].start, sentence.end())
        else:
            spans.append(Span("advertising", sentence.start(), sentence.end()))
    return tuple(spans)


def is_advertising(sentence: str) -> bool:
    """Whether one sentence advertises: a contact and an offer, or two different offers; and it complains of nothing."""
    offers = {match[0] for match in _OFFER.finditer(sentence)}
    if not offers:
        return False
    if len(offers) < 2 and not _CONTACT.search(sentence):
        return False
    return _COMPLAINT.search(sentence) is None
