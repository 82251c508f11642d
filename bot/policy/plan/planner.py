"""From drift to an ordered plan: what lowers exposure first, what needs money last."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.book import Exposure, Targets
from bot.domain.memory import Memory
from bot.domain.numbers import ZERO
from bot.domain.order import Side, Sleeve
from bot.domain.plan import Advice, Plan
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.core.orders import affordable, core_quantity, propose_core, tradable_core, worst_price
from bot.policy.core.trades import CoreTrades, routed, wanted_core_trades
from bot.policy.hedge.collateral import Collateral, may_leave, wanted_transfers
from bot.policy.hedge.trades import HedgeTrade, HedgeView, wanted_hedge_trades
from bot.policy.plan.draft import Draft
from bot.policy.plan.netting import Netted, crossed, net
from bot.policy.plan.orders import OverlayStops, Pair, propose_netted, propose_pair
from bot.policy.plan.steps import slices
from bot.policy.plan.stops import propose_stops
from bot.policy.plan.wants import TransferWish, Want
from bot.policy.plan.wishes import NO_WISHES, SleeveWishes, affordable_pairs, guarded_entries, standing_apart


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """All wishes of a cycle: by instrument, the pairs among them, and what each wallet needs for them."""

    core: CoreTrades
    netted: Mapping[str, Netted]
    pairs: tuple[Pair, ...]
    transfers: tuple[Collateral, ...]


def draft_plan(
    policy: Policy,
    exposure: Exposure,
    targets: Targets,
    snapshot: Snapshot,
    memory: Memory,
    wishes: SleeveWishes = NO_WISHES,
) -> Plan:
    """Return the ordered proposals that bring the book back inside its bands, and what was left out and why.

    Order: contracts made smaller, core sales, collateral in, hedges of coins already held, core purchases,
    pairs (carry, rolls), hedges of coins just bought, stops, collateral out. What several sleeves want of
    one instrument is one order. Every order is on the venue's grid and above its minimums, and no larger
    than the order limits; dust is reported, never proposed.
    """
    draft = Draft(policy=policy, snapshot=snapshot, exposure=exposure, memory=memory, advice=list(wishes.advice))
    core = tradable_core(draft, wanted_core_trades(policy, exposure, targets, snapshot))
    wishes = _sweep_waits(draft, core, wishes)
    whole = _whole(draft, _with_profit(draft, core, targets, wishes.sweep), wishes)
    _propose(draft, whole, wishes)
    return draft.plan()


def _sweep_waits(draft: Draft, core: CoreTrades, wishes: SleeveWishes) -> SleeveWishes:
    """Return the wishes without a sweep of what hedges and overlay need for what they open in this plan."""
    if wishes.sweep is None:
        return wishes
    wants = (*_wants(_hedges(draft, core, wishes.view)), *wishes.tactical)
    changes, value = _changes(draft, net(wants).values()), wishes.sweep.value
    if may_leave(draft.policy, draft.exposure, draft.snapshot, changes, value):
        return wishes
    draft.skip(wishes.sweep.leg.sleeve, draft.policy.quote, "waits: what is opened now needs it as collateral", value)
    return replace(wishes, sweep=None)


def _with_profit(draft: Draft, core: CoreTrades, targets: Targets, sweep: TransferWish | None) -> CoreTrades:
    """Return the core's trades with what a sweep to the core buys: only where the core trades nothing else."""
    if sweep is None or sweep.leg.sleeve is not Sleeve.CORE or core.values:
        return core
    bought = routed(sweep.value / worst_price(draft), draft.exposure, targets)
    reason = f"spends {sweep.value:.2f} of swept profit on the most underweight"
    return tradable_core(draft, CoreTrades(values=bought, reasons=dict.fromkeys(bought, reason)))


