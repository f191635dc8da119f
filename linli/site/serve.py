"""The web server process: granian, with one worker so that simultaneous intakes share their commits."""

import click
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from linli.kernel import settings as kernel_settings
from linli.site.processes import die_with_parent


@click.command()
def command() -> None:
    """只启动网页服务。Run the web server only (`up` does this for you)."""
    die_with_parent()
    held = kernel_settings.current()
    Server(
        "linli.site.asgi:application",
        address=held.host,
        port=held.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        workers=1,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=2,
    ).serve()
