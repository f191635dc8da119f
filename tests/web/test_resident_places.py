"""Asking back: a name that several places have is asked about once, and one tap places the matter."""

from typing import Any

import pytest
from django.test import Client

from tests.web.test_resident import matter_of, resident, say

__all__ = ["resident"]


@pytest.fixture
def namesakes(town: Any) -> tuple[str, str]:
    """Two villages of one name in two townships."""
    from linli.kernel import stamps
    from linli.matters import reference
    from linli.places.models import Place, PlaceName
    from tests.matters.town import COUNTY, T0

    county = Place.objects.get(area=COUNTY)
    found = []
    for number, name in ((2, "石桥镇"), (3, "龙潭镇")):
        area = f"{COUNTY}10{number}"
        township = Place.objects.create(
            code=area, area=area, level="township", name=name, parent=county, active_from=T0
        )
        village = Place.objects.create(
            code=area + "201",
            area=area + "201",
            level="village",
            name="新民村村民委员会",
            parent=township,
            active_from=T0,
        )
        for place in (township, village):
            PlaceName.objects.create(place=place, name=place.name, kind="official", valid_from=T0)
        found.append(village.area)
    stamps.bump("places")
    reference.forget()
    return found[0], found[1]


def test_one_tap_places_the_matter(resident: Client, namesakes: tuple[str, str]) -> None:
    from linli.matters.learning_models import Correction

    code = say(resident, "新民村的路灯坏了")
    page = resident.get(f"/t/{code}/answer").content.decode()
    assert "您说的是哪一处" in page
    for area, town in zip(namesakes, ("石桥镇", "龙潭镇"), strict=True):
        assert f'name="area" value="{area}"' in page
        assert town in page
    assert len(matter_of(code).area) == 4
    answer = resident.post(f"/t/{code}/step/place", {"area": namesakes[1]})
    assert answer.status_code == 302, answer.content.decode()
    assert matter_of(code).area == namesakes[1]
    after = resident.get(f"/t/{code}").content.decode()
    assert "您说的是哪一处" not in after
    assert "您说明了地点" in after
    assert "龙潭镇" in after
    (kept,) = Correction.objects.filter(matter=matter_of(code), field="area")
    assert (kept.source, kept.chosen, kept.agreed) == ("resident", namesakes[1], kept.said == namesakes[1])


def test_the_question_in_english(namesakes: tuple[str, str]) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    code = say(client, "新民村的路灯坏了")
    page = client.get(f"/t/{code}/answer").content.decode()
    assert "Which one do you mean?" in page
    assert "One tap is enough" in page


def test_a_place_that_is_none_is_refused(resident: Client, namesakes: tuple[str, str]) -> None:
    code = say(resident, "新民村的路灯坏了")
    answer = resident.post(f"/t/{code}/step/place", {"area": "110101001"})
    assert answer.status_code >= 400
    assert len(matter_of(code).area) == 4


def test_what_is_clear_is_not_asked(resident: Client, namesakes: tuple[str, str]) -> None:
    code = say(resident, "石桥镇新民村的路灯坏了")
    assert matter_of(code).area == namesakes[0]
    assert "您说的是哪一处" not in resident.get(f"/t/{code}/answer").content.decode()


def test_examples_name_places_of_the_city(resident: Client) -> None:
    assert "柳荫社区" in resident.get("/help").content.decode()
    assert "例如：柳荫社区的路灯" in resident.get("/").content.decode()
