"""Advertising pasted into a genuine message is marked, the message kept; genuine words about advertising are not."""

import csv
import os
import time
from pathlib import Path

import pytest

from linli.procedures.categories import Catalogue
from linli.understanding import advertising
from linli.understanding.reader import read

GENUINE = "小区门口的路灯不亮，请尽快维修。"
PASTED = [
    "关注“云川发布”微信公众号，获取更多资讯",
    "扫描二维码关注我们",
    "长按识别二维码，关注本报官方微信",
    "点击下载新闻APP，随时随地看新闻",
    "点击上方蓝字关注我们",
    "责任编辑：王小明",
    "责编：李华",
    "编辑：小张 审核：老李",
    "广告热线：0833-2123456",
    "商务合作：010-88886666",
    "爆料热线：0833-2110000",
    "【广告】春季家装节火热开启",
    "推广",
    "更多精彩内容，请关注本报客户端",
    "版权声明：未经授权不得转载",
    "转载请注明出处",
    "搜索公众号“健康养生堂”关注即可领取",
    "回复“资料”免费领取",
    "代开发票，加微信abc12345",
    "专业办证刻章，电话13812345678",
    "低息贷款，当天放款，咨询13900001111",
    "无抵押贷款 秒到账 联系微信daikuan888",
    "澳门线上赌场，注册就送彩金88元",
    "真人棋牌平台，下载APP送体验金",
    "兼职刷单日赚300，加QQ123456789",
    "网站优化快速排名，SEO服务找我们",
    "减肥茶特价，货到付款，微信 slim2020",
    "新楼盘火爆热销，首付8万起，看房热线：0833-8888888",
    "扫码进群领取优惠券",
    "立即下载，领取新人红包",
    "信用卡套现，POS机办理，来电咨询13800138000",
    "一手货源诚招代理，加V：hy66888",
    "高薪诚聘，日结工资，电话15912345678",
    "股票内幕消息，牛股推荐群，免费加入",
    "Click here to claim your free gift",
    "Buy now and get 50% off",
    "Follow us on Facebook",
    "SEO services at the best price, contact whatsapp 12345678",
]
HARMLESS = [
    "楼道里贴满了办证刻章的小广告，电话13812345678，请清理",
    "我关注了社区公众号，但是一直没人回复",
    "公众号打不开，请问怎么办",
    "下载了政务APP，无法登录，请解决",
    "健身房低价促销后关门，充值卡不退款，电话打不通",
    "我是做兼职的，老板拖欠日结工资，电话13812345678",
    "有人打着贷款的名义骗老人，请查处",
    "超市特价商品已过期，还在卖",
    "公交站的广告牌倒了，挡住人行道",
    "楼下棋牌室半夜很吵",
    "请问创业贷款怎么申请，联系电话13812345678",
    "请在小区门口加一个扫码充电桩",
    "点击申请后页面没有反应",
    "快递不送上门，客服电话打不通",
    "编辑部门口的井盖坏了",
    "来源不明的气味，晚上更重",
]


@pytest.mark.parametrize("pasted", PASTED)
@pytest.mark.parametrize("joint", ["", "\n", " "])
def test_marked_and_the_message_kept(catalogue: Catalogue, pasted: str, joint: str) -> None:
    reading = read(f"{GENUINE}{joint}{pasted}\n谢谢", catalogue=catalogue, gazetteer=None)
    marked = "".join(reading.text[span.start : span.end] for span in reading.advertising)
    assert marked
    assert "路灯" not in marked
    assert reading.kind != "advertisement"
    assert reading.parts[0].category is not None
    assert reading.parts[0].category.code == "urban.lighting.streetlamp"


@pytest.mark.parametrize("text", HARMLESS)
def test_not_marked(text: str) -> None:
    assert advertising.find(text) == ()


def test_hardly_a_genuine_letter_is_marked() -> None:
    folder = Path(os.environ.get("LINLI_FIELD_DATA", Path(__file__).parents[3] / "shared" / "field-data"))
    file = folder / "tipdm-c" / "train.csv"
    if not file.exists():
        pytest.skip("the field data is not here; LINLI_FIELD_DATA says where it is")
    with file.open(encoding="utf-8-sig") as lines:
        letters = [f"{row['subject']}。{row['detail']}" for row in csv.DictReader(lines)]
    marked = sum(1 for letter in letters if advertising.find(letter))
    assert marked <= 0.003 * len(letters)


@pytest.mark.parametrize("unit", ["关注", "扫码", "点击下载，", "贷款", "http://", "广告", "加微信a", "a.b.c."])
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    def seconds(size: int) -> float:
        start = time.perf_counter()
        advertising.find((unit * size)[:size])
        return time.perf_counter() - start

    seconds(2_000)
    small, large = min(seconds(4_000) for _ in range(3)), min(seconds(20_000) for _ in range(2))
    assert large < 25 * small + 0.05
