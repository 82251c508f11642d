"""The orders of a decision as a person reads them: the slices of one instrument and side summed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import CancelRequest, Leg, OrderRequest, OrderType, Sleeve, TransferRequest
from bot.domain.plan import Breach, Decision, Proposal
from bot.domain.snapshot import Snapshot
from bot.report.figures import coins, price

OPEN, CHANGE, CLOSE, TRANSFER, KEPT = "+", "~", "-", ">", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Orders of one instrument and side with one verdict, or one transfer.

    `mark` is + open, ~ change, - close, > transfer, empty where refused. `quantity` is in order units,
    `coins` in base coins (of the asset moved, for a transfer); `limit` is the worst price of them;
    `value` and `cost` are in quote currency.
    """

    mark: str
    sleeve: Sleeve
    asset: str
    symbol: str
    side: str
    quantity: Decimal
    coins: Decimal
    orders: int
    limit: Decimal | None
    value: Decimal
    cost: Decimal
    approved: bool
    reason: str
    breaches: tuple[Breach, ...] = ()


def batches(decision: Decision, snapshot: Snapshot) -> tuple[Batch, ...]:
    """Return what the gate approved and what it refused, in the plan's order."""
    verdict = decision.verdict
    judged: list[tuple[Proposal, tuple[Breach, ...] | None]] = [
        *((approved.proposal, None) for approved in verdict.approved),
        *((denied.proposal, denied.breaches) for denied in verdict.denied),
    ]
    summed: dict[tuple[object, ...], Batch] = {}
    for proposal, breaches in sorted(judged, key=lambda pair: pair[0].number):
        for leg in proposal.legs:
            one = a_batch(proposal, leg, snapshot, breaches)
            key = (one.symbol, one.side, one.approved, proposal.reason, tuple(b.code for b in one.breaches))
            summed[key] = _sum(summed[key], one) if key in summed else one
    return _marked(tuple(summed.values()), snapshot)


def a_batch(proposal: Proposal, leg: Leg, snapshot: Snapshot, breaches: tuple[Breach, ...] | None) -> Batch:
    """Return one leg alone; `breaches` is None where it was approved. Only `batches` marks + ~ and -."""
    worth = ONE / sum(_trades_now(one) for one in proposal.legs) if _trades_now(leg) else ZERO
    what = _what(leg, snapshot)
    return Batch(
        mark=TRANSFER if isinstance(leg, TransferRequest) and breaches is None else KEPT,
        sleeve=leg.sleeve,
        asset=proposal.asset,
        symbol=what.symbol,
        side=what.side,
        quantity=what.quantity,
        coins=what.coins,
        orders=1,
        limit=what.limit,
        value=proposal.value * worth,
        cost=proposal.cost * worth,
        approved=breaches is None,
        reason=proposal.reason,
        breaches=breaches or (),
    )


def _trades_now(leg: Leg) -> bool:
    """Whether a leg moves money when it is carried out: a stop waits, and a cancel moves nothing."""
    return isinstance(leg, TransferRequest) or (isinstance(leg, OrderRequest) and leg.type is not OrderType.STOP)


class _What(NamedTuple):
    """What one leg moves: where, which way, how much in its own unit and in coins, and its limit or trigger."""

    symbol: str
    side: str
    quantity: Decimal
    coins: Decimal
    limit: Decimal | None


def _what(leg: Leg, snapshot: Snapshot) -> _What:
    match leg:
        case TransferRequest():
            return _What(f"{leg.source} → {leg.target}", "transfer", leg.amount, leg.amount, None)
        case CancelRequest():
            return _What(leg.symbol, "cancel", ZERO, ZERO, None)
        case OrderRequest(type=OrderType.STOP):
            return _What(leg.symbol, f"stop {leg.side}", leg.quantity, _coins(leg, snapshot), leg.trigger)
        case OrderRequest():
            return _What(leg.symbol, leg.side.value, leg.quantity, _coins(leg, snapshot), leg.price)


