"""What a shock makes of the whole book: every wallet, every sleeve, what is lost, and what is decided then."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import WalletKind
from bot.domain.order import OpenOrder, Side, Sleeve
from bot.domain.policy import Policy
from bot.domain.snapshot import Balance, FundingRate, MarginMode, Position, Snapshot
from bot.errors import NumberRefused
from bot.policy.exposure import measure_exposure
from bot.scenario import decide_after
from bot.whatif import CRASHES, Shock, crash, run_scenario
from tests.builders import NOON, a_claim, a_memory, a_policy, a_quote, a_short, a_snapshot, an_inverse_perpetual, d

BTC = a_policy(assets={"BTC": 1})
PERP = "BTC/USDT:USDT"
COIN = "BTC/USD:BTC"


def the_article(margin: str = "175000", **changes: Any) -> Snapshot:
    """Ten BTC at 70,000, five of them sold short, the margin in the futures wallet."""
    return a_snapshot(
        spot={"BTC": 10, "USDT": 100_000}, futures_usdt=margin, shorts=(a_short("BTC", 5, entry=70_000),), **changes
    )


def a_move(move: str, **changes: Any) -> Shock:
    """Every coin moves by `move`."""
    return Shock(name="a move", others=d(move), **changes)


def coin_margined(coins: str = "3", contracts: int = 3_500, **changes: Any) -> Snapshot:
    """Ten BTC at 70,000, `coins` of them margin of a short of 350,000 USD (5 BTC) in the coin's own wallet."""
    inverse = an_inverse_perpetual()
    plain = a_snapshot(spot={"BTC": d(10) - d(coins), "USDT": 100_000})
    return replace(
        plain,
        instruments={**plain.instruments, COIN: inverse},
        quotes={**plain.quotes, COIN: a_quote(COIN, 70_000)},
        balances=(*plain.balances, Balance(wallet=WalletKind.INVERSE, asset="BTC", free=d(coins), locked=d(0))),
        positions={COIN: a_short("BTC", contracts, entry=70_000, symbol=COIN)},
        **changes,
    )


def isolated(margin: str) -> Snapshot:
    """The article's short with a margin of its own, out of a wallet of 175,000."""
    book = the_article()
    short = replace(book.positions[PERP], margin_mode=MarginMode.ISOLATED, isolated_margin=d(margin))
    return replace(book, positions={PERP: short})


def test_scenario_a_of_the_article() -> None:
    """70,000 to 60,000: coins −100,000, hedge +50,000, together −50,000."""
    told = run_scenario(the_article(), BTC, Shock(name="A", moves={"BTC": d(-1) / 7}))
    assert round(told.profits[Sleeve.CORE], 9) == -100_000
    assert round(told.profits[Sleeve.HEDGE], 9) == 50_000
    assert round(told.equity_after - told.equity, 9) == -50_000
    assert (told.lost, told.funding) == (0, 0)


def test_scenario_b_of_the_article() -> None:
    """70,000 to 80,000: coins +100,000, hedge −50,000, together +50,000."""
    told = run_scenario(the_article(), BTC, Shock(name="B", moves={"BTC": d(1) / 7}))
    assert round(told.profits[Sleeve.CORE], 9) == 100_000
    assert round(told.profits[Sleeve.HEDGE], 9) == -50_000
    assert not told.purses[0].liquidated


def test_the_article_s_own_margin_is_gone_before_scenario_b() -> None:
    """36,842 of margin: liquidated on the way, the margin lost, the coins unhedged."""
    told = run_scenario(the_article("36842"), BTC, Shock(name="B", moves={"BTC": d(1) / 7}))
    assert told.purses[0].liquidated
    assert told.lost == 36_842
    assert round(told.equity_after - told.equity, 9) == 100_000 - 36_842
    assert told.snapshot.positions == {}
    assert told.survives_rise is None


