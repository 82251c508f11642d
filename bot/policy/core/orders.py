"""From wanted core trades to orders: dust and what rests left out, purchases cut to the money there is."""

from decimal import Decimal

from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Side, Sleeve
from bot.policy.core.trades import CoreTrades
from bot.policy.plan.draft import Draft
from bot.policy.plan.steps import Market, an_order, slices


def tradable_core(draft: Draft, wanted: CoreTrades) -> CoreTrades:
    """Leave out dust and what is resting; where one side of a zero-sum trade is all dust, leave out both."""
    kept: dict[str, Decimal] = {}
    for asset, value in wanted.values.items():
        market, sizes = core_sizes(draft, asset, value)
        if not sizes:
            draft.skip(Sleeve.CORE, asset, draft.dust(market.instrument, value), value)
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


def core_quantity(draft: Draft, asset: str, value: Decimal) -> tuple[Market, Decimal]:
    """Return the market of a core trade and its unsigned quantity on the grid."""
    market = draft.market(f"{asset}/{draft.policy.quote}")
    return market, market.instrument.quantity(abs(value) / market.quote.mid, market.quote.mid)


def core_sizes(draft: Draft, asset: str, value: Decimal) -> tuple[Market, tuple[Decimal, ...]]:
    """Return the market of a core trade and the sizes of its orders; none when it is dust."""
    market, quantity = core_quantity(draft, asset, value)
    return market, slices(market, quantity, Side.BUY if value > 0 else Side.SELL)


def _placed(draft: Draft, asset: str, value: Decimal) -> Decimal:
    """Return what the orders of a core trade are worth at mid: steps, and slices yet to come, are left out."""
    market, sizes = core_sizes(draft, asset, value)
    return sum(sizes, ZERO) * market.quote.mid


def affordable(draft: Draft, core: CoreTrades, transfer: Decimal, swept: Decimal = ZERO) -> CoreTrades:
    """Return the trades with purchases cut evenly to the money there will be above the reserve minimum.

    `transfer` is what goes into futures wallets, `swept` what comes out of them, in quote currency. What
    would be cut to dust is left out, the smallest first: the money goes where it can be spent.
    """
    wanted = {asset: value for asset, value in core.values.items() if value > 0}
    money = money_for_purchases(draft, core, transfer) + swept / worst_price(draft)
    bought = sum(wanted.values(), ZERO)
    if bought <= max(money, ZERO):
        return core
    left, paid = wanted, _cut(wanted, money)
    while dust := [asset for asset, value in paid.items() if not core_sizes(draft, asset, value)[1]]:
        smallest = min(dust, key=lambda asset: (paid[asset], asset))
        left = {asset: value for asset, value in left.items() if asset != smallest}
        paid = _cut(left, money)
    draft.skip(Sleeve.CORE, "+".join(wanted), "not enough free money", bought - sum(paid.values(), ZERO))
    sold = {asset: value for asset, value in core.values.items() if value < 0}
    return CoreTrades(values=sold | paid, reasons=core.reasons)


def money_for_purchases(draft: Draft, core: CoreTrades, transfer: Decimal) -> Decimal:
    """Return what purchases may be worth at mid, so that the reserve keeps its minimum at the worst prices."""
    sold = sum((_placed(draft, asset, value) for asset, value in core.values.items() if value < 0), ZERO)
    worst = worst_price(draft)
    minimum = draft.policy.reserve.minimum * draft.exposure.equity
    return (draft.exposure.spendable + sold / worst - max(transfer, ZERO) - minimum) / worst


def worst_price(draft: Draft) -> Decimal:
    """Return what a purchase may cost at worst, as a multiple of its value at mid."""
    return 1 + draft.policy.limits.max_slippage + max(i.taker_fee for i in draft.snapshot.instruments.values())


def _cut(values: dict[str, Decimal], money: Decimal) -> dict[str, Decimal]:
    """Return the values cut evenly so that they sum to no more than `money`."""
    total = sum(values.values(), ZERO)
    ratio = max(ZERO, min(money / total, ONE)) if total else ONE
    return {asset: value * ratio for asset, value in values.items()}


def propose_core(draft: Draft, core: CoreTrades, side: Side, besides: frozenset[str]) -> None:
    """Propose the core's orders of one side; assets in `besides` are traded together with another sleeve."""
    for asset, value in core.values.items():
        if value * side.sign <= 0 or asset in besides:
            continue
        market, sizes = core_sizes(draft, asset, value)
        for size in sizes:
            order = an_order(market, size, side, sleeve=Sleeve.CORE)
            draft.propose(Sleeve.CORE, asset, core.reasons[asset], order)
