"""The one server application: native routes answer here, everything else is Django in a pool of threads.

A native module (see NATIVE) offers ``NATIVE_ROUTES``: tuples (method, path, ASGI application); a path that ends in
``*`` is a prefix. It may offer coroutine functions ``startup()`` and ``shutdown()``, run in the server's event loop,
and ``pass_on(application)``, which is given the application that answers everything else.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")

import importlib
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from types import ModuleType
from typing import Any, cast

from a2wsgi import WSGIMiddleware

from linli.kernel import settings as kernel_settings
from linli.site import rooms
from linli.site.processes import die_with_parent
from linli.site.wsgi import application as django_application

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

NATIVE = ("linli.channels.intake_door", "linli.channels.live")
logger = logging.getLogger("linli.site")


class Router:
    """Sends each request to its native application, or to Django; runs the native modules' start and end."""

    def __init__(self, modules: Iterable[ModuleType], fallback: App) -> None:
        self.modules = list(modules)
        self.fallback = fallback
        self.exact: dict[tuple[str, str], App] = {}
        self.prefixes: list[tuple[str, str, App]] = []
        for module in self.modules:
            if hasattr(module, "pass_on"):
                module.pass_on(fallback)
            for method, path, app in module.NATIVE_ROUTES:
                if path.endswith("*"):
                    self.prefixes.append((method, path[:-1], app))
                else:
                    self.exact[method, path] = app

    def find(self, method: str, path: str) -> App:
        """The application for a request."""
        app = self.exact.get((method, path))
        if app is not None:
            return app
        for wanted, prefix, native in self.prefixes:
            if method == wanted and path.startswith(prefix):
                return native
        return self.fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.find(scope["method"], scope["path"])(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.live(receive, send)
        else:  # no web sockets here
            await send({"type": "websocket.close", "code": 1000})

    async def live(self, receive: Receive, send: Send) -> None:
        """The server's start and end."""
        await receive()
        try:
            for module in self.modules:
                await _call(module, "startup")
        except Exception:
            logger.exception("a native route did not start")
            await send({"type": "lifespan.startup.failed", "message": "see the log"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for module in reversed(self.modules):
            try:
                await _call(module, "shutdown")
            except Exception:
                logger.exception("%s did not stop cleanly", module.__name__)
        await send({"type": "lifespan.shutdown.complete"})


async def _call(module: ModuleType, name: str) -> None:
    function = getattr(module, name, None)
    if function is not None:
        await function()


def build() -> Router:
    """The router over the native modules that stand."""
    # the library's types are narrower than the interface both sides keep
    pages = WSGIMiddleware(cast(Any, django_application), workers=kernel_settings.current().web_threads)
    return Router([importlib.import_module(name) for name in NATIVE if rooms.exists(name)], cast(App, pages))


die_with_parent()
application = build()
