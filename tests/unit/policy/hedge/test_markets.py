"""Which contract takes a new hedge, when a dated one must be rolled, and what of a position is the hedge's."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.instrument import Instrument, Kind
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.hedge.markets import (
    days_to_expiry,
    hedge_kinds,
    hedge_markets,
    held_hedges,
    must_roll,
    perpetual_symbol,
)
from tests.builders import Number, a_claim, a_perpetual, a_policy, a_short, a_spot, an_inverse_perpetual, d, wide_limits
from tests.unit.policy.pairs import COIN_PERP, DATED, PERP, SPOT, a_future, a_market

NEAR, FAR = "BTC/USDT:USDT-260105", "BTC/USDT:USDT-260630"


def hedged_with(*kinds: Kind, limits: dict[str, Any] | None = None, **changes: Any) -> Policy:
    """Half a hedge of bitcoin in contracts of one kind, or of the cheapest of several; rolled 7 days before expiry."""
    policy = a_policy(assets={"BTC": 1}, hedge=(0, "0.5", 1), limits=wide_limits(**(limits or {})))
    assert policy.hedge is not None
    choices = kinds if len(kinds) > 1 else ()
    return replace(policy, hedge=replace(policy.hedge, instrument=kinds[0], choices=choices, **changes))


def futures_at_70_000(*contracts: Instrument, **changes: Any) -> Snapshot:
    """Bitcoin's spot and these contracts, all at 70,000."""
    listed = (a_spot(), *contracts)
    return a_market({one.symbol: 70_000 for one in listed}, *listed, **changes)


def symbols(policy: Policy, snapshot: Snapshot) -> list[str]:
    """The contracts a new hedge of bitcoin may use."""
    return [one.symbol for one in hedge_markets(policy, snapshot, "BTC")]


def test_a_perpetual_is_named_after_the_money_it_is_settled_in() -> None:
    """In the quote currency, or in the coin against USD."""
    assert perpetual_symbol("BTC", "USDT", Kind.LINEAR_PERPETUAL) == PERP
    assert perpetual_symbol("BTC", "USDT", Kind.INVERSE_PERPETUAL) == COIN_PERP


def test_a_policy_without_a_hedge_uses_no_contract() -> None:
    """Nothing to hedge with, and nothing to wait for."""
    policy = a_policy(assets={"BTC": 1}, hedge=None)
    assert hedge_kinds(policy) == ()
    assert symbols(policy, futures_at_70_000(a_perpetual())) == []
    assert must_roll(policy, futures_at_70_000(), a_future(days=3))
    assert not must_roll(policy, futures_at_70_000(), a_future(days=4))


def test_several_kinds_are_named_in_the_order_of_the_policy() -> None:
    """The first is the one that is used unless another is cheaper."""
    market = futures_at_70_000(a_perpetual(), an_inverse_perpetual(), a_future())
    policy = hedged_with(Kind.LINEAR_FUTURE, Kind.INVERSE_PERPETUAL, Kind.LINEAR_PERPETUAL)
    assert symbols(policy, market) == [DATED, COIN_PERP, PERP]
    assert symbols(hedged_with(Kind.INVERSE_PERPETUAL), market) == [COIN_PERP]


def test_a_contract_without_a_price_takes_no_hedge() -> None:
    """Listed, and not quoted; and one that is not listed at all."""
    market = futures_at_70_000(a_perpetual())
    unquoted = replace(market, quotes={SPOT: market.quotes[SPOT]})
    assert symbols(hedged_with(Kind.LINEAR_PERPETUAL), unquoted) == []
    assert symbols(hedged_with(Kind.INVERSE_PERPETUAL), market) == []


def test_the_nearest_contract_beyond_the_roll_window_is_used() -> None:
    """4 days are inside the window of 7: of 90 and 180 days the 90 are nearer."""
    market = futures_at_70_000(a_future(FAR, 180), a_future(), a_future(NEAR, 4))
    assert symbols(hedged_with(Kind.LINEAR_FUTURE), market) == [DATED]
    assert symbols(hedged_with(Kind.LINEAR_FUTURE, roll_days=d(100)), market) == [FAR]
    assert symbols(hedged_with(Kind.LINEAR_FUTURE, roll_days=d(200)), market) == []


def test_a_dated_hedge_is_in_its_own_coin_and_currency() -> None:
    """Not ether's, not a coin-margined one, not one settled in another stablecoin."""
    other = a_future("BTC/USDC:USDC-260401", quote="USDC", settle="USDC")
    coin = an_inverse_perpetual("BTC", symbol="BTC/USD:BTC-260401", kind=Kind.INVERSE_FUTURE, expiry=a_future().expiry)
    market = futures_at_70_000(a_future("ETH/USDT:USDT-260401"), other, coin)
    assert symbols(hedged_with(Kind.LINEAR_FUTURE), market) == []
    assert symbols(hedged_with(Kind.INVERSE_FUTURE), market) == ["BTC/USD:BTC-260401"]