def _whole(draft: Draft, core: CoreTrades, wishes: SleeveWishes) -> _Whole:
    first = _hedges(draft, core, wishes.view)
    kept = tuple(hedge for hedge in first if not _left_out(draft, hedge))
    swept = wishes.sweep.value if wishes.sweep else ZERO
    wanted = core
    core = affordable(draft, core, _into_futures(draft, (*_wants(kept), *wishes.wants)), swept)
    hedges = _placeable(draft, first if core is wanted else _hedges(draft, core, wishes.view))
    hedges, pairs = standing_apart(draft, hedges, wishes.pairs)
    pairs = affordable_pairs(draft, core, pairs)
    paired = tuple(want for pair in pairs for want in (pair.contract, pair.spot))
    rolled = _wants(hedge for hedge in hedges if hedge.rolls_from)
    tactical = guarded_entries(draft, wishes.tactical, (*rolled, *paired))
    wants = (*_wants(hedges), *tactical, *wishes.alone, *paired)
    netted = net((*wants, *_core_wants(draft, core, wants)))
    rolls = tuple(Pair(first=h.rolls_from, second=h.symbol) for h in hedges if h.rolls_from)
    carried = tuple(Pair(first=pair.contract.symbol, second=pair.spot.symbol) for pair in pairs)
    changes = _changes(draft, netted.values())
    transfers = wanted_transfers(draft.policy, draft.exposure, draft.snapshot, changes)
    if wishes.sweep:  # what a sweep leaves was judged already: the wallet is not moved twice in one plan
        transfers = tuple(one for one in transfers if one.asset != draft.policy.quote)
    return _Whole(core=core, netted=netted, pairs=(*rolls, *carried), transfers=transfers)


def _hedges(draft: Draft, core: CoreTrades, view: HedgeView) -> tuple[HedgeTrade, ...]:
    return wanted_hedge_trades(draft.policy, draft.exposure, draft.snapshot, core.values, view)


def _left_out(draft: Draft, hedge: HedgeTrade) -> str:
    """Return why a hedge is not proposed: dust or resting; empty when it is."""
    market = draft.market(hedge.symbol)
    if not slices(market, hedge.quantity, hedge.side):
        return draft.dust(market.instrument, hedge.coins * market.quote.valuation)
    if not hedge.reduces and not hedge.rolls_from and draft.resting(Sleeve.HEDGE, hedge.asset):
        return f"resting: it traded less than {draft.policy.schedule.cooldown_hours} h ago"
    return ""


def _placeable(draft: Draft, hedges: tuple[HedgeTrade, ...]) -> tuple[HedgeTrade, ...]:
    """Return the hedges that can be placed, the others noted."""
    kept = []
    for hedge in hedges:
        if reason := _left_out(draft, hedge):
            value = hedge.coins * draft.market(hedge.symbol).quote.valuation
            draft.skip(Sleeve.HEDGE, hedge.asset, reason, value)
        else:
            kept.append(hedge)
    return tuple(kept)


def _wants(hedges: Iterable[HedgeTrade]) -> Iterator[Want]:
    for hedge in hedges:
        if hedge.rolls_from:
            yield _hedge_want(hedge, hedge.rolls_from, hedge.rolled, leaves=True)
        signed = hedge.quantity * hedge.side.sign
        yield _hedge_want(hedge, hedge.symbol, signed, leaves=hedge.reduces)


def _hedge_want(hedge: HedgeTrade, symbol: str, quantity: Decimal, *, leaves: bool) -> Want:
    return Want(
        sleeve=Sleeve.HEDGE,
        rule="",
        asset=hedge.asset,
        symbol=symbol,
        quantity=quantity,
        reason=hedge.reason,
        leaves=leaves,
    )


def _core_wants(draft: Draft, core: CoreTrades, others: Iterable[Want]) -> Iterator[Want]:
    """Yield the core's wishes in the spot markets where another sleeve trades too."""
    shared = {want.symbol for want in others}
    for asset, value in core.values.items():
        symbol = f"{asset}/{draft.policy.quote}"
        if symbol in shared:
            _, quantity = core_quantity(draft, asset, value)
            signed = quantity if value > 0 else -quantity
            yield Want(
                sleeve=Sleeve.CORE,
                rule="",
                asset=asset,
                symbol=symbol,
                quantity=signed,
                reason=core.reasons[asset],
                leaves=value < 0,
            )


def _changes(draft: Draft, netted: Iterable[Netted]) -> dict[str, Decimal]:
    """Return the signed contracts by symbol that the wishes add to what is held."""
    instruments = draft.snapshot.instruments
    return {one.symbol: one.quantity for one in netted if not instruments[one.symbol].kind.is_spot}


