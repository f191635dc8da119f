# ruff: noqa: E501
"""The catalogue of bad input: what people, machines and enemies send. Each case is a body of ``POST /api/v1/matters``.

Grows with every surprise. A case never expects a certain answer, only a good one: taken whole, or refused in words.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.matters.town import GRID

BASE = "柳荫社区第一网格路灯不亮"


@dataclass(frozen=True)
class Case:
    """*body*: JSON as a dictionary, or raw bytes. *text*: what must be kept when it is taken (None: not compared)."""

    name: str
    body: dict[str, Any] | bytes
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def cases() -> list[Case]:
    """All of them; names are unique."""
    made = [*_texts(), *_fields(), *_places(), *_shapes(), *_encodings(), *_keys(), *_ids()]
    assert len({one.name for one in made}) == len(made)
    return made


TEXTS: dict[str, str] = {
    "emoji": "🔥🔥着火了🚒", "emoji family": "👨‍👩‍👧‍👦走丢了", "flags": "🇨🇳路灯不亮", "skin tones": "👍🏽路灯修好了吗", "rtl": "\u202e路灯不亮\u202c", "arabic": "المصباح مكسور",
    "hebrew": "המנורה שבורה", "tibetan": "ལམ་གྱི་གློག་སྒྲོན་མེད", "uyghur": "چىراغ يانمايدۇ", "mongolian": "ᠭᠡᠷᠡᠯ ᠦᠭᠡᠢ", "yi": "ꆈꌠꁱꂷ", "korean": "가로등이 고장", "japanese": "街灯がつかない",
    "thai": "ไฟถนนเสีย", "zero width": "路\u200b灯\u200d不\ufeff亮", "soft hyphen": "路\u00ad灯不亮", "nul": "路灯\x00不亮", "only nul": "\x00\x00", "bell": "路灯\x07不亮",
    "escape": "\x1b[31m路灯不亮\x1b[0m", "c1": "路灯\x85不亮", "delete": "路灯\x7f不亮", "line separators": "路灯\u2028不亮\u2029", "tabs": "\t路灯\t不亮\t", "crlf": "路灯\r\n不亮\r\n",
    "vertical tab": "路灯\x0b不亮", "form feed": "路灯\x0c不亮", "blank": "   ", "empty": "", "ideographic spaces": "\u3000\u3000", "only punctuation": "！？。，", "only digits": "12345678901",
    "one character": "灯", "combining flood": "路" + "\u0301" * 5000, "zalgo": "r̶̡̛o̷̢͝a̸͎͝d̴̰̈́ l̵̬̑a̶̰͝m̸̫̈́p̴̩̈́", "nonchar": "路灯\ufffe不亮\uffff", "replacement": "路灯�不亮", "bom": "\ufeff路灯不亮",
    "private use": "路灯\ue000\uf8ff不亮", "supplementary": "𠀀𪚥𫠠路灯不亮", "extension g": "𰻝𰻝面馆噪音", "tag characters": "路灯\U000e0041\U000e007f不亮", "variation selectors": "葛\U000e0100城路灯",
    "rare names": "䶮㛃𬭎𬸚反映路灯不亮", "circled": "①路灯②垃圾③井盖", "fullwidth": "ＡＢＣ１２３路灯不亮", "halfwidth": "ｶﾞｽ漏れ", "roman": "Ⅷ号楼路灯不亮",
    "quick brown": "The street lamp is broken", "sql": "'; DROP TABLE matters_matter; --", "sql dollar": "$1 $$路灯$$", "sql comment": "/* 路灯 */ -- 不亮", "copy": "\\N\t\\.\n路灯",
    "template": "{{ 7*7 }} {% debug %} 路灯", "format": "{0.__class__} %s %n %(x)s 路灯", "script": "<script>alert(1)</script>路灯不亮", "img": "<img src=x onerror=alert(1)>路灯", "svg": "<svg onload=alert(1)>路灯",
    "entity": "&lt;路灯&gt; &#0; &amp;", "javascript": "javascript:alert(1) 路灯", "xxe": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "cdata": "<![CDATA[路灯]]>", "log4j": "${jndi:ldap://127.0.0.1/a}路灯",
    "path": "../../../../etc/passwd", "formula equals": "=1+1 路灯", "formula plus": "+8613912345678 路灯", "formula minus": "-1 路灯", "formula at": "@SUM(A1) 路灯", "formula fullwidth": "＝cmd|路灯", "formula tab": "\t=1+1",
    "csv quote": '"路灯","不亮"\n', "json in text": '{"text": "路灯"}', "url": "http://127.0.0.1:22/ 路灯不亮", "long url": "http://例子.测试/" + "a" * 3000, "long word": "灯" * 19_999, "limit": "灯" * 20_000, "over limit": "灯" * 20_001,
    "long latin": "a" * 19_990, "many lines": "路灯不亮\n" * 4000, "many lists": "".join(f"{n}、路灯不亮；" for n in range(1, 99)), "many also": "路灯不亮，另外" * 500, "brackets": "（" * 5000 + "路灯", "quotes": "“" * 5000,
    "backslashes": "\\" * 5000, "digits flood": "1" * 19_000, "phones flood": "13912345678 " * 1000, "ids flood": "11010519491231002X " * 800, "percent": "%" * 5000, "dots": "." * 19_000, "spaces inside": "路" + " " * 15_000 + "灯",
    "newlines inside": "路" + "\n" * 15_000 + "灯", "phone": "电话13912345678，路灯不亮", "id card": "身份证11010519491231002X，路灯不亮", "id lower x": "身份证11010519491231002x", "id 15": "身份证110105491231002", "id bad digit": "身份证110105194912310021",
    "landline": "0833-2123456 路灯", "phone spaces": "139 1234 5678 路灯", "phone fullwidth": "１３９１２３４５６７８路灯", "bank card": "卡号6222021234567890123", "advert": "路灯不亮。加微信abc123，低息贷款，秒到账！！！", "only advert": "低息贷款加微信abc123",
    "profanity": "他妈的路灯还不修", "danger": "我不想活了，想跳楼", "danger quoted": "新闻里说有人“跳楼”，小区路灯不亮", "gas": "闻到煤气味很浓", "fake danger": "作业多得要死，路灯不亮", "dates": "2月30日25时路灯不亮", "old date": "1899年12月31日起路灯不亮",
    "future": "2199年1月1日路灯不亮", "money": "￥-999999999999999999999", "float": "1e400 NaN Infinity 路灯", "mixed": "lu灯bu亮 ludeng", "traditional": "路燈不亮，垃圾無人清運", "mars": "蕗燈卟煷", "pinyin": "lu deng bu liang",
    "morse": "... --- ...", "base64": "6Lev54Gv5LiN5Lqu" * 50, "markdown": "# 路灯\n- [x](javascript:1)", "only newline": "\n", "lone cr": "\r", "nbsp": "\xa0路灯\xa0", "math": "𝓁𝒶𝓂𝓅 路灯", "braille": "⠇⠥⠙⠑⠝⠛", "hangul filler": "ㅤㅤ",
}  # fmt: skip


def _texts() -> Iterator[Case]:
    for name, text in TEXTS.items():
        yield Case(f"text {name}", {"text": text}, text)
        yield Case(f"text {name}, placed", {"text": text, "area": GRID, "category": ""}, text)


def _fields() -> Iterator[Case]:
    odd = (
        "\x00",
        "a\x00b",
        "\ufffe",
        "🔥",
        "\u202e甲",
        "=1+1",
        "<b>甲</b>",
        "' OR 1=1",
        "甲" * 59,
        "甲" * 61,
        "甲" * 301,
        "{{x}}",
        "\r\n甲: 乙",
        "䶮",
    )
    for where in ("address", "area", "near", "category", "language", "crs"):
        for number, value in enumerate(odd):
            yield Case(f"{where} odd {number}", {"text": BASE, where: value}, BASE)
    for where in ("name", "phone", "email"):
        for number, value in enumerate(odd):
            yield Case(f"contact {where} odd {number}", {"text": BASE, "contact": {where: value}}, BASE)
    for where in ("text", "address", "area", "near", "category", "crs", "language", "contact", "lon", "lat"):
        for number, value in enumerate((None, True, 0, -1, 1.5, [], {}, ["x"], {"a": 1}, "", 10**30)):
            yield Case(f"{where} of another type {number}", {"text": BASE, where: value})


def _places() -> Iterator[Case]:
    points = {
        "swapped": (29.505, 103.705), "zero": (0, 0), "poles": (0, 90), "beyond": (181, 91), "far beyond": (1e9, -1e9), "huge": (1e308, 1e308), "tiny": (1e-320, 1e-320), "sea": (150.0, 20.0),
        "elsewhere": (116.4, 39.9), "edge": (103.70, 29.50), "corner": (103.72, 29.51), "negative": (-103.7, -29.5), "integer": (104, 30), "precise": (103.70512345678901, 29.50512345678901),
    }  # fmt: skip
    for name, (lon, lat) in points.items():
        for crs in ("wgs84", "gcj02", "bd09", "cgcs2000"):
            yield Case(f"point {name} {crs}", {"text": BASE, "lon": lon, "lat": lat, "crs": crs}, BASE)
    for name, raw in {
        "nan": "NaN",
        "infinity": "Infinity",
        "minus infinity": "-Infinity",
        "overflow": "1e999",
        "text": '"abc"',
        "degrees": '"29°30"',
    }.items():
        yield Case(f"point {name}", f'{{"text": "路灯", "lon": {raw}, "lat": {raw}}}'.encode())
    yield Case("only lon", {"text": BASE, "lon": 103.705}, BASE)
    yield Case("only lat", {"text": BASE, "lat": 29.505}, BASE)
    for number, area in enumerate(
        (
            "9999",
            "99010200100100100",
            "abcdef",
            "990102001001001 ",
            "９９０１",
            "-1",
            "0",
            "990102001001009",
            "%",
            "_",
            "~",
            "990102~",
        )
    ):
        yield Case(f"area {number}", {"text": BASE, "area": area}, BASE)


def _shapes() -> Iterator[Case]:
    raw: dict[str, bytes] = {
        "nothing": b"", "blank": b" ", "null": b"null", "true": b"true", "number": b"1", "string": b'"x"', "list": b"[]", "list of one": b'[{"text": "x"}]', "empty object": b"{}", "cut": b'{"text": "\xe8\xb7',
        "cut early": b"{", "trailing comma": b'{"text": "x",}', "comment": b'{/* */"text": "x"}', "single quotes": b"{'text': 'x'}", "twice": b'{"text": "a", "text": "b"}', "more after": b'{"text": "x"} {"text": "y"}', "unknown field": b'{"text": "x", "stage": "closed"}',
        "mass assignment": b'{"text": "x", "id": "1", "holder_post": "1", "urgent": true, "code": "1"}', "proto": b'{"text": "x", "__proto__": {"a": 1}}', "deep": b'{"text": ' + b"[" * 5000 + b"]" * 5000 + b"}", "deep objects": b'{"a":' * 3000 + b"1" + b"}" * 3000,
        "many fields": json.dumps({"text": "x"} | {f"f{n}": n for n in range(5000)}).encode(), "big": json.dumps({"text": "灯" * 200_000}).encode(), "a megabyte": b'{"text": "' + b"a" * 1_000_000 + b'"}', "nul byte": b'{"text": "a\x00b"}', "escaped nul": b'{"text": "\\u0000"}', "form": b"text=abc",
        "xml": b"<text>abc</text>", "zip": b"PK\x03\x04" + b"\x00" * 64, "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "gzip": b"\x1f\x8b\x08" + b"\x00" * 64, "bom": b'\xef\xbb\xbf{"text": "x"}', "escaped key": b'{"\\u0074ext": "x"}', "huge number": b'{"text": "x", "lon": ' + b"9" * 5000 + b"}",
    }  # fmt: skip
    for name, body in raw.items():
        yield Case(f"body {name}", body)
    for name, kind in {
        "form": "application/x-www-form-urlencoded",
        "text": "text/plain",
        "none": "",
        "multipart": "multipart/form-data",
        "odd": "application/json; charset=gbk",
        "nonsense": "nonsense",
        "long": "a/" + "b" * 3000,
    }.items():
        yield Case(f"content type {name}", b'{"text": "x"}', headers={"Content-Type": kind})


def _encodings() -> Iterator[Case]:
    for code in (
        "gbk",
        "gb18030",
        "gb2312",
        "big5",
        "utf-16",
        "utf-16-le",
        "utf-32",
        "utf-8-sig",
        "shift_jis",
        "euc_kr",
        "utf-7",
        "hz",
    ):
        body = json.dumps(
            {"text": "street lamp" if code in ("shift_jis", "euc_kr", "big5") else "路灯不亮"}, ensure_ascii=False
        )
        yield Case(f"encoding {code}", body.encode(code))
    for name, raw in {
        "lone high": "\\ud800",
        "lone low": "\\udc00",
        "reversed": "\\udc00\\ud800",
        "pair": "\\ud83d\\ude00",
        "high at end": "路\\ud83d",
        "escaped nul inside": "路\\u0000灯",
        "nonchar": "\\uffff",
        "bad escape": "\\x",
        "short escape": "\\u12",
    }.items():
        yield Case(f"escape {name}", f'{{"text": "{raw}"}}'.encode())
    for name, raw_bytes in {
        "overlong": b"\xc0\xaf",
        "surrogate": b"\xed\xa0\x80",
        "beyond": b"\xf4\x90\x80\x80",
        "cut": b"\xe8\xb7",
        "continuation": b"\x80\x80",
        "ff": b"\xff\xfe",
    }.items():
        yield Case(f"utf-8 {name}", b'{"text": "' + raw_bytes + b'"}')


def _keys() -> Iterator[Case]:
    keys = {
        "empty": "",
        "blank": " ",
        "long": "k" * 121,
        "limit": "k" * 120,
        "control": "a\tb",
        "latin": "caf\xe9",
        "quotes": "\"'`",
        "sql": "';--",
        "percent": "%s%n",
        "path": "../..",
        "json": "{}",
        "spaces": "a b c",
    }
    for name, key in keys.items():
        yield Case(f"key {name}", {"text": f"{BASE}，{name}"}, f"{BASE}，{name}", {"Idempotency-Key": key})
    for name, token in {
        "empty": "",
        "basic": "Basic eDp5",
        "bearer only": "Bearer",
        "bearer blank": "Bearer  ",
        "unknown": "Bearer linli_" + "x" * 43,
        "long": "Bearer linli_" + "x" * 4000,
        "latin": "Bearer caf\xe9",
        "two": "Bearer a b",
    }.items():
        yield Case(f"token {name}", {"text": BASE}, headers={"Authorization": token})
    for name, accept in {"nonsense": "\xff\xfe", "long": "zh," * 2000, "wild": "*", "weights": "en;q=abc"}.items():
        yield Case(f"language {name}", {"text": BASE}, BASE, {"Accept-Language": accept})


def _ids() -> Iterator[Case]:
    for number, phone in enumerate(
        (
            "12345678901",
            "+8613912345678",
            "00000000000",
            "139123456789",
            "一三九",
            "139-1234-5678",
            "0",
            "13912345678\x00",
            "１３９",
            "-1",
            "1" * 30,
            "1" * 31,
        )
    ):
        yield Case(f"phone {number}", {"text": BASE, "contact": {"phone": phone}}, BASE)
    for number, email in enumerate(
        (
            "@",
            "a@b",
            "甲@乙.丙",
            "a@" + "b" * 118,
            "a" * 200,
            "a\nb@c.d",
            "<a@b.c>",
            "a@b.c\r\nBcc: d@e.f",
            "javascript:alert(1)",
        )
    ):
        yield Case(f"email {number}", {"text": BASE, "contact": {"email": email}}, BASE)
