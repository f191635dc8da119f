"""What a row says, in words, and the key under which it is taken once. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

NOTHING: Final = ("-", "—", "无")
_PARTS: Final = ("time", "closed", "lon", "lat", "address")


def text_of(values: Mapping[str, str]) -> str:
    """The words: subject and detail, said once; a bare kind of request goes with its address."""
    subject, detail = (_said(values, name) for name in ("subject", "detail"))
    if not subject and not detail:
        category, address = _said(values, "category"), _said(values, "address")
        return "，".join(part for part in (category, address) if part) if category else ""
    if not detail or not subject or detail.startswith(subject):
        return detail or subject
    return f"{subject}\n{detail}"


def key_of(values: Mapping[str, str]) -> tuple[str, bytes]:
    """(key, what it stands for): the source's own id, or a digest of the row where it has none."""
    body = json.dumps([text_of(values), *(values.get(name, "") for name in _PARTS)], ensure_ascii=False)
    raw = body.encode("utf-8", "surrogatepass")
    return (values.get("id", "") or "row-" + hashlib.sha256(raw).hexdigest()[:40])[:120], raw


def _said(values: Mapping[str, str], name: str) -> str:
    text = values.get(name, "")
    return "" if text in NOTHING else text