def _into_futures(draft: Draft, wants: Iterable[Want]) -> Decimal:
    """Return the money that the wishes will take from the spot wallet as collateral, in quote currency."""
    changes = _changes(draft, net(wants).values())
    transfers = wanted_transfers(draft.policy, draft.exposure, draft.snapshot, changes)
    return sum((t.amount for t in transfers if t.asset == draft.policy.quote and t.leg), ZERO)


def _propose(draft: Draft, whole: _Whole, wishes: SleeveWishes) -> None:
    """Write the proposals in their order."""
    overlay = wishes.overlay
    together = frozenset(
        netted.asset for netted in whole.netted.values() if draft.snapshot.instruments[netted.symbol].kind.is_spot
    )
    paired = {symbol for pair in whole.pairs for symbol in (pair.first, pair.second)}
    alone = [one for one in whole.netted.values() if one.symbol not in paired]
    leaving = [pair for pair in whole.pairs if whole.netted[pair.first].leaves]
    _propose_alone(draft, (one for one in alone if _reduces(draft, one)), overlay)
    _propose_pairs(draft, whole, leaving, overlay)
    propose_core(draft, whole.core, Side.SELL, together)
    _propose_transfers(draft, whole.transfers, into_futures=True)
    if wishes.sweep is not None:
        draft.transfer(wishes.sweep.leg, wishes.sweep.reason, wishes.sweep.value)
    opening = [one for one in alone if not _reduces(draft, one)]
    held = [one for one in opening if whole.core.values.get(one.asset, ZERO) <= 0]
    _propose_alone(draft, held, overlay)
    propose_core(draft, whole.core, Side.BUY, together)
    _propose_pairs(draft, whole, [pair for pair in whole.pairs if pair not in leaving], overlay)
    _propose_alone(draft, (one for one in opening if one not in held), overlay)
    propose_stops(draft, overlay.held, overlay.leaving)
    _propose_transfers(draft, whole.transfers, into_futures=False)


def _reduces(draft: Draft, netted: Netted) -> bool:
    """Whether a wish makes what is held smaller: a position without turning it, or coins sold."""
    if draft.snapshot.instruments[netted.symbol].kind.is_spot:
        return netted.quantity < 0
    position = draft.snapshot.positions.get(netted.symbol)
    held = position.quantity if position else ZERO
    return held * netted.quantity < 0 and abs(netted.quantity) <= abs(held)


def _propose_alone(draft: Draft, wishes: Iterable[Netted], overlay: OverlayStops) -> None:
    for one in wishes:
        if propose_netted(draft, one, overlay):
            continue
        price = draft.market(one.symbol).quote.valuation
        crossing = crossed(one, price)
        if crossing is not None:
            draft.crossings.append(crossing)
        else:
            value = draft.worth(one.symbol, one.quantity)
            draft.skip(one.sleeve, one.asset, draft.dust(draft.market(one.symbol).instrument, value), value)


def _propose_pairs(draft: Draft, whole: _Whole, pairs: Iterable[Pair], overlay: OverlayStops) -> None:
    for pair in pairs:
        legs = (whole.netted[pair.first], whole.netted[pair.second])
        if propose_pair(draft, *legs):
            continue
        if legs[0].leaves or any(crossed(leg, ZERO) for leg in legs):
            _propose_alone(draft, legs, overlay)
        else:  # never one leg of a pair without the other
            words = f"its other leg, {legs[1].symbol}, is too small to place with it"
            draft.skip(legs[0].sleeve, legs[0].asset, words, draft.worth(legs[0].symbol, legs[0].quantity))


def _propose_transfers(draft: Draft, transfers: Iterable[Collateral], *, into_futures: bool) -> None:
    for one in transfers:
        if (one.amount > 0) is not into_futures:
            continue
        if one.leg is not None:
            draft.transfer(one.leg, one.reason, abs(one.value))
        else:
            draft.advice.append(
                Advice(
                    sleeve=Sleeve.RESERVE, subject=one.asset, text=f"move it yourself: {one.reason}", value=one.value
                )
            )
