"""The city's trained model as intake uses it: the newest accepted file of DATA/understanding, read again when it moved.

A folder that is missing or holds no model means that the city reads cold, from its catalogue alone. A broken file is
logged once and the last good model stays. Looking costs one listing of a small folder.
"""

import importlib
import importlib.util
import logging
import os
import threading
from pathlib import Path

from linli.kernel import settings
from linli.matters.steering import COLD, NEWEST
from linli.understanding.classify import Voice

log = logging.getLogger("linli.understanding")
FOLDER = "understanding"

Mark = tuple[tuple[str, int, int], ...]

_lock = threading.Lock()
_held: tuple[tuple[Path, str], Mark, Voice | None] | None = None


def folder() -> Path:
    """Where this city's models are kept."""
    return settings.current().data / FOLDER


def current(of: Path | None = None, version: str = NEWEST) -> Voice | None:
    """The model in force, or None: the newest, the one that *version* names, or none for COLD. The same object as long
    as folder and version do not change."""
    global _held
    if version == COLD:
        return None
    where = of or folder()
    mark, key = _mark(where), (where, version)
    held = _held
    if held is not None and held[0] == key and held[1] == mark:
        return held[2]
    with _lock:
        before = _held[2] if _held is not None and _held[0][0] == where else None
        found = _loaded(where, before, version) if mark else None
        _held = (key, mark, found)
    return found


def _mark(where: Path) -> Mark:
    """Names, times (ns) and sizes of what is in the folder, two levels deep; empty without it."""
    found: list[tuple[str, int, int]] = []
    try:
        with os.scandir(where) as entries:
            for entry in entries:
                seen = entry.stat()
                found.append((entry.name, seen.st_mtime_ns, seen.st_size))
    except OSError:
        return ()
    return tuple(sorted(found))


def _loaded(where: Path, before: Voice | None, version: str) -> Voice | None:
    """What the folder holds; what stood before when it can't be read."""
    if importlib.util.find_spec("linli.understanding.model") is None:
        return None
    store = importlib.import_module("linli.understanding.model.store")  # numpy loads only where there is a model

    try:
        named = version if version in store.listed(where) else NEWEST
        if version != named:
            log.warning("the chosen model %s is not in %s; the newest is used", version, where)
        found: Voice | None = store.opened(where, named) if named else store.load(where)
    except Exception:  # a damaged file must not keep a city from receiving messages
        log.exception(
            "the model in %s could not be read; %s stays", where, before.version if before else "cold reading"
        )
        return before
    if found is not None and (before is None or found.version != before.version):
        log.info("model %s is in force", found.version)
    return found
