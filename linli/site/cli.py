"""The ``linli`` command. Subcommands load when they are called, so that ``linli --help`` is fast."""

import sys
from typing import Any

import click

from linli.core.words import Words
from linli.kernel.postgres import PostgresError
from linli.kernel.settings import SettingsError
from linli.site import rooms
from linli.site.bootstrap import NotReady
from linli.site.commands import COMMANDS, Entry


def _with_database(command: click.Command) -> None:
    """Wrap *command* so that the database is there while it runs, and up to date."""
    inner = command.invoke

    def invoke(context: click.Context) -> Any:
        from linli.kernel import postgres
        from linli.site import bootstrap

        with postgres.using():
            bootstrap.require_migrated()
            try:
                return inner(context)
            finally:
                from django.db import connections

                connections.close_all()

    command.invoke = invoke  # type: ignore[method-assign,assignment]


def load(entry: Entry) -> click.Command:
    """Import the command that *entry* names. Raises ImportError, AttributeError."""
    if entry.needs != "nothing":
        from linli.site.bootstrap import django_ready

        django_ready()
    command = rooms.find(entry.target)
    if not isinstance(command, click.Command):
        command = click.command(name=entry.name.split()[-1])(command)
    if entry.needs == "database":
        _with_database(command)
    return command


class Lazy(click.Group):
    """A group whose members stand in a table; ``import places`` in the table is ``places`` of the group ``import``."""

    def __init__(self, entries: list[Entry], **options: Any) -> None:
        super().__init__(**options)
        self.entries = {entry.name.split(" ", 1)[0]: entry for entry in entries if " " not in entry.name}
        self.nested: dict[str, list[Entry]] = {}
        for entry in entries:
            head, _, rest = entry.name.partition(" ")
            if rest:
                self.nested.setdefault(head, []).append(entry.inside(rest))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.entries, *(name for name in self.nested if name not in self.entries)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.entries:
            return load(self.entries[cmd_name])
        if cmd_name in self.nested:
            return Lazy(self.nested[cmd_name], name=cmd_name)
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            inner = self.nested.get(name, [])
            words = (
                self.entries[name].words
                if name in self.entries
                else Words("、".join(entry.words.zh for entry in inner), " | ".join(entry.name for entry in inner))
            )
            rows.append((name, f"{words.zh} {words.en}"))
        with formatter.section("命令 Commands"):
            formatter.write_dl(rows)


def tree() -> Lazy:
    """The whole command, with what stands in the house."""
    return Lazy(
        [entry for entry in COMMANDS if rooms.exists(entry.module)],
        name="linli",
        help="Linli 邻里：一句话，五分钟答复，一小时办结。One sentence, five minutes to an answer, one hour to done.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )


def main() -> None:
    """Run the command line; a known problem is said in both languages with exit code 2, without a traceback."""
    try:
        tree()(prog_name="linli")
    except SettingsError as error:
        _say(error.problems)
    except (PostgresError, NotReady) as error:
        _say([error.words])


def _say(problems: list[Words]) -> None:
    for words in problems:
        click.echo(f"{words.zh}\n{words.en}", err=True)
    sys.exit(2)
