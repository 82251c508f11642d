"""The wall: what positions could lose in one step, what is kept back for them, and which must go."""

from decimal import Decimal

from bot.policy.tactical.exits import held_claims
from bot.policy.tactical.wall import Held, beyond_the_wall, cost_rate
from tests.builders import Number, a_perpetual, a_quote, a_snapshot, an_inverse_perpetual, d, wide_limits
from tests.overlay import a_free_market, a_tactical_claim, a_tactical_rule, an_overlay, remembering

FIFTH = Decimal("0.2")


def held(*claims: tuple[Number, Number], price: Number = 50_000) -> tuple[Held, ...]:
    """Claims of (quantity, entry) in a free market, each of a rule of its own side."""
    found = tuple(a_tactical_claim(quantity, entry=entry) for quantity, entry in claims)
    return held_claims(an_overlay(a_tactical_rule()), a_free_market(price), remembering(*found))


def test_a_shock_is_counted_from_the_mark_and_the_loss_from_the_entry() -> None:
    """0.1 from 51,000: 100 lost at 50,000, and 1,100 at 40,000; a short of 50,000 loses 1,000 at 60,000."""
    (long,) = held(("0.1", 51_000))
    assert (long.loss, long.shocked_loss(FIFTH)) == (100, 1_100)
    (short,) = held(("-0.1", 50_000))
    assert (short.loss, short.shocked_loss(FIFTH)) == (0, 1_000)
    assert short.notional == 5_000


def test_a_profit_that_outlasts_the_shock_is_no_loss() -> None:
    """From 30,000 to 50,000: at 40,000 there are still 1,000 of profit."""
    (winner,) = held(("0.1", 30_000))
    assert (winner.loss, winner.shocked_loss(FIFTH)) == (0, 0)


def test_leaving_has_its_costs() -> None:
    """5 bp of fee on 1 % of slippage, on 5,000: 52.525; never more slippage than the collar lets through."""
    limits = wide_limits(max_slippage=d("0.01"))
    assert cost_rate(a_perpetual(), limits) == d("0.010505")
    assert cost_rate(a_perpetual(), wide_limits(max_slippage=d("0.5"))) == d("0.050525")
    policy = an_overlay(a_tactical_rule(), limits={"max_slippage": d("0.01")})
    (one,) = held_claims(policy, a_snapshot(price={"BTC": 50_000}), remembering(a_tactical_claim("0.1")))
    assert one.loss == d("52.525")


def test_a_coin_margined_claim_loses_coins_at_the_price_they_have_then() -> None:
    """50 contracts of 100 from 50,000 to 40,000 lose 0.025 coins, worth 1,000: linear in the price."""
    symbol = "BTC/USD:BTC"
    snapshot = a_snapshot(
        price={"BTC": 50_000},
        instruments={symbol: an_inverse_perpetual(taker_fee=d(0))},
        quotes={symbol: a_quote(symbol, 50_000)},
    )
    claim = a_tactical_claim(50, symbol=symbol)
    (one,) = held_claims(an_overlay(a_tactical_rule()), snapshot, remembering(claim))
    assert round(one.shocked_loss(FIFTH), 9) == 1_000
    assert one.notional == 5_000


def test_before_another_position_more_is_kept_back() -> None:
    """A fifth below its stop of 47,500 is 38,000: 1,200; of a winner a fifth of the price it has: 1,000."""
    (fresh,) = held(("0.1", 50_000))
    assert fresh.reserved(FIFTH) == 1_200
    (winner,) = held(("0.1", 30_000))
    assert winner.reserved(FIFTH) == 1_000
    (orphan,) = held_claims(an_overlay(), a_free_market(), remembering(a_tactical_claim("0.1")))
    assert orphan.reserved(FIFTH) == 1_000


def test_inside_the_wall_nothing_has_to_go() -> None:
    """Two that lose 1,000 each in a shock, 2,000 of wall."""
    both = held(("0.1", 50_000), ("-0.1", 50_000))
    assert beyond_the_wall(both, (), wall=d(2_000), shock=FIFTH) == ()
    assert beyond_the_wall((), (), wall=d(0), shock=FIFTH) == ()


def test_the_one_a_shock_hurts_most_goes_first() -> None:
    """0.2 lose 2,000 and 0.1 lose 1,000: with 1,999 of wall the larger goes and the smaller stays."""
    small, large = held(("0.1", 50_000), ("0.2", 50_000))
    assert beyond_the_wall((small, large), (), wall=d(1_999), shock=FIFTH) == (large,)
    assert beyond_the_wall((small, large), (), wall=d(999), shock=FIFTH) == (large, small)


def test_what_leaving_ones_lose_is_gone_from_the_wall() -> None:
    """One leaves with 500 lost: of 1,400 not enough is left for the other's 1,000."""
    leaving, staying = held(("0.1", 55_000), ("0.1", 50_000))
    assert beyond_the_wall((staying,), (leaving,), wall=d(1_500), shock=FIFTH) == ()
    assert beyond_the_wall((staying,), (leaving,), wall=d(1_499), shock=FIFTH) == (staying,)


def test_when_the_wall_is_used_up_even_a_winner_goes() -> None:
    """A profit is not spent twice: without a wall nothing is held."""
    assert len(beyond_the_wall(held(("0.1", 30_000)), (), wall=d(0), shock=FIFTH)) == 1
