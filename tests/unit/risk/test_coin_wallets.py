"""Coin-margined wallets at the gate: what may be sold against coins, and when it would be liquidated."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.domain.order import Side
from bot.domain.plan import Proposal
from bot.risk.figures import figures
from tests.builders import a_policy, an_inverse_perpetual, d
from tests.unit.risk.words import (
    INVERSE,
    INVERSE_DATED,
    PERP,
    SPOT,
    a_book,
    a_coin_book,
    a_coin_transfer,
    a_proposal,
    buy,
    codes,
    judged,
    listed,
    numbers,
    resting,
    said,
    sell,
)

POLICY = a_policy()


def near(found: Decimal | None, expected: str) -> bool:
    """Whether a figure is what was reckoned by hand, to four digits after the point."""
    return found is not None and abs(found - d(expected)) < d("0.00005")


def test_a_short_of_half_the_coins_leaves_half_the_delta() -> None:
    """3,500 contracts of 100 USD at 70,000 are 5 BTC; the fee of 175 USD is 0.0025 BTC of the wallet."""
    after = judged(sell(INVERSE, 3_500, 70_000), snapshot=a_coin_book()).after
    assert after.net_delta == d("4.9975") * 70_000 / 1_099_825
    assert after.leverage == d(350_000) / 1_099_825
    assert after.crash_loss == -d("4.9975") * 14_000
    assert near(after.margin_ratio, "0.0050")


@pytest.mark.parametrize("price", [56_000, 70_000, 80_000])
def test_nothing_is_added_to_a_held_hedge_whatever_the_price_does(price: int) -> None:
    """QUANT 2.4: after 70,000 → 80,000 the short is worth 4.375 BTC, and still hedges 5.000 of 10."""
    snapshot = a_coin_book(-3_500, price=price)
    verdict = judged(sell(INVERSE, 1, price), snapshot=snapshot, max_hedge_ratio=d("0.5"))
    assert codes(verdict) == ["RC12"]
    if price == 80_000:
        assert said(verdict) == "RC12 max_hedge_ratio: 5.00125 BTC short, allowed 50.00% of 9.99999938 BTC"
    assert codes(judged(buy(INVERSE, 1, price), snapshot=snapshot, max_hedge_ratio=d("0.5"))) == []


def test_one_contract_over_the_bound_is_tolerated_where_the_policy_hedges_so() -> None:
    """100 USD at 70,000 are 0.00143 BTC: the step of the contract the policy names; its linear one has 0.001."""
    rules = POLICY.hedge
    assert rules is not None
    coin_margined = replace(POLICY, hedge=replace(rules, instrument=Kind.INVERSE_PERPETUAL))
    snapshot = a_coin_book(-7_000, spot="5.0001", leverage=10)
    order = sell(INVERSE, 1, 70_000)
    assert codes(judged(order, snapshot=snapshot, policy=coin_margined)) == []
    assert codes(judged(order, snapshot=snapshot)) == ["RC12"]


def test_closing_realises_coins() -> None:
    """Sold at 70,000 and bought back at 80,000: 3,500 × 100 × (1/80,000 − 1/70,000) = −0.625 BTC, fee 0.0021875."""
    snapshot = a_coin_book(-3_500, price=80_000)
    after = judged(buy(INVERSE, 3_500, 80_000, reduce_only=True), snapshot=snapshot).after
    coins = d(10) - d("0.625") - d("0.0021875")
    assert abs(after.net_delta - coins * 80_000 / (coins * 80_000 + 400_000)) < d("1e-20")
    assert (after.margin_ratio, after.liquidation_distance, after.survives_rally) == (None, None, None)


def test_an_order_that_turns_the_position_opens_at_its_own_price() -> None:
    """Short 700 at 70,000, bought 1,400 at 70,000: long 1 BTC, worth 11 BTC of delta less the fee of 0.001."""
    after = judged(buy(INVERSE, 1_400, 70_000), snapshot=a_coin_book(-700)).after
    assert after.net_delta == d("10.999") * 70_000 / (1_100_000 - 70)


def test_adding_averages_the_entry_harmonically() -> None:
    """700 at 70,000 and 800 at 80,000: 1 + 1 BTC sold, so delta is 8 less the fee, whatever the price."""
    after = judged(sell(INVERSE, 800, 80_000), snapshot=a_coin_book(-700, price=80_000)).after
    coins = d(8) - d("0.0005")
    equity = (d(10) - d("0.125") - d("0.0005")) * 80_000 + 400_000
    assert abs(after.net_delta - coins * 80_000 / equity) < d("1e-20")


@pytest.mark.parametrize(("limit", "denied"), [("0.98", []), ("0.99", ["RC13"])])
def test_a_short_too_near_its_liquidation_is_denied(limit: str, denied: list[str]) -> None:
    """5 BTC sold against 2.4975: 3,482.5 ÷ (0.05 − 0.024975) = 139,161, 98.80 % away."""
    verdict = judged(
        sell(INVERSE, 3_500, 70_000), snapshot=a_coin_book(balance="2.5"), min_liquidation_distance=d(limit)
    )
    assert codes(verdict) == denied
    assert not denied or said(verdict).startswith("RC13 min_liquidation_distance: BTC wallet 98.80%")


def test_a_wallet_too_near_already_may_be_mended_and_not_made_worse() -> None:
    """2.5 BTC under a short of 5: 99 % away where 150 % are asked; a coin more helps, one less does not."""
    snapshot = a_coin_book(-3_500, balance="2.5")
    limits: dict[str, Any] = {"min_liquidation_distance": d("1.5")}
    assert codes(judged(a_coin_transfer("0.1"), snapshot=snapshot, **limits)) == []
    assert codes(judged(buy(INVERSE, 100, 70_000), snapshot=snapshot, **limits)) == []
    assert codes(judged(sell(INVERSE, 1, 70_000), snapshot=snapshot, **limits)) == ["RC13", "BK03"]


def test_initial_margin_must_be_in_the_wallet() -> None:
    """5 BTC at the highest leverage of 10 bind 0.5; 0.4 are there, 0.0025 go for the fee."""
    verdict = judged(sell(INVERSE, 3_500, 70_000), snapshot=a_coin_book(balance="0.4"))
    assert said(verdict) == "BK03 initial margin: 0.1025 BTC missing, allowed covered by the futures wallet"


def test_coins_move_in_and_equity_stays() -> None:
    """2 of 5 BTC go over: nothing is gained or lost, and they may come back."""
    verdict = judged(a_coin_transfer(2), a_coin_transfer(6, into=False), snapshot=a_coin_book())
    assert numbers(verdict) == [1, 2]
    assert verdict.before.futures_equity is not None
    assert verdict.after == replace(verdict.before, futures_equity=verdict.before.futures_equity - 4 * 70_000)


def test_coins_that_are_needed_as_margin_stay() -> None:
    """A short of 5 BTC at 2x binds 2.5 of 5: 2.5 may leave, 2.6 may not; 6 are not there."""
    snapshot = a_coin_book(-3_500)
    assert codes(judged(a_coin_transfer("2.5", into=False), snapshot=snapshot)) == []
    verdict = judged(a_coin_transfer("2.6", into=False), snapshot=snapshot)
    assert said(verdict) == "BK03 initial margin: 0.1 BTC missing, allowed covered by the futures wallet"
    assert codes(judged(a_coin_transfer(6, into=False), snapshot=snapshot)) == ["BK03", "BK01"]
    assert codes(judged(a_coin_transfer("5.1"), snapshot=snapshot)) == ["BK01"]


def test_what_moves_counts_at_its_price() -> None:
    """2 BTC are 140,000 of 1,100,000: 12.73 %; the wallets would hold 590,000 of it: 53.64 %."""
    assert said(judged(a_coin_transfer(2), snapshot=a_coin_book(), max_daily_transfer=d("0.1"))) == (
        "RC37 max_daily_transfer: 12.73% of equity in a day, allowed up to 10.00%"
    )
    assert said(judged(a_coin_transfer(2), snapshot=a_coin_book(), max_futures_margin_share=d("0.5"))) == (
        "RC14 max_futures_margin_share: 53.64%, allowed up to 50.00%"
    )


def test_coins_that_are_never_sold_do_not_become_margin() -> None:
    """A liquidation could sell them."""
    policy = a_policy(rules={"never_sell": {"BTC": d(4)}})
    assert codes(judged(a_coin_transfer(1), snapshot=a_coin_book(), policy=policy)) == []
    assert codes(judged(a_coin_transfer("1.1"), snapshot=a_coin_book(), policy=policy)) == ["BK04"]


def test_an_isolated_position_has_only_its_own_coins() -> None:
    """5x: 1 BTC under 5: 3,482.5 ÷ (0.05 − 0.01) = 87,062.5, 24.375 % away, however much lies beside it."""
    found = figures(a_coin_book(-3_500, balance=5, isolated=1, leverage=5), POLICY)
    assert near(found.liquidation_distance, "0.24375")
    assert near(found.survives_rally, "0.24375")


def test_an_isolated_position_grows_and_shrinks_with_its_margin() -> None:
    """At 5x half more brings half of its margin, half less takes half of it: 24.375 % away as before."""
    snapshot = a_coin_book(-3_500, balance=5, isolated=1, leverage=5)
    for order in (sell(INVERSE, 1_750, 70_000), buy(INVERSE, 1_750, 70_000, reduce_only=True)):
        assert near(judged(order, snapshot=snapshot).after.liquidation_distance, "0.24375")


def test_an_isolated_margin_is_not_free_for_others() -> None:
    """5 BTC, 4.9 of them set apart: 0.1 is left for a short of 2 BTC that binds 0.2 at 10x."""
    snapshot = a_coin_book(-3_500, balance=5, isolated="4.9", leverage=5)
    assert codes(judged(sell(INVERSE_DATED, 1_400, 70_000), snapshot=snapshot)) == ["BK03"]
    assert codes(judged(sell(INVERSE_DATED, 600, 70_000), snapshot=snapshot)) == []


def test_the_dated_and_the_perpetual_share_one_wallet() -> None:
    """Long 5 BTC of the one and short 5 of the other: the coin's rise and fall cancel out."""
    held = a_coin_book(-3_500, balance="0.5", leverage=20)
    verdict = judged(buy(INVERSE_DATED, 3_500, 70_000), snapshot=held)
    assert codes(verdict) == ["BK03"]
    after = judged(buy(INVERSE_DATED, 3_500, 70_000), snapshot=a_coin_book(-3_500, balance=2, leverage=20)).after
    assert after.survives_rally is None
    assert after.liquidation_distance is not None