def _coins(leg: OrderRequest, snapshot: Snapshot) -> Decimal:
    instrument, quote = snapshot.instruments.get(leg.symbol), snapshot.quotes.get(leg.symbol)
    if instrument is None or quote is None:
        return leg.quantity
    return instrument.coins(leg.quantity, quote.valuation)


def _sum(so_far: Batch, one: Batch) -> Batch:
    limits = [limit for limit in (so_far.limit, one.limit) if limit is not None]
    worst = max if one.side == "buy" else min
    return replace(
        so_far,
        quantity=so_far.quantity + one.quantity,
        coins=so_far.coins + one.coins,
        orders=so_far.orders + one.orders,
        limit=worst(limits) if limits else None,
        value=so_far.value + one.value,
        cost=so_far.cost + one.cost,
    )


def _marked(found: tuple[Batch, ...], snapshot: Snapshot) -> tuple[Batch, ...]:
    traded: dict[str, Decimal] = {}
    for batch in found:
        if _is_traded(batch):
            signed = batch.quantity if batch.side == "buy" else -batch.quantity
            traded[batch.symbol] = traded.get(batch.symbol, ZERO) + signed
    return tuple(
        replace(batch, mark=_mark(batch.symbol, traded[batch.symbol], snapshot)) if _is_traded(batch) else batch
        for batch in found
    )


def _is_traded(batch: Batch) -> bool:
    return batch.approved and batch.side in ("buy", "sell")


def _mark(symbol: str, traded: Decimal, snapshot: Snapshot) -> str:
    instrument = snapshot.instruments[symbol]
    before = held(instrument, snapshot)
    if abs(before) < instrument.step:
        return OPEN
    return CLOSE if abs(before + traded) < instrument.step else CHANGE


def held(instrument: Instrument, snapshot: Snapshot) -> Decimal:
    """Return what is held of an instrument, in its order units, signed."""
    if instrument.kind.is_spot:
        return sum((b.total for b in snapshot.balances if (b.wallet, b.asset) == ("spot", instrument.base)), ZERO)
    position = snapshot.positions.get(instrument.symbol)
    return position.quantity if position else ZERO


def order_words(batch: Batch) -> str:
    """Return what is to be done: sell 0.105 BTC; 5,000 USDT spot → linear."""
    if batch.side == "transfer":
        return f"{price(batch.coins)} {batch.asset} {batch.symbol}"
    if batch.side == "cancel":
        return "take back its stop"
    if batch.coins != batch.quantity:  # whole contracts of a fixed face: their coins have no end in decimals
        return f"{batch.side} {coins(batch.coins)} {batch.asset}"
    return f"{batch.side} {price(batch.coins)} {batch.asset}"


def limit_words(batch: Batch) -> str:
    """Return the worst price it may have: ≥ 69,930 for a sale, ≤ for a purchase."""
    if batch.limit is None:
        return "" if batch.side in ("transfer", "cancel") else "at market"
    if batch.side.startswith("stop"):
        return f"at {price(batch.limit)}"
    return f"{'≤' if batch.side == 'buy' else '≥'} {price(batch.limit)}"


def count_words(batch: Batch) -> str:
    """Return in how many orders; empty for one."""
    return f"in {batch.orders} orders" if batch.orders > 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a plan comes to: instruments to open, change and close, and quote currency turned over and paid."""

    opened: int
    changed: int
    closed: int
    transfers: int
    refused: int
    turnover: Decimal
    cost: Decimal


def totals(found: Sequence[Batch]) -> Totals:
    """Return the sums over approved batches; `refused` counts the orders the gate refused."""
    marks = {batch.symbol: batch.mark for batch in found if batch.approved}
    counted = list(marks.values())
    orders = [batch for batch in found if batch.approved and batch.side != "transfer"]
    return Totals(
        opened=counted.count(OPEN),
        changed=counted.count(CHANGE),
        closed=counted.count(CLOSE),
        transfers=counted.count(TRANSFER),
        refused=sum(batch.orders for batch in found if not batch.approved),
        turnover=sum((batch.value for batch in orders), ZERO),
        cost=sum((batch.cost for batch in orders), ZERO),
    )
