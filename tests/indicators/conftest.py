"""The small town of the matters' tests serves here too."""

from tests.matters.conftest import say, town

__all__ = ["say", "town"]
