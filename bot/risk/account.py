"""What is known of the account before the first proposal is judged: its past day, its orders in flight."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from decimal import Decimal

from bot.domain.instrument import Kind
from bot.domain.memory import Memory, SentOrder
from bot.domain.numbers import ZERO, finite
from bot.domain.order import Side
from bot.domain.policy import Limits, Policy
from bot.domain.snapshot import Snapshot
from bot.risk.board import Board
from bot.risk.flight import Flight
from bot.risk.market import Market, market_of
from bot.risk.totals import Totals

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Way = tuple[str, Side]


@dataclass(slots=True, kw_only=True)
class Account:
    """The account at the start of the review.

    `equity` is what the venue holds, in quote currency; day's shares are reckoned of it. `whole` counts
    coins held elsewhere too; the budgets of carry and the overlay are shares of it. `crossed` names the
    coins hedged with another's contract, by that other. `sent` counts
    the orders of the last minute, hour and day; `repeats` the orders of one symbol and side in the
    repeat window; `recent` the orders that one of equal symbol, side and quantity would duplicate.
    `resting` holds prices of own orders in the book, `waiting` their number by symbol, `unexecuted`
    their value; `turnover` and `moved` cover the last day. `planned` is the turnover of the whole plan.
    """

    board: Board
    policy: Policy
    limits: Limits
    memory: Memory
    equity: Decimal
    whole: Decimal
    crossed: Mapping[str, tuple[str, ...]]
    sent: tuple[int, int, int]
    turnover: Decimal
    moved: Decimal
    repeats: Mapping[Way, int]
    recent: frozenset[tuple[str, Side, Decimal]]
    resting: Mapping[Way, tuple[Decimal, ...]]
    waiting: Mapping[str, int]
    unexecuted: Decimal
    ambiguous: frozenset[str]
    unresolved: int
    planned: Decimal = ZERO
    markets: dict[str, Market] = field(default_factory=dict)
    steps: dict[str, Decimal] = field(default_factory=dict)

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot."""
        return self.board.snapshot

    def step_coins(self, asset: str) -> Decimal:
        """Return one order step of the asset's coarsest hedging contract in coins; zero where there is none."""
        if not self.steps:
            self.steps.update(_steps(self.board, self.policy))
        return self.steps.get(asset, ZERO)

    def market(self, symbol: str) -> Market:
        """Return one market; raise SnapshotUnavailable naming what is missing of it."""
        market = self.markets.get(symbol)
        if market is None:
            last = self.memory.last_prices.get(symbol)
            market = market_of(self.board, symbol, self.policy, last, ambiguous=symbol in self.ambiguous)
            self.markets[symbol] = market
        return market


def _steps(board: Board, policy: Policy) -> Mapping[str, Decimal]:
    """Return the largest order step in coins of the kinds of contract the policy hedges with, by asset."""
    hedge, steps = policy.hedge, dict.fromkeys(policy.core.assets, ZERO)
    kinds = (hedge.choices or (hedge.instrument,)) if hedge else (Kind.LINEAR_PERPETUAL,)
    for symbol, contract in board.snapshot.instruments.items():
        quote = board.snapshot.quotes.get(symbol)
        if contract.kind in kinds and quote is not None and quote.mark is not None:
            step = contract.coins(contract.step, quote.mark)
            steps[contract.base] = max(step, steps.get(contract.base, ZERO))
    return steps


def _crossed(policy: Policy) -> Mapping[str, tuple[str, ...]]:
    """Return the coins hedged with another coin's contract, by that other coin."""
    against = policy.hedge.cross.against if policy.hedge and policy.hedge.cross else {}
    return {other: tuple(coin for coin in sorted(against) if against[coin] == other) for other in against.values()}


def account_of(board: Board, policy: Policy, memory: Memory, flights: tuple[Flight, ...], book: Totals) -> Account:
    """Return the account; raise NumberRefused when a limit or a remembered number is not finite."""
    _check_limits(policy.limits)
    now, limits = board.snapshot.taken_at, policy.limits
    ages = [(now - order.at, order) for order in memory.sent]
    repeating = timedelta(minutes=limits.repeat_window_minutes)
    duplicating = timedelta(seconds=limits.duplicate_window_seconds)
    repeats: dict[Way, int] = defaultdict(int)
    for age, order in ages:
        if age < repeating:
            repeats[order.symbol, order.side] += 1
    ambiguous = [intent.symbol for intent in memory.unresolved if intent.ambiguous]
    unexecuted = sum((_value(board, flight) for flight in flights), ZERO)
    executed = sum((_executed(order.value, order.filled, order.quantity) for age, order in ages if age < DAY), ZERO)
    return Account(
        board=board,
        policy=policy,
        limits=limits,
        memory=memory,
        equity=book.equity,
        whole=book.whole,
        crossed=_crossed(policy),
        sent=(_count(ages, MINUTE), _count(ages, HOUR), _count(ages, DAY)),
        turnover=finite("turnover", executed + unexecuted),
        moved=finite("transferred", memory.transferred),
        repeats=repeats,
        recent=frozenset(
            [(o.symbol, o.side, o.quantity) for age, o in ages if age < duplicating]
            + [(flight.symbol, flight.side, flight.remaining) for flight in flights]
        ),
        resting=_resting(flights),
        waiting=_waiting(flights),
        unexecuted=unexecuted,
        ambiguous=frozenset(ambiguous),
        unresolved=len(ambiguous),
    )


def _check_limits(limits: Limits) -> None:
    for limit in fields(limits):
        value = getattr(limits, limit.name)
        if not isinstance(value, int):
            finite(f"limit {limit.name}", value)


def _count(ages: list[tuple[timedelta, SentOrder]], window: timedelta) -> int:
    return sum(1 for age, _ in ages if age < window)


def _executed(value: Decimal, filled: Decimal, quantity: Decimal) -> Decimal:
    return value * filled / quantity if filled else ZERO


def _value(board: Board, flight: Flight) -> Decimal:
    """Return the notional of an order in flight, in quote currency; of a stranger's, at its own price."""
    instrument = board.snapshot.instruments.get(flight.symbol)
    if instrument is None or flight.symbol not in board.snapshot.quotes:
        return flight.remaining * (flight.price or ZERO)
    price = max(flight.price or ZERO, board.reference(instrument))
    return abs(instrument.notional(flight.remaining, price))


def _resting(flights: tuple[Flight, ...]) -> Mapping[Way, tuple[Decimal, ...]]:
    prices: dict[Way, list[Decimal]] = defaultdict(list)
    for flight in flights:
        if flight.price is not None:
            prices[flight.symbol, flight.side].append(flight.price)
    return {way: tuple(some) for way, some in prices.items()}


def _waiting(flights: tuple[Flight, ...]) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for flight in flights:
        counts[flight.symbol] += 1
    return counts