@pytest.mark.parametrize(("move", "dies"), [("0.099", False), ("0.1", True)])
def test_five_per_cent_of_margin_lives_to_just_below_ten_per_cent(move: str, dies: bool) -> None:
    """Liquidated at 76,993, which is +9.99 %: QUANT 8."""
    assert run_scenario(the_article("36842"), BTC, a_move(move)).purses[0].liquidated is dies


def test_a_shock_is_nothing_when_nothing_moves() -> None:
    """The account is as it was, but for what is locked as margin."""
    told = run_scenario(the_article(), BTC, a_move("0"))
    assert told.equity == told.equity_after == 975_000
    assert told.purses[0].margin_ratio is not None


def test_a_spread_between_coin_and_contract_hurts_the_short_alone() -> None:
    """Contracts 2 % above their coin: 5 × 1,400 is lost, the coins do not move."""
    told = run_scenario(the_article(), BTC, Shock(name="basis", basis=d("0.02")))
    assert told.profits[Sleeve.HEDGE] == -7_000
    assert told.profits[Sleeve.CORE] == 0
    quote = told.snapshot.quotes[PERP]
    assert (quote.mark, quote.index) == (71_400, None if quote.index is None else 70_000)


def test_funding_is_paid_for_its_time_and_weakens_the_wallet_first() -> None:
    """−5 bp per 8 h on 350,000 is 525 a day for the short: 7 days cost 3,675."""
    told = run_scenario(the_article(), BTC, Shock(name="funding", funding=d("-0.0005"), hours=d(168)))
    assert told.funding == -3_675
    assert told.purses[0].after == 175_000 - 3_675
    assert told.snapshot.funding[PERP].rate == d("-0.0005")


def test_funding_received_does_not_save_a_wallet() -> None:
    """It comes with time, and the move may come first."""
    thin = Shock(name="both", others=d("0.1"), funding=d("0.01"), hours=d(800))
    assert run_scenario(the_article("36842"), BTC, thin).purses[0].liquidated


def test_an_outage_pays_the_funding_there_is() -> None:
    """+1 bp per 8 h on 350,000: 35 for 8 hours."""
    assert run_scenario(the_article(), BTC, a_move("0", hours=d(8))).funding == 35


def test_a_market_that_names_no_funding_pays_none() -> None:
    """Dated contracts have none; a shock of funding does not invent it."""
    book = the_article(funding={})
    assert run_scenario(book, BTC, Shock(name="f", funding=d("-0.01"), hours=d(8))).funding == 0
    stranger = FundingRate(symbol="ETH/USDT:USDT", rate=d(1), interval_hours=d(8), next_at=NOON)
    assert run_scenario(the_article(funding={PERP: stranger}), BTC, a_move("0", hours=d(8))).funding == 0


def test_a_coin_margined_half_hedge_is_half_at_every_price() -> None:
    """Synthetic: 10 BTC of which 5 are dollars; −50 % costs 175,000 of 700,000 (QUANT 2.4)."""
    told = run_scenario(coin_margined(), BTC, a_move("-0.5"))
    assert round(told.equity_after - told.equity, 9) == -175_000
    assert not told.purses[0].liquidated
    assert told.purses[0].name == "BTC futures"


def test_a_coin_margined_wallet_too_thin_is_lost_in_coins() -> None:
    """A tenth of the short as margin: about +10 % ends it; half a coin at 70,000 is what was there."""
    lives, dead = (run_scenario(coin_margined("0.5"), BTC, a_move(move)) for move in ("0.09", "0.12"))
    assert not lives.purses[0].liquidated
    assert dead.purses[0].liquidated
    assert dead.lost == 35_000
    assert dead.snapshot.positions == {}
    assert measure_exposure(dead.snapshot, BTC).assets["BTC"].core_coins == d("9.5")


def test_a_coin_margined_short_against_its_own_coins_survives_everything() -> None:
    """Margin as large as the short: no rise ends it."""
    told = run_scenario(coin_margined("5"), BTC, a_move("3"))
    assert not told.purses[0].liquidated
    assert told.survives_rise is None


