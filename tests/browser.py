"""A real browser, driven over a pipe by its own protocol: what a page asks for, what it complains of, how it looks."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60
FREE = 10  # file descriptors from here on are nobody's; the browser wants its pipe at 3 and 4
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # in a container there is one around it already
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # there is no network
    "--remote-debugging-pipe",
    "--window-size=1100,900",
)


def the_browser() -> str:
    """Where Chromium is; the test is skipped where it is not installed."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    return found


class Browser:
    """One browser with one page, and everything the page did since it was opened."""

    def __init__(self, asks: int, answers: int) -> None:
        self._asks, self._answers = asks, answers
        self._left = b""
        self._count = 0
        self._session = ""
        self.events: list[dict[str, Any]] = []

    def start(self) -> None:
        """Open an empty page and listen to its network, its console and its faults."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Audits"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the browser for something, and return what it answers; what happens meanwhile is kept."""
        self._count += 1
        asked: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._asks, json.dumps(asked).encode() + b"\0")
        while (answer := self._next()).get("id") != self._count:
            self.events.append(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        found: dict[str, Any] = answer["result"]
        return found

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._answers], [], [], PATIENCE)
            piece = os.read(self._answers, 1 << 16) if ready else b""
            assert piece, "the browser went away, or says nothing any more"
            self._left += piece
        told, _, self._left = self._left.partition(b"\0")
        found: dict[str, Any] = json.loads(told)
        return found

    def open(self, page: Path) -> None:
        """Open a file and return when it has loaded."""
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        while "Page.loadEventFired" not in [event.get("method") for event in self.events]:
            self.events.append(self._next())
        self.value("new Promise(done => setTimeout(done, 200))")  # what it would fetch late

    def value(self, script: str) -> Any:
        """Return what a script comes to on the page."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """Press and release a key."""
        text = {"Enter": "\r"}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text)

    def look(self, scheme: str = "light", medium: str = "screen") -> None:
        """Show the page as in a light or dark room, or on paper."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=medium, features=features)

    def picture(self) -> bytes:
        """Return a picture of the window, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    @property
    def requests(self) -> list[str]:
        """The addresses the page asked for, its own first."""
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    @property
    def complaints(self) -> list[str]:
        """Everything that would stand in the console: messages, faults, things that were forbidden."""
        loud = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded")
        return [json.dumps(event["params"])[:500] for event in self.events if event.get("method") in loud]


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """Yield a browser with a profile of its own and no network; it is ended in any case."""
    program = the_browser()
    hear, asks = os.pipe()
    answers, say = os.pipe()
    hear, say = (fcntl.fcntl(end, fcntl.F_DUPFD, FREE) for end in (hear, say))

    def lay_pipe() -> None:
        os.dup2(hear, 3)
        os.dup2(say, 4)

    command = [program, *FLAGS, f"--user-data-dir={profile}"]
    with subprocess.Popen(
        command,
        preexec_fn=lay_pipe,  # noqa: PLW1509 - two system calls, and nothing else can place a pipe
        close_fds=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            os.close(hear)
            os.close(say)
            browser = Browser(asks, answers)
            browser.start()
            yield browser
            browser.call("Browser.close")
        finally:
            child.kill()
            os.close(asks)
            os.close(answers)
