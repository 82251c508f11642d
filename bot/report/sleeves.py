"""The sleeves of a decided cycle against their bands: one line for each, with its orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Sleeve
from bot.domain.policy import HedgeRules, Policy
from bot.domain.record import CycleRecord
from bot.policy.hedge_trades import hedge_symbol
from bot.report.batches import Batch
from bot.report.figures import money, move, percent, points, symbol_words


@dataclass(frozen=True, slots=True, kw_only=True)
class SleeveLine:
    """One thing that is held, or could be: where it is and where it should be.

    `now`, `low`, `target` and `high` are shares of what `share_of` says (equity, core, core coins), or
    multiples of the futures wallet's equity. `says` stands where no order does, `notes` below.
    """

    name: str
    sleeve: Sleeve | None
    share_of: str
    now: Decimal | None
    low: Decimal | None
    target: Decimal | None
    high: Decimal | None
    batches: tuple[Batch, ...] = ()
    says: str = ""
    notes: tuple[str, ...] = ()
    total: bool = False


def sleeve_lines(record: CycleRecord, policy: Policy, found: Sequence[Batch]) -> tuple[SleeveLine, ...]:
    """Return the lines of a plan, in order: core, its assets, hedge, its contracts, reserve, futures wallet."""
    return (
        _core(record, policy),
        *(_asset(record, policy, found, asset) for asset in record.decision.drift.assets),
        *_hedge(record, policy, found),
        _reserve(record, policy),
        *_wallet(record, policy, found),
    )


def _core(record: CycleRecord, policy: Policy) -> SleeveLine:
    decision, band = record.decision, policy.core.band
    share = decision.exposure.core_share
    if band.holds(share):
        says = "in band, total unchanged"
    else:
        goal = percent(decision.targets.core_value / decision.exposure.equity)
        says = f"{'above' if share > band.high else 'below'} band, back to {goal}"
    return SleeveLine(
        name="CORE",
        sleeve=Sleeve.CORE,
        share_of="equity",
        now=share,
        low=band.low,
        target=band.target,
        high=band.high,
        says=says,
        total=True,
    )


def _asset(record: CycleRecord, policy: Policy, found: Sequence[Batch], asset: str) -> SleeveLine:
    drift, target = record.decision.drift.assets[asset], record.decision.targets.assets[asset]
    symbol = f"{asset}/{policy.quote}"
    says = "no change: in band"
    if drift.outside:
        beyond = abs(drift.drift) - target.half_width
        says = f"{points(beyond)} {'above' if drift.drift > 0 else 'below'} band, no order"
    return SleeveLine(
        name=asset,
        sleeve=Sleeve.CORE,
        share_of="core",
        now=drift.share,
        low=max(target.share - target.half_width, ZERO),
        target=target.share,
        high=min(target.share + target.half_width, ONE),
        batches=tuple(batch for batch in found if batch.symbol == symbol),
        says=says,
        notes=_left_out(record, Sleeve.CORE, asset),
    )


def _left_out(record: CycleRecord, sleeve: Sleeve, asset: str) -> tuple[str, ...]:
    skipped = record.decision.plan.skipped
    return tuple(f"left out: {s.reason}" for s in skipped if s.sleeve is sleeve and s.asset == asset)


def _hedge(record: CycleRecord, policy: Policy, found: Sequence[Batch]) -> tuple[SleeveLine, ...]:
    exposure = record.decision.exposure
    core = [exposure.assets[asset] for asset in record.decision.drift.assets]
    value = sum((asset.core_value for asset in core), ZERO)
    short = sum((asset.short_coins * asset.price for asset in core), ZERO)
    strangers = _strangers(record, policy, found)
    if policy.hedge is None:
        return tuple(strangers)
    band = policy.hedge.ratio
    total = SleeveLine(
        name="HEDGE",
        sleeve=Sleeve.HEDGE,
        share_of="core coins",
        now=short / value if value else None,
        low=band.low,
        target=band.target,
        high=band.high,
        says="short against the core's coins",
        total=True,
    )
    rules = policy.hedge
    contracts = (
        _contract(record, rules, found, (asset, hedge_symbol(asset, policy.quote, rules.instrument)))
        for asset in record.decision.drift.assets
    )
    return (total, *contracts, *strangers)


def _contract(record: CycleRecord, rules: HedgeRules, found: Sequence[Batch], what: tuple[str, str]) -> SleeveLine:
    """Return one hedge's line; `what` is the asset and the symbol of the contract that hedges it."""
    asset, symbol = what
    band, drift = rules.ratio_of(asset), record.decision.drift.assets[asset]
    batches = tuple(batch for batch in found if batch.symbol == symbol)
    listed = symbol in record.snapshot.instruments
    says = "no change: in band" if listed else "this venue lists no such contract"
    if listed and drift.hedge_outside:
        says = "outside its band, no order"
    return SleeveLine(
        name=symbol_words(symbol),
        sleeve=Sleeve.HEDGE,
        share_of="core coins",
        now=drift.hedge_ratio,
        low=band.low,
        target=band.target,
        high=band.high,
        batches=batches,
        says=says,
        notes=(*_left_out(record, Sleeve.HEDGE, asset), *(_funding(record, symbol) if batches else ())),
    )


