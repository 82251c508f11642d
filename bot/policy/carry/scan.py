"""What every pair of spot and a short contract would earn now, and why it is not entered."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument, Kind
from bot.domain.numbers import ONE, ZERO
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Readings
from bot.domain.rules import CarryRules
from bot.domain.snapshot import Quote, Snapshot
from bot.policy.carry.formulas import (
    DAYS_A_YEAR,
    CarryTerms,
    break_even_days,
    compound_basis,
    funding_yearly,
    pair_capital,
    pair_costs,
    simple_basis,
)
from bot.policy.hedge.markets import SECONDS_A_DAY, days_to_expiry, has_margin, must_roll, perpetual_symbol
from bot.policy.tactical.sizing import isolated_liquidation

RALLY = Decimal("0.5")  # the rise before convergence whose margin is told: QUANT 9 asks a hedge at 2x to survive it


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """One pair as it could be entered now: spot at the ask, the contract at the bid.

    `days` is the holding: until delivery, or the rules' horizon for a perpetual. `basis` is F / S − 1; its
    yearly forms are None for a perpetual, the compound one also in the last day, where it means nothing.
    `funding` is what a short receives a year, `paid_share` the share of intervals in which it was paid;
    both None for a dated contract, or unknown. `gross` is a yearly fraction, of spot for a basis and of the
    contract's notional for funding; `fees` the round trip with its spreads as a fraction of spot. `net` is
    the yearly return on both legs' capital after fees, `capital` that capital for one coin, and
    `margin_need` what the short of one coin needs to survive a rise of 50 %, both in quote currency.
    `survives` is the rise that ends the short on its own margin, None when none does; deductions left out.
    `why_not` is empty when the pair may be entered.
    """

    asset: str
    contract: str
    spot: str
    kind: Kind
    days: Decimal
    basis: Decimal
    simple: Decimal | None
    compound: Decimal | None
    funding: Decimal | None
    paid_share: Decimal | None
    gross: Decimal | None
    fees: Decimal
    net: Decimal | None
    capital: Decimal
    break_even_days: Decimal | None
    margin_need: Decimal
    survives: Decimal | None
    why_not: str

    @property
    def is_contango(self) -> bool:
        """Whether the contract stands above spot; below it the market is in backwardation."""
        return self.basis > 0


class FundingView(NamedTuple):
    """The funding of a perpetual as far as it is known: a year, the share of paid intervals, and what is missing."""

    yearly: Decimal | None
    paid_share: Decimal | None
    missing: str


NOT_ASKED = FundingView(None, None, "")


def carry_measures(policy: Policy) -> tuple[Measure, ...]:
    """Return what carry wants to know: the mean funding and the share of paid intervals of each perpetual."""
    rules = policy.carry
    if rules is None:
        return ()
    symbols = (
        perpetual_symbol(asset, policy.quote, kind)
        for asset in rules.assets
        for kind in rules.kinds
        if not kind.is_dated
    )
    return tuple(measure for symbol in symbols for measure in _measures(rules, symbol))


def _measures(rules: CarryRules, symbol: str) -> tuple[Measure, Measure]:
    periods = (rules.funding_days,)
    return (
        Measure(kind=MeasureKind.FUNDING, subject=symbol, periods=periods),
        Measure(kind=MeasureKind.PAID_SHARE, subject=symbol, periods=periods),
    )


def funding_view(rules: CarryRules, symbol: str, readings: Readings, snapshot: Snapshot) -> FundingView:
    """Return the funding of a perpetual over the rules' days.

    Where that is unavailable the newest rate stands for it, and `missing` says so: a figure to look at,
    not one to trade on.
    """
    found = [next((one for one in readings if one.measure == wanted), None) for wanted in _measures(rules, symbol)]
    values = [None if one is None else one.value for one in found]
    whys = [one.why or "unavailable" if one else "not read" for one in found if one is None or one.value is None]
    if not whys:
        return FundingView(values[0], values[1], "")
    newest = snapshot.funding.get(symbol)
    yearly = funding_yearly(newest.rate, newest.interval_hours) if newest else None
    return FundingView(yearly, values[1], f"its funding over {rules.funding_days} days is unknown ({whys[0]})")


def scan(quote: str, rules: CarryRules, snapshot: Snapshot, readings: Readings) -> tuple[Opportunity, ...]:
    """Return every pair of the rules' assets and kinds that has prices, the highest net return first.

    `quote` is the policy's quote currency; a coin-margined contract's USD counts as one of it.
    """
    found = (
        _opportunity(rules, snapshot, readings, one, f"{one.base}/{quote}") for one in _listed(quote, rules, snapshot)
    )
    return tuple(sorted(found, key=lambda one: (one.net is None, -(one.net or ZERO), one.contract)))


def scan_within(policy: Policy, rules: CarryRules, snapshot: Snapshot, readings: Readings) -> tuple[Opportunity, ...]:
    """Return the same with what the policy's limits would refuse to open: contracts too young, or about to expire."""
    return tuple(_within(policy, snapshot, one) for one in scan(policy.quote, rules, snapshot, readings))


def _within(policy: Policy, snapshot: Snapshot, one: Opportunity) -> Opportunity:
    limits = (unopenable(policy, snapshot, snapshot.instruments[symbol]) for symbol in (one.contract, one.spot))
    return replace(one, why_not="; ".join(why for why in (one.why_not, *limits) if why))


