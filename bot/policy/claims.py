"""What the sleeves remember after a cycle: claims moved by fills, results booked, cool-downs begun."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument, WalletKind, average_entry, kind_of
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import FINEST, OrderReport, OrderRequest, Part, Sleeve
from bot.domain.plan import Crossing, Decision
from bot.domain.policy import Policy
from bot.domain.record import Settlement
from bot.domain.sleeves import Claim, RatioState, Rest, SleeveState, claimed
from bot.domain.snapshot import Position, Snapshot
from bot.policy.tactical.exits import rest_after

CLAIMING = frozenset({Sleeve.CARRY, Sleeve.TACTICAL})
GONE = frozenset({EntryKind.DELIVERY, EntryKind.LIQUIDATION})
RESULTS = frozenset({EntryKind.REALISED, EntryKind.FEE, EntryKind.FUNDING, EntryKind.DELIVERY, EntryKind.LIQUIDATION})

Key = tuple[Sleeve, str, str]
Fills = tuple[tuple[OrderRequest, OrderReport], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened between two settlements.

    `fills` are orders with their new fills, `positions` the contracts held before them, `prices` what one
    coin of an asset is worth in quote currency, `instruments` those listed before or after. `left_at` is when
    the book was left, `held` and `coins` are the contracts and the spot wallet's coins there are now.
    """

    fills: Fills
    crossings: tuple[Crossing, ...]
    entries: tuple[LedgerEntry, ...]
    ratios: tuple[RatioState, ...]
    instruments: Mapping[str, Instrument]
    positions: Mapping[str, Position]
    prices: Mapping[str, Decimal]
    at: datetime
    left_at: datetime
    held: Mapping[str, Position]
    coins: Mapping[str, Decimal]


def past_between(
    left: Settlement,
    now: Snapshot,
    happened: tuple[Fills, tuple[LedgerEntry, ...]],
    *,
    quote: str,
    decision: Decision | None = None,
    listed_before: Mapping[str, Instrument] | None = None,
) -> Past:
    """Return what happened between a settlement and a snapshot; `decision` is the one carried out in between.

    `happened` are our orders with their fills since, and the ledger. `quote` is the policy's currency,
    `listed_before` the rules of what is listed no more.
    """
    targets = decision.targets.assets.values() if decision else ()
    fills, entries = happened
    return Past(
        fills=fills,
        crossings=decision.plan.crossings if decision else (),
        entries=entries,
        ratios=tuple(target.ratio_state for target in targets if target.ratio_state is not None),
        instruments={**(listed_before or {}), **now.instruments},
        positions=left.positions,
        prices={i.base: now.quotes[s].mid for s, i in now.instruments.items() if s == f"{i.base}/{quote}"},
        at=now.taken_at,
        left_at=left.at,
        held=now.positions,
        coins={b.asset: b.total for b in now.balances if b.wallet is WalletKind.SPOT},
    )


class _Trade(NamedTuple):
    """What one rule traded: signed order units at a price, and its share of the fees in quote currency."""

    key: Key
    quantity: Decimal
    price: Decimal
    fees: Decimal


def next_state(state: SleeveState, past: Past, policy: Policy) -> SleeveState:
    """Return what the sleeves remember after `past`.

    A fill belongs to its order's parts in proportion; coins taken as a fee are nobody's. Contracts that were
    delivered or liquidated are claimed no more, nor is what is less than a step. A tactical rule that is out of
    the market rests for its cool-down. `settled` grows with what the futures wallets realised and shrinks by
    what left them. What others traded comes out of what nobody claimed, then of the claims it went against, and
    nobody claims coins that are not there: an exit must never open what a hand has closed.
    """
    claims = {_key(claim): claim for claim in state.claims}
    result = state.tactical_result + _funding_share(state, past) + _lost_with(state, past)
    for trade in _trades(past):
        instrument = past.instruments[trade.key[2]]
        claim, profit = _moved(claims.get(trade.key), trade, instrument, past.at)
        if claim is None:
            claims.pop(trade.key, None)
        else:
            claims[trade.key] = claim
        if trade.key[0] is Sleeve.TACTICAL:
            result += profit * _worth(past, instrument.settle) - trade.fees
    gone = {entry.symbol for entry in past.entries if entry.kind in GONE}
    found = _still_held(state, [claims[key] for key in sorted(claims)], past)
    kept = tuple(claim for claim in found if _lives_on(claim, gone, past))
    return SleeveState(
        claims=kept,
        ratios=past.ratios or state.ratios,
        rests=_rests(state, kept, policy, past.at),
        tactical_result=result,
        settled=_settled(state.settled, past),
    )


