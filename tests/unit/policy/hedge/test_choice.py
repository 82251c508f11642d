"""Which hedge: 5 BTC for 30 days in every contract there is, figures one can check by hand."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import Instrument, Kind
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Readings
from bot.domain.snapshot import Snapshot
from bot.policy.hedge.choice import (
    HedgeNeed,
    HedgeOption,
    cheapest,
    choice_measures,
    chosen_hedges,
    compare,
    funding_measures,
    unlisted_kinds,
)
from tests.builders import Number, a_perpetual, a_policy, a_spot, an_inverse_perpetual, d
from tests.unit.policy.pairs import COIN_PERP, DATED, PERP, SPOT, a_future, a_market, close, told

FIVE = HedgeNeed(asset="BTC", coins=d(5), horizon_days=d(30))
PRICES: Mapping[str, Number] = {SPOT: 70_000, PERP: 70_000, COIN_PERP: 70_000, DATED: 71_750}
LISTED = (a_spot(), a_perpetual(), an_inverse_perpetual(), a_future())
ALL = (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL, Kind.LINEAR_FUTURE, Kind.SPOT)


def the_policy(*choices: Kind) -> Policy:
    """Half a hedge at 2x, in any of these kinds, rolled 7 days before expiry, over 30 days."""
    policy = a_policy(assets={"BTC": 1}, hedge=(0, "0.5", 1))
    assert policy.hedge is not None
    return replace(policy, hedge=replace(policy.hedge, choices=choices))


def the_market(*listed: Instrument, prices: Mapping[str, Number] = PRICES, **changes: Any) -> Snapshot:
    """10 BTC in spot."""
    return a_market(prices, *(listed or LISTED), spot={"BTC": 10}, **changes)


def options(
    readings: Readings = (), *, need: HedgeNeed = FIVE, market: Snapshot | None = None, policy: Policy | None = None
) -> dict[str, HedgeOption]:
    """Every way, by symbol, in order."""
    found = compare(policy or the_policy(), market or the_market(), readings, need)
    return {one.symbol: one for one in found}


def test_a_short_perpetual_is_paid_for_its_hedge() -> None:
    """350,000 at 5 bp in and out costs 350; funding of 10.95 % for 30 days brings 3,150: it pays 80 bp."""
    one = options(told("0.1095", "1"))[PERP]
    assert (one.value, one.fees, one.spread) == (350_000, 350, 0)
    assert close(one.carry, 3_150)
    assert close(one.cost, -2_800)
    assert close(one.cost_bp, -80)
    assert (one.collateral, one.rolls, one.why_not) == (175_000, 0, "")
    assert one.note == "funding +11.0% a year, mean of 30 days"


def test_a_short_at_two_times_survives_half_a_rally_in_coins_almost_a_double() -> None:
    """350,000 lies in the tier of 0.5 %: 49.3 %; coin-margined 99 %."""
    found = options()
    assert close(found[PERP].survives, d("1.5") / d("1.005") - 1)
    assert close(found[COIN_PERP].survives, d("0.995") / d("0.5") - 1)
    assert found[SPOT].survives is None


def test_a_dated_short_is_paid_its_basis() -> None:
    """358,750 sold 2.5 % over spot: a third of that comes in over a third of the time."""
    one = options()[DATED]
    assert close(one.carry, d(358_750) * d("0.025") / 3)
    assert one.fees == d("358.75")
    assert one.note == "basis +10.1% a year, 90 days left"


def test_selling_the_coins_costs_fees_and_frees_the_money() -> None:
    """20 bp both ways of 350,000."""
    one = options()[SPOT]
    assert (one.fees, one.carry, one.collateral, one.cost) == (700, 0, 0, 700)
    assert "350000 USDT are free instead" in one.note


def test_coins_that_may_not_be_sold_cannot_be() -> None:
    """8 of 10 are never sold."""
    policy = replace(the_policy(), core=replace(the_policy().core, never_sell={"BTC": d(8)}))
    assert options(policy=policy)[SPOT].why_not == "only 2 BTC may be sold"


def test_spreads_are_paid_both_ways() -> None:
    """10 bp wide, half of it twice: 350."""
    assert close(options(market=the_market(spread="0.001"))[PERP].spread, 350)


def test_a_dated_hedge_shorter_than_the_horizon_is_rolled_and_pays_for_it() -> None:
    """90 days less 7 carry 83; 100 need one roll, 200 need two."""
    once = options(need=replace(FIVE, horizon_days=d(100)))[DATED]
    assert (once.rolls, once.fees) == (1, 2 * d("358.75"))
    assert once.note.endswith("90 days left, rolled once at the same basis")
    twice = options(need=replace(FIVE, horizon_days=d(200)))[DATED]
    assert twice.rolls == 2
    assert twice.note.endswith("rolled 2 times at the same basis")


def test_a_dated_contract_in_the_roll_window_is_shown_and_cannot_be_had() -> None:
    """6 days left."""
    one = options(market=the_market(a_spot(), a_future(days=6)))[DATED]
    assert one.why_not == f"{DATED} expires in 6.0 days, inside the roll window"
    unhedged = a_policy(assets={"BTC": 1}, hedge=None)
    assert options(policy=unhedged, market=the_market(a_spot(), a_future(days=6)))[DATED].why_not == ""


def test_without_a_month_of_funding_the_newest_rate_stands_for_it_and_is_named() -> None:
    """1 bp per 8 h; with no rate at all the cost is not known and comes last."""
    assert options()[PERP].note == "funding +11.0% a year at the newest rate; 30 days: not read"
    assert "30 days: a gap on" in options(told(None, None))[PERP].note
    silent = options(market=the_market(funding={}))
    assert (silent[PERP].cost, silent[PERP].cost_bp, silent[PERP].note) == (None, None, "its funding is not known")
    assert list(silent) == [DATED, SPOT, COIN_PERP, PERP]


def test_the_cheapest_way_is_named_with_the_next() -> None:
    """The perpetual at 20 % beats the quarter at 10 %; the coin-margined one at 11 % comes third."""
    pick = cheapest(compare(the_policy(), the_market(), told("0.2", "1"), FIVE), ALL)
    assert pick is not None
    assert (pick.kind, pick.symbol) == (Kind.LINEAR_PERPETUAL, PERP)
    assert pick.reason == f"{PERP} pays 154.4 bp over 30 days, the next, {COIN_PERP}, pays 80.0 bp"


def test_only_the_kinds_that_may_be_used_are_picked_from() -> None:
    """Spot alone costs; of equals the first named wins; of none there is none."""
    found = compare(the_policy(), the_market(), (), FIVE)
    alone = cheapest(found, (Kind.SPOT,))
    assert alone is not None
    assert alone.reason == f"{SPOT} costs 20.0 bp over 30 days"
    equal = cheapest(found, (Kind.INVERSE_PERPETUAL, Kind.LINEAR_PERPETUAL))
    assert equal is not None
    assert equal.kind is Kind.INVERSE_PERPETUAL
    assert cheapest(found, (Kind.INVERSE_FUTURE,)) is None


def test_a_hair_s_breadth_is_no_reason_to_choose() -> None:
    """3 hundred-thousandths of funding a year are a fortieth of a basis point."""
    found = compare(the_policy(), the_market(), told("0.10953", "1"), FIVE)
    pick = cheapest(found, (Kind.INVERSE_PERPETUAL, Kind.LINEAR_PERPETUAL))
    assert pick is not None
    assert pick.symbol == COIN_PERP


def test_too_few_coins_for_an_order_cannot_be_had() -> None:
    """Half a thousandth of a coin."""
    tiny = options(need=replace(FIVE, coins=d("0.0005")))
    assert tiny[PERP].why_not == "too small for an order of this contract"
    assert tiny[COIN_PERP].why_not == "too small for an order of this contract"


@pytest.mark.parametrize("size", ["0.0005", "0"])
def test_an_asset_nothing_can_be_said_of_is_left_to_the_planner(size: str) -> None:
    """Too small everywhere, or nothing to hedge."""
    policy = the_policy(Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE)
    assert chosen_hedges(policy, the_market(), (), {"BTC": d(size)}) == {}


def test_the_policy_s_kinds_are_compared_only_where_it_names_several() -> None:
    """The quarter pays more than 5 % of funding."""
    both = the_policy(Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE)
    picks = chosen_hedges(both, the_market(), told("0.05", "1"), {"BTC": Decimal(5)})
    assert picks["BTC"].symbol == DATED
    for policy in (the_policy(Kind.LINEAR_FUTURE), a_policy(hedge=None)):
        assert chosen_hedges(policy, the_market(), (), {"BTC": Decimal(5)}) == {}
        assert choice_measures(policy) == ()
    assert choice_measures(both) == funding_measures("BTC", "USDT")
    assert funding_measures("BTC", "USDT") == (
        Measure(kind=MeasureKind.FUNDING, subject=PERP, periods=(30,)),
        Measure(kind=MeasureKind.FUNDING, subject=COIN_PERP, periods=(30,)),
    )


def test_kinds_the_venue_does_not_list_are_named() -> None:
    """No dated coin-margined contract; nothing at all without a spot price."""
    assert unlisted_kinds(the_policy(), the_market(), "BTC") == (Kind.INVERSE_FUTURE,)
    bare = the_market(a_perpetual(), prices={PERP: 70_000})
    assert len(unlisted_kinds(the_policy(), bare, "BTC")) == 4
    assert options(market=bare) == {}
