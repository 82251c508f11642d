"""The books of one account: every change of a balance is a ledger entry, and nothing else changes a balance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_UP, Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import Fill, Liquidity, OpenOrder, Side, TransferRequest
from bot.domain.snapshot import MarginMode, Position
from bot.simulator.market import FundingSettlement
from bot.simulator.position import to_unit, traded

Purse = tuple[WalletKind, str]

DEFAULT_LEVERAGE = Decimal(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginSetting:
    """How new contracts of one instrument are margined."""

    mode: MarginMode = MarginMode.CROSS
    leverage: Decimal = DEFAULT_LEVERAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one account holds. `sequence` is that of the last ledger entry, 0 before the first.

    Balances are coins by (wallet, asset); a futures wallet's excludes unrealised profit and includes
    the margin of isolated positions. `orders` counts the orders ever accepted.
    """

    balances: Mapping[Purse, Decimal]
    positions: Mapping[str, Position] = field(default_factory=dict)
    open_orders: Mapping[str, OpenOrder] = field(default_factory=dict)
    settings: Mapping[str, MarginSetting] = field(default_factory=dict)
    sequence: int = 0
    orders: int = 0

    def balance(self, wallet: WalletKind, asset: str) -> Decimal:
        """Return the coins of `asset` in `wallet`, zero when it never held any."""
        return self.balances.get((wallet, asset), ZERO)

    def setting(self, symbol: str) -> MarginSetting:
        """Return how contracts of `symbol` are margined."""
        return self.settings.get(symbol, MarginSetting())


class Line(NamedTuple):
    """One change to be booked, in coins of `asset`; received is positive."""

    kind: EntryKind
    wallet: WalletKind
    asset: str
    change: Decimal


Booked = tuple[Account, tuple[LedgerEntry, ...]]


def book(account: Account, at: datetime, lines: Iterable[Line], *, symbol: str = "", reference: str) -> Booked:
    """Return the account after the lines and one ledger entry for each that is not zero.

    A delivery is an entry even when it is zero: it says where the position went. Every change is first
    rounded to the unit of the books; what is rounded off is nobody's.
    """
    balances, entries, sequence = dict(account.balances), [], account.sequence
    for line in lines:
        change = to_unit(line.change)
        if not change and line.kind is not EntryKind.DELIVERY:  # a delivery is told even when it gained nothing
            continue
        sequence += 1
        purse = (line.wallet, line.asset)
        balances[purse] = balances.get(purse, ZERO) + change
        entries.append(
            LedgerEntry(
                sequence=sequence,
                at=at,
                kind=line.kind,
                wallet=line.wallet,
                asset=line.asset,
                change=change,
                symbol=symbol,
                reference=reference,
            )
        )
    return replace(account, balances=balances, sequence=sequence), tuple(entries)


def fee_of(
    instrument: Instrument, side: Side, quantity: Decimal, price: Decimal, role: Liquidity
) -> tuple[Decimal, str]:
    """Return the fee of a trade and its asset, rounded up to the unit of the books.

    Bought coins are charged in coins, sold ones in the quote currency, contracts in the settlement asset.
    """
    rate = instrument.maker_fee if role is Liquidity.MAKER else instrument.taker_fee
    if instrument.kind.is_spot:
        base = side is Side.BUY
        amount, asset = (quantity, instrument.base) if base else (quantity * price, instrument.quote)
    else:
        amount, asset = instrument.settlement_notional(quantity, price), instrument.settle
    return to_unit(amount * rate, ROUND_UP), asset


def apply_fill(account: Account, instrument: Instrument, fill: Fill) -> Booked:
    """Return the account after one trade: coins exchanged, or a position changed and its profit realised."""
    wallet, sign = instrument.wallet, fill.side.sign
    if instrument.kind.is_spot:
        lines = [
            Line(EntryKind.FILL, wallet, instrument.base, sign * fill.quantity),
            Line(EntryKind.FILL, wallet, instrument.quote, -sign * fill.quantity * fill.price),
        ]
    else:
        setting = account.setting(fill.symbol)
        fresh = Position(
            symbol=fill.symbol,
            quantity=sign * fill.quantity,
            entry_price=fill.price,
            margin_mode=setting.mode,
            leverage=setting.leverage,
            isolated_margin=ZERO if setting.mode is MarginMode.ISOLATED else None,
        )
        position, profit = traded(account.positions.get(fill.symbol), fresh, instrument)
        account = with_position(account, fill.symbol, position)
        lines = [Line(EntryKind.REALISED, wallet, instrument.settle, profit)]
    lines.append(Line(EntryKind.FEE, wallet, fill.fee_asset, -fill.fee))
    return book(account, fill.at, lines, symbol=fill.symbol, reference=fill.trade_id)


