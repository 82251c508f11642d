"""A market whose every price is written down, and words to put an account into it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve
from bot.domain.reading import History, Series
from bot.domain.snapshot import FundingRate, Quote
from bot.errors import SnapshotUnavailable
from bot.simulator.account import Account
from bot.simulator.clock import SimulatedClock
from bot.simulator.market import FundingSettlement, Span, Step
from bot.simulator.venue import SimulatedVenue, VenueState
from tests.builders import NOON, Number, a_perpetual, a_quote, a_spot, an_inverse_perpetual, d

BTC, PERP, COIN = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"
DATED, COIN_DATED = "BTC/USDT:USDT-260102", "BTC/USD:BTC-260102"
DELIVERED_AT = NOON + timedelta(hours=20)
Prices = Mapping[str, Number | tuple[Number, Number, Number]]


class ScriptedMarket:
    """BTC spot and perpetual at 70,000 from noon, and `more` contracts of it, until the script says otherwise.

    `steps` are (minutes after noon, price or (low, high, last) by symbol); `paid` are (minutes, rate) of `funded`.
    """

    description = "scripted"
    start = NOON
    end = None

    def __init__(
        self,
        steps: tuple[tuple[int, Prices], ...] = (),
        paid: tuple[tuple[int, Number], ...] = (),
        *,
        more: tuple[Instrument, ...] = (),
        funded: str = PERP,
    ) -> None:
        every = (a_spot(), a_perpetual(), *more)
        self.instruments: Mapping[str, Instrument] = {one.symbol: one for one in every}
        self.depth = d(5_000_000)
        spans = {symbol: Span(d(70_000), d(70_000), d(70_000)) for symbol in self.instruments}
        self.steps = [Step(NOON, spans)]
        for minutes, prices in steps:
            spans = spans | {symbol: _span(price) for symbol, price in prices.items()}
            self.steps.append(Step(NOON + timedelta(minutes=minutes), spans))
        self.paid = [
            FundingSettlement(at=NOON + timedelta(minutes=m), symbol=funded, rate=d(rate), mark=d(70_000))
            for m, rate in paid
        ]

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """The last step's prices of what is listed, with a spread of 2 bp."""
        known = [step for step in self.steps if step.at <= moment]
        if not known:
            raise SnapshotUnavailable(f"no prices at {moment}", part="quotes")
        return {
            symbol: a_quote(symbol, span.last, at=moment, bid_depth=self.depth, ask_depth=self.depth)
            for symbol, span in known[-1].spans.items()
            if symbol in self.instruments_at(moment)
        }

    def funding(self, moment: datetime) -> dict[str, FundingRate]:
        """One basis point in eight hours."""
        next_at = moment + timedelta(hours=8)
        return {PERP: FundingRate(symbol=PERP, rate=d("0.0001"), interval_hours=d(8), next_at=next_at)}

    def settlements(self, after: datetime, until: datetime) -> tuple[FundingSettlement, ...]:
        """What the script pays."""
        return tuple(payment for payment in self.paid if after < payment.at <= until)

    def instruments_at(self, moment: datetime) -> Mapping[str, Instrument]:
        """What is not delivered yet."""
        return {s: one for s, one in self.instruments.items() if one.expiry is None or moment < one.expiry}

    def settlement_price(self, symbol: str, at: datetime) -> Decimal:
        """The price of the coin then."""
        return self.quotes(at)[f"{self.instruments[symbol].base}/USDT"].mid

    def history(self, wanted: tuple[Series, ...], moment: datetime) -> History:
        """Return no series."""
        return History(candles={}, funding={}, open_interest={})

    def path(self, after: datetime, until: datetime) -> Iterator[Step]:
        """The script's steps."""
        return (step for step in self.steps if after < step.at <= until)


def _span(price: Number | tuple[Number, Number, Number]) -> Span:
    low, high, last = price if isinstance(price, tuple) else (price, price, price)
    return Span(d(low), d(high), d(last))


def a_dated(coin_margined: bool = False, **changes: object) -> Instrument:
    """A bitcoin contract of the next day at 08:00 UTC, linear or of 100 USD and settled in bitcoin."""
    kind = Kind.INVERSE_FUTURE if coin_margined else Kind.LINEAR_FUTURE
    symbol = COIN_DATED if coin_margined else DATED
    rules = an_inverse_perpetual() if coin_margined else a_perpetual()
    return replace(rules, **({"symbol": symbol, "kind": kind, "expiry": DELIVERED_AT} | changes))  # type: ignore[arg-type]


def an_account(*, spot: Mapping[str, Number] | None = None, futures: Number = 0) -> Account:
    """An account with coins in the spot wallet and USDT in the linear one."""
    balances: dict[tuple[WalletKind, str], Decimal] = {
        (WalletKind.SPOT, asset): d(n) for asset, n in (spot or {}).items()
    }
    return Account(balances=balances | {(WalletKind.LINEAR, "USDT"): d(futures)})


def an_order(symbol: str, side: str, quantity: Number, price: Number | None = None, **changes: object) -> OrderRequest:
    """A market order, or a limit-IOC one when a price is given."""
    fields: dict[str, object] = {
        "symbol": symbol,
        "side": Side(side),
        "quantity": d(quantity),
        "price": None if price is None else d(price),
        "type": OrderType.MARKET if price is None else OrderType.LIMIT_IOC,
        "reduce_only": False,
        "sleeve": Sleeve.CORE,
    }
    return OrderRequest(**(fields | changes))  # type: ignore[arg-type]


def a_venue(account: Account, market: ScriptedMarket | None = None) -> tuple[SimulatedVenue, SimulatedClock]:
    """A venue at noon and its clock."""
    clock = SimulatedClock(NOON)
    return SimulatedVenue(market or ScriptedMarket(), clock, VenueState(account=account, moment=NOON)), clock
