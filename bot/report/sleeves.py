"""The sleeves of a decided cycle against their bands: one line for each, with its orders."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.record import CycleRecord
from bot.domain.sleeves import Claim
from bot.policy.hedge.markets import HeldHedge, hedge_kinds, hedge_markets, held_hedges, perpetual_symbol
from bot.report.batches import Batch
from bot.report.figures import money, move, percent, points, price, symbol_words
from bot.report.runway import runway_words


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
    """Return the lines of a plan, in order: core, its assets, hedge, carry, tactical, reserve, futures wallet."""
    return (
        _core(record, policy),
        *(_asset(record, policy, found, asset) for asset in record.decision.drift.assets),
        *_hedge(record, policy, found),
        *_claimed(record, policy, found, Sleeve.CARRY),
        *_claimed(record, policy, found, Sleeve.TACTICAL),
        *_strangers(record, policy, found),
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
        batches=tuple(b for b in found if b.symbol == symbol and b.sleeve not in (Sleeve.CARRY, Sleeve.TACTICAL)),
        says=says,
        notes=_left_out(record, Sleeve.CORE, asset),
    )


def _left_out(record: CycleRecord, sleeve: Sleeve, asset: str) -> tuple[str, ...]:
    skipped = record.decision.plan.skipped
    return tuple(f"left out: {s.reason}" for s in skipped if s.sleeve is sleeve and s.asset == asset)


def _hedge(record: CycleRecord, policy: Policy, found: Sequence[Batch]) -> tuple[SleeveLine, ...]:
    if policy.hedge is None:
        return ()
    exposure = record.decision.exposure
    core = [exposure.assets[asset] for asset in record.decision.drift.assets]
    value = sum((asset.core_value for asset in core), ZERO)
    short = sum((asset.short_coins * asset.price for asset in core), ZERO)
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
    held = held_hedges(record.snapshot, record.memory.sleeves.claims)
    lines = (
        line
        for asset in record.decision.drift.assets
        for line in _hedges_of(record, policy, found, asset, held.get(asset, ()))
    )
    return (total, *lines)


def _hedges_of(
    record: CycleRecord, policy: Policy, found: Sequence[Batch], asset: str, held: tuple[HeldHedge, ...]
) -> Iterator[SleeveLine]:
    """Yield one line for each contract that hedges an asset, is traded for it, or would take its hedge."""
    coins = {one.instrument.symbol: one.coins for one in held}
    traded = [b.symbol for b in found if b.sleeve is Sleeve.HEDGE and b.asset == asset and ":" in b.symbol]
    symbols = list(dict.fromkeys([*coins, *traded]))
    markets = hedge_markets(policy, record.snapshot, asset)
    if not symbols:
        symbols = [markets[0].symbol if markets else perpetual_symbol(asset, policy.quote, hedge_kinds(policy)[0])]
    for symbol in symbols:
        yield _contract(record, found, (asset, symbol), coins.get(symbol, ZERO))


def _contract(record: CycleRecord, found: Sequence[Batch], what: tuple[str, str], coins: Decimal) -> SleeveLine:
    """Return one hedge's line; `what` is the asset and the symbol of the contract, `coins` what it is short there."""
    asset, symbol = what
    decision = record.decision
    band, drift = decision.targets.assets[asset].hedge_ratio, decision.drift.assets[asset]
    core = _core_coins(record, asset)
    batches = tuple(batch for batch in found if batch.symbol == symbol and batch.sleeve is Sleeve.HEDGE)
    listed = symbol in record.snapshot.instruments
    says = "no change: in band" if listed else "this venue lists no such contract"
    if listed and drift.hedge_outside:
        says = "outside its band, no order"
    return SleeveLine(
        name=symbol_words(symbol),
        sleeve=Sleeve.HEDGE,
        share_of="core coins",
        now=coins / core if core else ZERO,
        low=band.low,
        target=band.target,
        high=band.high,
        batches=batches,
        says=says,
        notes=(*_left_out(record, Sleeve.HEDGE, asset), *(_funding(record, symbol) if batches else ())),
    )


