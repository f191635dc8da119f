"""Uploads that never came to a step: their files go after a day, when no reference to them is good any more."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Signal

from django.conf import settings
from django.db import close_old_connections, connection

from linli.kernel import clock
from linli.matters import media, timeguard
from linli.matters.models import Evidence

log = logging.getLogger("linli.orphans")
EVERY = 900.0  # seconds
KEPT = timedelta(hours=25)  # references to uploads are good for 24 hours


def sweep_once(at: datetime) -> int:
    """Remove files written more than a day before *at* that no matter holds; how many. One query a folder (of 256)."""
    removed, limit = 0, (at - KEPT).timestamp()
    for folder in sorted(Path(settings.MEDIA_ROOT).glob("??")):
        old = dict(_older(limit, folder.iterdir()))
        if not old:
            continue
        held = set(Evidence.objects.filter(sha256__in={*old.values()}).values_list("sha256", flat=True))
        orphaned = {path: digest for path, digest in old.items() if digest not in held}
        for path, _ in _older(limit, orphaned):  # once more: one that was sent again meanwhile stays
            path.unlink(missing_ok=True)
            removed += 1
    if removed:
        log.info("%s files of uploads that came to no step are removed", removed)
    return removed


def _older(limit: float, paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Those last written before *limit* (seconds since the epoch) with the digest they belong to."""
    for path in paths:
        digest = path.name.removesuffix(".thumb")
        try:
            if path.stat().st_mtime < limit and (media.is_digest(digest) or path.name.startswith(".new-")):
                yield path, digest
        except FileNotFoundError:  # another sweeper was faster
            continue


def loop(stop: Signal) -> None:
    """Look every quarter of an hour until *stop* is set; not while the system's time is not trusted."""
    while not stop.wait(EVERY):
        try:
            if not timeguard.held():
                sweep_once(clock.now())
        except Exception:
            log.exception("looking for orphaned uploads failed; it is tried again")
            connection.close()
        close_old_connections()
