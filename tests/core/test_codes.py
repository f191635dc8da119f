"""Codes: what each rule accepts, and that every single slip in a checked number is seen."""

from datetime import date

import pytest

from linli.core import codes


def test_levels() -> None:
    chain = ["5111", "511102", "511102004", "511102004001", "511102004001001"]
    assert [codes.level_of(area) for area in chain] == ["city", "county", "township", "village", "grid"]
    assert codes.parents(chain[4]) == tuple(chain[:4])
    assert codes.parents("5111") == ()
    assert all(codes.is_area(area) for area in chain)
    with pytest.raises(ValueError, match="digits"):
        codes.level_of("51110")


@pytest.mark.parametrize(
    "area", ["", "51", "5100", "511100", "511102000", "0111", "51110x", "５１１１", "5111 ", "511102004001000"]
)
def test_no_area(area: str) -> None:
    assert not codes.is_area(area)


@pytest.mark.parametrize(
    ("code", "area"),
    [
        ("511100", "5111"),
        ("511100000000", "5111"),
        ("511102", "511102"),
        ("511102000000", "511102"),
        ("511102004", "511102004"),
        ("511102004000", "511102004"),
        ("511102004001", "511102004001"),
        ("511102004001001", "511102004001001"),
        ("441900003000", "441900003"),  # a city without counties
        (" ５１１１００ ", "5111"),
    ],
)
def test_codes_and_areas(code: str, area: str) -> None:
    assert codes.area_of_code(code) == area
    assert codes.is_area(area)
    assert codes.area_of_code(codes.code_of_area(area, len(codes._plain(code)))) == area


def test_code_of_area() -> None:
    assert codes.code_of_area("5111") == "511100"
    assert codes.code_of_area("511102", 12) == "511102000000"
    for wrong in ("", "51", "5100"):
        with pytest.raises(ValueError, match="no area"):
            codes.code_of_area(wrong)


@pytest.mark.parametrize("code", ["", "5111", "510000", "510000000000", "000000", "51110200", "51110A", "99"])
def test_no_code(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        codes.area_of_code(code)


# Numbers printed as examples in GB 11643 and in the standard for organisations
IDENTITY = "11010519491231002X"
CREDIT = "91350100M000100Y43"


def test_identity() -> None:
    found = codes.read_identity("110105 19491231 002x")
    assert (found.number, found.county, found.born) == (IDENTITY, "110105", date(1949, 12, 31))
    assert codes.read_identity("110105491231002") == found
    assert codes.read_identity("１１０１０５１９４９１２３１００２Ｘ") == found
    assert codes.read_identity("440524188001010014").born == date(1880, 1, 1)
    assert codes.read_identity("110105050101996").born == date(1805, 1, 1)


@pytest.mark.parametrize(
    "text",
    ["", "1101051949123100", "110105194912310021", "990105194912310021", "110105491331002", "11010519491231002Y"],
)
def test_no_identity(text: str) -> None:
    with pytest.raises(ValueError, match="identity"):
        codes.read_identity(text)


def test_a_day_of_birth_that_is_none() -> None:
    first = "11010519490230002"
    with pytest.raises(ValueError, match="day of birth"):
        codes.read_identity(first + codes.identity_check(first))


def test_every_single_slip_in_an_identity_number_is_seen() -> None:
    for place, right in enumerate(IDENTITY[:17]):
        for digit in set("0123456789") - {right}:
            assert codes.identity_check(IDENTITY[:place] + digit + IDENTITY[place + 1 : 17]) != "X"
    for place in range(16):
        swapped = IDENTITY[:place] + IDENTITY[place + 1] + IDENTITY[place] + IDENTITY[place + 2 : 17]
        assert swapped == IDENTITY[:17] or codes.identity_check(swapped) != "X"


def test_credit() -> None:
    assert codes.read_credit(" 91350100m000100y43") == CREDIT
    for place in range(17):
        for char in set(codes._CREDIT_CHARS) - {CREDIT[place]}:
            assert codes.credit_check(CREDIT[:place] + char + CREDIT[place + 1 : 17]) != "3"
    for wrong in ("", CREDIT[:-1], CREDIT[:-1] + "4", "I" + CREDIT[1:], CREDIT.replace("350100", "35010A")):
        with pytest.raises(ValueError, match="credit code"):
            codes.read_credit(wrong)


def test_device() -> None:
    device = codes.read_device("51110200 00 132 0000001")
    assert device == codes.Device("51110200", "00", "132", "0000001")
    assert str(device) == "51110200001320000001"
    for wrong in ("", "5111020000132000000", "5111020000132000000a", "01110200001320000001"):
        with pytest.raises(ValueError, match="20 digits"):
            codes.read_device(wrong)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("138–1234—5678", "13812345678"),
        ("08332441234", "0833-2441234"),
        ("(0833) 2441234", "0833-2441234"),
        ("（0833）2441234转801", "0833-2441234-801"),
        ("0833-2441234 分机 801", "0833-2441234-801"),
        ("0086 833 2441234", "0833-2441234"),
        ("+8601062345678", "010-62345678"),
        ("+86 10 6234 5678", "010-62345678"),
        ("010-62345678", "010-62345678"),
        ("400-810-1234", "4008101234"),
        ("+86-400-810-1234", "4008101234"),
        ("12345", "12345"),
        ("110", "110"),
        ("95588", "95588"),
    ],
)
def test_phones(text: str, number: str) -> None:
    assert codes.read_phone(text) == number
    assert codes.read_phone(number) == number