def test_an_isolated_position_dies_alone() -> None:
    """20,000 of its own margin are lost, 155,000 stay in the wallet."""
    told = run_scenario(isolated("20000"), BTC, a_move("0.1"))
    assert [(p.name, p.liquidated) for p in told.purses] == [("USDT futures", False), (PERP, True)]
    assert told.lost == 20_000
    (futures,) = [b for b in told.snapshot.balances if b.wallet is WalletKind.LINEAR]
    assert futures.total == 155_000


def test_an_isolated_position_that_lives_keeps_its_margin() -> None:
    """Funding goes to it, not to the wallet."""
    told = run_scenario(isolated("100000"), BTC, a_move("0.05", hours=d(8)))
    assert told.snapshot.positions[PERP].isolated_margin == 100_035
    assert measure_exposure(told.snapshot, BTC).equity == told.equity_after


def test_claims_share_what_coins_and_contracts_gain() -> None:
    """Of 10 BTC carry holds 1, of 5 short carry sold 1 and the overlay 2: hedge 2."""
    claims = (
        a_claim(Sleeve.CARRY, "BTC/USDT", 1),
        a_claim(Sleeve.CARRY, PERP, -1),
        a_claim(Sleeve.TACTICAL, PERP, -2),
    )
    told = run_scenario(the_article(), BTC, a_move("-0.1"), claims)
    assert told.profits == {
        Sleeve.CORE: -63_000,
        Sleeve.CARRY: 0,
        Sleeve.TACTICAL: 14_000,
        Sleeve.HEDGE: 14_000,
    }
    assert told.claims == claims


def test_the_claims_of_a_liquidated_contract_are_gone_and_the_coins_stay() -> None:
    """Half a pair is what is left of it."""
    claims = (a_claim(Sleeve.CARRY, "BTC/USDT", 1), a_claim(Sleeve.CARRY, PERP, -1))
    told = run_scenario(the_article("36842"), BTC, a_move("0.2"), claims)
    assert [claim.symbol for claim in told.claims] == ["BTC/USDT"]


def test_coins_held_elsewhere_and_money_count_as_they_are() -> None:
    """One coin in a drawer falls too; the reserve does not."""
    policy = a_policy(assets={"BTC": 1})
    policy = replace(policy, core=replace(policy.core, held_elsewhere={"BTC": d(1)}))
    told = run_scenario(a_snapshot(spot={"BTC": 1, "USDT": 1_000}), policy, a_move("-0.5"))
    assert told.profits[Sleeve.CORE] == -70_000
    assert told.purses == ()
    assert (told.survives_rise, told.survives_fall) == (None, None)


@pytest.mark.parametrize("name", list(CRASHES))
def test_a_crash_moves_each_coin_by_its_own_and_strangers_as_bitcoin(name: str) -> None:
    """A beta of 1 for what is not in the table."""
    shock = crash(name)
    assert shock.move("ETH") == CRASHES[name]["ETH"]
    assert shock.move("PEPE") == CRASHES[name]["BTC"]
    assert all(d(-1) < fall < 0 for fall in CRASHES[name].values())


def test_june_2022_on_six_bitcoin_and_forty_ether() -> None:
    """6 × 70,000 × −44.6 % and 40 × 2,500 × −54.6 %."""
    book = a_snapshot(spot={"BTC": 6, "ETH": 40, "USDT": 100_000}, price={"BTC": 70_000, "ETH": 2_500})
    told = run_scenario(book, a_policy(), crash("2022-06"))
    assert told.equity_after - told.equity == d("-187320") - d("54600")


def test_an_unknown_crash_is_refused_with_those_that_are_known() -> None:
    """Nobody can guess them."""
    with pytest.raises(NumberRefused, match="known: 2020-03-12, 2021-05-19, 2022-06, 2022-11"):
        crash("1929")


@pytest.mark.parametrize("changes", [{"others": d(-1)}, {"moves": {"BTC": d(-2)}}, {"basis": d(-1)}, {"hours": d(-1)}])
def test_what_leaves_no_price_or_takes_negative_time_is_refused(changes: dict[str, Any]) -> None:
    """A price stays above zero."""
    with pytest.raises(NumberRefused):
        Shock(name="x", **changes)