def _funding(record: CycleRecord, symbol: str) -> tuple[str, ...]:
    rate = record.snapshot.funding.get(symbol)
    if rate is None:
        return ()
    return (f"funding {move(rate.rate, 4)} per {rate.interval_hours.normalize():f} h",)


def _strangers(record: CycleRecord, policy: Policy, found: Sequence[Batch]) -> list[SleeveLine]:
    """Return the contracts that are held or traded and hedge no asset of the policy."""
    hedges = set()
    if policy.hedge is not None:
        hedges = {hedge_symbol(a, policy.quote, policy.hedge.instrument) for a in record.decision.drift.assets}
    traded = [batch.symbol for batch in found if ":" in batch.symbol]
    symbols = [symbol for symbol in sorted({*record.snapshot.positions, *traded}) if symbol not in hedges]
    return [
        SleeveLine(
            name=symbol_words(symbol),
            sleeve=None,
            share_of="",
            now=None,
            low=None,
            target=None,
            high=None,
            batches=tuple(batch for batch in found if batch.symbol == symbol),
            says="kept: not in the policy",
        )
        for symbol in symbols
    ]


def _reserve(record: CycleRecord, policy: Policy) -> SleeveLine:
    exposure = record.decision.exposure
    short = exposure.reserve_value < record.decision.targets.reserve_minimum
    return SleeveLine(
        name="RESERVE",
        sleeve=Sleeve.RESERVE,
        share_of="equity",
        now=exposure.reserve_value / exposure.equity,
        low=policy.reserve.minimum,
        target=None,
        high=None,
        says=f"{money(exposure.reserve_value)} {policy.quote}{', below its minimum' if short else ''}",
        total=True,
    )


def _wallet(record: CycleRecord, policy: Policy, found: Sequence[Batch]) -> tuple[SleeveLine, ...]:
    exposure = record.decision.exposure
    transfers = tuple(batch for batch in found if batch.side == "transfer")
    if policy.hedge is None and not exposure.futures_equity and not transfers:
        return ()
    band = policy.hedge.leverage if policy.hedge else None
    equity = exposure.futures_equity
    total = SleeveLine(
        name="FUTURES",
        sleeve=None,
        share_of="wallet equity",
        now=exposure.gross_notional / equity if equity > 0 else None,
        low=band.low if band else None,
        target=band.target if band else None,
        high=band.high if band else None,
        says=f"{money(equity)} {policy.quote} in the futures wallet",
        total=True,
    )
    moves = (
        SleeveLine(
            name="transfer",
            sleeve=Sleeve.RESERVE,
            share_of="",
            now=None,
            low=None,
            target=None,
            high=None,
            batches=(batch,),
        )
        for batch in transfers
    )
    return (total, *moves)


def nearest_edge(record: CycleRecord, policy: Policy) -> tuple[str, Decimal] | None:
    """Return what is nearest to leaving its band and how far it is from the edge, a share; None without any.

    An asset's distance is a share of the core, the core's a share of equity.
    """
    decision, band = record.decision, policy.core.band
    share = decision.exposure.core_share
    distances = [("CORE", min(share - band.low, band.high - share))]
    for asset, drift in decision.drift.assets.items():
        distances.append((asset, decision.targets.assets[asset].half_width - abs(drift.drift)))
    inside = [(name, distance) for name, distance in distances if distance >= 0]
    return min(inside, key=lambda pair: pair[1], default=None)
