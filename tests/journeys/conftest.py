"""Fixtures for journeys: a whole Linli of its own (server, sweeper, database, demo city) and a real browser.

``house`` runs for the whole session; ``page`` is a fresh browser page that fails its test on any console error, script
error or breach of the content security policy. Without chromium these tests skip and say so.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
# Every breach of the content security policy is an error of the page's test, whatever the browser makes of it.
REPORT = """document.addEventListener("securitypolicyviolation", (breach) =>
  console.error(`policy: ${breach.violatedDirective} ${breach.blockedURI} ${breach.sourceFile}`));"""
SECRET = "journeys-of-a-test-city-and-of-nothing-else"


@dataclass
class House:
    """A running Linli with the demo city."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def sign_in_address(self, username: str) -> str:
        """The one-click sign-in of a demo account, as `linli up` prints it."""
        from django.utils.crypto import salted_hmac

        key = salted_hmac("linli.demo.sign-in", username, secret=SECRET, algorithm="sha256").hexdigest()[:32]
        return f"{self.url}/demo/sign-in/{username}?key={key}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def _compile_messages() -> None:
    """The server reads compiled catalogues; a fresh checkout has none."""
    from linli.site.messages import compile_all

    compile_all()


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The whole of Linli on a free port; ends with the session."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: install chromium and fonts-noto-cjk (make browser)")
    _compile_messages()
    with tempfile.TemporaryDirectory(prefix="ll-j") as name:
        folder = Path(name)
        folder.chmod(0o755)
        port = _free_port()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("LINLI_", "PYTEST_"))}
        kept |= {
            "LINLI_DATA": str(folder / "d"),
            "LINLI_PORT": str(port),
            "LINLI_CITY": "demo",
            "LINLI_SECRET_KEY": SECRET,
            "LINLI_PAGE_PER_MINUTE": "1000",  # all journeys come from one address
        }
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "linli", "up"], cwd=ROOT, env=kept, stdout=output, stderr=subprocess.STDOUT
            )
        found = House(f"http://127.0.0.1:{port}", process, log)
        try:
            end = time.monotonic() + 90
            while not _answers(found.url):
                if process.poll() is not None or time.monotonic() > end:
                    pytest.fail("linli up did not get ready:\n" + log.read_text("utf-8", "replace")[-4000:])
                time.sleep(0.2)
            yield found
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: install chromium and fonts-noto-cjk (make browser)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        held = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield held
        held.close()


@dataclass
class Watch:
    """What went wrong in a page while nobody looked."""

    errors: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        """Errors that contain *part* are what the test is about."""
        self.expected.append(part)

    def note(self, text: str) -> None:
        """Keep an error."""
        self.errors.append(text)

    def unexpected(self) -> list[str]:
        """The errors that no test asked for."""
        return [error for error in self.errors if not any(part in error for part in self.expected)]


@pytest.fixture
def watch() -> Watch:
    """The errors of this test's pages."""
    return Watch()


Opener = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, house: House, watch: Watch) -> Iterator[Opener]:
    """Open further pages: ``open_page(width=360, language="zh-CN", dark=False, scripts=True)``."""
    contexts: list[Any] = []

    def opened(width: int = 360, language: str = "zh-CN", *, dark: bool = False, scripts: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900 if width > 900 else 780},
            locale=language,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            base_url=house.url,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(REPORT)
        page = context.new_page()
        page.on("console", lambda said: watch.note(f"{said.type}: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: watch.note(f"script: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert watch.unexpected() == []


@pytest.fixture
def page(open_page: Opener) -> Any:
    """A phone-sized page in Chinese."""
    return open_page()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The source of axe-core, from the npm packages that `make setup` fetched."""
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        pytest.skip("axe-core is not there: run make setup")
    return path.read_text("utf-8")


@pytest.fixture
def check_access(axe_source: str) -> Callable[[Any], list[str]]:
    """What axe-core finds on a page that is serious or critical, by WCAG 2.2 AA: one line each."""

    def check(page: Any) -> list[str]:
        page.evaluate(axe_source)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
        return [
            f"{broken['id']}: {node['target']} {node['failureSummary']}"
            for broken in found["violations"]
            if broken["impact"] in ("serious", "critical")
            for node in broken["nodes"]
        ]

    return check
