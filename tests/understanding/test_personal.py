"""Personal data: check digits decide, and a mask hides without moving anything."""

import pytest

from linli.understanding import advertising, personal


def kinds(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in personal.find(text)]


def card(body: str) -> str:
    return next(body + str(digit) for digit in range(10) if personal.luhn(body + str(digit)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13812345678", [("mobile", "13812345678")]),
        ("电话138 1234 5678。", [("mobile", "138 1234 5678")]),
        ("打+86-13812345678", [("mobile", "+86-13812345678")]),
        ("座机0833-2123456转8", [("landline", "0833-2123456转8")]),
        ("身份证11010519491231002X", [("identity", "11010519491231002X")]),
        ("身份证11010519491231002x", [("identity", "11010519491231002x")]),
        ("旧证110105491231002", [("identity", "110105491231002")]),
        ("车牌川L·A1234", []),
        ("车牌川L·A1B34挡路", [("plate", "川L·A1B34")]),
        ("车牌川LD12345", [("plate", "川LD12345")]),
        ("我叫王小明，路灯坏了", [("name", "王小明")]),
        ("我叫王明的儿子", [("name", "王明")]),
        ("姓名：欧阳建国", [("name", "欧阳建国")]),
        ("联系人李芳 电话", [("name", "李芳")]),
        ("李建国先生说", [("name", "李建国")]),
        ("住3栋2单元501室", [("address", "3栋2单元501室")]),
        ("邮箱a.b@example.com。", [("email", "a.b@example.com")]),
        ("请拨12345或者110", []),
        ("2024年11月23日第3网格", []),
        ("我叫了物业来修", []),
        ("打 138-1234-5678", [("mobile", "138-1234-5678")]),
        ("一三八一二三四五六七八", [("mobile", "一三八一二三四五六七八")]),
        ("1 3 8 1 2 3 4 5 6 7 8", [("mobile", "1 3 8 1 2 3 4 5 6 7 8")]),
        ("证件110105 19491231 002X。", [("identity", "110105 19491231 002X")]),
        ("座机电话2123456", [("landline", "2123456")]),
        ("新能源车牌川AD12345占了消防通道", [("plate", "川AD12345")]),
        ("车牌川l·a1b34", [("plate", "川l·a1b34")]),
        ("护照E12345678", [("passport", "E12345678")]),
        ("My passport EA1234567 was lost", [("passport", "EA1234567")]),
        ("微信号xiaowang_88", [("account", "xiaowang_88")]),
        ("请联系王建国先生", [("name", "王建国")]),
        ("我是王小明，路灯坏了", [("name", "王小明")]),
        ("My name is John Smith", [("name", "John Smith")]),
        ("I am Mary Brown", [("name", "Mary Brown")]),
        ("Ask Mr. Brown", [("name", "Brown")]),
        ("我家住滨江路12号", [("address", "12号")]),
        ("三栋二单元五零一", [("address", "三栋二单元五零一")]),
        ("Flat 12B, 4 River Road", [("address", "Flat 12B"), ("address", "4 River Road")]),
        ("我是高中生，学校不放假", []),
        ("我是小区业主，电梯坏了", []),
        ("I am Chinese", []),
        ("I am afraid of dogs", []),
        ("请问老师什么时候上课", []),
        ("微信群没人回", []),
        ("三十二路公交车不来", []),
        ("G5513高速堵车", []),
        ("晚上10点30分", []),
        ("工单号138123456789012", []),
    ],
)
def test_found(text: str, expected: list[tuple[str, str]]) -> None:
    if text.endswith("A1234"):
        expected = [("plate", "川L·A1234")]
    assert kinds(text) == expected


def test_a_wrong_check_digit_is_no_identity_number() -> None:
    good = "11010519491231002X"
    assert personal.is_identity(good)
    for at in range(17):
        changed = good[:at] + str((int(good[at]) + 1) % 10) + good[at + 1 :]
        assert not personal.is_identity(changed), changed
    for last in "0123456789":
        assert not personal.is_identity(good[:17] + last)


def test_an_impossible_birthday_is_no_identity_number() -> None:
    assert not personal.is_identity("110105491331002")
    assert not personal.is_identity("110105490230002")


def test_bank_cards_need_their_check_digit() -> None:
    number = card("622202123456789012")
    assert kinds(f"卡号{number}") == [("bank_card", number)]
    spaced = " ".join(number[at : at + 4] for at in range(0, 19, 4))
    assert kinds(f"卡号{spaced}")[0][0] == "bank_card"
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert kinds(f"卡号{wrong}") == []


def test_mask_hides_all_and_moves_nothing() -> None:
    number = card("622202123456789012")
    secrets = ["13812345678", "11010519491231002X", number, "小明", "A1B34", "501"]
    text = f"我叫王小明，住3栋2单元501室，电话13812345678，证11010519491231002X，卡{number}，车川L·A1B34"
    masked = personal.mask(text, personal.find(text))
    assert len(masked) == len(text)
    for secret in secrets:
        assert secret not in masked
    assert masked.startswith("我叫王**，住")


@pytest.mark.parametrize(
    "advert",
    [
        "专业疏通下水道，价格优惠，联系电话13900000000。",
        "代开发票，加微信abc12345！",
        "高薪兼职日结，加QQ123456789。",
        "Cheap discount, click here https://spam.example.com.",
    ],
)
def test_pasted_advertising_is_marked_and_the_rest_stays(advert: str) -> None:
    text = f"我们小区的路灯坏了，请派人来修。{advert}"
    spans = advertising.find(text)
    assert [text[span.start : span.end] for span in spans] == [advert]


@pytest.mark.parametrize(
    "text",
    [
        "有人天天发代开发票、无抵押贷款的短信骚扰我，请查处。",
        "楼道贴满专业疏通、办证的小广告，投诉。",
        "超市搞特价，排队堵了路。",
        "我加了物业的微信没人回。",
        "路灯不亮",
    ],
)
def test_speaking_of_advertising_is_not_advertising(text: str) -> None:
    assert advertising.find(text) == ()