def _still_held(state: SleeveState, claims: list[Claim], past: Past) -> Iterator[Claim]:
    """Yield the claims as far as the venue still holds what they claim, the newest cut first."""
    left = {symbol: _beyond_unclaimed(state, past, symbol, moved) for symbol, moved in _others(past, claims).items()}
    coins = dict(past.coins)
    for claim in sorted(claims, key=lambda one: one.opened_at, reverse=True):
        against, instrument = left.get(claim.symbol, ZERO), past.instruments.get(claim.symbol)
        if against * claim.quantity < 0:
            cut = min(abs(against), abs(claim.quantity)).copy_sign(claim.quantity)
            left[claim.symbol] = against + cut
            yield replace(claim, quantity=claim.quantity - cut)
        elif instrument is not None and instrument.kind.is_spot:
            there = min(claim.quantity, coins.get(instrument.base, ZERO))
            coins[instrument.base] = coins.get(instrument.base, ZERO) - there
            yield replace(claim, quantity=there)
        else:
            yield claim


def _others(past: Past, claims: Iterable[Claim]) -> dict[str, Decimal]:
    """Return the signed contracts by which claimed positions moved without our fills.

    A fill found late may be in the position that was left already; what was delivered or liquidated is no trade.
    """
    booked = {entry.reference for entry in past.entries}
    ended = {entry.symbol for entry in past.entries if entry.kind in GONE}
    found = {}
    for symbol in {claim.symbol for claim in claims if not kind_of(claim.symbol).is_spot} - ended:
        since = late = ZERO
        for fill in (fill for _, report in past.fills for fill in report.fills if fill.symbol == symbol):
            if fill.at > past.left_at or fill.trade_id in booked:
                since += fill.quantity * fill.side.sign
            else:
                late += fill.quantity * fill.side.sign
        moved = _quantity(past.held, symbol) - _quantity(past.positions, symbol) - since
        if moved not in (ZERO, late):
            found[symbol] = moved
    return found


def _quantity(positions: Mapping[str, Position], symbol: str) -> Decimal:
    position = positions.get(symbol)
    return position.quantity if position else ZERO


def _beyond_unclaimed(state: SleeveState, past: Past, symbol: str, moved: Decimal) -> Decimal:
    """Return what others moved beyond what nobody claimed before: what the hedge held of it is theirs to close."""
    free = _quantity(past.positions, symbol) - claimed(state.claims, symbol)
    if free * moved >= 0:
        return moved
    return (abs(moved) - min(abs(moved), abs(free))).copy_sign(moved)


def _lives_on(claim: Claim, gone: set[str], past: Past) -> bool:
    """Whether a claim is still one: not of what was delivered or liquidated, nor less than any order can trade."""
    instrument = past.instruments.get(claim.symbol)
    is_dust = instrument is not None and abs(claim.quantity) < instrument.step
    return claim.symbol not in gone and not is_dust


def _key(claim: Claim) -> Key:
    return claim.sleeve, claim.rule, claim.symbol


def _worth(past: Past, asset: str) -> Decimal:
    """Return what one unit of a settlement asset is worth in quote currency; the quote itself has no price."""
    return past.prices.get(asset, Decimal(1))


def _trades(past: Past) -> Iterator[_Trade]:
    """Yield what each claiming rule traded, by orders and by crossings."""
    for request, report in past.fills:
        price = report.average_price
        if price is not None:
            yield from _of_order(past, request, report, price)
    for crossing in past.crossings:
        for part in crossing.parts:
            if part.sleeve in CLAIMING:
                yield _Trade((part.sleeve, part.rule, crossing.symbol), part.quantity, crossing.price, ZERO)


def _of_order(past: Past, request: OrderRequest, report: OrderReport, price: Decimal) -> Iterator[_Trade]:
    instrument = past.instruments.get(request.symbol)
    if instrument is None:
        return  # delivered since: its claims are gone with it
    filled = report.filled / request.quantity
    spread = sum((abs(part.quantity) for part in request.parts), ZERO)
    taken = sum((fill.fee for fill in report.fills if fill.fee_asset == instrument.base), ZERO)
    fees = sum((fill.fee * _worth(past, fill.fee_asset) for fill in report.fills), ZERO)
    for part in request.parts:
        if part.sleeve not in CLAIMING:
            continue
        share = abs(part.quantity) / spread
        quantity = _in_units(part, filled)
        if instrument.kind.is_spot and quantity > 0:
            quantity -= (taken * share).quantize(FINEST)
        yield _Trade((part.sleeve, part.rule, request.symbol), quantity, price, fees * share)