def test_a_local_number_needs_its_prefix() -> None:
    assert codes.read_phone("2441234", "0833") == "0833-2441234"
    assert codes.read_phone("2441234转801", "0833") == "0833-2441234-801"
    with pytest.raises(ValueError, match="prefix"):
        codes.read_phone("2441234")


@pytest.mark.parametrize(
    "text", ["", "1381234567", "138123456789", "12812345678", "0833-244123", "010-2345678", "电话", "999"]
)
def test_no_phone(text: str) -> None:
    with pytest.raises(ValueError, match="telephone"):
        codes.read_phone(text)


def test_dossier() -> None:
    dossier = codes.read_dossier("(2026)乐人调字第12号")
    assert dossier == codes.Dossier(2026, "乐", 12)
    assert str(dossier) == "（2026）乐人调字第12号"
    assert codes.read_dossier("〔2026〕 乐中 人调字第 12 号").word == "乐中"
    assert codes.read_dossier(str(dossier)) == dossier
    for wrong in ("", "2026乐人调字第12号", "(2026)乐人调字第0号", "(2026)人调字第12号"):
        with pytest.raises(ValueError, match="dossier"):
            codes.read_dossier(wrong)


def test_matter_code() -> None:
    assert codes.matter_code("511102004001001", date(2026, 11, 23), 7) == "511102004-20261123-0007"
    assert codes.matter_code("5111", date(2026, 11, 23), 12345) == "5111-20261123-12345"
    for area in ("5111", "511102", "511102004"):
        text = codes.matter_code(area, date(2026, 2, 1), 42)
        assert str(codes.read_matter_code(text)) == text
    assert codes.read_matter_code(" 511102004 － 20261123—0007 ").number == 7
    for wrong in (
        "",
        "511102004-20261123-0000",
        "511102004001-20261123-0007",
        "511102004-20261123-7",
        "5100-20261123-0007",
    ):
        with pytest.raises(ValueError, match="code"):
            codes.read_matter_code(wrong)
    with pytest.raises(ValueError, match="no day"):
        codes.read_matter_code("511102004-20260230-0007")
    with pytest.raises(ValueError, match="matter code"):
        codes.matter_code("51", date(2026, 2, 1), 1)