def unopenable(policy: Policy, snapshot: Snapshot, instrument: Instrument) -> str:
    """Return why nothing is opened in an instrument now: its margin, its expiry or its listing; empty when none."""
    if not has_margin(snapshot, instrument.kind):
        return f"{instrument.symbol} is margined in coins, which one purse does not set aside"
    if must_roll(policy, snapshot, instrument):
        return f"{instrument.symbol} expires in {days_to_expiry(snapshot, instrument):.1f} days, inside the roll window"
    listed, least = instrument.listed_at, policy.limits.min_days_since_listing
    if listed is None or snapshot.taken_at - listed >= timedelta(seconds=int(least * SECONDS_A_DAY)):
        return ""
    days = (snapshot.taken_at - listed) / timedelta(days=1)
    return f"{instrument.symbol} is listed for {days:.1f} days, at least {least:.0f} are asked"


def unlisted(quote: str, rules: CarryRules, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the assets with the kinds of which the venue lists no pair with prices."""
    listed = {(one.base, one.kind) for one in _listed(quote, rules, snapshot)}
    wanted = ((asset, kind) for asset in rules.assets for kind in rules.kinds)
    return tuple(f"{asset} {kind}" for asset, kind in wanted if (asset, kind) not in listed)


def _listed(quote: str, rules: CarryRules, snapshot: Snapshot) -> Iterator[Instrument]:
    for symbol, one in sorted(snapshot.instruments.items()):
        if one.kind not in rules.kinds or one.kind.is_spot or one.base not in rules.assets:
            continue
        spot, days = f"{one.base}/{quote}", days_to_expiry(snapshot, one)
        is_ours = one.kind.is_inverse or one.quote == quote
        is_priced = {symbol, spot} <= snapshot.quotes.keys() and spot in snapshot.instruments
        if is_ours and is_priced and (days is None or days > 0):
            yield one


def carry_terms(rules: CarryRules, snapshot: Snapshot, contract: Instrument, spot: str) -> CarryTerms:
    """Return what a pair costs: taker fees, margin at the rules' leverage, the half-spreads of leaving.

    A dated contract is not bought back but delivered: only its spot is sold.
    """
    spread = half_spread(snapshot.quotes[spot])
    if not contract.kind.is_dated:
        spread += half_spread(snapshot.quotes[contract.symbol])
    return CarryTerms(
        spot_fee=snapshot.instruments[spot].taker_fee,
        contract_fee=contract.taker_fee,
        margin=ONE / rules.leverage,
        exit_spread=spread,
    )


def half_spread(quote: Quote) -> Decimal:
    """Return half the spread as a fraction of the mid price."""
    return (quote.ask - quote.bid) / 2 / quote.mid


def _opportunity(
    rules: CarryRules, snapshot: Snapshot, readings: Readings, contract: Instrument, spot: str
) -> Opportunity:
    terms = carry_terms(rules, snapshot, contract, spot)
    bought, sold = snapshot.quotes[spot].ask, snapshot.quotes[contract.symbol].bid
    expiry = days_to_expiry(snapshot, contract)
    days = rules.horizon_days if expiry is None else expiry
    view = funding_view(rules, contract.symbol, readings, snapshot) if expiry is None else NOT_ASKED
    # What is earned on the way is a fraction of the contract's notional; a basis is told of spot.
    gross = view.yearly if expiry is None else simple_basis(bought, sold, days)
    notional = sold if expiry is None else bought
    costs, capital = pair_costs(bought, sold, terms), pair_capital(bought, sold, terms)
    net = None if gross is None else (gross * notional - costs * DAYS_A_YEAR / days) / capital
    rate = contract.tiers[0].rate
    return Opportunity(
        asset=contract.base,
        contract=contract.symbol,
        spot=spot,
        kind=contract.kind,
        days=days,
        basis=sold / bought - ONE,
        simple=None if expiry is None else gross,
        compound=None if expiry is None or days < 1 else compound_basis(bought, sold, days),
        funding=view.yearly,
        paid_share=view.paid_share,
        gross=gross,
        fees=costs / bought,
        net=net,
        capital=capital,
        break_even_days=None if gross is None else break_even_days(costs / notional, gross),
        margin_need=sold * ((ONE + RALLY) * (ONE + rate) - ONE),
        survives=lone_short_survives(rules.leverage, rate, inverse=contract.kind.is_inverse),
        why_not="; ".join(_refusals(rules, contract.kind, days, net, view)),
    )


def lone_short_survives(leverage: Decimal, rate: Decimal, *, inverse: bool) -> Decimal | None:
    """Return the rise that ends a short on its own margin, a fraction; None when none does. QUANT 2.4, 4.4.

    `rate` is the maintenance rate; deductions are left out, which makes the answer smaller.
    """
    border = isolated_liquidation(entry=ONE, side=-1, leverage=leverage, rate=rate, inverse=inverse)
    return border - ONE if border.is_finite() else None


def _refusals(rules: CarryRules, kind: Kind, days: Decimal, net: Decimal | None, view: FundingView) -> Iterator[str]:
    if net is not None and net < rules.enter_apr:
        yield f"{net * 100:.1f}% a year is less than {rules.enter_apr * 100:.1f}%"
    if days < rules.min_days:
        yield f"held {days:.1f} days, at least {rules.min_days:.0f} are asked"
    if view.missing:
        yield view.missing if view.yearly is None else f"{view.missing}: the newest rate is shown"
    elif view.paid_share is not None and view.paid_share < rules.min_paid_share:
        yield f"the short was paid in {view.paid_share * 100:.0f}%, {rules.min_paid_share * 100:.0f}% are asked"
    if kind.is_inverse:
        yield "coin-margined: its coins would be its margin, and such a pair is not traded yet"
