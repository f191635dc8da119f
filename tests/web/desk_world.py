"""What the tests of field and desk share: signed-in clients and matters of the small town."""

import io
from typing import Any

from django.test import Client
from PIL import Image

from linli.kernel import clock
from linli.matters import actions
from linli.matters.apply import File
from linli.matters.intake import Request, receive
from linli.matters.models import Matter
from linli.parties.access import viewer_for
from tests.matters.town import GRID, Town
from tests.parties.people import sign_in


def client_of(town: Town, name: str) -> Client:
    """A browser in which *name* is signed in with both factors."""
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    return client if name == "nobody" else sign_in(client, town.people[name])


def say(text: str = "柳荫社区第一网格楼道堆放杂物没人管，请联系张三13912345678", **extra: Any) -> Matter:
    """A new matter in the first grid, said now."""
    extra.setdefault("area", GRID)
    got = receive(Request(text, "page", contact_name="张三", contact_phone="13912345678", **extra), at=clock.now())
    return Matter.objects.get(pk=got.items[0].id)


def act(town: Town, matter: Matter, who: str, step: str, files: tuple[File, ...] = (), **form: Any) -> Matter:
    """Take a step below the pages."""
    viewer = viewer_for(town.people[who], clock.now())
    actions.take(matter.pk, step, viewer=viewer, form=form, files=files, at=clock.now())
    matter.refresh_from_db()
    return matter


def photo(size: tuple[int, int] = (320, 240)) -> bytes:
    """The bytes of a JPEG with a GPS position in it."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (29.0, 33.0, 4.0)}
    exif[0x010E] = "CANARY-GPS"
    out = io.BytesIO()
    Image.new("RGB", size, (20, 120, 60)).save(out, "JPEG", exif=exif)
    return out.getvalue()
