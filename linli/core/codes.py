"""Codes with rules of their own: areas (GB/T 2260, 10114), identity numbers (GB 11643), organisations (GB 32100),
devices (GB/T 28181 annex D), telephones, dossiers and a matter's human code.

Readers take what people type (full-width digits, blanks, several dashes) and raise ValueError for what can't be right.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

LEVELS: Final = {4: "city", 6: "county", 9: "township", 12: "village", 15: "grid"}
"""The level of an area by its number of digits, widest first."""
TOWNSHIP: Final = 9

_DASHES = re.compile(r"[‐‑‒–—―−﹣ー~〜]")
_AREA = re.compile(r"[1-9][0-9]{3}(?:[0-9]{2}(?:[0-9]{3}){0,3})?")


def _plain(text: str) -> str:
    """Half-width, one kind of dash, no blanks."""
    return re.sub(r"\s+", "", _DASHES.sub("-", unicodedata.normalize("NFKC", text)))


# Areas


def is_area(text: str) -> bool:
    """Whether *text* is an area of one of the five levels; its last part is never all zeros."""
    return _AREA.fullmatch(text) is not None and text[-2 if len(text) <= 6 else -3 :].strip("0") != ""


def level_of(area: str) -> str:
    """The level of an area; ValueError when its length is that of none."""
    level = LEVELS.get(len(area))
    if level is None:
        raise ValueError(f"{area!r} is no area: one has {', '.join(map(str, LEVELS))} digits")
    return level


def parents(area: str) -> tuple[str, ...]:
    """The areas that contain *area*, the city first, without itself."""
    level_of(area)
    return tuple(area[:length] for length in LEVELS if length < len(area))


def area_of_code(code: str) -> str:
    """The area of an official code of 6, 9, 12 or 15 digits: ``511100`` and ``511100000000`` are ``5111``."""
    text = _plain(code)
    if len(text) not in (6, 9, 12, 15):
        raise ValueError(f"{code!r} is no area code: one has 6, 9, 12 or 15 digits")
    while len(text) > 4 and text.endswith("00" if len(text) == 6 else "000"):
        text = text[: -2 if len(text) == 6 else -3]
    if not is_area(text):
        raise ValueError(f"{code!r} is no code of a city or of a place in one")
    return text


def code_of_area(area: str, digits: int = 0) -> str:
    """The official code: a city's has six digits; *digits* (6, 9, 12 or 15) fills up with zeros."""
    if not is_area(area):
        raise ValueError(f"{area!r} is no area")
    return area.ljust(max(6, digits), "0")


# Identity numbers of people and organisations

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT = re.compile(rf"[{_CREDIT_CHARS}]{{2}}[0-9]{{6}}[{_CREDIT_CHARS}]{{10}}")
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity number in its 18 characters, with the county that issued it and the day of birth."""

    number: str
    county: str
    born: date


def identity_check(first: str) -> str:
    """The 18th character for the first 17 digits (GB 11643: ISO 7064 MOD 11-2)."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first, _IDENTITY_WEIGHTS, strict=True)) % 11]


def read_identity(text: str) -> Identity:
    """An identity number of 18 characters (x or X) or of the old 15, which is brought to 18."""
    number = _plain(text).upper()
    if re.fullmatch(r"[0-9]{15}", number):
        century = "18" if number[12:] in ("996", "997", "998", "999") else "19"  # those serials were for the very old
        number = number[:6] + century + number[6:]
        number += identity_check(number)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise ValueError("an identity number has 18 characters, or 15 digits")
    if not _PROVINCES.match(number):
        raise ValueError("the first two digits of an identity number name no province")
    if identity_check(number[:17]) != number[17]:
        raise ValueError("the last character of the identity number does not fit the others")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValueError("the identity number holds no day of birth that exists") from None
    return Identity(number, number[:6], born)


def credit_check(first: str) -> str:
    """The 18th character of a unified social credit code (GB 32100: MOD 31 with powers of 3)."""
    total = sum(_CREDIT_CHARS.index(char) * pow(3, place, 31) for place, char in enumerate(first))
    return _CREDIT_CHARS[-total % 31]


def read_credit(text: str) -> str:
    """A unified social credit code, in capitals."""
    code = _plain(text).upper()
    if not _CREDIT.fullmatch(code):
        raise ValueError("a unified social credit code has 18 letters and digits, without I, O, S, V and Z")
    if credit_check(code[:17]) != code[17]:
        raise ValueError("the last character of the unified social credit code does not fit the others")
    return code


# Devices


