# ruff: noqa: E501
"""The outbox sender in a process of its own: ``python -m tests.invariants.sender SECONDS``; SECONDS are added to the time.

So that a restarted one need not wait for the leases of a killed one. ``LINLI_TEST_DEFECT`` plants a defect.
"""

import os
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

django.setup()

from linli.channels import notify  # noqa: E402
from linli.kernel import clock, failpoints, outbox  # noqa: E402
from linli.matters.models import Notice  # noqa: E402


def _mark_first(messages: Any, handle: Any, at: Any) -> None:
    """Planted: marked as sent before it is sent."""
    outbox.done(messages, at=at)
    failpoints.hit("outbox.sent")
    if messages:
        handle(messages, at)


class _Keyless(Notice):
    """Planted: a new key with each delivery."""

    class Meta:
        proxy = True
        app_label = "matters"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"key": str(uuid4())} if "key" in kwargs else kwargs))


if __name__ == "__main__":
    defect = os.environ.get("LINLI_TEST_DEFECT")
    if defect == "mark_first":
        notify._guarded = _mark_first
    if defect == "no_key":
        notify.Notice = _Keyless  # type: ignore[misc]
    while notify.send_once(clock.now() + timedelta(seconds=float(sys.argv[1]))):
        pass
