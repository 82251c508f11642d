"""What the margin of a hedge survives: distances by leverage, and the warnings of a thin one."""

from dataclasses import replace

from bot.domain.instrument import Kind
from bot.domain.policy import Policy
from bot.policy.hedge.thin_margin import (
    at_high,
    at_target,
    coin_distance,
    collateral,
    hedge_distance,
    hedged_share,
    liquidation_distance,
    margin_warnings,
    only_inverse,
)
from tests.builders import a_band, a_policy, d, wide_limits


def hedged(high: str, share: str, **changes: object) -> Policy:
    """A core of at most 92 %, all BTC, hedged up to `high` on at most `share` of equity as margin."""
    policy = a_policy(
        assets={"BTC": 1}, core=("0.8", "0.88", "0.92"), hedge=("0", high, high),
        limits=wide_limits(max_futures_margin_share=d(share)),
    )  # fmt: skip
    assert policy.hedge is not None
    rules = replace(policy.hedge, leverage=a_band("1.5", 2, 3))
    return replace(policy, hedge=replace(rules, **changes))  # type: ignore[arg-type]


def test_a_linear_short_dies_of_the_rally_quant_says() -> None:
    """49.3 % at 2, 32.7 % at 3."""
    assert [round(liquidation_distance(d(n)), 3) for n in (2, 3)] == [d("0.493"), d("0.327")]


def test_a_coin_margined_short_has_more_room_and_none_is_needed_at_one() -> None:
    """99 % at 2; at 1 it is a synthetic dollar."""
    assert (coin_distance(d(2)), coin_distance(d(1))) == (d("0.99"), None)


def test_of_several_contracts_the_one_that_dies_first_counts() -> None:
    """One linear choice is enough."""
    both, coin = (Kind.INVERSE_PERPETUAL, Kind.LINEAR_PERPETUAL), (Kind.INVERSE_PERPETUAL,)
    mixed, alone = hedged("0.1", "0.2", choices=both).hedge, hedged("0.1", "0.2", choices=coin).hedge
    assert mixed is not None
    assert alone is not None
    assert (only_inverse(mixed), only_inverse(alone)) == (False, True)
    assert hedge_distance(mixed, d(2)) == liquidation_distance(d(2))
    assert hedge_distance(alone, d(2)) == d("0.99")


def test_shares_of_the_core_and_of_equity() -> None:
    """10 % of 92 % at leverage 2 is 4.6 %; without a hedge nothing."""
    policy = hedged("0.1", "0.2")
    assert hedged_share(policy.core, policy.hedge, at_high) == d("0.1")
    assert policy.hedge is not None
    by_half = replace(policy.hedge, ratio=a_band(0, "0.05", "0.1"))
    assert hedged_share(policy.core, by_half, at_target) == d("0.05")
    assert collateral(d("0.92"), d("0.1"), policy.hedge) == d("0.046")
    assert (hedged_share(policy.core, None, at_target), collateral(d(1), d(1), None)) == (0, 0)


def test_ample_margin_needs_no_warning() -> None:
    """Nor does a policy without a hedge, or with its own coins as margin."""
    assert margin_warnings(hedged("0.1", "0.2")) == ()
    assert margin_warnings(a_policy(hedge=None)) == ()
    assert margin_warnings(hedged("0.5", "0", instrument=Kind.INVERSE_PERPETUAL)) == ()


def test_five_per_cent_do_not_carry_half_a_hedge() -> None:
    """0.5 × 0.92 / 0.05 = 9.2: liquidated at (1 + 1/9.2) / 1.005 − 1 = 10.3 %."""
    (said,) = margin_warnings(hedged("0.1", "0.05"))
    assert said == (
        "WARNING: 5 % of equity as margin for a 50 % hedge is leverage 9.2: liquidated by a rally of about 10.3 %."
    )


def test_a_half_hedge_on_five_per_cent_is_warned_of_once() -> None:
    """Its own highest ratio is the half."""
    assert len(margin_warnings(hedged("0.5", "0.05"))) == 1


def test_no_margin_at_all_is_said_plainly() -> None:
    """Nothing to divide by."""
    assert "no hedge of 10 % can be opened" in margin_warnings(hedged("0.1", "0"))[0]


def test_collateral_that_nobody_moves_is_warned_of() -> None:
    """From leverage 3 a rally of 32.7 % is enough; a short that survives all needs no warning."""
    assert "a rally of 32.7 % from leverage 3" in margin_warnings(hedged("0.1", "0.2", advise_transfers=True))[0]
    low = a_band("0.5", 1, 1)
    still = hedged("0.1", "0.2", advise_transfers=True, instrument=Kind.INVERSE_PERPETUAL, leverage=low)
    assert margin_warnings(still) == ()
    risky = hedged("0.1", "0.2", advise_transfers=True, instrument=Kind.INVERSE_PERPETUAL)
    assert "a rally of 49.2 % from leverage 3" in margin_warnings(risky)[0]