def apply_funding(account: Account, instrument: Instrument, paid: FundingSettlement) -> Booked:
    """Return the account after a funding settlement: a position receives −quantity × mark × rate.

    Short 5 coins at 70,000 and +1 bp: +35.00. An isolated position's own margin takes it.
    """
    position = account.positions.get(paid.symbol)
    if position is None:
        return account, ()
    notional = instrument.settlement_notional(position.quantity, paid.mark).copy_sign(position.quantity)
    change = to_unit(-notional * paid.rate)
    if position.isolated_margin is not None:
        moved = replace(position, isolated_margin=position.isolated_margin + change)
        account = with_position(account, paid.symbol, moved)
    line = Line(EntryKind.FUNDING, instrument.wallet, instrument.settle, change)
    reference = f"funding-{paid.symbol}-{paid.at:%Y%m%dT%H%M}"
    return book(account, paid.at, [line], symbol=paid.symbol, reference=reference)


def apply_delivery(account: Account, instrument: Instrument, price: Decimal, at: datetime) -> Booked:
    """Return the account after a dated contract was delivered: its profit at the settlement price, less the fee."""
    position = account.positions[instrument.symbol]
    notional = instrument.settlement_notional(position.quantity, price)
    lines = [
        Line(
            EntryKind.DELIVERY,
            instrument.wallet,
            instrument.settle,
            instrument.profit(position.quantity, position.entry_price, price),
        ),
        Line(EntryKind.FEE, instrument.wallet, instrument.settle, -to_unit(notional * instrument.taker_fee, ROUND_UP)),
    ]
    account = with_position(account, instrument.symbol, None)
    reference = f"delivery-{instrument.symbol}"
    return book(account, at, lines, symbol=instrument.symbol, reference=reference)


def apply_transfer(account: Account, at: datetime, transfer_id: str, request: TransferRequest) -> Booked:
    """Return the account after money moved between its wallets: two entries that sum to zero."""
    lines = [
        Line(EntryKind.TRANSFER, request.source, request.asset, -request.amount),
        Line(EntryKind.TRANSFER, request.target, request.asset, request.amount),
    ]
    return book(account, at, lines, reference=transfer_id)


def apply_flow(account: Account, at: datetime, wallet: WalletKind, asset: str, amount: Decimal) -> Booked:
    """Return the account after a deposit (amount above zero) or a withdrawal (below)."""
    kind = EntryKind.DEPOSIT if amount > 0 else EntryKind.WITHDRAWAL
    return book(account, at, [Line(kind, wallet, asset, amount)], reference=f"{kind}-{account.sequence + 1}")


def with_position(account: Account, symbol: str, position: Position | None) -> Account:
    """Return the account with one position replaced, or taken out when it is None."""
    positions = dict(account.positions)
    if position is None:
        positions.pop(symbol, None)
    else:
        positions[symbol] = position
    return replace(account, positions=positions)


def with_order(account: Account, order: OpenOrder) -> Account:
    """Return the account with `order` resting; one with nothing remaining is taken out."""
    orders = dict(account.open_orders)
    if order.remaining > 0:
        orders[order.client_order_id] = order
    else:
        orders.pop(order.client_order_id, None)
    return replace(account, open_orders=orders)


def without_orders(account: Account, client_order_ids: Iterable[str]) -> Account:
    """Return the account without the orders named."""
    gone = frozenset(client_order_ids)
    kept = {name: order for name, order in account.open_orders.items() if name not in gone}
    return replace(account, open_orders=kept)


def reducible(account: Account, symbol: str, side: Side) -> Decimal:
    """Return the most a reduce-only order on `side` may trade: the opposite position's size, else zero."""
    position = account.positions.get(symbol)
    if position is None or position.quantity * side.sign > 0:
        return ZERO
    return abs(position.quantity)
