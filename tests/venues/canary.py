"""Secrets that sing: keys nobody else has, and everything that was ever printed, logged, raised or written down."""

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from bot.venues.row import VenueRow
from tests.emulator.asks import Ask
from tests.emulator.orders import Secrets

# Any text a secret could be found in, and the secret: of one alphabet that all venues take.
CANARY = Secrets(key="canarykey7c1b90aa", secret="canarysecret55d0e3f1", passphrase="canaryphrase9b")
LOUD = ("", "ccxt", "ccxt.base.exchange", "aiohttp", "aiohttp.client", "aiohttp.access", "asyncio", "bot", "poise")
SIGNATURES = ("signature", "sign", "x-bapi-sign", "access-sign", "ok-access-sign")


@dataclass(slots=True)
class Heard:
    """Everything that was said; `text` is all of it."""

    said: list[str] = field(default_factory=list)

    def error(self, error: BaseException) -> None:
        """Take in all that an exception shows of itself and of those behind it."""
        shown = traceback.TracebackException.from_exception(error, capture_locals=False)
        self.said += [str(error), repr(error), *shown.format(chain=True)]

    def folder(self, home: Path, except_for: tuple[str, ...]) -> None:
        """Take in every file below a folder, byte for byte, but for those where the secrets live."""
        for path in sorted(home.rglob("*")):
            if path.is_file() and path.relative_to(home).parts[0] not in except_for:
                self.said.append(path.read_bytes().decode("latin-1"))

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.said)


class _Ear(logging.Handler):
    def __init__(self, heard: Heard) -> None:
        super().__init__(logging.DEBUG)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as it would be written, and as it was given."""
        self._heard.said += [self.format(record), repr(record.args), repr(record.__dict__)]


@contextmanager
def listening() -> Iterator[Heard]:
    """Turn every log to DEBUG and keep what is logged and printed."""
    heard, out, err = Heard(), io.StringIO(), io.StringIO()
    ear = _Ear(heard)
    before = {name: logging.getLogger(name).level for name in LOUD}
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(ear)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            yield heard
    finally:
        logging.getLogger().removeHandler(ear)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
        heard.said += [out.getvalue(), err.getvalue()]


def secrets_sent(asks: list[Ask], row: VenueRow) -> set[str]:
    """Return everything secret: the canaries, and each signature that went over the wire."""
    told = {CANARY.key, CANARY.secret, CANARY.passphrase}
    for ask in asks:
        named = {**{name.lower(): value for name, value in {**ask.params, **ask.form}.items()}, **ask.headers}
        told |= {value for name, value in named.items() if value and (name in SIGNATURES or name in row.auth_marks)}
    return told


def leaked(heard: Heard, secrets: set[str]) -> list[str]:
    """Return the beginnings of the secrets that can be read in what was heard."""
    text = heard.text
    return sorted(secret[:12] for secret in secrets if secret in text)
