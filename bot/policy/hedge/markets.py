"""Which contracts can hedge a coin, which of them takes new hedges, and what is held in each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument, Kind
from bot.domain.numbers import ZERO
from bot.domain.policy import Policy
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Snapshot, Wallets
from bot.policy.exposure import contract_mark, delta_coins

SECONDS_A_DAY = 86_400


def perpetual_symbol(asset: str, quote: str, kind: Kind) -> str:
    """Return the symbol of the asset's perpetual: settled in the quote currency, or in the coin against USD."""
    return f"{asset}/USD:{asset}" if kind.is_inverse else f"{asset}/{quote}:{quote}"


def hedge_kinds(policy: Policy) -> tuple[Kind, ...]:
    """Return the kinds of contract the policy hedges with, none without a hedge."""
    if policy.hedge is None:
        return ()
    return policy.hedge.choices or (policy.hedge.instrument,)


def has_margin(snapshot: Snapshot, kind: Kind) -> bool:
    """Whether a kind of contract can be margined in this account: in one purse, coins stand for no contract."""
    return snapshot.wallets is not Wallets.POOLED or not kind.is_inverse


def hedge_markets(policy: Policy, snapshot: Snapshot, asset: str) -> tuple[Instrument, ...]:
    """Return the contracts a new hedge of `asset` may use, in the order of the policy's kinds; those with a quote.

    A dated one must be farther from its expiry than the roll window; of those the nearest is named. Kinds that
    this account has no margin for are left out.
    """
    kinds = (kind for kind in hedge_kinds(policy) if has_margin(snapshot, kind))
    found = (_market(policy, snapshot, asset, kind) for kind in kinds)
    return tuple(one for one in found if one is not None and one.symbol in snapshot.quotes)


def _market(policy: Policy, snapshot: Snapshot, asset: str, kind: Kind) -> Instrument | None:
    if not kind.is_dated:
        return snapshot.instruments.get(perpetual_symbol(asset, policy.quote, kind))
    fit = [i for i in _dated(snapshot, asset, kind, policy.quote) if not must_roll(policy, snapshot, i)]
    return min(fit, key=lambda one: one.symbol, default=None)  # the symbol ends in the date


def _dated(snapshot: Snapshot, asset: str, kind: Kind, quote: str) -> Iterator[Instrument]:
    for one in snapshot.instruments.values():
        if one.kind is kind and one.base == asset and (kind.is_inverse or one.quote == quote):
            yield one


def days_to_expiry(snapshot: Snapshot, instrument: Instrument) -> Decimal | None:
    """Return the days until a dated contract is delivered, None for one that never is."""
    if instrument.expiry is None:
        return None
    return Decimal((instrument.expiry - snapshot.taken_at) // timedelta(seconds=1)) / SECONDS_A_DAY


def must_roll(policy: Policy, snapshot: Snapshot, instrument: Instrument) -> bool:
    """Whether a contract is inside the roll window, or too near its expiry to be opened at all."""
    days = days_to_expiry(snapshot, instrument)
    roll = policy.hedge.roll_days if policy.hedge else ZERO
    return days is not None and days <= max(roll, policy.limits.min_days_to_expiry)


class HeldHedge(NamedTuple):
    """The hedge's part of one position: signed contracts, and coins sold short (negative when it is long)."""

    instrument: Instrument
    quantity: Decimal
    coins: Decimal


Held = Mapping[str, tuple[HeldHedge, ...]]


def held_hedges(snapshot: Snapshot, claims: tuple[Claim, ...]) -> Held:
    """Return what the hedge holds by asset, contract by contract, the nearest expiry first, perpetuals last.

    It is the position less what other sleeves claim of it; its coins are counted as in `delta_coins`.
    """
    found: dict[str, list[HeldHedge]] = defaultdict(list)
    for symbol in sorted({*snapshot.positions, *(claim.symbol for claim in claims)}):
        instrument = snapshot.instruments.get(symbol)
        if instrument is None or instrument.kind.is_spot:
            continue
        quantity, coins = _unclaimed(snapshot, claims, instrument)
        if quantity:
            found[instrument.base].append(HeldHedge(instrument, quantity, -coins))
    return {asset: tuple(sorted(held, key=_nearest_first)) for asset, held in found.items()}


def _unclaimed(snapshot: Snapshot, claims: tuple[Claim, ...], instrument: Instrument) -> tuple[Decimal, Decimal]:
    """Return the contracts and the coins of one instrument that no other sleeve claims, both signed."""
    symbol = instrument.symbol
    position, mark = snapshot.positions.get(symbol), contract_mark(snapshot, symbol)
    quantity = coins = ZERO
    if position is not None:
        quantity, coins = position.quantity, delta_coins(instrument, position.quantity, position.entry_price, mark)
    for claim in claims:
        if claim.symbol == symbol:
            quantity -= claim.quantity
            coins -= delta_coins(instrument, claim.quantity, claim.entry, mark)
    return quantity, coins


def _nearest_first(held: HeldHedge) -> tuple[bool, str]:
    return not held.instrument.kind.is_dated, held.instrument.symbol