@dataclass(frozen=True, slots=True)
class Device:
    """A public device: 8 digits of its centre, 2 of the trade, 3 of the type, 7 of the serial number."""

    centre: str
    trade: str
    type: str
    serial: str

    def __str__(self) -> str:
        return self.centre + self.trade + self.type + self.serial


def read_device(text: str) -> Device:
    """A device code of 20 digits (GB/T 28181 annex D)."""
    code = _plain(text)
    if not re.fullmatch(r"[1-9][0-9]{19}", code):
        raise ValueError("a device code has 20 digits")
    return Device(code[:8], code[8:10], code[10:13], code[13:])


# Telephones

_COUNTRY = re.compile(r"^(?:(?:\+|00)86-?|86-?(?=1[3-9][0-9]))")
_WITHOUT_ZERO = re.compile(r"0|1[3-9]|[48]00")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})-?([2-8][0-9]{6,7})(?:(?:-|转|分机|EXT\.?)([0-9]{1,6}))?")
_LOCAL = re.compile(r"([2-8][0-9]{6,7})(?:(?:-|转|分机|EXT\.?)([0-9]{1,6}))?")
_FREE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")
_SHORT = re.compile(r"1[0-2][0-9]|1[02][0-9]{3}|9[5-6][0-9]{3,4}")


def read_phone(text: str, local_prefix: str = "") -> str:
    """A Chinese telephone number in one form.

    ``13812345678``, ``0833-2441234``, ``0833-2441234-801``, ``4001234567``, ``12345``.
    *local_prefix* (``0833``) completes a landline number given without one.
    """
    number = re.sub(r"[()]", "", _plain(text).upper())
    number, from_abroad = _COUNTRY.subn("", number)
    if from_abroad and not _WITHOUT_ZERO.match(number):
        number = f"0{number}"
    digits = number.replace("-", "")
    if _MOBILE.fullmatch(digits):
        return digits
    if match := _FREE.fullmatch(number):
        return match[1] + match[2] + match[3]
    if _SHORT.fullmatch(digits):
        return digits
    if local_prefix and (match := _LOCAL.fullmatch(number)):
        number = f"{local_prefix}-{number}"
    if (match := _LANDLINE.fullmatch(number)) and (len(match[1]) == 4 or len(match[2]) == 8):
        return "-".join(part for part in match.groups() if part)
    raise ValueError("this is no Chinese telephone number; a landline needs its prefix, as in 0833-2441234")


# Dossiers and matters

_DOSSIER = re.compile(r"[(〔\[]([12][0-9]{3})[)〕\]]年?(\w{1,12}?)人调字第([1-9][0-9]{0,6})号")
_MATTER = re.compile(r"([0-9]{4}|[0-9]{6}|[0-9]{9})-?([0-9]{8})-([0-9]{4,7})")


@dataclass(frozen=True, slots=True)
class Dossier:
    """The number of a mediation dossier; ``word`` stands for the committee, ``(2026)乐人调字第12号``."""

    year: int
    word: str
    number: int

    def __str__(self) -> str:
        return f"（{self.year}）{self.word}人调字第{self.number}号"


def read_dossier(text: str) -> Dossier:
    """A dossier number, in any kind of bracket."""
    match = _DOSSIER.fullmatch(_plain(text))
    if match is None:
        raise ValueError("a dossier number reads （2026）乐人调字第12号")
    return Dossier(int(match[1]), match[2], int(match[3]))


@dataclass(frozen=True, slots=True)
class MatterCode:
    """What people call a matter by: the place down to the township, the day, the running number of both."""

    area: str
    day: date
    number: int

    def __str__(self) -> str:
        return f"{self.area}-{self.day:%Y%m%d}-{self.number:04d}"


def matter_code(area: str, day: date, number: int) -> str:
    """``511102004-20261123-0007`` for any area in that township; *day* is local."""
    if not is_area(area) or number < 1:
        raise ValueError(f"no matter code for area {area!r} and number {number}")
    return str(MatterCode(area[:TOWNSHIP], day, number))


def read_matter_code(text: str) -> MatterCode:
    """A matter's human code as typed or read out."""
    match = _MATTER.fullmatch(_plain(text))
    if match is None or not is_area(match[1]) or int(match[3]) < 1:
        raise ValueError("a matter's code reads 511102004-20261123-0007")
    try:
        day = date(int(match[2][:4]), int(match[2][4:6]), int(match[2][6:]))
    except ValueError:
        raise ValueError(f"there is no day {match[2]}") from None
    return MatterCode(match[1], day, int(match[3]))
