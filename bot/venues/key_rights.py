"""What the venue says a key may do: the right to withdraw is refused where the venue tells of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.domain.finding import Finding, fail, ok, warn
from bot.errors import NumberRefused, PoiseError
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.row import KeyRights
from bot.venues.translate import decimal, moment, seek

SUBJECT = "key rights"
NO_WITHDRAWAL = "make a key without the right to withdraw"
BIND = "bind the key to this machine's address at the venue"
SOON_DAYS = 14


async def examine_key(connection: Connection, reader: Reader, now: datetime) -> list[Finding]:
    """Return what is to be said of the key's rights, its addresses and its end."""
    rights = connection.row.key_rights
    if rights is None or not connection.access.tells_rights:
        told = f"{connection.row.title} does not tell what a key may do"
        return [warn(SUBJECT, told, f"look at the venue's page, and {NO_WITHDRAWAL}")]
    client = connection.all_clients()[0]
    try:
        answer = await reader.read(SUBJECT, lambda: getattr(client, rights.call)(dict(rights.params)))
        return list(_findings(answer, rights, now))
    except PoiseError as error:
        return [fail(SUBJECT, error.message, "look at the key's page at the venue")]


def _findings(answer: Mapping[str, Any], rights: KeyRights, now: datetime) -> Iterator[Finding]:
    yield _withdrawal(answer, rights)
    if rights.trade:
        yield _trading(answer, rights)
    if rights.addresses:
        bound = [str(one) for one in _several(seek(answer, rights.addresses)) if str(one) not in ("", "*", "0.0.0.0")]
        if bound in (["False"], ["false"], []):
            yield warn("key's addresses", "the key works from anywhere", BIND)
        else:
            where = "the key is bound to addresses" if bound in (["True"], ["true"]) else ", ".join(bound)[:60]
            yield ok("key's addresses", where)
    if rights.expires:
        yield from _end(seek(answer, rights.expires), now)


def _withdrawal(answer: Mapping[str, Any], rights: KeyRights) -> Finding:
    told = seek(answer, rights.withdraw)
    if told is None:
        return warn(SUBJECT, "the venue did not say whether the key may withdraw", NO_WITHDRAWAL)
    words = [str(one) for one in _several(told)]
    may = rights.withdraw_word in words if rights.withdraw_word else words in (["True"], ["true"], ["1"])
    if may:
        return fail(SUBJECT, "this key may withdraw", NO_WITHDRAWAL)
    return ok(SUBJECT, "this key cannot withdraw")


def _trading(answer: Mapping[str, Any], rights: KeyRights) -> Finding:
    told = [str(one) for one in _several(seek(answer, rights.trade))]
    may = any(word in told for word in rights.trade_words)
    if may:
        return ok("key may trade", "yes")
    return warn("key may trade", "this key can only read", "give it the right to trade, or stay in dry-run")


def _several(told: object) -> list[object]:
    if told is None:
        return []
    return list(told) if isinstance(told, list) else [told]


def _end(told: object, now: datetime) -> Iterator[Finding]:
    """Yield when the key ends, where it does: a time in milliseconds or as ISO text."""
    if not told or str(told) in ("0", "-1"):
        return
    try:
        at = moment(told, "end of the key") if str(told).isdigit() else datetime.fromisoformat(str(told))
        decimal(str(at.year), "year")
    except (NumberRefused, ValueError):
        return
    left = (at - now).days
    text = f"in {left} days, on {at:%Y-%m-%d}"
    yield ok("key ends", text) if left > SOON_DAYS else warn("key ends", text, "make a new key: poise keys rotate")
