"""Books to state laws about: policies, snapshots and a market that stands still, all made of small whole numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import OrderRequest, Side, TransferRequest
from bot.domain.plan import Plan
from bot.domain.policy import Band, HedgeRules, Limits, Policy, ReserveRules
from bot.domain.reading import History, Series
from bot.domain.snapshot import Balance, FundingRate, MarginMode, Position, Quote, Snapshot
from bot.policy.exposure import measure_exposure
from bot.policy.plan.planner import draft_plan
from bot.policy.targets import set_targets
from bot.simulator.account import Account
from bot.simulator.market import FundingSettlement, Span, Step
from bot.simulator.position import traded
from tests.builders import NOON, a_band, a_memory, a_perpetual, a_policy, a_quote, a_spot, d, wide_limits

COINS = ("BTC", "ETH", "SOL", "ADA", "DOT", "XRP")
THOUSAND = d(1000)
SPOT_USDT, FUTURES_USDT = (WalletKind.SPOT, "USDT"), (WalletKind.LINEAR, "USDT")


@dataclass(frozen=True, repr=False)
class Book:
    """A policy and what is held: coins by asset, shorts in coins, money in both wallets, prices."""

    policy: Policy
    prices: Mapping[str, Decimal]
    instruments: Mapping[str, Instrument]
    coins: Mapping[str, Decimal]
    shorts: Mapping[str, Decimal]
    cash: Decimal
    margin: Decimal

    def __repr__(self) -> str:
        """The figures a person needs to check a failure by hand."""
        core, hedge = self.policy.core, self.policy.hedge
        lines = [
            f"core {_shown(core.band)}, back to {core.destination}, reserve from {self.policy.reserve.minimum}",
            f"hedge {_shown(hedge.ratio)}, {hedge.outer} to {hedge.inner}, {_shown(hedge.leverage)}x" if hedge else "-",
            f"{self.cash} USDT, {self.margin} USDT in futures",
        ]
        for asset, price in self.prices.items():
            markets = [self.instruments[name] for name in (f"{asset}/USDT", f"{asset}/USDT:USDT")]
            grids = [f"{one.step}/{one.min_notional}/{one.taker_fee}" for one in markets]
            width = core.half_widths.get(asset, "optimal")
            lines.append(
                f"{asset} {core.assets[asset]} ± {width}: {self.coins[asset]} held, {self.shorts[asset]} short "
                f"at {price}; step/minimum/fee {' and '.join(grids)}; kept {core.never_sell.get(asset, 0)}, "
                f"elsewhere {core.held_elsewhere.get(asset, 0)}"
            )
        return "\n".join(["a book", *lines])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How Hypothesis shows a failing example."""
        printer.text(repr(self))

    @property
    def account(self) -> Account:
        """The book as an account of the simulated venue."""
        balances = {(WalletKind.SPOT, asset): amount for asset, amount in self.coins.items()}
        return Account(
            balances=balances | {SPOT_USDT: self.cash, FUTURES_USDT: self.margin},
            positions={position.symbol: position for position in self.positions},
        )

    @property
    def positions(self) -> tuple[Position, ...]:
        """The shorts, entered at today's price."""
        return tuple(
            Position(
                symbol=f"{asset}/USDT:USDT",
                quantity=-amount,
                entry_price=self.prices[asset],
                margin_mode=MarginMode.CROSS,
                leverage=d(3),
            )
            for asset, amount in self.shorts.items()
            if amount
        )

    def snapshot(self, at: datetime = NOON) -> Snapshot:
        """The book as a venue would show it; all margin counts as free."""
        market = StandingMarket(self)
        account = self.account
        return Snapshot(
            venue="sim",
            account="sim-test",
            taken_at=at,
            epoch=0,
            clock_offset_seconds=ZERO,
            instruments=self.instruments,
            balances=tuple(
                Balance(wallet=wallet, asset=asset, free=amount, locked=ZERO)
                for (wallet, asset), amount in account.balances.items()
            ),
            positions=account.positions,
            open_orders=(),
            quotes=market.quotes(at),
            funding=market.funding(at),
        )


