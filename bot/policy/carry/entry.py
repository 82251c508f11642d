"""Which carry pairs to enter, hold, repair and leave: two legs that are one, or none.

A leg that stands alone is closed first; a reading that is missing leaves everything as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument
from bot.domain.memory import Memory
from bot.domain.numbers import ONE, ZERO, down_to_step
from bot.domain.order import Sleeve
from bot.domain.plan import Advice
from bot.domain.policy import Policy
from bot.domain.rules import CarryRules
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Snapshot
from bot.policy.carry.formulas import pair_capital, simple_basis
from bot.policy.carry.scan import Opportunity, carry_terms, funding_view, scan_within
from bot.policy.exposure import delta_coins
from bot.policy.hedge.markets import days_to_expiry, must_roll
from bot.policy.plan.wants import PairWant, Want

WORTH_ADDING = Decimal("0.1")  # of the budget: less room than this is not worth a pair, nor adding to one
MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryWishes:
    """What carry wants: pairs to enter or leave, single legs to close, and what a person should know."""

    pairs: tuple[PairWant, ...] = ()
    alone: tuple[Want, ...] = ()
    advice: tuple[Advice, ...] = ()


class HeldPair(NamedTuple):
    """What carry claims of one pair: signed contracts, the coins they are short, and coins of spot.

    `contract` is None once it has been delivered or the venue lists it no more.
    """

    symbol: str
    asset: str
    spot: str
    contract: Instrument | None
    quantity: Decimal
    short_coins: Decimal
    spot_coins: Decimal


class _Scene(NamedTuple):
    """What pairs are judged by."""

    policy: Policy
    snapshot: Snapshot
    memory: Memory


class _Exit(NamedTuple):
    """The orders that make one pair smaller: both legs, or one alone."""

    legs: tuple[Want, ...]
    is_pair: bool


def wanted_carry(policy: Policy, snapshot: Snapshot, memory: Memory, equity: Decimal) -> CarryWishes:
    """Return what carry wants now; `equity` is the book's, in quote currency.

    A leg without its other leg is closed, a bigger one is cut to the smaller one; then pairs that no longer
    pay are left, and only when nothing is to be mended or left are the best ones entered, inside the
    budget. Spot is bought so that after a fee taken in coins it is the contract's coins, to the step below.
    One pair of a coin trades in a cycle: two would share one spot order.
    """
    held = held_pairs(policy, snapshot, memory.sleeves.claims)
    scene = _Scene(policy, snapshot, memory)
    exits, advice = _exits(scene, held)
    if exits:
        pairs = tuple(PairWant(contract=one.legs[0], spot=one.legs[1]) for one in exits if one.is_pair)
        return CarryWishes(pairs=pairs, alone=tuple(one.legs[0] for one in exits if not one.is_pair), advice=advice)
    if advice:
        return CarryWishes(advice=advice)  # a pair that cannot be judged keeps its budget, however much that is
    return CarryWishes(pairs=tuple(_entries(scene, policy.carry, held, equity)) if policy.carry else ())


def held_pairs(policy: Policy, snapshot: Snapshot, claims: tuple[Claim, ...]) -> tuple[HeldPair, ...]:
    """Return what carry claims, pair by pair, by the symbol of the contract both legs bear."""
    mine = [claim for claim in claims if claim.sleeve is Sleeve.CARRY]
    return tuple(
        _held(policy, snapshot, symbol, [claim for claim in mine if claim.rule == symbol])
        for symbol in sorted({claim.rule for claim in mine})
    )


def _held(policy: Policy, snapshot: Snapshot, symbol: str, claims: list[Claim]) -> HeldPair:
    asset = symbol.partition("/")[0]
    spot, contract = f"{asset}/{policy.quote}", snapshot.instruments.get(symbol)
    quantity = short = ZERO
    days = None if contract is None else days_to_expiry(snapshot, contract)
    if contract is None or (days is not None and days <= 0):
        contract = None  # delivered: the venue settled it, whatever is still claimed of it
    else:
        for claim in claims:
            if claim.symbol == symbol:
                quantity += claim.quantity
                short -= delta_coins(contract, claim.quantity, claim.entry, claim.entry)
    coins = sum((claim.quantity for claim in claims if claim.symbol == spot), ZERO)
    return HeldPair(symbol, asset, spot, contract, quantity, short, coins)


def _advice(pair: HeldPair, why: str) -> Advice:
    return Advice(sleeve=Sleeve.CARRY, subject=pair.symbol, text=f"carry of {pair.symbol}: nothing is done, it {why}")


def _exits(scene: _Scene, held: tuple[HeldPair, ...]) -> tuple[list[_Exit], tuple[Advice, ...]]:
    """Return what is closed now, at most one pair of a coin, and the advice on what cannot be judged."""
    exits: list[_Exit] = []
    advice = []
    for pair in held:
        if not _is_priced(scene.snapshot, pair):
            advice.append(_advice(pair, "has no prices"))
            continue
        found = _mended(scene.snapshot, pair)
        if found is None and pair.contract is not None and pair.short_coins > 0:
            judged = _leaving(scene, pair, pair.contract)
            found = _left(scene.snapshot, pair, pair.contract, judged.reason) if judged.reason else None
            advice += [_advice(pair, f"cannot be judged: {judged.unknown}")] if judged.unknown else []
        exits += [found] if found else []
    mended_first = sorted(exits, key=lambda one: one.is_pair)
    return list({one.legs[0].asset: one for one in reversed(mended_first)}.values()), tuple(advice)


def _is_priced(snapshot: Snapshot, pair: HeldPair) -> bool:
    needed = {pair.spot} if pair.contract is None else {pair.spot, pair.symbol}
    return needed <= snapshot.quotes.keys() and needed <= snapshot.instruments.keys()


def _mended(snapshot: Snapshot, pair: HeldPair) -> _Exit | None:
    """Return the order that closes a leg alone or cuts the bigger to the smaller; None when they are even.

    The smaller leg is never made larger. What is below the venue's minimum is left where it is.
    """
    market = snapshot.instruments[pair.spot]
    if pair.contract is None:
        return _alone(snapshot, pair, market, -pair.spot_coins, f"{pair.symbol} was delivered: its coins are sold")
    price = snapshot.quotes[pair.symbol].valuation
    step = max(abs(pair.contract.coins(pair.contract.step, price)), market.step)
    over = pair.spot_coins - pair.short_coins
    if abs(over) <= step:
        return None
    size = down_to_step(abs(over), MICRO)
    if over > 0:
        reason = f"{size.normalize():f} {pair.asset} more than {pair.symbol} is short"
        return _alone(snapshot, pair, market, -min(over, pair.spot_coins), reason)
    reason = f"short {size.normalize():f} {pair.asset} more than is held for it"
    return _alone(snapshot, pair, pair.contract, pair.quantity * over / pair.short_coins, reason)


def _alone(snapshot: Snapshot, pair: HeldPair, market: Instrument, quantity: Decimal, reason: str) -> _Exit | None:
    want = _want(snapshot, pair.symbol, market, quantity, reason)
    return None if want is None else _Exit((want,), is_pair=False)


def _want(
    snapshot: Snapshot, rule: str, market: Instrument, quantity: Decimal, reason: str, *, leaves: bool = True
) -> Want | None:
    """Return a wish on the grid, None where the venue would not take its order."""
    signed = down_to_step(quantity, market.step)
    if not market.tradable(signed, snapshot.quotes[market.symbol].valuation):
        return None
    return Want(
        sleeve=Sleeve.CARRY,
        rule=rule,
        asset=market.base,
        symbol=market.symbol,
        quantity=signed,
        reason=reason,
        leaves=leaves,
    )


def _left(snapshot: Snapshot, pair: HeldPair, contract: Instrument, reason: str) -> _Exit | None:
    """Return both legs closed; one alone where the other is too small for an order."""
    markets = ((contract, -pair.quantity), (snapshot.instruments[pair.spot], -pair.spot_coins))
    wants = (_want(snapshot, pair.symbol, market, quantity, reason) for market, quantity in markets)
    legs = tuple(want for want in wants if want is not None)
    return _Exit(legs, is_pair=len(legs) > 1) if legs else None


class _Judgement(NamedTuple):
    """Why a pair is left, empty when it is kept; and what could not be judged, empty when all could."""

    reason: str
    unknown: str


def _leaving(scene: _Scene, pair: HeldPair, contract: Instrument) -> _Judgement:
    """Judge one even pair by what is still to be earned on its capital, at the prices of leaving it now.

    A dated one near its expiry waits for its delivery, which costs no trade. What the policy names no
    longer is left.
    """
    snapshot, rules = scene.snapshot, scene.policy.carry
    days = days_to_expiry(snapshot, contract)
    if days is not None and must_roll(scene.policy, snapshot, contract):
        return _Judgement("", "")
    if rules is None or pair.asset not in rules.assets or contract.kind not in rules.kinds:
        return _Judgement("the policy's carry names it no longer", "")
    bought, sold = snapshot.quotes[pair.symbol].ask, snapshot.quotes[pair.spot].bid
    capital = pair_capital(sold, bought, carry_terms(rules, snapshot, contract, pair.spot))
    if days is not None:
        still = simple_basis(sold, bought, days) * sold / capital
        return _Judgement(_too_little(rules, still, f"until delivery in {days:.1f} days"), "")
    view = funding_view(rules, pair.symbol, scene.memory.readings, snapshot)
    if view.yearly is None or view.paid_share is None or view.missing:
        return _Judgement("", view.missing)
    if view.paid_share < rules.min_paid_share:
        paid, least = view.paid_share * 100, rules.min_paid_share * 100
        return _Judgement(f"funding flipped: the short was paid in {paid:.0f}%, {least:.0f}% are asked", "")
    return _Judgement(
        _too_little(rules, view.yearly * bought / capital, f"by {rules.funding_days} days of funding"), ""
    )


def _too_little(rules: CarryRules, still: Decimal, basis: str) -> str:
    if still >= rules.leave_apr:
        return ""
    return f"{still * 100:.1f}% a year is still to be earned {basis}, less than {rules.leave_apr * 100:.1f}%"


def _entries(scene: _Scene, rules: CarryRules, held: tuple[HeldPair, ...], equity: Decimal) -> Iterator[PairWant]:
    """Yield the pairs to enter or add to, best first, while there is room in the budget; one for each coin."""
    policy, snapshot, memory = scene
    budget = rules.budget * equity
    room = budget - capital_used(rules, snapshot, held)
    entered: set[str] = set()
    for one in scan_within(policy, rules, snapshot, memory.readings):
        if one.why_not or one.asset in entered or room < WORTH_ADDING * budget:
            continue
        costs = _coin_costs(rules, snapshot, one)
        pair = _entered(snapshot, one, room / sum(costs, ZERO))
        if pair is not None:
            entered.add(one.asset)
            room -= pair.spot.quantity * sum(costs, ZERO)
            yield pair


def _coin_costs(rules: CarryRules, snapshot: Snapshot, one: Opportunity) -> tuple[Decimal, Decimal]:
    """Return what one coin of a pair ties up: the coin with a fee taken in coins, and its margin; quote currency."""
    kept = ONE - snapshot.instruments[one.spot].taker_fee
    return snapshot.quotes[one.spot].ask / kept, snapshot.quotes[one.contract].valuation / rules.leverage


def capital_used(rules: CarryRules, snapshot: Snapshot, held: tuple[HeldPair, ...]) -> Decimal:
    """Return both legs' capital of what is held, in quote currency: coins at mid, margin at the rules' leverage."""
    used = ZERO
    for pair in held:
        used += pair.spot_coins * snapshot.quotes[pair.spot].mid
        if pair.contract is not None:
            notional = pair.contract.notional(pair.quantity, snapshot.quotes[pair.symbol].valuation)
            used += abs(notional) / rules.leverage
    return used


def _entered(snapshot: Snapshot, one: Opportunity, coins: Decimal) -> PairWant | None:
    """Return both legs of a pair of at most `coins`; None where the venue would not take one of them."""
    contract, market = snapshot.instruments[one.contract], snapshot.instruments[one.spot]
    price = snapshot.quotes[one.contract].valuation
    size = contract.quantity(coins, price)
    bought = contract.coins(size, price) / (ONE - market.taker_fee)
    reason = _entry_reason(one)
    short = _want(snapshot, one.contract, contract, -size, reason, leaves=False)
    spot = _want(snapshot, one.contract, market, bought, reason, leaves=False)
    return None if short is None or spot is None else PairWant(contract=short, spot=spot)


def _entry_reason(one: Opportunity) -> str:
    net = f"{(one.net or ZERO) * 100:.1f}% a year on both legs after fees"
    if one.funding is None:
        return f"{net}: {one.contract} stands {one.basis * 100:.2f}% over spot, {one.days:.1f} days from delivery"
    return f"{net}: {one.contract} paid shorts {one.funding * 100:.1f}% a year"
