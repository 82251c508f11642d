"""`poise` as a person runs it, in this process, against an emulated venue that lives in a thread of its own."""

import asyncio
import io
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.accounts import Account, write_account
from bot.cli.main import run
from bot.domain.mode import Mode
from bot.domain.snapshot import MarginMode
from bot.keys.credentials import Credentials
from bot.keys.keyfile import write_file
from bot.simulator.clock import WallClock
from bot.venues import wire
from tests.builders import d
from tests.emulator.server import WALL, EmulatedServer, emulated

ACCOUNT = "mine"


@dataclass(frozen=True, slots=True)
class Told:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


class HurriedClock:
    """The wall's time, and whoever sleeps finds that the moment has come: venue and Poise live by it together."""

    def __init__(self) -> None:
        """Begin at the wall's time."""
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the wall's time and what was slept."""
        return WallClock().now() + self._ahead

    async def sleep_until(self, moment: datetime) -> None:
        """Be there at once."""
        self._ahead += max(moment - self.now(), timedelta(0))


class Shell:
    """A home with one account at an emulated venue."""

    def __init__(self, home: Path, server: EmulatedServer) -> None:
        self.home = home
        self.server = server

    def poise(self, *words: str) -> Told:
        """Run one command."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([*words, "--home", str(self.home), "--account", ACCOUNT])
        return Told(code, out.getvalue(), err.getvalue())


@contextmanager
def running(
    venue: str,
    *,
    books: str = "funded",
    coins: Collection[str] = (),
    now: Callable[[], datetime] = WALL.now,
) -> Iterator[EmulatedServer]:
    """Yield an emulated venue that answers from a thread of its own, so that a command may have its own loop."""
    ready, done = threading.Event(), threading.Event()
    found: list[EmulatedServer] = []
    failed: list[BaseException] = []

    async def serve() -> None:
        async with emulated(venue, books=books, coins=coins, now=now) as server:
            found.append(server)
            ready.set()
            await asyncio.to_thread(done.wait)

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 - raised again where the test waits
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    ready.wait(30)
    try:
        if found:
            yield found[0]
    finally:
        done.set()
        thread.join(30)
    if failed:
        raise failed[0]


@contextmanager
def a_shell(
    venue: str,
    home: Path,
    patch: pytest.MonkeyPatch,
    *,
    mode: Mode = Mode.LIVE,
    books: str = "funded",
    coins: Collection[str] = (),
) -> Iterator[Shell]:
    """Yield a home whose account trades at an emulated venue: only the address of the wire is another."""
    clock = HurriedClock()
    patch.setattr("bot.simulator.clock.WallClock", lambda: clock)
    with running(venue, books=books, coins=coins, now=clock.now) as server:
        patch.setattr(wire, "open_wire", server.wire)
        secrets = server.core.secrets
        account = Account(name=ACCOUNT, venue=venue, mode=mode, margin=MarginMode.CROSS, leverage=d(3))
        home.mkdir(parents=True, exist_ok=True)
        write_account(home, account, force=True)
        keys = Credentials(key=secrets.key, secret=secrets.secret, passphrase=secrets.passphrase or None)
        write_file(home / "keys" / f"{ACCOUNT}.toml", keys)
        yield Shell(home, server)
