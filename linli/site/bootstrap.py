"""Making Django and the database ready for a command."""

import os

from linli.core.words import Words


class NotReady(Exception):
    """A command cannot run yet; the words say what to do first."""

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(f"{words.zh}\n{words.en}")


def django_ready() -> None:
    """Load Django with Linli's settings (no database is touched)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")
    import django

    django.setup()


def migrate(verbosity: int = 1) -> None:
    """Bring the database's structure up to date, sign-in cache included. Killed half-way, it can run again."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=0)


def require_migrated() -> None:
    """Raise NotReady when the database's structure is not up to date. Some queries."""
    from linli.site.health import unapplied

    if unapplied():
        raise NotReady(
            Words(
                "数据库结构不是最新的，请先运行 linli migrate。",
                "The database is not up to date: run linli migrate first.",
            )
        )
