"""What an Open311 sender gives beside the words is shown on the matter's page to those who read the contact."""

from linli.matters.models import Matter, Statement
from tests.matters.town import Town
from tests.web.desk_world import client_of, say

LINK = "https://pictures.example.org/a?x=1&y=<b>"


def given() -> Matter:
    matter = say()
    said = Statement.objects.get(matter=matter)
    said.reading = said.reading | {"given": {"media_url": LINK, "attributes": {"POLE": ["7号", "北侧"]}}}
    said.save()
    return matter


def test_the_link_and_the_answers_are_shown_and_escaped(town: Town) -> None:
    matter = given()
    page = client_of(town, "vera").get(f"/desk/m/{matter.code}").content.decode()
    escaped = LINK.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f'href="{escaped}" target="_blank" rel="noopener noreferrer nofollow"' in page
    assert '<dt class="ll-text">POLE</dt><dd class="ll-text">7号、北侧</dd>' in page


def test_who_reads_no_contact_reads_no_link(town: Town) -> None:
    matter = given()
    Matter.objects.filter(pk=matter.pk).update(holder_post=None, holder_unit=town.units["urban"])
    page = client_of(town, "olga").get(f"/desk/m/{matter.code}").content.decode()
    assert matter.code in page
    assert LINK.partition("?")[0] not in page
    assert "POLE" not in page


def test_a_matter_from_a_resident_has_no_such_lines(town: Town) -> None:
    page = client_of(town, "vera").get(f"/desk/m/{say().code}").content.decode()
    assert "图片链接" not in page
