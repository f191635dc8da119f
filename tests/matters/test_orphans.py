"""Uploads that never came to a step go after a day; what a matter holds stays; nothing goes in a wrong time."""

import os
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal

import pytest

from linli.kernel import clock
from linli.matters import actions, media, orphans, seals, timeguard
from linli.matters.models import Seal
from tests.matters.town import T0

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def _room(tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.MEDIA_ROOT = tmp_path


def aged(data: bytes, hours: float):  # type: ignore[no-untyped-def]
    file = media.store(data)
    then = (clock.now() - timedelta(hours=hours)).timestamp()
    os.utime(media.path(file.sha256), (then, then))
    return file


def test_only_old_files_that_no_matter_holds_go(town, say):  # type: ignore[no-untyped-def]
    old, held, fresh, again = (aged(PDF + b"%%%d\n%%%%EOF" % n, hours) for n, hours in enumerate((26, 26, 24, 26)))
    matter = say().id
    for step, files in (("claim", ()), ("progress", (held,))):
        form = {"note": "已上门"} if files else {}
        actions.take(matter, step, viewer=town.viewer("alice"), form=form, files=files, at=T0 + timedelta(minutes=1))
    media.store(PDF + b"%3\n%%EOF")  # sent again: its day begins anew
    (media.path(old.sha256).parent / "notes.txt").write_text("not ours")
    os.utime(media.path(old.sha256).parent / "notes.txt", (0, 0))
    assert orphans.sweep_once(clock.now()) == 1
    assert not media.path(old.sha256).exists()
    assert all(media.path(f.sha256).exists() for f in (held, fresh, again))
    assert (media.path(old.sha256).parent / "notes.txt").exists()
    assert orphans.sweep_once(clock.now()) == 0


class Twice(Signal):
    """Lets a loop look once."""

    looked = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.looked += 1
        return self.looked > 1


def test_nothing_is_removed_or_sealed_in_a_time_that_is_not_trusted(town, say, monkeypatch, tmp_path):  # type: ignore[no-untyped-def]
    old = aged(PDF, 26)
    say(at=clock.now())
    later = clock.now() + timedelta(hours=1)
    clock.set_source(lambda: later)
    monkeypatch.setattr(seals, "log_path", lambda: tmp_path / "seals.log")
    for module in (orphans, seals):  # the loop's own tidying would close the test's connection
        monkeypatch.setattr(module, "close_old_connections", lambda: None)
    try:
        guard = timeguard.of_process()
        guard.held = "the system's time jumped"
        for loop in (orphans.loop, seals.loop):
            loop(Twice())
        assert media.path(old.sha256).exists()
        assert not Seal.objects.exists()
        guard.held = ""
        for loop in (orphans.loop, seals.loop):
            loop(Twice())
        assert not media.path(old.sha256).exists()
        assert Seal.objects.count() == 1
    finally:
        clock.set_source(None)
