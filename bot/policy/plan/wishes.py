"""What carry, the overlay and the hedge's own choices bring to a plan, and which pairs can be paid."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import Sleeve
from bot.domain.plan import Advice
from bot.policy.core.orders import money_for_purchases, worst_price
from bot.policy.core.trades import CoreTrades
from bot.policy.hedge.collateral import leverage_band
from bot.policy.hedge.trades import PLAIN, HedgeTrade, HedgeView
from bot.policy.plan.draft import Draft
from bot.policy.plan.orders import OverlayStops
from bot.policy.plan.wants import PairWant, StopWish, TransferWish, Want


@dataclass(frozen=True, slots=True, kw_only=True)
class SleeveWishes:
    """The wishes of a cycle besides the core's and the hedge's, and how hedges are viewed.

    `alone` are single legs of carry pairs that have lost the other one. `stops` guard what the overlay holds,
    `entry_stops` what it is about to open.
    """

    view: HedgeView = PLAIN
    tactical: tuple[Want, ...] = ()
    stops: tuple[StopWish, ...] = ()
    entry_stops: tuple[StopWish, ...] = ()
    pairs: tuple[PairWant, ...] = ()
    alone: tuple[Want, ...] = ()
    sweep: TransferWish | None = None
    advice: tuple[Advice, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def overlay(self) -> OverlayStops:
        """The overlay's stops, and the rules that are leaving."""
        leaving = frozenset(want.rule for want in self.tactical if want.leaves)
        return OverlayStops(held=self.stops, entering=self.entry_stops, leaving=leaving)

    @property
    def wants(self) -> Iterator[Want]:
        """Every want, leg by leg."""
        yield from self.tactical
        yield from self.alone
        for pair in self.pairs:
            yield pair.contract
            yield pair.spot


NO_WISHES = SleeveWishes()
WORTH_CUTTING = Decimal("0.1")  # of a pair: what is left of it below that is not worth its orders


def standing_apart(
    draft: Draft, hedges: tuple[HedgeTrade, ...], pairs: tuple[PairWant, ...]
) -> tuple[tuple[HedgeTrade, ...], tuple[PairWant, ...]]:
    """Return the hedges and pairs of which no two pairs share an instrument, rolls first; the others wait a cycle.

    What is wanted of one instrument is one order, and one order cannot be a leg of two pairs.
    """
    taken: set[str] = set()
    kept_hedges, kept_pairs = [], []
    for hedge in hedges:
        both = {hedge.rolls_from, hedge.symbol}
        if not hedge.rolls_from:
            kept_hedges.append(hedge)
        elif shared := sorted(taken & both):
            draft.skip(Sleeve.HEDGE, hedge.asset, _waits(shared), draft.worth(hedge.symbol, hedge.quantity))
        else:
            taken |= both
            kept_hedges.append(hedge)
    for pair in pairs:
        both = {pair.contract.symbol, pair.spot.symbol}
        if shared := sorted(taken & both):
            value = draft.worth(pair.contract.symbol, pair.contract.quantity)
            draft.skip(Sleeve.CARRY, pair.contract.asset, _waits(shared), value)
        else:
            taken |= both
            kept_pairs.append(pair)
    return tuple(kept_hedges), tuple(kept_pairs)


def _waits(shared: list[str]) -> str:
    return f"waits for the next cycle: {', '.join(shared)} is traded in a pair"


def guarded_entries(draft: Draft, tactical: tuple[Want, ...], legs: tuple[Want, ...]) -> tuple[Want, ...]:
    """Return the overlay's wishes without the entries that one leg of a pair would swallow: they wait a cycle.

    A leg carries no stop, so an entry the same way would stand unguarded. One the other way is netted: what
    the position then holds against it leaves no room for a stop at the venue anyway.
    """
    kept = []
    for want in tactical:
        same_way = any(leg.symbol == want.symbol and leg.quantity * want.quantity > 0 for leg in legs)
        if same_way and not want.leaves:
            draft.skip(Sleeve.TACTICAL, want.asset, _waits([want.symbol]), draft.worth(want.symbol, want.quantity))
        else:
            kept.append(want)
    return tuple(kept)


def affordable_pairs(draft: Draft, core: CoreTrades, pairs: tuple[PairWant, ...]) -> tuple[PairWant, ...]:
    """Return the pairs that can be paid once the core has what it needs; leaving one costs nothing.

    A pair takes its coins at the worst price and its share of collateral at the target leverage. One that
    cannot be paid whole is cut to what can.
    """
    bought = sum((value for value in core.values.values() if value > 0), ZERO)
    money = money_for_purchases(draft, core, ZERO) - bought
    kept = []
    for pair in pairs:
        cost = _cost(draft, pair)
        if pair.contract.leaves or pair.spot.leaves:
            kept.append(pair)
        elif cost <= money:
            money -= cost
            kept.append(pair)
        elif money >= WORTH_CUTTING * cost and (smaller := _cut(draft, pair, money / cost)):
            money -= _cost(draft, smaller)
            kept.append(smaller)
        else:
            words = f"not enough free money: it takes {cost:.2f}, {max(money, ZERO):.2f} is free"
            draft.skip(Sleeve.CARRY, pair.contract.asset, words, cost)
    return tuple(kept)


def _cut(draft: Draft, pair: PairWant, share: Decimal) -> PairWant | None:
    """Return a pair cut to a share of itself on both grids, the spot in proportion; None when it is dust."""
    contract, spot = draft.market(pair.contract.symbol).instrument, draft.market(pair.spot.symbol).instrument
    short = down_to_step(pair.contract.quantity * share, contract.step)
    if not short:
        return None
    coins = down_to_step(pair.spot.quantity * short / pair.contract.quantity, spot.step)
    return PairWant(contract=replace(pair.contract, quantity=short), spot=replace(pair.spot, quantity=coins))


def _cost(draft: Draft, pair: PairWant) -> Decimal:
    """Return what opening a pair takes from the spot wallet, in quote currency."""
    spot, contract = draft.market(pair.spot.symbol), draft.market(pair.contract.symbol)
    coins = max(pair.spot.quantity, ZERO) * spot.quote.mid * worst_price(draft)
    notional = abs(contract.instrument.notional(pair.contract.quantity, contract.quote.valuation))
    return coins + notional / leverage_band(draft.policy).target