def _core_coins(record: CycleRecord, asset: str) -> Decimal:
    return record.decision.exposure.assets[asset].core_coins


def _funding(record: CycleRecord, symbol: str) -> tuple[str, ...]:
    rate = record.snapshot.funding.get(symbol)
    if rate is None:
        return ()
    return (f"funding {move(rate.rate, 4)} per {rate.interval_hours.normalize():f} h",)


def _claimed(record: CycleRecord, policy: Policy, found: Sequence[Batch], sleeve: Sleeve) -> tuple[SleeveLine, ...]:
    """Return the lines of carry or tactical: what it holds and trades, rule by rule; none where there is nothing."""
    claims = [claim for claim in record.memory.sleeves.claims if claim.sleeve is sleeve]
    batches = [batch for batch in found if batch.sleeve is sleeve]
    most = _most(policy, sleeve)
    if not (claims or batches or most):
        return ()
    equity, values = record.decision.exposure.equity, [_claim_value(record, claim) for claim in claims]
    total = SleeveLine(
        name=sleeve.upper(),
        sleeve=sleeve,
        share_of="equity",
        now=sum(values, ZERO) / equity,
        low=ZERO,
        target=None,
        high=most,
        says=f"{len(claims)} held" if claims else "nothing held",
        total=True,
    )
    symbols = dict.fromkeys([*(claim.symbol for claim in claims), *(batch.symbol for batch in batches)])
    return (total, *(_claim_line(record, claims, batches, symbol) for symbol in symbols))


def _most(policy: Policy, sleeve: Sleeve) -> Decimal | None:
    """Return the most a sleeve may hold, a share of equity; None where the policy has no such sleeve."""
    if sleeve is Sleeve.CARRY:
        return policy.carry.budget if policy.carry else None
    return policy.tactical.max_notional if policy.tactical else None


def _claim_value(record: CycleRecord, claim: Claim) -> Decimal:
    """Return what a claim is worth in quote currency, unsigned; nothing once its instrument is listed no more."""
    instrument, quote = record.snapshot.instruments.get(claim.symbol), record.snapshot.quotes.get(claim.symbol)
    if instrument is None or quote is None:
        return ZERO
    return abs(instrument.notional(claim.quantity, quote.valuation))


def _claim_line(record: CycleRecord, claims: Sequence[Claim], batches: Sequence[Batch], symbol: str) -> SleeveLine:
    mine = [claim for claim in claims if claim.symbol == symbol]
    held = "; ".join(f"{price(claim.quantity)} from {price(claim.entry)}" for claim in mine)
    value = sum((_claim_value(record, claim) for claim in mine), ZERO)
    return SleeveLine(
        name=symbol_words(symbol),
        sleeve=None,
        share_of="equity",
        now=value / record.decision.exposure.equity,
        low=None,
        target=None,
        high=None,
        batches=tuple(batch for batch in batches if batch.symbol == symbol),
        says=f"holds {held}" if held else "",
        notes=(f"holds {held}",) if held and any(batch.symbol == symbol for batch in batches) else (),
    )


def _strangers(record: CycleRecord, policy: Policy, found: Sequence[Batch]) -> list[SleeveLine]:
    """Return the contracts that are held or traded and belong to no sleeve of the policy."""
    core = frozenset(record.decision.drift.assets) if policy.hedge else frozenset()
    claimed = {claim.symbol for claim in record.memory.sleeves.claims}
    known = {batch.symbol for batch in found if batch.sleeve in (Sleeve.CARRY, Sleeve.TACTICAL)} | claimed
    held = held_hedges(record.snapshot, record.memory.sleeves.claims)
    hedging = {one.instrument.symbol for asset in core for one in held.get(asset, ())}
    traded = [batch.symbol for batch in found if ":" in batch.symbol and batch.asset not in core]
    symbols = [s for s in sorted({*record.snapshot.positions, *traded}) if s not in hedging | known]
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
            notes=(runway_words(record.decision.verdict.after),) if batch.approved else (),
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