def _shown(band: Band) -> str:
    return f"{band.low}–{band.target}–{band.high}"


class StandingMarket:
    """The prices of a book from noon on: they stand still but for `jumps`, (minutes after noon, percent by asset)."""

    description = "standing"
    start = NOON
    end = None

    def __init__(self, book: Book, jumps: tuple[tuple[int, Mapping[str, int]], ...] = ()) -> None:
        self.instruments = book.instruments
        now = dict(book.prices)
        self._steps = [self._step(NOON, now)]
        for minutes, moves in jumps:
            now = {asset: price * (100 + moves.get(asset, 0)) / 100 for asset, price in now.items()}
            self._steps.append(self._step(NOON + timedelta(minutes=minutes), now))

    def _step(self, at: datetime, prices: Mapping[str, Decimal]) -> Step:
        spans = {symbol: Span(*[prices[one.base]] * 3) for symbol, one in self.instruments.items()}
        return Step(at, spans)

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """The newest prices, with a spread of 2 bp and much depth."""
        newest = [step for step in self._steps if step.at <= moment][-1]
        depth = d(1_000_000_000)
        return {
            symbol: a_quote(symbol, span.last, at=moment, bid_depth=depth, ask_depth=depth)
            for symbol, span in newest.spans.items()
        }

    def funding(self, moment: datetime) -> dict[str, FundingRate]:
        """Nothing is paid."""
        next_at = moment + timedelta(hours=8)
        return {
            symbol: FundingRate(symbol=symbol, rate=ZERO, interval_hours=d(8), next_at=next_at)
            for symbol, one in self.instruments.items()
            if not one.kind.is_spot
        }

    def settlements(self, after: datetime, until: datetime) -> tuple[FundingSettlement, ...]:
        """None."""
        return ()

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
        """The jumps on the way."""
        return (step for step in self._steps if after < step.at <= until)


# ── strategies ───────────────────────────────────────────────────────────────


def tenths(low: int, high: int) -> st.SearchStrategy[Decimal]:
    """Whole numbers divided by ten."""
    return st.integers(low, high).map(lambda n: d(n) / 10)


def percents(low: int, high: int) -> st.SearchStrategy[Decimal]:
    """Whole numbers divided by a hundred."""
    return st.integers(low, high).map(lambda n: d(n) / 100)


prices = st.builds(lambda digits, zeros: d(digits) * 10**zeros, st.integers(1, 99), st.integers(0, 3))
steps = st.sampled_from([d("0.00001"), d("0.001"), d("0.1"), d(1)])
minimums = st.sampled_from([d(1), d(5), d(100), d(1000)])
fees = st.sampled_from([d("0.0002"), d("0.0005"), d("0.001"), d("0.005")])


@st.composite
def grids(draw: st.DrawFn, assets: tuple[str, ...], *, fine: bool) -> dict[str, Instrument]:
    """A spot market and a linear perpetual for each asset; `fine` grids have small steps and no minimums."""
    found: dict[str, Instrument] = {}
    for asset in assets:
        step = d("0.00000001") if fine else draw(steps)
        least = ZERO if fine else draw(minimums)
        rules: dict[str, Any] = {"tick": d("0.0001"), "step": step, "min_quantity": step, "min_notional": least}
        spot = a_spot(asset, **rules, taker_fee=draw(fees))
        future = a_perpetual(asset, **rules, taker_fee=draw(fees))
        found |= {spot.symbol: spot, future.symbol: future}
    return found


@st.composite
def shares(draw: st.DrawFn, assets: tuple[str, ...]) -> dict[str, Decimal]:
    """Whole percents that sum to one, none below five."""
    free = 100 - 5 * len(assets)
    cuts = sorted(draw(st.lists(st.integers(0, free), min_size=len(assets) - 1, max_size=len(assets) - 1)))
    parts = [after - before for before, after in pairwise([0, *cuts, free])]
    return {asset: d(5 + part) / 100 for asset, part in zip(assets, parts, strict=True)}


