"""Laws of the overlay: its losses never pass its wall, it leaves whole, and it never grows past its size."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.instrument import Instrument, Kind
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import Side, Sleeve
from bot.domain.policy import Policy
from bot.domain.reading import Reading
from bot.domain.rules import Sizing, TacticalRule, TacticalRules
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Snapshot
from bot.policy.plan.wants import Want
from bot.policy.tactical.overlay import TacticalWishes, wanted_tactical
from tests.builders import NOON, a_perpetual, a_quote, a_snapshot, an_inverse_perpetual, d
from tests.overlay import a_tactical_rule, an_overlay, readings_of, remembering

BUDGET, SHOCK, SLIPPAGE = d("0.02"), d("0.2"), d("0.01")
ROUNDING = d("0.000001")
CONTRACTS = {i.symbol: i for i in (a_perpetual("BTC"), a_perpetual("ETH"), an_inverse_perpetual("BTC"))}

# Half of all numbers are the worst ones: a law is broken at its edges.
fractions = st.one_of(st.just(d(1)), st.decimals(min_value=0, max_value=1, places=3))
worst_moves = st.sampled_from([-SHOCK, SHOCK, d("-0.04"), d("0.04"), ZERO])
moves = st.one_of(worst_moves, st.decimals(min_value=-SHOCK, max_value=SHOCK, places=3))


@st.composite
def rules(draw: Callable[..., Any], name: str) -> TacticalRule:
    """A rule of any side, contract, stop and size, greedy enough to meet the wall."""
    asset, kind = draw(
        st.sampled_from(
            [("BTC", Kind.LINEAR_PERPETUAL), ("ETH", Kind.LINEAR_PERPETUAL), ("BTC", Kind.INVERSE_PERPETUAL)]
        )
    )
    return a_tactical_rule(
        name,
        asset=asset,
        instrument=kind,
        side=draw(st.sampled_from(Side)),
        stop=d(draw(st.sampled_from(["0.01", "0.05", "0.3"]))),
        take_profit=draw(st.sampled_from([None, d("0.05")])),
        sizing=draw(st.sampled_from(Sizing)),
        risk=d(draw(st.sampled_from(["0.002", "0.02", "0.5"]))),
        volatility=d(2),
        kelly_fraction=d(draw(st.sampled_from(["0.25", "9"]))),
    )


@st.composite
def overlays(draw: Callable[..., Any]) -> Policy:
    """One to three rules that share a wall of 2 %."""
    names = ["one", "two", "three"][: draw(st.integers(min_value=1, max_value=3))]
    return an_overlay(
        *(draw(rules(name)) for name in names),
        budget=BUDGET,
        shock=SHOCK,
        max_notional=d(draw(st.sampled_from(["0.05", "0.15", "2"]))),
        limits={"max_slippage": SLIPPAGE},
    )


@dataclass(frozen=True)
class Step:
    """One look and what follows: which signals are on, how well orders fill, where prices dip to and end."""

    signals: tuple[bool | None, ...]
    filled: Decimal
    slip: Decimal
    rest: Decimal
    dips: dict[str, Decimal]
    ends: dict[str, Decimal]


steps = st.builds(
    Step,
    signals=st.tuples(*[st.sampled_from([True, True, False, None])] * 3),
    filled=fractions,
    slip=st.one_of(st.just(SLIPPAGE), st.decimals(min_value=0, max_value=SLIPPAGE, places=4)),
    rest=st.one_of(st.just(d(100_000)), st.decimals(min_value=20_000, max_value=200_000, places=0)),
    dips=st.fixed_dictionaries({"BTC": moves, "ETH": moves}),
    ends=st.fixed_dictionaries({"BTC": moves, "ETH": moves}),
)


@dataclass
class Desk:
    """An overlay on a path of prices: what it holds and has earned, the best equity it was ever sized by."""

    policy: Policy
    prices: dict[str, Decimal] = field(default_factory=lambda: {"BTC": d(50_000), "ETH": d(2_500)})
    claims: tuple[Claim, ...] = ()
    result: Decimal = ZERO
    equity: Decimal = ZERO
    best_equity: Decimal = ZERO

    @property
    def rules(self) -> TacticalRules:
        """The overlay's numbers."""
        assert self.policy.tactical is not None
        return self.policy.tactical

    def open_profit(self) -> Decimal:
        """The unrealised profit at the marks."""
        return sum((self.profit(claim, self.prices[CONTRACTS[claim.symbol].base]) for claim in self.claims), ZERO)

    def profit(self, claim: Claim, price: Decimal) -> Decimal:
        """The profit of a claim at a price, coins valued there."""
        contract = CONTRACTS[claim.symbol]
        profit = contract.profit(claim.quantity, claim.entry, price)
        return profit * price if contract.kind.is_inverse else profit

    def snapshot(self) -> Snapshot:
        """The market now."""
        quotes = {name: a_quote(name, self.prices[contract.base]) for name, contract in CONTRACTS.items()}
        return replace(a_snapshot(), instruments=dict(CONTRACTS), quotes=quotes)

    def look(self, step: Step) -> TacticalWishes:
        """One look, its orders filled as the step says."""
        values = {True: "1", False: "-1", None: None}
        readings: list[Reading] = []
        for rule, signal in zip(self.rules.rules, step.signals, strict=False):
            value = values[signal]
            sided = value if value is None else d(value) * rule.side.sign
            readings.extend(readings_of(rule, sided))
        self.equity = step.rest + self.result + self.open_profit()
        self.best_equity = max(self.best_equity, self.equity)
        memory = remembering(*self.claims, readings=tuple(dict.fromkeys(readings)), result=self.result)
        wanted = wanted_tactical(self.policy, self.snapshot(), memory, self.equity)
        for want in wanted.wants:
            self.fill(want, step)
        return wanted

    def fill(self, want: Want, step: Step) -> None:
        """Fill a wish: an exit whole, an entry in part, both as far from the mark as the limit lets them."""
        contract = CONTRACTS[want.symbol]
        side = 1 if want.quantity > 0 else -1
        price = self.prices[contract.base] * (1 + side * step.slip)
        if want.leaves:
            for claim in [one for one in self.claims if one.rule == want.rule and one.symbol == want.symbol]:
                self.leave(claim, price)
            return
        quantity = down_to_step(want.quantity * step.filled, contract.step)
        if quantity:
            claim = Claim(
                sleeve=Sleeve.TACTICAL,
                rule=want.rule,
                symbol=want.symbol,
                quantity=quantity,
                entry=price,
                opened_at=NOON,
            )
            self.claims = (*self.claims, claim)
            self.result -= fee(contract, quantity, price)

    def leave(self, claim: Claim, price: Decimal) -> None:
        """Close a claim at a price."""
        self.claims = tuple(one for one in self.claims if one is not claim)
        self.result += self.profit(claim, price) - fee(CONTRACTS[claim.symbol], claim.quantity, price)

    def move(self, step: Step, wanted: TacticalWishes) -> None:
        """Let prices move; a stop that a dip reaches is filled at the bottom of the dip, slipped."""
        for claim in self.claims:
            start = self.prices[CONTRACTS[claim.symbol].base]
            dip = start * (1 + step.dips[CONTRACTS[claim.symbol].base])
            for stop in wanted.stops:
                reached = (dip - stop.trigger) * stop.quantity >= 0
                if stop.rule == claim.rule and stop.symbol == claim.symbol and reached:
                    slipped = dip * (1 + step.slip * (1 if stop.quantity > 0 else -1))
                    self.leave(claim, slipped)
        self.prices = {asset: price * (1 + step.ends[asset]) for asset, price in self.prices.items()}

    def lost(self) -> Decimal:
        """What all trades and open positions have lost, were they left now at the worst price allowed."""
        marks = {claim: self.prices[CONTRACTS[claim.symbol].base] for claim in self.claims}
        worst = {claim: mark * (1 + SLIPPAGE) for claim, mark in marks.items()}
        costs = sum((fee(CONTRACTS[c.symbol], c.quantity, worst[c]) for c in worst), ZERO)
        slipped = sum((abs(CONTRACTS[c.symbol].notional(c.quantity, marks[c])) * SLIPPAGE for c in marks), ZERO)
        return costs + slipped - self.result - self.open_profit()