def _in_units(part: Part, filled: Decimal) -> Decimal:
    return (part.quantity * filled).quantize(FINEST)


def _moved(claim: Claim | None, trade: _Trade, instrument: Instrument, at: datetime) -> tuple[Claim | None, Decimal]:
    """Return the claim after a trade, None when nothing is left, and the profit realised in the settlement asset."""
    sleeve, rule, symbol = trade.key
    fresh = Claim(
        sleeve=sleeve, rule=rule, symbol=symbol, quantity=trade.quantity, entry=trade.price, opened_at=at
    )  # fmt: skip
    if claim is None or not trade.quantity:
        return (fresh if trade.quantity else claim), ZERO
    after = claim.quantity + trade.quantity
    if claim.quantity * trade.quantity > 0:
        entry = average_entry(instrument, ((claim.quantity, claim.entry), (trade.quantity, trade.price)))
        return replace(claim, quantity=after, entry=entry), ZERO
    closed = min(abs(claim.quantity), abs(trade.quantity)).copy_sign(claim.quantity)
    profit = instrument.profit(closed, claim.entry, trade.price)
    if after * claim.quantity > 0:
        return replace(claim, quantity=after), profit
    return (replace(fresh, quantity=after) if after else None), profit


def _funding_share(state: SleeveState, past: Past) -> Decimal:
    """Return the funding that fell on the overlay's contracts, in quote currency."""
    paid = (entry for entry in past.entries if entry.kind is EntryKind.FUNDING)
    return sum((entry.change * _worth(past, entry.asset) * _overlay(state, past, entry.symbol) for entry in paid), ZERO)


def _lost_with(state: SleeveState, past: Past) -> Decimal:
    """Return what liquidation and delivery did to the overlay's contracts, in quote currency.

    The venue closes the whole position; its result is the overlay's in proportion to what it held.
    """
    gone = {entry.symbol for entry in past.entries if entry.kind in GONE}
    ended = (e for e in past.entries if e.symbol in gone and e.kind in GONE | {EntryKind.REALISED})
    return sum(
        (entry.change * _worth(past, entry.asset) * _overlay(state, past, entry.symbol) for entry in ended), ZERO
    )


def _overlay(state: SleeveState, past: Past, symbol: str) -> Decimal:
    """Return the overlay's share of a position, signed as the position is; zero where none was held."""
    position = past.positions.get(symbol)
    return ZERO if position is None else claimed(state.claims, symbol, Sleeve.TACTICAL) / position.quantity


def _rests(state: SleeveState, kept: Iterable[Claim], policy: Policy, at: datetime) -> tuple[Rest, ...]:
    """Return the rests still running, and a new one for each rule that has just left the market."""
    held = {claim.rule for claim in kept if claim.sleeve is Sleeve.TACTICAL}
    left = {claim.rule for claim in state.claims if claim.sleeve is Sleeve.TACTICAL} - held
    rules = {rule.name: rule for rule in policy.tactical.rules} if policy.tactical else {}
    begun = [rest_after(rules[name], at) for name in sorted(left) if name in rules]
    running = [rest for rest in state.rests if rest.until > at and rest.rule not in left]
    return (*running, *begun)


def _of_spot(entry: LedgerEntry) -> bool:
    """Whether a change came from a spot trade, also where one purse pays for both."""
    return bool(entry.symbol) and kind_of(entry.symbol).is_spot


def _settled(before: Decimal, past: Past) -> Decimal:
    """Return the realised result of the futures wallets that is still in them, in quote currency.

    Money that leaves them takes settled profit first; money that comes in is collateral, not profit.
    """
    futures = [entry for entry in past.entries if entry.wallet is not WalletKind.SPOT and not _of_spot(entry)]
    earned = sum((e.change * _worth(past, e.asset) for e in futures if e.kind in RESULTS), ZERO)
    left = -sum(
        (e.change * _worth(past, e.asset) for e in futures if e.kind is EntryKind.TRANSFER and e.change < 0), ZERO
    )
    after = before + earned
    return after - min(left, max(after, ZERO))
