"""What carry, the overlay and the hedge's own choices bring to a plan, and which pairs can be paid."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.plan import Advice
from bot.policy.collateral import leverage_band
from bot.policy.core_orders import money_for_purchases, worst_price
from bot.policy.core_trades import CoreTrades
from bot.policy.draft import Draft
from bot.policy.hedge_trades import PLAIN, HedgeView
from bot.policy.orders import OverlayStops
from bot.policy.wants import PairWant, StopWish, TransferWish, Want


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


def affordable_pairs(draft: Draft, core: CoreTrades, pairs: tuple[PairWant, ...]) -> tuple[PairWant, ...]:
    """Return the pairs that can be paid once the core has what it needs; leaving one costs nothing.

    A pair takes its coins at the worst price and its share of collateral at the target leverage.
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
        else:
            words = f"not enough free money: it takes {cost:.2f}, {max(money, ZERO):.2f} is free"
            draft.skip(Sleeve.CARRY, pair.contract.asset, words, cost)
    return tuple(kept)


def _cost(draft: Draft, pair: PairWant) -> Decimal:
    """Return what opening a pair takes from the spot wallet, in quote currency."""
    spot, contract = draft.market(pair.spot.symbol), draft.market(pair.contract.symbol)
    coins = max(pair.spot.quantity, ZERO) * spot.quote.mid * worst_price(draft)
    notional = abs(contract.instrument.notional(pair.contract.quantity, contract.quote.valuation))
    return coins + notional / leverage_band(draft.policy).target
