"""Open contracts, signed and in the instrument's own unit, with the leverage and margin mode the venue tells."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import MarginMode, Position
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.row import Product
from bot.venues.translate import decimal, positive_or_none, seek, summed


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One position row: what it holds, signed, and whether the account keeps long and short apart."""

    position: Position
    hedged: bool


async def read_positions(connection: Connection, wallet: WalletKind, reader: Reader) -> dict[str, Position]:
    """Return the open positions of a wallet's contracts, by symbol; none for spot.

    Raises SnapshotUnavailable for a field that is missing, and where one instrument has a long and a short leg
    at once: Poise trades one-way accounts.
    """
    product, client = connection.row.products[wallet], connection.clients[wallet]
    mode, *answers = await asyncio.gather(
        _account_mode(client, product, reader),
        *(
            reader.read(f"{wallet} positions", lambda params=params: client.fetch_positions(None, dict(params)))  # type: ignore[misc]
            for params in product.positions
        ),
    )
    rows = [row for row in (row for answer in answers for row in answer) if _is_open(row, product, wallet)]
    settings = await _settings(client, product, rows, reader)
    whole = {} if mode is None else {"marginMode": mode.value}
    found: dict[str, Position] = {}
    for row in rows:
        symbol = str(row["symbol"])
        with _named(row, wallet):
            one = position_of(row, product, {**settings.get(symbol, {}), **whole})
        if one.symbol in found:
            raise SnapshotUnavailable(
                f"{symbol} has a long and a short position at once: Poise needs one-way mode",
                part=f"{wallet} positions",
                mend="close one of them, then `poise doctor`",
            )
        found[one.symbol] = one
    return found


async def _account_mode(client: Any, product: Product, reader: Reader) -> MarginMode | None:
    """Return the margin mode of the whole account, asked for beside the positions; None where each has its own."""
    place = product.position
    if not place.mode_call:
        return None
    answer = await reader.read("margin mode", lambda: getattr(client, place.mode_call)({}))
    told = str(seek(answer, place.mode) or "")
    if told not in place.mode_words:
        raise SnapshotUnavailable(f"the account's margin mode is {told[:30]!r}", part="margin mode")
    return place.mode_words[told]


async def _settings(
    client: Any, product: Product, rows: list[Mapping[str, Any]], reader: Reader
) -> Mapping[str, Mapping[str, Any]]:
    """Return leverage and margin mode of open rows by symbol from another call, where they do not tell them."""
    if not product.position.leverage_call or not rows:
        return {}
    call = getattr(client, product.position.leverage_call)
    answer = await reader.read("leverage", lambda: call([str(row["symbol"]) for row in rows]))
    found: Mapping[str, Mapping[str, Any]] = answer
    return found


@contextmanager
def _named(row: Mapping[str, Any], wallet: WalletKind) -> Iterator[None]:
    """Say of which position a number was refused."""
    try:
        yield
    except NumberRefused as error:
        raise SnapshotUnavailable(
            f"the position in {row.get('symbol')}: {error.message}", part=f"{wallet} positions"
        ) from None


def _is_open(row: Mapping[str, Any], product: Product, wallet: WalletKind) -> bool:
    """Whether a row holds anything: many venues list every market ever traded."""
    with _named(row, wallet):
        return contracts_of(row, product) != 0


def contracts_of(row: Mapping[str, Any], product: Product) -> Decimal:
    """Return a row's contracts; raise NumberRefused where they are not told: an empty position says zero.

    The raw count must be there: of a missing one ccxt makes its own, value by price, without a sign.
    """
    if product.position.count:
        decimal(seek(row.get("info"), product.position.count), "contracts")
    return decimal(row.get("contracts"), "contracts")


def position_of(row: Mapping[str, Any], product: Product, setting: Mapping[str, Any] | None) -> Position:
    """Return one open position; raise NumberRefused where a number or its side is missing."""
    quantity = _signed(contracts_of(row, product), str(row.get("side") or ""), signed=product.position.signed)
    told = setting or {}
    leverage = positive_or_none(row.get("leverage"), "leverage")
    leverage = leverage or positive_or_none(told.get("shortLeverage" if quantity < 0 else "longLeverage"), "leverage")
    mode = _mode(row.get("marginMode") or told.get("marginMode"))
    isolated = None
    if mode is MarginMode.ISOLATED:
        place = product.position.isolated_margin
        isolated = (
            summed(row["info"], tuple(place.split()), "isolated margin")
            if place
            else decimal(row.get("collateral"), "isolated margin")
        )
    return Position(
        symbol=str(row["symbol"]),
        quantity=quantity,
        entry_price=decimal(row.get("entryPrice"), "entry price"),
        margin_mode=mode,
        leverage=leverage if leverage is not None else decimal(None, "leverage"),
        isolated_margin=isolated,
    )


def _signed(contracts: Decimal, side: str, *, signed: bool) -> Decimal:
    """Return a count below zero for a short: by its side, or by its own sign where the venue says "both"."""
    if side == "short":
        return -abs(contracts)
    if (side == "long" and contracts > 0) or (side == "both" and signed):
        return contracts
    raise NumberRefused(f"its side is {side[:20]!r}, of {contracts:f}")


def _mode(told: object) -> MarginMode:
    words = {"cross": MarginMode.CROSS, "crossed": MarginMode.CROSS, "isolated": MarginMode.ISOLATED}
    found = words.get(str(told or "").lower())
    if found is None:
        raise NumberRefused(f"its margin mode is {str(told)[:20]!r}")
    return found