def test_openings_in_flight_count_as_filled() -> None:
    """1,400 contracts wait: 2 BTC, which at 10x bind 0.2 of 0.25; 100 more bind 0.0143, 1,000 more do not fit."""
    waiting = resting(INVERSE, Side.SELL, 1_400, 75_000)
    snapshot = a_coin_book(balance="0.25", open_orders=(waiting,))
    assert codes(judged(sell(INVERSE, 100, 70_000), snapshot=snapshot)) == []
    assert codes(judged(sell(INVERSE, 1_000, 70_000), snapshot=snapshot)) == ["BK03"]
    held = a_coin_book(-700, balance="0.25", leverage=10, open_orders=(waiting,))
    assert codes(judged(sell(INVERSE, 100, 70_000), snapshot=held)) == ["BK03"]
    beside = a_coin_book(-700, balance="0.25", leverage=10, open_orders=(replace(waiting, symbol=INVERSE_DATED),))
    assert codes(judged(sell(INVERSE, 100, 70_000), snapshot=beside)) == ["BK03"]


def test_a_first_order_makes_a_wallet_where_there_was_none() -> None:
    """No coin in it, no order; with a waiting one neither."""
    plain = listed(a_book(), an_inverse_perpetual(), 70_000)
    assert codes(judged(sell(INVERSE, 10, 70_000), snapshot=plain)) == ["BK03"]
    waiting = replace(plain, open_orders=(resting(INVERSE, Side.SELL, 20, 75_000),))
    assert codes(judged(sell(INVERSE, 10, 70_000), snapshot=waiting)) == ["BK03"]


