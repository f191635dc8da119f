"""Invented letters of three labels, each row made of its label's words, of words that all share, and of noise."""

import random
from pathlib import Path

from linli.understanding.model.letters import Letter

WORDS = {
    "交通": ("公交车", "站台", "红绿灯", "班次", "司机", "堵车", "斑马线", "停车位"),
    "环境": ("污水", "臭味", "垃圾", "噪音", "粉尘", "河道", "油烟", "焚烧"),
    "教育": ("学校", "老师", "补课", "校服", "食堂", "学位", "幼儿园", "招生"),
}
SHARED = ("请", "尊敬的领导", "您好", "我们小区", "附近", "一直", "希望", "处理", "多次反映", "谢谢", "A3区", "2019年")


def invented(count: int, seed: int = 7) -> list[Letter]:
    """*count* letters; about one in twelve carries a foreign word."""
    luck = random.Random(seed)
    letters = []
    for line in range(2, count + 2):
        label = luck.choice(sorted(WORDS))
        own = luck.sample(WORDS[label], 4)
        if luck.random() < 0.08:
            own[0] = luck.choice(WORDS[luck.choice(sorted(WORDS))])
        subject = "".join((luck.choice(SHARED), own[0], luck.choice(SHARED), str(line)))
        noise = ["".join(chr(luck.randrange(0x4E00, 0x9000)) for _ in range(9)) for _ in range(3)]
        detail = "，".join(luck.sample([*own[1:], *noise, *luck.sample(SHARED, 3)], 9)) + "。"
        letters.append(Letter(subject, detail, label, line))
    return letters


def written(path: Path, letters: list[Letter], columns: str = "subject,detail,label") -> Path:
    """As a CSV file with these columns."""
    names = columns.split(",")
    rows = [columns, *(",".join(f'"{getattr(one, name)}"' for name in names) for one in letters)]
    path.write_text("\n".join(rows) + "\n", "utf-8-sig")
    return path
