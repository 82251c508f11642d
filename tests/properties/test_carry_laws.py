"""Laws of carry: no leg ever grows to meet the other, nothing is turned, and entries keep to the budget."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import Kind
from bot.policy.carry.entry import capital_used, held_pairs, wanted_carry
from tests.builders import a_memory, d
from tests.unit.policy.pairs import DATED, PERP, SPOT, a_market, carried, the_policy, told

COINS = st.decimals(min_value=0, max_value=2, places=5)
CONTRACTS = st.decimals(min_value=0, max_value=2, places=3)
FUNDING = st.decimals(min_value="-0.3", max_value="0.5", places=3)
SHARE = st.decimals(min_value=0, max_value=1, places=2)
PRICE = st.integers(min_value=60_000, max_value=90_000)


@given(short=CONTRACTS, spot=COINS, dated=st.booleans(), price=PRICE, yearly=FUNDING, paid=SHARE)
def test_what_is_wanted_of_a_held_pair_only_makes_it_smaller_and_more_even(
    short: Decimal, spot: Decimal, dated: bool, price: int, yearly: Decimal, paid: Decimal
) -> None:
    """Whatever was filled of its legs, and whatever the market says: unless it is even, nothing grows."""
    symbol = DATED if dated else PERP
    market = a_market({SPOT: 70_000, PERP: 70_000, DATED: price})
    state = carried(symbol, -short, spot)
    wishes = wanted_carry(the_policy(), market, a_memory(sleeves=state, readings=told(yearly, paid)), d(100_000))
    legs = [*wishes.alone, *(leg for pair in wishes.pairs for leg in (pair.contract, pair.spot))]
    if abs(spot - short) > d("0.0011") and min(short, spot) > d("0.001"):
        assert wishes.alone, "legs that are not even are mended before anything else"
    after = {SPOT: spot, symbol: -short}
    for leg in (leg for leg in legs if leg.leaves):
        before = after[leg.symbol]
        after[leg.symbol] += leg.quantity
        assert abs(after[leg.symbol]) <= abs(before), "it became larger"
        assert after[leg.symbol] * before >= 0, "it was turned"
    assert abs(after[SPOT] + after[symbol]) <= max(abs(spot - short), d("0.001")), "it became less even"
    assert not (wishes.alone and wishes.pairs)


@given(held=CONTRACTS, price=PRICE, yearly=FUNDING, equity=st.integers(min_value=10, max_value=10_000_000))
def test_entries_keep_to_the_budget_and_are_even_after_fees(
    held: Decimal, price: int, yearly: Decimal, equity: int
) -> None:
    """Both legs' capital with what is held is at most a fifth of equity; the coins kept are those sold short."""
    policy = the_policy(kinds=(Kind.LINEAR_FUTURE, Kind.LINEAR_PERPETUAL))
    market = a_market({SPOT: 70_000, PERP: 70_000, DATED: price}, spread="0.0002")
    state = carried(DATED, -held, held)
    wishes = wanted_carry(policy, market, a_memory(sleeves=state, readings=told(yearly, "0.9")), d(equity))
    for pair in wishes.pairs:
        if pair.spot.leaves:
            continue
        kept = pair.spot.quantity * d("0.999")
        assert abs(kept + pair.contract.quantity) <= d("0.001")
        rules = policy.carry
        assert rules is not None
        used = capital_used(rules, market, held_pairs(policy, market, state.claims))
        spot = pair.spot.quantity * market.quotes[SPOT].ask
        margin = -pair.contract.quantity * market.quotes[pair.contract.symbol].valuation / rules.leverage
        assert used + spot + margin <= rules.budget * equity