@st.composite
def bands(draw: st.DrawFn, low: int, high: int, gap: int) -> tuple[Decimal, Decimal, Decimal]:
    """Low, target and high in whole percents, each at least `gap` percent from the next."""
    bottom = draw(st.integers(low, high - 2 * gap))
    middle = draw(st.integers(bottom + gap, high - gap))
    top = draw(st.integers(middle + gap, high))
    return d(bottom) / 100, d(middle) / 100, d(top) / 100


@st.composite
def hedge_rules(draw: st.DrawFn) -> HedgeRules:
    """A hedge of up to 60 %, its two levels well apart, and a leverage band around 1 to 3."""
    outer = draw(percents(1, 4))
    leverage = draw(st.sampled_from([a_band(0, 1, 2), a_band("1.5", 2, 3), a_band(1, "1.5", 4), a_band("0.5", 3, 5)]))
    return HedgeRules(
        ratio=a_band(*draw(bands(0, 60, 1))),
        overrides={},
        instrument=Kind.LINEAR_PERPETUAL,
        outer=outer,
        inner=outer * draw(tenths(0, 5)),
        leverage=leverage,
    )


@st.composite
def policies(draw: st.DrawFn, assets: tuple[str, ...], limits: Limits) -> Policy:
    """A policy for some coins: any bands, widths, destination, reserve, with or without a hedge."""
    widths = {asset: draw(percents(1, 10)) for asset in assets if draw(st.booleans())}
    policy = a_policy(
        assets=draw(shares(assets)),
        core=draw(bands(5, 90, 3)),
        limits=limits,
        rules={"half_widths": widths, "destination": draw(tenths(0, 9))},
    )
    hedge = draw(st.none() | hedge_rules())
    return replace(policy, hedge=hedge, reserve=ReserveRules(minimum=draw(percents(0, 30)), assets=("USDT",)))


@st.composite
def books(draw: st.DrawFn, *, fine: bool = False, limits: Limits | None = None, smallest: int = 2) -> Book:
    """A book of two to six coins, worth thousands of USDT: coins, shorts, cash, a futures wallet."""
    assets = COINS[: draw(st.integers(smallest, len(COINS)))]
    policy = draw(policies(assets, limits or wide_limits()))
    cost = {asset: draw(prices) for asset in assets}
    instruments = draw(grids(assets, fine=fine))
    coins, shorts = {}, {}
    for asset in assets:
        worth = draw(st.integers(0, 20)) * THOUSAND
        coins[asset] = down_to_step(worth / cost[asset], d("0.00000001"))
        sold = draw(tenths(0, 10)) * coins[asset] if policy.hedge and draw(st.booleans()) else ZERO
        shorts[asset] = down_to_step(sold, instruments[f"{asset}/USDT:USDT"].step)
    kept = {asset: draw(tenths(0, 12)) * coins[asset] for asset in assets if draw(st.booleans())}
    elsewhere = {asset: draw(tenths(0, 10)) * coins[asset] for asset in assets if not draw(st.integers(0, 3))}
    policy = replace(policy, core=replace(policy.core, never_sell=kept, held_elsewhere=elsewhere))
    notional = sum((amount * cost[asset] for asset, amount in shorts.items()), ZERO)
    margin = down_to_step(notional * draw(percents(40, 200)), d(1))
    return Book(
        policy=policy,
        prices=cost,
        instruments=instruments,
        coins=coins,
        shorts=shorts,
        cash=draw(st.integers(1, 60)) * THOUSAND,
        margin=margin + draw(st.integers(0, 5)) * THOUSAND,
    )


# ── what the laws are about ──────────────────────────────────────────────────


