"""What the claims about keys share: credentials one can recognise anywhere, a moment, and a cheap seal."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import PoiseError
from bot.keys.credentials import Credentials
from bot.keys.holding import KEYSTORE, Store, keep

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = datetime(2026, 4, 5, 6, 7, 8, tzinfo=UTC)
CHEAP = 2**10
PHRASE = "horse battery staple"
ACCOUNT = "bybit-test"
CANARIES = ("CANARYKEY00111", "CANARYSECRET00222", "CANARYPHRASE00333")


def canary(passphrase: bool = True) -> Credentials:
    """Credentials whose every part can be searched for."""
    key, secret, phrase = CANARIES
    return Credentials(key=key, secret=secret, passphrase=phrase if passphrase else None)


def fresh(name: str = "FRESH") -> Credentials:
    """Other credentials, without a passphrase."""
    return Credentials(key=f"{name}KEY00111", secret=f"{name}SECRET00222")


def same(one: Credentials | None, other: Credentials) -> bool:
    """Whether two are the same in every part."""
    parts = (other.key, other.secret, other.passphrase)
    return one is not None and (one.key, one.secret, one.passphrase) == parts


def store(home: Path, into: str = KEYSTORE, environ: dict[str, str] | None = None) -> Store:
    """A store at this home, sealed cheaply."""
    return Store(into=into, home=home, environ=environ or {}, phrase=PHRASE, cost=CHEAP)


def kept(home: Path, into: str = KEYSTORE, account: str = ACCOUNT) -> Credentials:
    """Put the canary away and return it."""
    found = canary()
    keep(account, found, store(home, into), NOW, force=True)
    return found


def refusal(work: Callable[[], object], kind: type[PoiseError]) -> PoiseError:
    """The error some work ends with; nothing secret is in it, nor in anything that hangs on it."""
    try:
        work()
    except kind as error:
        for text in everything_told(error):
            assert not holds_canary(text), "the error tells a secret"
        return error
    raise AssertionError(f"no {kind.__name__}")


def everything_told(error: BaseException) -> list[str]:
    """What an error and all that led to it say, however they are printed, and what they carry."""
    told = ["".join(traceback.format_exception(error))]
    at: BaseException | None = error
    while at is not None:
        told += [str(at), repr(at), repr(at.args), repr(vars(at)), repr(getattr(at, "object", ""))]
        told.append(repr(getattr(at, "doc", "")))
        told += getattr(at, "__notes__", [])
        at = at.__cause__ or at.__context__
    return told


def holds_canary(text: str) -> bool:
    """Whether any part of the canary is in a text."""
    return any(part in text for part in CANARIES)
