"""``linli sweep``: due clocks, and what waits in the outbox, in loops of their own. Any number of these may run."""

import logging
import signal
import threading
from types import FrameType

import click

from linli.site import rooms
from linli.site.processes import die_with_parent

# Each takes the event that ends it, and survives a database that goes away for a while.
LOOPS = (
    "linli.matters.sweep:loop",
    "linli.matters.seals:loop",
    "linli.matters.orphans:loop",
    "linli.channels.notify:loop",
    "linli.matters.likeness:loop",
    "linli.indicators.topics_follow:loop",
    "linli.channels.advice:loop",
)
logger = logging.getLogger("linli.sweep")


@click.command()
@click.option("--accept-time", is_flag=True, help="确认系统时间正确，恢复被暂停的时钟 say that the time is right")
def command(*, accept_time: bool) -> None:
    """处理到期时钟与待发消息，直到 Ctrl-C。Handle due clocks and the outbox, until Ctrl-C."""
    if accept_time:
        _accept()
        return
    die_with_parent()
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    standing = [target for target in LOOPS if rooms.exists(target.partition(":")[0])]
    threads = [
        threading.Thread(target=_run, args=(target, stop), name=target.split(".")[1], daemon=True)
        for target in standing
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(1):
        if not all(thread.is_alive() for thread in threads):
            stop.set()  # the supervisor starts a whole one again
    for thread in threads:
        thread.join(4)


def _accept() -> None:
    """Confirm the system's time: sweepers that hold their clocks go on."""
    from linli.kernel import clock
    from linli.matters import timeguard

    at = clock.now()
    timeguard.accept(actor="system:command line", at=at)
    click.echo(f"已确认系统时间 {at.isoformat()}，时钟恢复。Time confirmed; clocks run again.")


def _run(target: str, stop: threading.Event) -> None:
    from django.db import connections

    try:
        rooms.find(target)(stop)
    except Exception:
        logger.exception("%s ended", target)
    finally:
        connections.close_all()
