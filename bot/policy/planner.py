"""From drift to an ordered plan: what lowers exposure first, what needs money last."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from bot.domain.book import Exposure, Targets
from bot.domain.instrument import Instrument
from bot.domain.memory import Memory
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Leg, OrderRequest, Side, Sleeve
from bot.domain.plan import Plan, Proposal, Skipped
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.collateral import Collateral, wanted_transfer
from bot.policy.core_trades import CoreTrades, wanted_core_trades
from bot.policy.hedge_trades import HedgeTrade, wanted_hedge_trades
from bot.policy.steps import Market, an_order, expected_cost, slices


@dataclass(slots=True)
class _Draft:
    """The plan while it is being written."""

    policy: Policy
    snapshot: Snapshot
    exposure: Exposure
    memory: Memory
    proposals: list[Proposal] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def market(self, symbol: str) -> Market:
        """Return one instrument with its quote and limits."""
        return Market(
            instrument=self.snapshot.instruments[symbol],
            quote=self.snapshot.quotes[symbol],
            limits=self.policy.limits,
            account_equity=self.exposure.account_equity,
        )

    def propose(self, *, sleeve: Sleeve, asset: str, reason: str, leg: Leg, money: tuple[Decimal, Decimal]) -> None:
        """Add a proposal of one leg; `money` is its value and its expected cost."""
        value, cost = money
        self.proposals.append(
            Proposal(
                number=len(self.proposals) + 1,
                sleeve=sleeve,
                asset=asset,
                reason=reason,
                legs=(leg,),
                value=value,
                cost=cost,
                deviation=value,
            )
        )

    def skip(self, sleeve: Sleeve, asset: str, reason: str, value: Decimal) -> None:
        """Note a trade that was wanted and left out."""
        self.skipped.append(Skipped(sleeve=sleeve, asset=asset, reason=reason, value=abs(value)))

    def resting(self, sleeve: Sleeve, asset: str) -> bool:
        """Whether the asset traded in this sleeve within the cool-down."""
        rest = timedelta(seconds=int(self.policy.schedule.cooldown_hours * 3600))
        return any(
            sent.sleeve is sleeve and sent.asset == asset and sent.filled and self.snapshot.taken_at - sent.at < rest
            for sent in self.memory.sent
        )


def draft_plan(policy: Policy, exposure: Exposure, targets: Targets, snapshot: Snapshot, memory: Memory) -> Plan:
    """Return the ordered proposals that bring the book back inside its bands, and what was left out and why.

    Order: hedge reductions, core sales, collateral in, hedges of coins already held, core purchases,
    hedges of coins just bought, collateral out. Every order is on the venue's grid and above its
    minimums, and no larger than the order limits; dust is reported, never proposed.
    """
    draft = _Draft(policy=policy, snapshot=snapshot, exposure=exposure, memory=memory)
    core = _tradable_core(draft, wanted_core_trades(policy, exposure, targets, snapshot))
    core = _affordable(draft, core, _collateral(draft, _hedges(draft, core)).amount)
    hedges = _hedges(draft, core)
    collateral = _collateral(draft, hedges)
    held = tuple(h for h in hedges if not h.reduces and core.values.get(h.asset, ZERO) <= 0)
    bought = tuple(h for h in hedges if not h.reduces and h not in held)
    _propose_hedges(draft, tuple(h for h in hedges if h.reduces))
    _propose_core(draft, core, Side.SELL)
    _propose_transfer(draft, collateral, into_futures=True)
    _propose_hedges(draft, held)
    _propose_core(draft, core, Side.BUY)
    _propose_hedges(draft, bought)
    _propose_transfer(draft, collateral, into_futures=False)
    return Plan(proposals=tuple(draft.proposals), skipped=tuple(draft.skipped))


def _tradable_core(draft: _Draft, wanted: CoreTrades) -> CoreTrades:
    """Leave out dust and what is resting; where one side of a zero-sum trade is all dust, leave out both."""
    kept: dict[str, Decimal] = {}
    for asset, value in wanted.values.items():
        market, sizes = _core_sizes(draft, asset, value)
        if not sizes:
            draft.skip(Sleeve.CORE, asset, _dust(market.instrument, value, draft.policy.quote), value)
        elif value > 0 and draft.resting(Sleeve.CORE, asset):
            hours = draft.policy.schedule.cooldown_hours
            draft.skip(Sleeve.CORE, asset, f"resting: it traded less than {hours} h ago", value)
        else:
            kept[asset] = value
    if _lost_a_side(wanted, kept) and draft.policy.core.band.holds(draft.exposure.core_share):
        for asset, value in kept.items():
            draft.skip(Sleeve.CORE, asset, "its counter-trade is too small to place", value)
        kept = {}
    return CoreTrades(values=kept, reasons=wanted.reasons)


def _lost_a_side(wanted: CoreTrades, kept: dict[str, Decimal]) -> bool:
    """Whether buys or sells were wanted and none of them is left."""
    return any(
        any(sign * value > 0 for value in wanted.values.values())
        and not any(sign * value > 0 for value in kept.values())
        for sign in (1, -1)
    )


def _core_sizes(draft: _Draft, asset: str, value: Decimal) -> tuple[Market, tuple[Decimal, ...]]:
    """Return the market of a core trade and the sizes of its orders; none when it is dust."""
    market = draft.market(f"{asset}/{draft.policy.quote}")
    quantity = market.instrument.quantity(abs(value) / market.quote.mid, market.quote.mid)
    return market, slices(market, quantity, Side.BUY if value > 0 else Side.SELL)


def _placed(draft: _Draft, asset: str, value: Decimal) -> Decimal:
    """Return what the orders of a core trade are worth at mid: steps, and slices yet to come, are left out."""
    market, sizes = _core_sizes(draft, asset, value)
    return sum(sizes, ZERO) * market.quote.mid


def _affordable(draft: _Draft, core: CoreTrades, transfer: Decimal) -> CoreTrades:
    """Return the trades with purchases cut evenly to the money there will be above the reserve minimum.

    What would be cut to dust is left out, the smallest first: the money goes where it can be spent.
    """
    wanted = {asset: value for asset, value in core.values.items() if value > 0}
    money = _money_for_purchases(draft, core, transfer)
    bought = sum(wanted.values(), ZERO)
    if bought <= max(money, ZERO):
        return core
    left, paid = wanted, _cut(wanted, money)
    while dust := [asset for asset, value in paid.items() if not _core_sizes(draft, asset, value)[1]]:
        smallest = min(dust, key=lambda asset: (paid[asset], asset))
        left = {asset: value for asset, value in left.items() if asset != smallest}
        paid = _cut(left, money)
    draft.skip(Sleeve.CORE, "+".join(wanted), "not enough free money", bought - sum(paid.values(), ZERO))
    sold = {asset: value for asset, value in core.values.items() if value < 0}
    return CoreTrades(values=sold | paid, reasons=core.reasons)


def _money_for_purchases(draft: _Draft, core: CoreTrades, transfer: Decimal) -> Decimal:
    """Return what purchases may be worth at mid, so that the reserve keeps its minimum at the worst prices."""
    sold = sum((_placed(draft, asset, value) for asset, value in core.values.items() if value < 0), ZERO)
    worst = 1 + draft.policy.limits.max_slippage + max(i.taker_fee for i in draft.snapshot.instruments.values())
    minimum = draft.policy.reserve.minimum * draft.exposure.equity
    return (draft.exposure.spendable + sold / worst - max(transfer, ZERO) - minimum) / worst


def _cut(values: dict[str, Decimal], money: Decimal) -> dict[str, Decimal]:
    """Return the values cut evenly so that they sum to no more than `money`."""
    total = sum(values.values(), ZERO)
    ratio = max(ZERO, min(money / total, ONE)) if total else ONE
    return {asset: value * ratio for asset, value in values.items()}


def _hedges(draft: _Draft, core: CoreTrades) -> tuple[HedgeTrade, ...]:
    return wanted_hedge_trades(draft.policy, draft.exposure, draft.snapshot, core.values)


def _collateral(draft: _Draft, hedges: tuple[HedgeTrade, ...]) -> Collateral:
    """Return the transfer that the hedges which can be placed now ask for."""
    placed = tuple(hedge for hedge in hedges if not _left_out(draft, hedge))
    return wanted_transfer(draft.policy, draft.exposure, draft.snapshot, placed)


def _propose_core(draft: _Draft, core: CoreTrades, side: Side) -> None:
    for asset, value in core.values.items():
        if value * side.sign <= 0:
            continue
        market, sizes = _core_sizes(draft, asset, value)
        for size in sizes:
            order = an_order(market, size, side, sleeve=Sleeve.CORE)
            _propose_order(draft, market, order, asset=asset, reason=core.reasons[asset])


def _propose_hedges(draft: _Draft, hedges: tuple[HedgeTrade, ...]) -> None:
    for hedge in hedges:
        _propose_hedge(draft, hedge)


def _hedge_sizes(draft: _Draft, hedge: HedgeTrade) -> tuple[Market, tuple[Decimal, ...]]:
    """Return the market of a hedge and the sizes of its orders; none when it is dust."""
    market = draft.market(hedge.symbol)
    quantity = market.instrument.quantity(abs(hedge.coins), market.quote.valuation)
    return market, slices(market, quantity, hedge.side)


def _left_out(draft: _Draft, hedge: HedgeTrade) -> str:
    """Return why a hedge is not proposed: dust or resting; empty when it is."""
    market, sizes = _hedge_sizes(draft, hedge)
    if not sizes:
        return _dust(market.instrument, hedge.coins * market.quote.valuation, draft.policy.quote)
    if not hedge.reduces and draft.resting(Sleeve.HEDGE, hedge.asset):
        return f"resting: it traded less than {draft.policy.schedule.cooldown_hours} h ago"
    return ""


def _propose_hedge(draft: _Draft, hedge: HedgeTrade) -> None:
    market, sizes = _hedge_sizes(draft, hedge)
    if reason := _left_out(draft, hedge):
        draft.skip(Sleeve.HEDGE, hedge.asset, reason, hedge.coins * market.quote.valuation)
        return
    for size in sizes:
        order = an_order(market, size, hedge.side, sleeve=Sleeve.HEDGE, reduce_only=hedge.reduces)
        _propose_order(draft, market, order, asset=hedge.asset, reason=hedge.reason)


def _propose_order(draft: _Draft, market: Market, order: OrderRequest, *, asset: str, reason: str) -> None:
    value = abs(market.instrument.notional(order.quantity, market.quote.valuation))
    cost = expected_cost(market, order.quantity, order.side)
    draft.propose(sleeve=order.sleeve, asset=asset, reason=reason, leg=order, money=(value, cost))


def _propose_transfer(draft: _Draft, collateral: Collateral, *, into_futures: bool) -> None:
    if collateral.leg is None or (collateral.amount > 0) is not into_futures:
        return
    quote, money = draft.policy.quote, (abs(collateral.amount), ZERO)
    draft.propose(sleeve=Sleeve.RESERVE, asset=quote, reason=collateral.reason, leg=collateral.leg, money=money)


def _dust(instrument: Instrument, value: Decimal, quote: str) -> str:
    return (
        f"{abs(value):.2f} {quote} of {instrument.symbol} is below what the venue takes "
        f"(step {instrument.step}, minimum {instrument.min_quantity} or {instrument.min_notional} {quote})"
    )