def test_days_to_expiry_are_whole_seconds_of_a_day() -> None:
    """Half a day; never for a perpetual."""
    market = futures_at_70_000()
    assert days_to_expiry(market, a_future(days="0.5")) == d("0.5")
    assert days_to_expiry(replace(market, taken_at=market.taken_at + timedelta(milliseconds=1)), a_future(days=1)) == (
        d(86_399) / 86_400
    )
    assert days_to_expiry(market, a_perpetual()) is None
    assert not must_roll(hedged_with(Kind.LINEAR_FUTURE), market, a_perpetual())


def test_what_is_too_near_to_be_opened_is_rolled_as_well() -> None:
    """The window is 7 days, the limit 10: 8 days are too near."""
    policy = hedged_with(Kind.LINEAR_FUTURE, limits={"min_days_to_expiry": d(10)})
    assert must_roll(policy, futures_at_70_000(), a_future(days=10))
    assert not must_roll(policy, futures_at_70_000(), a_future(days="10.1"))


# ── what the hedge holds ─────────────────────────────────────────────────────


def held(snapshot: Snapshot, *claims: Any) -> list[tuple[str, Number, Number]]:
    """Contract, signed contracts, coins short."""
    found = held_hedges(snapshot, claims).get("BTC", ())
    return [(one.instrument.symbol, one.quantity, one.coins) for one in found]


def test_what_nobody_claims_is_the_hedges() -> None:
    """Three short: carry claims one, tactical a long of half a coin; 2.5 are the hedge's."""
    market = futures_at_70_000(a_perpetual(), shorts=(a_short("BTC", 3, entry=70_000),))
    carry, long = a_claim(Sleeve.CARRY, PERP, -1), a_claim(Sleeve.TACTICAL, PERP, "0.5")
    assert held(market) == [(PERP, -3, 3)]
    assert held(market, carry, long) == [(PERP, d("-2.5"), d("2.5"))]
    assert held(market, a_claim(Sleeve.CARRY, PERP, -3)) == []
    both = futures_at_70_000(a_perpetual(), a_future(), shorts=(a_short("BTC", 3, entry=70_000),))
    assert held(both, a_claim(Sleeve.CARRY, DATED, 1)) == [(DATED, -1, 1), (PERP, -3, 3)]


def test_two_claims_that_cancel_out_at_the_venue_leave_a_hedge_behind() -> None:
    """Tactical claims a long of one coin and the venue holds nothing: the hedge is short that coin."""
    market = futures_at_70_000(a_perpetual())
    assert held(market, a_claim(Sleeve.TACTICAL, PERP, 1)) == [(PERP, -1, 1)]


def test_coins_and_delivered_contracts_are_no_hedge() -> None:
    """A claim on spot, and one on a contract that is listed no more."""
    market = futures_at_70_000(a_perpetual())
    assert held(market, a_claim(Sleeve.CARRY, SPOT, 1), a_claim(Sleeve.CARRY, DATED, -1)) == []


def test_the_nearest_expiry_is_first_and_the_perpetual_last() -> None:
    """As they are bought back."""
    shorts = tuple(a_short("BTC", 1, entry=70_000, symbol=symbol) for symbol in (PERP, FAR, NEAR))
    market = futures_at_70_000(a_perpetual(), a_future(FAR, 180), a_future(NEAR, 4), shorts=shorts)
    assert [symbol for symbol, _, _ in held(market)] == [NEAR, FAR, PERP]


def test_coin_margined_contracts_are_coins_at_their_entry() -> None:
    """7,000 of 100 USD from 70,000 hedge 10 BTC, at 140,000 too (QUANT 2.4); 2,800 from 56,000 are carry's: 5 BTC."""
    short = a_short("BTC", 7_000, entry=70_000, symbol=COIN_PERP)
    market = futures_at_70_000(an_inverse_perpetual(), shorts=(short,))
    doubled = a_market({SPOT: 140_000, COIN_PERP: 140_000}, a_spot(), an_inverse_perpetual(), shorts=(short,))
    assert held(market) == held(doubled) == [(COIN_PERP, -7_000, 10)]
    assert held(doubled, a_claim(Sleeve.CARRY, COIN_PERP, -2_800, entry=d(56_000))) == [(COIN_PERP, -4_200, 5)]
