"""The command line under a hostile configuration: no switch is skipped, no strange file believed, no secret told."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli.main import run
from bot.domain.mode import Mode
from bot.keys.credentials import Credentials
from bot.keys.keyfile import write_file
from bot.venues import wire
from bot.venues.rows import row_of
from tests.emulator.shell import ACCOUNT, Shell, a_shell
from tests.venues.canary import CANARY, LOUD, Heard, leaked, listening, secrets_sent
from tests.venues.known import VENUES

LIVE = ("--live", "--confirm", ACCOUNT)


@contextmanager
def a_canary(venue: str, home: Path, patch: pytest.MonkeyPatch, mode: Mode = Mode.LIVE) -> Iterator[Shell]:
    """Yield a home whose keys are canaries."""
    with a_shell(venue, home, patch, mode=mode) as shell:
        shell.server.core.secrets = CANARY
        keys = Credentials(key=CANARY.key, secret=CANARY.secret, passphrase=CANARY.passphrase)
        write_file(home / "keys" / f"{ACCOUNT}.toml", keys)
        yield shell


def writes(shell: Shell, venue: str) -> list[str]:
    """Return what was asked that could change something."""
    looks = row_of(venue).access[Mode.LIVE].reads_by_post
    asked = (f"{ask.method} {ask.path}" for ask in shell.server.asks)
    return [one for one in asked if not one.startswith("GET") and one not in looks]


# ── the switches of real money ──


@pytest.mark.parametrize(
    ("mode", "flags"),
    [
        (Mode.LIVE, ()),
        (Mode.LIVE, ("--confirm", ACCOUNT)),
        (Mode.LIVE, ("--live",)),
        (Mode.LIVE, ("--live", "--confirm", "other")),
        (Mode.DRY_RUN, LIVE),
        (Mode.DEMO, LIVE),
    ],
    ids=["file alone", "no flag", "nothing typed", "another name typed", "file says dry-run", "file says demo"],
)
def test_without_each_of_the_three_switches_nothing_is_sent(
    mode: Mode, flags: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word in the file, the flag and the typed name: two of them change nothing at the venue."""
    with a_shell("bybit", tmp_path / "home", monkeypatch, mode=mode) as shell:
        assert shell.poise("plan").code == 0
        told = shell.poise("apply", "latest", "--yes", *flags)
        assert told.code != 0, told
        assert writes(shell, "bybit") == []
        assert shell.server.core.orders("BTC/USDT") == ()
        assert shell.server.core.positions() == {}


# ── the account's file ──

STRANGE = (
    'venue = "../../bybit"',
    'venue = "bybit.evil"',
    'venue = "rows.bybit"',
    'venue = "os"',
    'venue = ""',
    'venue = ["bybit"]',
    'venue = "bybit"\nmode = "LIVE"',
    'venue = "bybit"\nmode = "live "',
    'venue = "bybit"\nmode = "simulated"',
    'venue = "bybit"\nmode = true',
    'venue = "mexc"\nmode = "testnet"',
    'venue = "bybit"\nhostname = "evil.example"',
    'venue = "bybit"\nurls = { api = "https://evil.example" }',
    'venue = "bybit"\nproxy = "http://evil.example"',
    'venue = "bybit"\nleverage = 125',
    'venue = "bybit"\nvenue = "binance"',
    "\x00",
)


@pytest.mark.parametrize("text", STRANGE)
def test_a_strange_account_file_is_refused_before_anything_is_asked(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code and a sentence, never a traceback, never a request."""
    with a_canary("bybit", tmp_path / "home", monkeypatch) as shell:
        (shell.home / "accounts" / ACCOUNT / "account.toml").write_text(text + "\n")
        told = shell.poise("plan", "--debug")
        assert told.code != 0
        assert "Traceback" not in told.out + told.err
        assert shell.server.asks == []


# ── secrets ──


@pytest.mark.slow
@pytest.mark.parametrize("venue", VENUES)
def test_no_secret_is_printed_logged_or_journaled_even_with_debug(
    venue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole session with every log at DEBUG, then answers of all kinds: nothing that was written holds a secret."""
    home = tmp_path / "home"
    with a_canary(venue, home, monkeypatch) as shell, listening() as heard:

        def said(*words: str) -> int:
            told = shell.poise(*words, "--debug")
            heard.said += [told.out, told.err]
            return told.code

        assert said("plan") == 0
        assert said("apply", "latest", "--yes", *LIVE) == 0
        for words in (("doctor",), ("doctor", "--json"), ("status", "--json"), ("explain", "latest"), ("history",)):
            said(*words)
        for fault in ("bad-key", "clock-skew", "html-200", "reset", "redirect", "venue-unknown"):
            for call in ("balances", "place", "find"):
                if shell.server.venue.calls[call]:
                    shell.server.faults.next(call, fault, 4)
            said("plan", "--json")
            said("doctor")
            shell.server.faults.clear()
        secrets = secrets_sent(shell.server.asks, row_of(venue))
        heard.folder(home, except_for=("keys",))
    assert len(secrets) > 20
    assert "journal" in " ".join(path.name for path in home.rglob("*"))
    assert leaked(heard, secrets) == []


def test_what_nobody_foresaw_shows_no_secret_in_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --debug the error comes out whole, without it one sentence; neither knows the keys it fell over."""
    with a_canary("bybit", tmp_path / "home", monkeypatch) as shell, listening() as heard:

        def falls() -> object:
            raise RuntimeError("the cable was cut")

        monkeypatch.setattr(wire, "open_wire", falls)
        words = ["plan", "--home", str(shell.home), "--account", ACCOUNT]
        with pytest.raises(RuntimeError) as fallen:
            run([*words, "--debug"])
        heard.error(fallen.value)
        assert "cable" in "".join(traceback.format_exception(fallen.value))
        assert run(words) == 1
    assert leaked(heard, {CANARY.key, CANARY.secret, CANARY.passphrase}) == []


def _fall(over: str) -> None:
    try:
        dict[str, str]()[over]
    except KeyError as error:
        raise RuntimeError("what now") from error


def test_the_ear_hears_what_is_logged_printed_and_raised() -> None:
    """Otherwise the claims above would hold of a deaf one."""
    import logging

    with listening() as heard:
        logging.getLogger("aiohttp.client").debug("sent %s", {"key": CANARY.key})
        print(CANARY.secret)  # noqa: T201
        try:
            _fall(CANARY.passphrase)
        except RuntimeError as error:
            heard.error(error)
    told = {CANARY.key, CANARY.secret, CANARY.passphrase}
    assert leaked(heard, told) == sorted(one[:12] for one in told)
    assert leaked(Heard(), told) == []
    assert all(logging.getLogger(name).level != logging.DEBUG for name in LOUD)
