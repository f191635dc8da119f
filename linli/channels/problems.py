"""Refusals as problem details (RFC 9457), the same for the native door and for Django's views."""

from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from linli.core.refusals import Refusal
from linli.core.words import Words

MEDIA_TYPE = "application/problem+json"


def problem(refusal: Refusal, language: str) -> dict[str, Any]:
    """The body: ``type`` names the refusal's code, ``detail`` says what to do, ``field`` which part of the form is
    meant."""
    words = refusal.words
    body: dict[str, Any] = {
        "type": f"urn:linli:refusal:{refusal.code}",
        "title": refusal.code.replace("_", " "),
        "status": refusal.status,
        "detail": words.said(language),
        "code": refusal.code,
        "params": {key: _plain(value, language) for key, value in refusal.params.items()},
    }
    if refusal.about:
        body["field"] = refusal.about
    return body


def problem_bytes(refusal: Refusal, language: str) -> bytes:
    """The body as it is sent."""
    return orjson.dumps(problem(refusal, language))


def _plain(value: object, language: str) -> object:
    if isinstance(value, Words):
        return value.said(language)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def language_of(accept: str) -> str:
    """``en`` when the first language asked for is English, else Chinese."""
    return "en" if accept.strip().lower().startswith("en") else "zh-hans"


def unreadable(error: Exception) -> Refusal:
    """The refusal for a body that Django itself could not take: too large, cut off, or no form."""
    if isinstance(error, RequestDataTooBig):
        return Refusal("body_too_large", {"limit": f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20} MB"})
    return Refusal("form_broken", {"why": str(error)[:120] or type(error).__name__})


UNREADABLE = (SuspiciousOperation, MultiPartParserError, UnreadablePostError)
