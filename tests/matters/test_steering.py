"""From which confidence on no person is asked: by city, published, in force without a restart."""

import pytest

from linli.kernel import declarations
from linli.matters import reference, steering
from linli.matters.intake import Request, receive
from linli.understanding.reading import DEFAULT_LIMITS, Hints, Limits
from tests.matters.town import CITY, GRID, T0

SENTENCE = "柳荫社区第一网格路灯不亮"


def publish(ident, body):  # type: ignore[no-untyped-def]
    declarations.publish(steering.KIND, ident, body, actor="person:x", at=T0)
    return reference.current(fresh=True)


def test_a_city_without_its_own_takes_the_defaults(town):  # type: ignore[no-untyped-def]
    assert reference.current().steering.of(CITY) == DEFAULT_LIMITS


def test_a_published_limit_decides_the_next_request(town):  # type: ignore[no-untyped-def]
    sure = reference.current().read(SENTENCE, Hints(pin_area=GRID)).parts[0]
    assert sure.sure
    assert sure.category is not None
    stage = receive(Request(SENTENCE, "page", area=GRID), at=T0).items[0].stage
    above = min(0.99, sure.category.confidence + 0.02)
    assert above > sure.category.confidence, "the sentence must leave room above it, or this test shows nothing"
    publish(CITY, steering.limits_body(Limits(above, 0.6)))
    after = receive(Request(SENTENCE, "page", area=GRID), at=T0).items[0].stage
    assert (stage, after) == ("received", "triage")
    publish(CITY, steering.limits_body(Limits(0.5, 0.6)))
    assert receive(Request(SENTENCE, "page", area=GRID), at=T0).items[0].stage == "received"


def test_another_city_is_not_meant(town):  # type: ignore[no-untyped-def]
    publish("8801", steering.limits_body(Limits(0.99, 0.99)))
    assert receive(Request(SENTENCE, "page", area=GRID), at=T0).items[0].stage == "received"


@pytest.mark.parametrize(
    "body",
    ["category = 0.2\nplace = 0.6", "category = 1.0\nplace = 0.6", "category = true\nplace = 0.6", "place = 0.6",
     "category = 0.8\nplace = 0.6\nother = 1", "category = ", 'category = "0.8"\nplace = 0.6',
     "category = nan\nplace = 0.6"],
)  # fmt: skip
def test_a_body_that_can_not_be_is_refused_and_left_out(town, body):  # type: ignore[no-untyped-def]
    with pytest.raises(steering.BadSteering):
        steering.limits_of(body)
    assert publish(CITY, body).steering.of(CITY) == DEFAULT_LIMITS


def test_bodies_come_back_as_they_were(town):  # type: ignore[no-untyped-def]
    assert steering.limits_of(steering.limits_body(Limits(0.87, 0.65))) == Limits(0.87, 0.65)
    assert steering.model_of(steering.model_body("2026-11-23-abc")) == "2026-11-23-abc"
    for bad in ('version = "../x"', "version = 3", "", 'version = "a\\nb"'):
        with pytest.raises(steering.BadSteering):
            steering.model_of(bad)
