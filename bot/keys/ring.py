"""The operating system's own store of secrets, where there is one: asked through the `keyring` extra."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import CredentialsRefused
from bot.keys.credentials import Held, from_parts, parts_of

SERVICE = "poise"
NOT_INSTALLED = "keyring is not installed"
PREVIOUS, SINCE = "previous", "since"


@dataclass(frozen=True, slots=True, kw_only=True)
class RingAnswer:
    """What the keyring has for an account; `silent` is why it said nothing, None where it answered."""

    held: Held | None = None
    silent: str | None = None


def ask_ring(account: str) -> RingAnswer:
    """Return what the keyring has; one that is not there or fails is a reason in the answer, never a crash.

    Raises CredentialsRefused for an entry that is damaged.
    """
    told, silent = _try(lambda: _get(account))
    return RingAnswer(held=None if told is None else _held(account, told), silent=silent)


def write_ring(account: str, held: Held) -> None:
    """Put an account's credentials into the keyring and read them back; CredentialsRefused where it kept nothing."""
    parts: dict[str, object] = {**parts_of(held.current), SINCE: held.since}
    if held.previous is not None:
        parts[PREVIOUS] = parts_of(held.previous)
    text = json.dumps(parts)
    _, silent = _try(lambda: _set(account, text))
    if silent is None:
        back, silent = _try(lambda: _get(account))
        silent = silent or (None if back == text else "it does not give back what it was given")
    if silent is not None:
        mend = "pip install 'poise[keyring]', or --into keystore" if silent == NOT_INSTALLED else "--into keystore"
        raise CredentialsRefused(f"the keyring took nothing: {silent}", mend=mend)


def forget_ring(account: str) -> bool:
    """Take an account out of the keyring; return whether it was there."""
    told, _ = _try(lambda: _get(account))
    if told is None:
        return False
    _, silent = _try(lambda: _delete(account))
    if silent is not None:
        raise CredentialsRefused(f"the keyring does not let go of {account}: {silent}", mend="delete it there by hand")
    return True


def _get(account: str) -> str | None:
    import keyring  # noqa: PLC0415 - an extra, and slow to find its backends

    return keyring.get_password(SERVICE, account)


def _set(account: str, text: str) -> None:
    import keyring  # noqa: PLC0415

    keyring.set_password(SERVICE, account, text)


def _delete(account: str) -> None:
    import keyring  # noqa: PLC0415

    keyring.delete_password(SERVICE, account)


def _try(call: Callable[[], str | None]) -> tuple[str | None, str | None]:
    """Return what the keyring said, and why it said nothing; of an error only the kind, it might quote a secret."""
    try:
        return call(), None
    except ImportError:
        return None, NOT_INSTALLED
    except Exception as error:  # noqa: BLE001 - a backend raises what its desktop's libraries raise
        kind = type(error).__name__
    return None, "no keyring works here" if kind == "NoKeyringError" else f"it failed ({kind})"


def _held(account: str, text: str) -> Held:
    told = _table(text)
    current = None if told is None else from_parts(told, f"the keyring's entry for {account}")
    if told is None or current is None:
        raise CredentialsRefused(
            f"the keyring's entry for {account} is damaged", mend=f"poise keys add {account} --into keyring --force"
        )
    before, since = told.get(PREVIOUS), told.get(SINCE)
    previous = from_parts(before, "the keyring's previous entry") if isinstance(before, dict) else None
    return Held(current=current, previous=previous, since=since if isinstance(since, str) else None)


def _table(text: str) -> dict[str, object] | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
