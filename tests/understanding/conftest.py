"""A small invented city, and the shipped catalogue."""

import pytest

from linli.procedures.categories import Catalogue, shipped
from linli.understanding.gazetteer import Gazetteer

PLACES = [
    ("云川市", "9901", "city"),
    ("市中区", "990101", "county"),
    ("青石县", "990102", "county"),
    ("临江街道", "990101001", "township"),
    ("白塔街道", "990101002", "township"),
    ("石桥镇", "990102101", "township"),
    ("龙潭乡", "990102201", "township"),
    ("望江楼社区居委会", "990101001001", "village"),
    ("和平社区居委会", "990101001002", "village"),
    ("和平社区居委会", "990101002001", "village"),
    ("柳树湾村村委会", "990102101201", "village"),
    ("新民村村民委员会", "990102101202", "village"),
    ("新民村村民委员会", "990102201201", "village"),
    ("滨江路", "990101001001", "road"),
    ("滨江路", "990101001002", "road"),
    ("金色家园", "990101002001", "estate"),
    ("老菜市场", "990101001001", "alias"),
    *[(f"第{n}网格", f"990101001001{i:03}", "grid") for i, n in enumerate("一二三四五", 1)],
    *[(f"柳树湾村第{i}网格", f"990102101201{i:03}", "grid") for i in range(1, 13)],
]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return shipped()


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.build(PLACES)