@given(st.integers(-90, 300), st.integers(-10, 10), st.integers(20_000, 400_000))
def test_the_parts_add_up_to_the_book_that_is_left(percent: int, basis: int, margin: int) -> None:
    """Equity told is equity measured on the account afterwards, liquidated or not, in both kinds of wallet."""
    shock = a_move(str(Decimal(percent) / 100), basis=d(basis) / 100, hours=d(8))
    books = (
        the_article(str(margin)),
        coin_margined(str(Decimal(margin) / 100_000)),
        isolated(str(Decimal(margin) / 4)),
    )
    for book in books:
        told = run_scenario(book, BTC, shock)
        parts = told.equity + sum(told.profits.values()) + told.funding - told.lost
        assert round(parts - told.equity_after, 9) == 0
        assert round(measure_exposure(told.snapshot, BTC).equity - told.equity_after, 9) == 0


@given(st.integers(-60, 60))
def test_a_wallet_is_lost_exactly_from_its_survivable_move_on(percent: int) -> None:
    """What the book says it survives is what the scenario finds."""
    book, move = the_article(), Decimal(percent) / 100
    now = run_scenario(book, BTC, a_move("0"))
    assert now.survives_rise is not None
    assert run_scenario(book, BTC, a_move(str(move))).purses[0].liquidated is (move >= now.survives_rise)


def half_hedge() -> Policy:
    """Half of the core hedged."""
    return a_policy(assets={"BTC": 1}, core=("0.6", "0.7", "0.9"), hedge=("0.45", "0.5", "0.55"))


def test_after_the_hedge_is_lost_the_policy_wants_it_back() -> None:
    """The shorts are gone, so the next plan sells again, or says why it cannot."""
    scenario = run_scenario(the_article("36842"), half_hedge(), a_move("0.15"))
    after = decide_after(half_hedge(), scenario, a_memory(epoch=0))
    assert after.decision is not None
    assert any(proposal.sleeve is Sleeve.HEDGE for proposal in after.decision.plan.proposals)


def test_the_loss_counts_against_the_day() -> None:
    """A book that lost half has lost half of its unit, and only reduces from then on."""
    scenario = run_scenario(a_snapshot(spot={"BTC": 10, "USDT": 300_000}), BTC, a_move("-0.5"))
    after = decide_after(BTC, scenario, a_memory(epoch=0))
    assert after.decision is not None
    assert after.decision.exposure.equity == scenario.equity_after == 650_000


def test_a_book_of_nothing_decides_nothing_and_says_so() -> None:
    """A long that lost more than the wallet held leaves no equity to balance."""
    short = Position(symbol=PERP, quantity=d(-1), entry_price=d(70_000), margin_mode=MarginMode.CROSS, leverage=d(2))
    book = a_snapshot(spot={"USDT": 0}, futures_usdt=20_000, shorts=(short,))
    after = decide_after(BTC, run_scenario(book, BTC, a_move("1")), a_memory(epoch=0))
    assert after.decision is None
    assert "nothing to balance" in after.why


def test_orders_resting_at_a_liquidated_contract_are_gone() -> None:
    """The venue cancels them; those of other markets stay."""

    def resting(symbol: str) -> OpenOrder:
        return OpenOrder(
            symbol=symbol, client_order_id="x", side=Side.BUY, remaining=d(1), price=d(60_000), reduce_only=False
        )

    book = the_article("36842", open_orders=(resting(PERP), resting("BTC/USDT")))
    told = run_scenario(book, BTC, a_move("0.2"))
    assert [order.symbol for order in told.snapshot.open_orders] == ["BTC/USDT"]


def test_a_market_without_a_price_moves_nothing() -> None:
    """It is listed, and nobody quotes it."""
    book = the_article()
    book = replace(book, instruments={**book.instruments, COIN: an_inverse_perpetual()})
    assert COIN not in run_scenario(book, BTC, a_move("-0.1")).snapshot.quotes