def test_a_reduce_only_order_is_never_held_by_margin() -> None:
    """0.02 BTC where 0.025 are needed: it is over, and may still be bought back."""
    snapshot = a_coin_book(-3_500, balance="0.02")
    verdict = judged(buy(INVERSE, 3_500, 70_000, reduce_only=True), snapshot=snapshot)
    assert (codes(verdict), verdict.before.margin_ratio) == ([], 1)
    assert codes(judged(buy(INVERSE, 3_501, 70_000, reduce_only=True), snapshot=snapshot)) == ["BK06"]


def test_both_wallets_count_in_the_figures() -> None:
    """The nearer liquidation, the higher ratio and the nearer rally of the two."""
    coin = a_coin_book(-3_500, balance="2.5")
    shorts = a_book(futures_usdt=100_000).positions
    both = replace(coin, positions={**coin.positions, **shorts})
    found, alone = figures(both, POLICY), figures(coin, POLICY)
    assert (found.liquidation_distance, found.survives_rally) == (
        alone.liquidation_distance,
        alone.survives_rally,
    )
    near_linear = replace(both, balances=tuple(b for b in both.balances if b.wallet is not WalletKind.LINEAR))
    assert figures(near_linear, POLICY).liquidation_distance == 0


def a_cured_plan() -> tuple[Proposal, Proposal]:
    """A short of 5 BTC first, then the coin it needs with a small purchase."""
    return a_proposal(sell(INVERSE, 3_500, 70_000)), a_proposal(buy(SPOT, "0.01", 70_050), a_coin_transfer(1))