def plan_of(policy: Policy, snapshot: Snapshot) -> Plan:
    """The plan for a snapshot, nothing remembered."""
    exposure = measure_exposure(snapshot, policy)
    return draft_plan(policy, exposure, set_targets(policy, exposure, snapshot), snapshot, a_memory())


def orders_of(plan: Plan) -> list[OrderRequest]:
    """Every order of a plan, in order."""
    return [leg for one in plan.proposals for leg in one.legs if isinstance(leg, OrderRequest)]


def transfers_of(plan: Plan) -> list[TransferRequest]:
    """Every transfer of a plan, in order."""
    return [leg for one in plan.proposals for leg in one.legs if isinstance(leg, TransferRequest)]


def turnover(plan: Plan) -> Decimal:
    """The traded value of a plan, transfers left out."""
    return sum((one.value for one in plan.proposals for leg in one.legs if isinstance(leg, OrderRequest)), ZERO)


def filled_in_full(snapshot: Snapshot, plan: Plan, *, charged: bool = True) -> Snapshot:
    """The snapshot after every leg was done whole: orders at mid, with the taker's fee if `charged`.

    A spot wallet that would go below zero raises NumberRefused: nothing may be spent that is not there.
    """
    purses = {(b.wallet, b.asset): b.total for b in snapshot.balances}
    positions = dict(snapshot.positions)
    for one in plan.proposals:
        for leg in one.legs:
            if isinstance(leg, TransferRequest):
                _move(purses, (leg.source, leg.asset), -leg.amount)
                _move(purses, (leg.target, leg.asset), leg.amount)
            elif isinstance(leg, OrderRequest):
                _fill(purses, positions, snapshot, leg, snapshot.instruments[leg.symbol].taker_fee * charged)
    balances = tuple(Balance(wallet=w, asset=a, free=amount, locked=ZERO) for (w, a), amount in purses.items())
    return replace(snapshot, balances=balances, positions=positions, epoch=snapshot.epoch + len(plan.proposals))


Purses = dict[tuple[WalletKind, str], Decimal]


def _move(purses: Purses, purse: tuple[WalletKind, str], change: Decimal) -> None:
    purses[purse] = purses.get(purse, ZERO) + change
    if purse[0] is WalletKind.SPOT:
        Balance(wallet=purse[0], asset=purse[1], free=purses[purse], locked=ZERO)


def _fill(
    purses: Purses, positions: dict[str, Position], snapshot: Snapshot, order: OrderRequest, rate: Decimal
) -> None:
    instrument, price = snapshot.instruments[order.symbol], snapshot.quotes[order.symbol].valuation
    value = abs(instrument.notional(order.quantity, price))
    if instrument.kind.is_spot:
        bought = order.side is Side.BUY
        _move(purses, SPOT_USDT, -value if bought else value * (1 - rate))
        _move(purses, (WalletKind.SPOT, instrument.base), order.signed_quantity * (1 - rate if bought else 1))
        return
    fresh = Position(
        symbol=order.symbol,
        quantity=order.signed_quantity,
        entry_price=price,
        margin_mode=MarginMode.CROSS,
        leverage=d(3),
    )
    after, profit = traded(positions.get(order.symbol), fresh, instrument)
    _move(purses, FUTURES_USDT, profit - value * rate)
    if after is None:
        positions.pop(order.symbol, None)
    else:
        positions[order.symbol] = after


def told(plan: Plan) -> str:
    """A plan in short lines, for those who must see why a law failed."""
    lines = []
    for one in plan.proposals:
        leg = one.legs[0]
        if isinstance(leg, OrderRequest):
            lines.append(f"{leg.side} {leg.quantity} {leg.symbol} worth {one.value:.4f}: {one.reason}")
        elif isinstance(leg, TransferRequest):
            lines.append(f"move {leg.amount} to {leg.target}: {one.reason}")
    lines.extend(f"skip {one.sleeve} {one.asset} {one.value:.4f}: {one.reason}" for one in plan.skipped)
    return "; ".join(lines) or "nothing"
