"""What `linli up` has prepared, remembered in the data folder, so that the next start need not look again."""

import hashlib
import importlib.metadata
from pathlib import Path

from linli import __version__
from linli.kernel import postgres
from linli.kernel import settings as kernel_settings

HOUSE = Path(__file__).resolve().parent.parent
_WATCHED = ("*/migrations/*.py", "*/static/**/*", "web/vendor/**/*")


def _mark(held: kernel_settings.Settings) -> Path:
    return held.data / "prepared"


def fingerprint(held: kernel_settings.Settings) -> str:
    """Changes when migrations, static files, packages with tables, the wanted city or the cluster itself change."""
    born = (postgres.Cluster(held.data).folder / "PG_VERSION").stat()
    versions = [importlib.metadata.version(name) for name in ("django", "django-allauth", "whitenoise")]
    digest = hashlib.sha256(
        repr((__version__, versions, held.city, held.debug, born.st_ino, born.st_mtime_ns)).encode()
    )
    for pattern in _WATCHED:
        for path in sorted(HOUSE.glob(pattern)):
            stat = path.stat()
            digest.update(f"{path.relative_to(HOUSE)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def already(held: kernel_settings.Settings) -> bool:
    """Whether nothing needs preparing. A server of yours may have changed behind our back: it is always looked at."""
    mark = _mark(held)
    return held.embedded and mark.exists() and mark.read_text() == fingerprint(held)


def note(held: kernel_settings.Settings) -> None:
    """Everything is prepared."""
    if held.embedded:
        _mark(held).write_text(fingerprint(held))
