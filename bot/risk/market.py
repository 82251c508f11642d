"""One market a proposal trades in, and one order priced there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument
from bot.domain.memory import PricePoint
from bot.domain.numbers import ZERO, finite, positive
from bot.domain.order import OrderRequest, OrderType, Side
from bot.domain.policy import Limits, Policy
from bot.domain.snapshot import Position, Quote
from bot.risk.board import Board


def beside_core(policy: Policy) -> tuple[str, ...]:
    """Return the coins a policy may trade beside its core's: carry's, the overlay's and those hedged with."""
    carried = policy.carry.assets if policy.carry else ()
    tactical = [rule.asset for rule in policy.tactical.rules] if policy.tactical else ()
    crossed = policy.hedge.cross.against.values() if policy.hedge and policy.hedge.cross else ()
    return (*carried, *tactical, *crossed)


def is_tradable(policy: Policy, asset: str) -> bool:
    """Whether a policy may trade a coin."""
    return asset in policy.core.assets or asset in beside_core(policy)


def tradable_names(policy: Policy) -> str:
    """Return the coins a policy may trade as words."""
    return ", ".join(sorted({*policy.core.assets, *beside_core(policy)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One instrument, its quote and its past, as the market checks see it.

    `reference` is what prices are judged against: mid for spot, mark for contracts. `spread` is ask −
    bid over mid; `ambiguous` whether an order there has an outcome nobody knows.
    """

    instrument: Instrument
    quote: Quote
    reference: Decimal
    spread: Decimal
    now: datetime
    policy: Policy
    limits: Limits
    position: Position | None
    last: PricePoint | None
    ambiguous: bool

    def depth(self, side: Side) -> Decimal | None:
        """Return the value an order of this side would meet within 25 bp, None when it is not known."""
        return self.quote.ask_depth if side is Side.BUY else self.quote.bid_depth


def market_of(board: Board, symbol: str, policy: Policy, last: PricePoint | None, *, ambiguous: bool) -> Market:
    """Return one market, its numbers checked; raise an error naming what is missing or absurd."""
    instrument, quote = board.instrument(symbol), board.quote(symbol)
    _check(symbol, instrument, ("contract_size", "tick", "step"), positive)
    _check(symbol, instrument, ("min_quantity", "min_notional", "maker_fee", "taker_fee"), finite)
    _check(symbol, quote, ("bid", "ask"), positive)
    known = [name for name in ("index", "bid_depth", "ask_depth", "volume_24h") if getattr(quote, name) is not None]
    _check(symbol, quote, known, finite)
    return Market(
        instrument=instrument,
        quote=quote,
        reference=board.reference(instrument),
        spread=(quote.ask - quote.bid) / quote.mid,
        now=board.snapshot.taken_at,
        policy=policy,
        limits=policy.limits,
        position=board.snapshot.positions.get(symbol),
        last=last,
        ambiguous=ambiguous,
    )


def _check(symbol: str, owner: object, names: Iterable[str], sound: Callable[[str, Decimal], Decimal]) -> None:
    """Let `sound` raise for the first number that is none; the name is written only then."""
    for name in names:
        number = getattr(owner, name)
        if not isinstance(number, Decimal) or not number.is_finite() or number <= 0:
            sound(f"{symbol} {name}", number)


class Trade(NamedTuple):
    """One order with its market. Money in quote currency.

    `price` is what it is expected to fill at, `value` the notional at the reference price or the
    limit if that is higher, `locked` what a spot purchase takes at worst, `slip` the expected fraction
    lost to spread and depth, None where the depth is not known.
    """

    order: OrderRequest
    market: Market
    price: Decimal
    value: Decimal
    fee: Decimal
    slip: Decimal | None

    @property
    def rests(self) -> bool:
        """Whether it is meant to stay in the book."""
        return self.order.type is OrderType.POST_ONLY

    @property
    def locked(self) -> Decimal:
        """What a purchase of spot takes from the wallet at its limit, fee counted."""
        limit = max(self.order.price or self.price, self.price)
        return self.order.quantity * limit * (1 + self.market.instrument.taker_fee)

    @property
    def cost(self) -> Decimal:
        """Fee and what spread and depth are expected to take."""
        return self.fee + self.value * (self.slip or ZERO)


HALF_REACH = Decimal("0.00125")  # mean price move of eating evenly into a depth counted within 25 bp


def priced(order: OrderRequest, market: Market) -> Trade:
    """Return the order with its expected price, value and cost; raise NumberRefused for absurd numbers.

    A stop trades nothing now, so it is worth and costs nothing; its price is its trigger. A purchase fills
    at the ask or at its limit where that is lower, a sale at the bid or at its limit where that is higher,
    but neither better than the reference: no profit is expected of a fill. Slip: half the spread + 12.5 bp
    × value ÷ depth within 25 bp.
    """
    _check(order.symbol, order, ("quantity",) if order.price is None else ("quantity", "price"), positive)
    if order.type is OrderType.STOP:
        return Trade(order, market, positive(f"{order.symbol} trigger", order.trigger or ZERO), ZERO, ZERO, ZERO)
    side, quote, instrument, reference = Side(order.side), market.quote, market.instrument, market.reference
    limit = reference if order.price is None else order.price
    price = max(min(limit, quote.ask), reference) if side is Side.BUY else min(max(limit, quote.bid), reference)
    rate = instrument.maker_fee if order.type is OrderType.POST_ONLY else instrument.taker_fee
    value = abs(instrument.notional(order.quantity, max(limit, reference)))
    depth = market.depth(side)
    slip = None if not depth else market.spread / 2 + HALF_REACH * value / depth
    return Trade(order, market, price, value, abs(instrument.notional(order.quantity, price)) * rate, slip)
