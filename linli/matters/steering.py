"""What a city tells its understanding: from which confidence on no person is asked, and which model reads.

Published like other declarations (kind ``understanding``): one version after another with who and when, in force
without a restart. The ident is the city's area, or ``model`` for the model. Bodies are TOML of one to two lines.
"""

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from linli.core.words import Words
from linli.kernel import declarations
from linli.understanding.reading import DEFAULT_LIMITS, Limits

log = logging.getLogger("linli.understanding")
KIND: Final = "understanding"
MODEL: Final = "model"
NEWEST: Final = ""  # no version named: the newest accepted model
COLD: Final = "none"  # no trained model: the catalogue alone
RANGES: Final[Mapping[str, tuple[float, float]]] = {"category": (0.5, 0.99), "place": (0.3, 0.99)}


class BadSteering(ValueError):
    """A body that can't be used; ``words`` says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


@dataclass(frozen=True, slots=True)
class Steering:
    """All of it at one moment. *model*: a version, NEWEST or COLD."""

    limits: Mapping[str, Limits]
    model: str = NEWEST

    def of(self, area: str) -> Limits:
        """The limits of the city that *area* lies in."""
        return self.limits.get(area[:4], DEFAULT_LIMITS)


UNSTEERED: Final = Steering(MappingProxyType({}))


def load() -> Steering:
    """What is published; a broken body is left out with a log line. One query."""
    limits: dict[str, Limits] = {}
    model = NEWEST
    for row in declarations.current(KIND):
        try:
            if row.ident == MODEL:
                model = model_of(row.body)
            else:
                limits[row.ident] = limits_of(row.body)
        except BadSteering as bad:
            log.error("understanding %s version %s left out: %s", row.ident, row.version, bad)  # noqa: TRY400 - no fault of ours
    return Steering(limits, model)


def limits_of(body: str) -> Limits:
    """The limits that a body holds. Raises BadSteering."""
    data = _toml(body)
    found: dict[str, float] = {}
    for name, (low, high) in RANGES.items():
        value = data.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            raise BadSteering(f"“{name}”应为 {low} 到 {high} 的小数", f"{name} should be a number from {low} to {high}")
        found[name] = float(value)
    if strange := sorted(set(data) - set(RANGES)):
        raise BadSteering(f"不认识“{strange[0]}”", f"{strange[0]} is unknown")
    return Limits(**found)


def limits_body(limits: Limits) -> str:
    """The body that holds *limits*."""
    return f"category = {limits.category:.2f}\nplace = {limits.place:.2f}\n"


def model_of(body: str) -> str:
    """The model's version that a body names. Raises BadSteering."""
    version = _toml(body).get("version")
    if not isinstance(version, str) or len(version) > 100 or any(c in '"\\/\n' for c in version):
        raise BadSteering("模型版本写法不对", "the model's version is not written as one")
    return version


def model_body(version: str) -> str:
    """The body that names a model."""
    return f'version = "{version}"\n'


def _toml(body: str) -> dict[str, object]:
    try:
        return tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        raise BadSteering(f"文本读不懂：{error}", f"the text can't be read: {error}") from error
