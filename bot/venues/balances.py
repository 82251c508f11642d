"""Coins in each wallet, from the venue's raw answer: ccxt's totals mean another thing on every venue (VENUES 3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import OpenOrder, Side
from bot.domain.snapshot import Balance, Position, Wallets
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.row import BalanceFields
from bot.venues.translate import maybe, rows_of, seek, summed

NO_NAMES: Mapping[str, str] = {}
DUST = Decimal("0.000001")  # coins: what rounding leaves is nobody's margin
SAID_BESIDES = ("equity", "maintenance", "position_margin", "order_margin")  # of each coin, where the venue says it


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One wallet as the venue told it: balances, the account's own number, equity and maintenance margin by coin."""

    balances: tuple[Balance, ...]
    uid: str
    equity: Mapping[str, Decimal]
    maintenance: Mapping[str, Decimal]
    position_margin: Mapping[str, Decimal] = field(default_factory=dict)
    order_margin: Mapping[str, Decimal] = field(default_factory=dict)


async def read_wallet(connection: Connection, wallet: WalletKind, reader: Reader) -> Held:
    """Return a wallet's balances; raise SnapshotUnavailable where a number of a coin that is held is missing."""
    product, client = connection.row.products[wallet], connection.clients[wallet]
    part = f"{wallet} balances"
    answer = await reader.read(part, lambda: client.fetch_balance(dict(product.balance.params)))
    try:
        return held(answer["info"], product.balance, wallet, part, connection.access.asset_names)
    except NumberRefused as error:
        raise SnapshotUnavailable(f"{part}: {error.message}", part=part) from None


def held(
    told: object, fields: BalanceFields, wallet: WalletKind, part: str, names: Mapping[str, str] = NO_NAMES
) -> Held:
    """Return what a raw answer says of a wallet; coins with nothing at all are left out.

    What is free is never more than the total: some venues count unrealised profit as free. `names` are our names
    of what the mode's play money is called.
    """
    balances: list[Balance] = []
    told_of: dict[str, dict[str, Decimal]] = {name: {} for name in SAID_BESIDES}
    for row in rows_of(told, fields.rows, part):
        if fields.has_blank_rows and _is_blank(row, fields):
            continue
        asset = _asset(row, fields)
        asset = names.get(asset, asset)
        total = summed(row, fields.total, f"{asset} total")
        free = min(summed(row, fields.free, f"{asset} free"), total)
        if total or free:
            balances.append(Balance(wallet=wallet, asset=asset, free=free, locked=total - free))
        for name, found in told_of.items():
            place = getattr(fields, name)
            number = maybe(seek(row, place), f"{asset} {place}") if place else None
            if number:
                found[asset] = number
    uid = str(seek(told, fields.uid) or "") if fields.uid else ""
    return Held(balances=tuple(sorted(balances, key=lambda one: one.asset)), uid=uid, **told_of)


def check_margin(
    wallets: Mapping[WalletKind, Held],
    positions: Mapping[str, Position],
    resting: Iterable[OpenOrder],
    instruments: Mapping[str, Instrument],
) -> None:
    """Raise SnapshotUnavailable where coins are held for what no list tells of: an empty list that lies."""
    known = [(instruments[one.symbol], one.side) for one in resting if one.symbol in instruments]
    held_by = {
        "positions": {
            (instruments[name].wallet, instruments[name].settle) for name in positions if name in instruments
        },
        "open orders": {(one.wallet, one.base if _gives_coins(one, side) else one.settle) for one, side in known},
    }
    for wallet, held in wallets.items():
        for what, margins in (("positions", held.position_margin), ("open orders", held.order_margin)):
            unheld = sorted(a for a, told in margins.items() if abs(told) > DUST and (wallet, a) not in held_by[what])
            if unheld:
                raise SnapshotUnavailable(
                    f"the {wallet} wallet holds {margins[unheld[0]]} {unheld[0]} for {what}, and lists none",
                    part=f"{wallet} {what}",
                )


def _is_blank(row: Mapping[str, Any], fields: BalanceFields) -> bool:
    """Whether every number of a row is an empty text: of a missing field, or of one number alone, it is not."""
    return all(seek(row, term.removeprefix("-")) == "" for term in (*fields.total, *fields.free))


def _gives_coins(one: Instrument, side: Side) -> bool:
    """Whether an order holds the coin itself and not the money it is paid or margined in."""
    return one.kind.is_spot and side is Side.SELL


def _asset(row: Mapping[str, Any], fields: BalanceFields) -> str:
    told = str(seek(row, fields.asset) or "").upper()
    return fields.asset_names.get(told, told)


def purse_of(asset: str, quote: str) -> WalletKind:
    """Return where a pooled account's asset is counted: the quote currency as margin, everything else as spot."""
    return WalletKind.LINEAR if asset == quote else WalletKind.SPOT


def in_one_purse(balances: tuple[Balance, ...], quote: str, purses: Wallets) -> tuple[Balance, ...]:
    """Return a pooled account's balances as the rest of Poise counts them: quote money as margin, coins as spot.

    Raises NumberRefused for a coin the account owes: a loan is no holding.
    """
    if purses is not Wallets.POOLED:
        return balances
    found = []
    for one in balances:
        wallet = purse_of(one.asset, quote)
        if one.total < ZERO or (wallet is WalletKind.SPOT and one.free < ZERO):
            raise NumberRefused(f"the account owes {-one.total} {one.asset}: pay it back before Poise trades here")
        found.append(Balance(wallet=wallet, asset=one.asset, free=one.free, locked=one.locked))
    return tuple(found)
