"""Which rooms of the house stand, and how something in them is found by name."""

import importlib
import importlib.util
from functools import cache
from typing import Any

DJANGO_ROOMS = (
    "linli.kernel",
    "linli.audit",
    "linli.places",
    "linli.parties",
    "linli.matters",
    "linli.channels",
    "linli.indicators",
    "linli.web",
)


@cache
def exists(module: str) -> bool:
    """Whether *module* can be imported; its packages are, itself is not."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def find(target: str) -> Any:
    """What ``package.module:name`` names. Raises ImportError or AttributeError."""
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)
