"""The web server process: uvicorn, one process, so that simultaneous intakes share their commits (ADR 0002)."""

from socket import socket

import click
import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from linli.kernel import settings as kernel_settings
from linli.site.processes import die_with_parent

LARGEST_HEAD = 64 * 1024  # bytes of address and headers together
LAST_WORDS = 2  # seconds that answers under way may take when the server stops


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 with a limit to what may come before the body."""

    def on_message_begin(self) -> None:
        self.head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(name, value)
        super().on_header(name, value)

    def _count(self, *pieces: bytes) -> None:
        self.head += sum(map(len, pieces))
        if self.head > LARGEST_HEAD:
            raise httptools.HttpParserError("the head of the request is too large")


class Server(uvicorn.Server):
    """Ends the event streams before it waits for answers under way."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        from linli.channels import live

        await live.shutdown()
        await super().shutdown(sockets)


@click.command()
def command() -> None:
    """只启动网页服务。Run the web server only (`up` does this for you)."""
    die_with_parent()
    held = kernel_settings.current()
    Server(
        uvicorn.Config(
            "linli.site.asgi:application",
            host=held.host,
            port=held.port,
            http=Protocol,
            loop="uvloop",
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=LAST_WORDS,
        )
    ).run()
