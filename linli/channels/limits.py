"""Limits against guessing and flooding by address, counted in the cache that all processes share."""

from django.core.cache import cache
from django.http import HttpRequest

from linli.core.refusals import Refused
from linli.kernel import clock


def _key(name: str, request: HttpRequest, seconds: int) -> str:
    window = int(clock.now().timestamp()) // seconds
    return f"door:{name}:{request.META.get('REMOTE_ADDR', '')}:{window}"


def guard(name: str, request: HttpRequest, *, most: int, seconds: int) -> None:
    """Raise Refused("too_many") when this address has used up *most* strikes in the present window of *seconds*."""
    if int(cache.get(_key(name, request, seconds), 0)) >= most:
        raise Refused("too_many", seconds=seconds - int(clock.now().timestamp()) % seconds)


def strike(name: str, request: HttpRequest, *, seconds: int) -> None:
    """Count one strike against the address."""
    key = _key(name, request, seconds)
    cache.add(key, 0, seconds)
    try:
        cache.incr(key)
    except ValueError:  # the window ended between the two
        cache.add(key, 1, seconds)