def fee(contract: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """The taker fee of a trade."""
    return abs(contract.notional(quantity, price)) * contract.taker_fee


@settings(max_examples=200, deadline=None)
@given(overlays(), st.lists(steps, min_size=1, max_size=8))
def test_the_overlay_never_loses_more_than_its_wall(policy: Policy, path: list[Step]) -> None:
    """With every step up to the shock, fees and the slippage allowed included: at most 2 % of the best equity seen."""
    desk = Desk(policy)
    for step in path:
        wanted = desk.look(step)
        assert desk.lost() <= BUDGET * desk.best_equity + ROUNDING
        desk.move(step, wanted)
        assert desk.lost() <= BUDGET * desk.best_equity + ROUNDING


@settings(max_examples=200, deadline=None)
@given(overlays(), st.lists(steps, min_size=1, max_size=8))
def test_no_step_loses_more_than_is_left_of_the_wall_now(policy: Policy, path: list[Step]) -> None:
    """When the core has shrunk the wall has too: positions that no longer fit are gone before the next step."""
    desk = Desk(policy)
    for step in path:
        wanted = desk.look(step)
        allowed = max(BUDGET * desk.equity, desk.lost())
        desk.move(step, wanted)
        assert desk.lost() <= allowed + ROUNDING


@settings(max_examples=100, deadline=None)
@given(overlays(), st.sampled_from([SHOCK, -SHOCK]), st.decimals(min_value=1_000, max_value=100_000, places=0))
def test_a_core_that_shrinks_takes_its_overlay_with_it(policy: Policy, shock: Decimal, rest: Decimal) -> None:
    """All enter on 100,000, the core falls, the shock comes: at most 2 % of what there was before it is lost."""
    still, jump = {"BTC": ZERO, "ETH": ZERO}, {"BTC": shock, "ETH": shock}
    on = Step(signals=(True,) * 3, filled=d(1), slip=SLIPPAGE, rest=d(100_000), dips=still, ends=still)
    desk = Desk(policy)
    desk.look(on)
    wanted = desk.look(replace(on, rest=rest))
    allowed = max(BUDGET * desk.equity, desk.lost())
    desk.move(replace(on, dips=jump, ends=jump), wanted)
    assert desk.lost() <= allowed + ROUNDING


@settings(max_examples=50, deadline=None)
@given(overlays(), st.lists(steps, min_size=1, max_size=6))
def test_the_overlay_leaves_whole_and_first(policy: Policy, path: list[Step]) -> None:
    """No claim is left in part, and no entry stands before an exit."""
    desk = Desk(policy)
    for step in path:
        before = {(claim.rule, claim.symbol): claim.quantity for claim in desk.claims}
        wanted = desk.look(step)
        order = [want.leaves for want in wanted.wants]
        assert order == sorted(order, reverse=True)
        assert all(before[want.rule, want.symbol] == -want.quantity for want in wanted.wants if want.leaves)
        desk.move(step, wanted)


@settings(max_examples=50, deadline=None)
@given(overlays(), steps)
def test_no_entry_is_larger_than_the_overlay_may_be(policy: Policy, step: Step) -> None:
    """All that is opened at one look stays within the largest size, at the mark."""
    desk = Desk(policy)
    wanted = desk.look(step)
    notional = sum(
        (abs(CONTRACTS[w.symbol].notional(w.quantity, desk.prices[CONTRACTS[w.symbol].base])) for w in wanted.wants),
        ZERO,
    )
    assert notional <= desk.rules.max_notional * desk.best_equity


@settings(max_examples=50, deadline=None)
@given(overlays(), steps)
def test_the_same_look_gives_the_same_wishes(policy: Policy, step: Step) -> None:
    """Nothing but what is given decides."""
    assert Desk(policy).look(step) == Desk(policy).look(step)
