"""What intake forms hold, read the same way at the resident's page and at the desk."""

import json
from collections.abc import Iterable

from django.http import HttpRequest

LENGTHS = {"lon": 30, "lat": 30, "name": 60, "phone": 30, "area": 15, "address": 300, "category": 160}  # characters


def field(request: HttpRequest, name: str) -> str:
    """A short field without the blanks around it, cut to its length."""
    return request.POST.get(name, "").strip()[: LENGTHS[name]]


def key(request: HttpRequest) -> str:
    """The key that the form was given when it was shown; "" for what can be none."""
    given = request.POST.get("key", "")[:64]
    return given if given.isalnum() else ""


def body(held: Iterable[str]) -> bytes:
    """What an idempotency key stands for: the same fields typed again are the same bytes."""
    return json.dumps(list(held), ensure_ascii=False).encode("utf-8", "replace")