def test_a_step_that_needs_later_collateral_is_done_after_it() -> None:
    """0.4 BTC are too few for 0.5025; the second proposal brings one more, so the first is judged once more."""
    short, collateral = a_cured_plan()
    verdict = judged(short, collateral, snapshot=a_coin_book(balance="0.4"))
    assert (codes(verdict), numbers(verdict)) == ([], [2, 1])


def test_a_step_that_dips_below_the_floor_waits_for_its_collateral() -> None:
    """2.5 BTC are 98.80 % away, 3.5 are 231 %: with 150 % asked, the coin comes first."""
    short, collateral = a_cured_plan()
    snapshot = a_coin_book(balance="2.5")
    verdict = judged(short, collateral, snapshot=snapshot, min_liquidation_distance=d("1.5"))
    assert numbers(verdict) == [2, 1]
    for approved in verdict.approved:
        assert approved.after.liquidation_distance is None or approved.after.liquidation_distance > d("1.5")


def test_what_is_not_cured_is_denied_with_its_reason() -> None:
    """A coin is not enough for 50 BTC, and a wrong price is never cured."""
    _, collateral = a_cured_plan()
    verdict = judged(sell(INVERSE, 35_000, 70_000), collateral, snapshot=a_coin_book(balance="0.4"))
    assert ("BK03" in codes(verdict), numbers(verdict)) == (True, [2])
    odd = judged(sell(INVERSE, 3_500, 60_000), collateral, snapshot=a_coin_book(balance="0.4"))
    assert codes(odd)[:1] == ["RC06"]


def test_coins_are_moved_after_they_are_bought() -> None:
    """None lie in spot; moving in lowers no risk by itself, but it cannot be paid before the purchase."""
    verdict = judged(a_coin_transfer("0.5"), buy(SPOT, "0.5", 70_050), snapshot=a_coin_book(spot=0))
    assert (codes(verdict), numbers(verdict)) == ([], [2, 1])


def test_a_step_costs_no_figure_of_another_coin() -> None:
    """A linear order leaves the coin wallet as it was."""
    snapshot = a_coin_book(-3_500, balance="2.5")
    verdict = judged(sell(PERP, "0.1", 70_000), snapshot=snapshot)
    assert verdict.approved[0].after.liquidation_distance == verdict.before.liquidation_distance
