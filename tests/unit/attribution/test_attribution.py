"""Each source of profit in a book one can check by hand, and what is left over when something is amiss."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.attribution import attribute_cycle, opening_prices, unexplained
from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import OpenOrder, Side
from bot.domain.plan import Crossing
from bot.domain.record import Source
from bot.domain.snapshot import MarginMode, Position
from tests.builders import Number, a_short, a_spot, d
from tests.unit.attribution.diary import (
    COIN,
    LISTED,
    PERP,
    SPOT,
    Diary,
    a_claim,
    a_part,
    amount_of,
    an_account,
    prices,
)
from tests.vectors import agrees


def a_diary(then: object = None, now: object = None, **changes: object) -> Diary:
    """Ten BTC and a short of five, 70,000 to 66,000, unless said."""
    account = an_account(usdt=10_000, btc=10, margin=100_000, positions=(a_short("BTC", 5, entry=70_000),))
    start, end = then or prices(70_000), now or prices(66_000)
    fields: dict[str, object] = {"account": account, "then": start, "decided": end, "now": end}
    return Diary(**(fields | changes))  # type: ignore[arg-type] # a builder takes what it is given


def test_a_held_book_moves_by_price_and_basis() -> None:
    """Core 10 × −4,000, hedge −5 × −4,000, and −5 × (−20 − 100) of basis."""
    diary = a_diary(prices(70_000, 70_100), prices(66_000, 65_980))
    assert diary.told == {"core price": -40_000, "hedge price": 20_000, "hedge basis": 600}
    assert sum(diary.told.values()) == diary.change


def test_the_worked_figures_of_a_period() -> None:
    """The vector's spot, futures, funding, fees and flow."""
    diary = a_diary(prices(70_000, 70_100), prices(66_000, 65_980))
    diary.line(EntryKind.FUNDING, "USDT", 420, WalletKind.LINEAR, symbol=PERP)
    diary.line(EntryKind.FEE, "USDT", -310, WalletKind.LINEAR, symbol=PERP)
    diary.flow("USDT", 5_000)
    told = diary.told
    for key, name in (("spot", "core price"), ("futures_price_part", "hedge price"), ("basis", "hedge basis")):
        assert agrees("pnl_attribution", told[name], key)
    for key, name in (("funding", "hedge funding"), ("fees", "hedge fees"), ("flow", "reserve flows")):
        assert agrees("pnl_attribution", told[name], key)
    assert agrees("pnl_attribution", told["hedge price"] + told["hedge basis"], "futures")
    assert agrees("pnl_attribution", sum(diary.told.values(), d(750_000)), "nav1")


def test_a_trade_is_slippage_against_the_price_before_and_price_after_it() -> None:
    """One BTC bought at 70,070 when the mid was 70,000, worth 71,000 now; the fee of 0.001 BTC at 71,000."""
    diary = Diary(an_account(usdt=100_000), prices(69_000), prices(70_000), prices(71_000))
    diary.trade(SPOT, 1, 70_070)
    assert diary.told == {"core price": 1_000, "core fees": -71, "core slippage": -70}


def test_a_short_sold_below_the_mark_loses_the_gap() -> None:
    """Two sold at 69,990 with the mark at 70,000: −20; fee 5 bp; then 1,000 each by the fall."""
    diary = Diary(an_account(margin=100_000), prices(69_000), prices(70_000), prices(69_000))
    diary.trade(PERP, -2, 69_990)
    assert diary.told == {"hedge price": 2_000, "hedge fees": d("-69.99"), "hedge slippage": -20}


def test_an_order_that_rested_is_measured_against_the_settlement_before() -> None:
    """Bought at 68,000 on the way, when the last price seen was 69,000: gained 1,000 by waiting."""
    diary = Diary(an_account(usdt=100_000, btc=1), prices(69_000), prices(70_000), prices(71_000))
    diary.trade(SPOT, 1, 68_000, early=True)
    told = diary.told
    assert told["core slippage"] == 1_000
    assert told["core price"] == 2_000 + 2_000


def test_an_order_of_two_sleeves_is_theirs_in_proportion() -> None:
    """Of −3 sold, the hedge has −5 and the tactical overlay +2; half of it filled. Fees go by size."""
    diary = Diary(an_account(margin=100_000), prices(70_000), prices(70_000), prices(71_000))
    diary.trade(PERP, "-1.5", 69_990, parts=(a_part("hedge", -5), a_part("tactical", 2)))
    fee = d("1.5") * 69_990 * d("0.0005")
    told = diary.told
    assert (told["hedge price"], told["tactical price"]) == (-2_500, 1_000)
    assert (told["hedge slippage"], told["tactical slippage"]) == (-25, 10)
    assert told["hedge fees"] == pytest.approx(-fee * 5 / 7, abs=d("1e-9"))
    assert sum(told.values()) == diary.change


def test_claims_have_their_own_profit_and_funding() -> None:
    """Of a position of −3 the overlay holds +2: the hedge earns on −5, and pays its funding."""
    claims = (a_claim("tactical", PERP, 2, 69_000), a_claim("carry", SPOT, 4, 69_000))
    account = an_account(btc=10, margin=100_000, positions=(a_short("BTC", 3, entry=70_000),))
    diary = Diary(account, prices(70_000), prices(71_000), prices(71_000), claims=claims)
    diary.fund(PERP, "0.0001", 70_000)
    assert diary.told == {
        "core price": 6_000,
        "carry price": 4_000,
        "hedge price": -5_000,
        "hedge funding": 35,
        "tactical price": 2_000,
        "tactical funding": -14,
    }


def test_funding_of_what_was_opened_since_goes_to_who_opened_it() -> None:
    """Nothing was held before."""
    diary = Diary(an_account(margin=100_000), prices(70_000), prices(70_000), prices(70_000))
    diary.trade(PERP, -2, 70_000, sleeve="carry")
    diary.fund(PERP, "0.0001", 70_000)
    assert diary.told["carry funding"] == 14


def test_a_coin_margined_hedge_is_linear_in_price() -> None:
    """QUANT 2.4: 10 BTC, 3,500 contracts of 100 at 70,000: −5 BTC × 10,000 in quote currency, no basis."""
    short = Position(
        symbol=COIN, quantity=d(-3_500), entry_price=d(70_000), margin_mode=MarginMode.CROSS, leverage=d(2)
    )
    account = an_account(btc=5, coins=5, positions=(short,))
    diary = Diary(account, prices(70_000), prices(80_000), prices(80_000))
    assert diary.told == {"core price": 100_000, "hedge price": -50_000}


def test_unrealised_coins_move_with_their_coin() -> None:
    """From 80,000 back to 70,000: −0.625 BTC of loss becomes less, and the hedge gains 50,000 again."""
    short = Position(
        symbol=COIN, quantity=d(-3_500), entry_price=d(70_000), margin_mode=MarginMode.CROSS, leverage=d(2)
    )
    claims = (a_claim("tactical", COIN, -700, 70_000),)
    account = an_account(btc=5, coins=5, positions=(short,))
    diary = Diary(account, prices(80_000), prices(70_000), prices(70_000), claims=claims)
    assert diary.told == {"core price": -100_000, "hedge price": 40_000, "tactical price": 10_000}


def test_a_crossing_moves_what_comes_after_it() -> None:
    """Two contracts from the hedge to the overlay at 70,000, one coin from core to carry; nobody pays."""
    crossings = (
        Crossing(symbol=PERP, price=d(70_000), parts=(a_part("hedge", -2), a_part("tactical", 2))),
        Crossing(symbol=SPOT, price=d(70_000), parts=(a_part("core", -1), a_part("carry", 1))),
    )
    account = an_account(btc=10, margin=100_000, positions=(a_short("BTC", 5, entry=69_000),))
    diary = Diary(account, prices(69_000), prices(70_000), prices(70_500), crossings=crossings)
    assert diary.told == {
        "core price": 10 * 1_500 - 500,
        "hedge price": -5 * 1_500 - 1_000,
        "tactical price": 1_000,
        "carry price": 500,
    }


def test_deposits_count_at_the_price_of_the_end() -> None:
    """A coin that came in is a flow of what it is worth now, and no profit."""
    diary = a_diary()
    diary.flow("BTC", 1)
    diary.flow("USDT", -500)
    told = diary.told
    assert (told["core flows"], told["reserve flows"]) == (66_000, -500)
    assert told["core price"] == -40_000


def test_interest_goes_to_the_sleeve_of_its_coin() -> None:
    """Money's to the reserve, a coin's to the core."""
    diary = a_diary()
    diary.line(EntryKind.INTEREST, "USDT", 3)
    diary.line(EntryKind.INTEREST, "BTC", "0.001")
    assert (diary.told["reserve interest"], diary.told["core interest"]) == (3, 66)


def test_moving_money_between_wallets_is_nothing() -> None:
    """I20: the two lines cancel."""
    diary = a_diary(now=prices(70_000))
    diary.line(EntryKind.TRANSFER, "USDT", -1_000)
    diary.line(EntryKind.TRANSFER, "USDT", 1_000, WalletKind.LINEAR)
    assert diary.lines == ()


def test_a_stablecoin_that_slips_is_the_reserves_loss() -> None:
    """1,000 USDC from 1 to 0.99."""
    account = replace(an_account(usdt=1), balances={(WalletKind.SPOT, "USDC"): d(1_000)})
    diary = Diary(account, prices(70_000, USDC=1), prices(70_000, USDC=1), prices(70_000, USDC="0.99"))
    assert diary.told == {"reserve price": -10}


def test_what_vanished_is_unexplained_to_the_last_digit() -> None:
    """And nothing else changes by it."""
    diary = a_diary()
    whole = diary.told
    diary.lost = d("123.456")
    assert diary.told == {**whole, "reserve unexplained": d("-123.456")}
    assert unexplained(diary.lines) == d("-123.456")
    assert unexplained(a_diary().lines) == 0


def test_a_position_that_changed_without_a_trace_is_unexplained() -> None:
    """Two contracts gone: the venue shows −3, no fill and no ledger line say why."""
    diary = a_diary()
    diary.account = replace(diary.account, positions={PERP: a_short("BTC", 3, entry=70_000)})
    assert unexplained(diary.lines) == -2 * 4_000


def test_a_strangers_trade_is_told_as_slippage() -> None:
    """Someone bought back two at 69,000, which is 66,000 now: 6,000 worse than not at all."""
    diary = a_diary()
    diary.trade(PERP, 2, 69_000, ours=False)
    told = diary.told
    assert told["hedge price"] == 20_000
    assert told["hedge slippage"] == -6_000
    assert told["hedge fees"] == -69
    assert unexplained(diary.lines) == 0


def test_a_strangers_coins_are_the_cores() -> None:
    """One BTC sold at 65,000 with the price seen last at 66,000."""
    diary = a_diary()
    diary.trade(SPOT, -1, 65_000, ours=False)
    assert diary.told["core slippage"] == -1_000
    assert diary.told["core fees"] == -65


def test_a_liquidation_shows_what_it_cost() -> None:
    """Five closed at 77,000, the mark is 75,000 now: 10,000 lost to the bad moment, and the venue's fee."""
    diary = a_diary(now=prices(75_000))
    diary.account = replace(diary.account, positions={})
    diary.line(EntryKind.REALISED, "USDT", -35_000, WalletKind.LINEAR, symbol=PERP)
    diary.line(EntryKind.LIQUIDATION, "USDT", -400, WalletKind.LINEAR, symbol=PERP)
    told = diary.told
    assert (told["hedge price"], told["hedge slippage"], told["hedge fees"]) == (-25_000, -10_000, -400)
    assert unexplained(diary.lines) == 0


def test_a_delivered_contract_ends_its_basis() -> None:
    """Carry sold at 71,400 over a spot of 70,000, delivered at 72,000 where spot is: 1,400 a coin of basis."""
    claims = (a_claim("carry", SPOT, 5, 70_000), a_claim("carry", PERP, -5, 71_400))
    account = an_account(btc=5, margin=100_000, positions=(a_short("BTC", 5, entry=71_400),))
    gone = {SPOT: 72_000}
    diary = Diary(account, prices(70_000, 71_400), gone, gone, claims=claims)
    diary.account = replace(diary.account, positions={})
    diary.line(EntryKind.DELIVERY, "USDT", -5 * 600, WalletKind.LINEAR, symbol=PERP)
    assert diary.told == {"carry basis": 7_000}


def test_a_contract_of_a_coin_without_a_spot_market_has_price_and_no_basis() -> None:
    """Its own mark is all there is."""
    account = an_account(margin=100_000, positions=(a_short("BTC", 5, entry=70_000),))
    listed = {PERP: LISTED[PERP]}
    diary = Diary(account, {PERP: 70_000}, {PERP: 69_000}, {PERP: 69_000}, instruments=listed)
    assert diary.told == {"hedge price": 5_000}
    diary = Diary(account, {PERP: 70_000}, {PERP: 69_000}, {}, instruments=listed)
    diary.account = replace(diary.account, positions={})
    diary.line(EntryKind.DELIVERY, "USDT", 6_000, WalletKind.LINEAR, symbol=PERP)
    assert diary.told == {"hedge price": 5_000, "hedge basis": 1_000}


def test_an_old_settlement_without_prices_is_not_attributed() -> None:
    """Nothing is invented, nothing is called unexplained."""
    interval = a_diary().interval
    assert attribute_cycle(replace(interval, before=replace(interval.before, prices={}))) == ()


def test_a_contract_nobody_lists_any_more_is_not_attributed_unless_it_is_remembered() -> None:
    """Its size is not known; with the list of the time it is: −5 × −4,000."""
    diary = a_diary()
    diary.account = replace(diary.account, positions={})
    diary.line(EntryKind.DELIVERY, "USDT", 20_000, WalletKind.LINEAR, symbol=PERP)
    bare = {SPOT: a_spot("BTC")}
    interval = diary.interval
    shown = [replace(one, instruments=bare, positions={}) for one in (interval.decided, interval.after)]
    gone = replace(interval, decided=shown[0], after=shown[1])
    assert attribute_cycle(gone) == ()
    lines = attribute_cycle(replace(gone, listed_before=LISTED))
    assert amount_of(lines, Source.PRICE) == -40_000 + 20_000
    assert unexplained(lines) == 0


def test_coins_nobody_can_price_count_as_nothing_and_buying_them_is_unexplained() -> None:
    """Equity leaves them out, so the money spent on them is gone."""
    odd = a_spot("ODD")
    account = replace(an_account(usdt=1_000), balances={(WalletKind.SPOT, "USDT"): d(1_000)})
    diary = Diary(account, prices(70_000), prices(70_000), prices(70_000), instruments={**LISTED, odd.symbol: odd})
    diary.flow("ODD", 5)
    assert diary.lines == ()
    diary.trade("ODD/USDT", 10, 10)
    assert diary.told == {"reserve unexplained": -100}


def test_a_coin_that_lost_its_price_is_unexplained() -> None:
    """Its value is gone from equity, and no source says so."""
    account = replace(an_account(usdt=1), balances={(WalletKind.SPOT, "USDC"): d(1_000)})
    diary = Diary(account, prices(70_000, USDC=1), prices(70_000), prices(70_000))
    assert diary.told == {"reserve unexplained": -1_000}


def test_a_fill_found_late_is_in_what_was_left() -> None:
    """It is older than the settlement, and the ledger since has no line of it."""
    diary = a_diary()
    diary.trade(PERP, -1, 70_000)
    request, report = diary.fills.pop()
    early = tuple(replace(fill, at=diary.left.at, trade_id="old") for fill in report.fills)
    late = a_diary()
    late.fills.append((request, replace(report, fills=early)))
    assert late.told == a_diary().told


def test_rounding_up_to_a_billionth_goes_into_the_largest_line() -> None:
    """And a unit of the books for each ledger entry; more is unexplained."""
    interval = a_diary().interval
    whole = attribute_cycle(interval)
    nearly = attribute_cycle(replace(interval, equity=interval.equity + d("1e-9")))
    assert amount_of(nearly, Source.PRICE) == amount_of(whole, Source.PRICE) + d("1e-9")
    assert unexplained(nearly) == 0
    assert unexplained(attribute_cycle(replace(interval, equity=interval.equity + d("2e-9")))) == d("2e-9")


def test_a_still_book_has_no_lines_and_its_rounding_is_said() -> None:
    """There is no line to put it in."""
    interval = a_diary(now=prices(70_000)).interval
    assert attribute_cycle(interval) == ()
    assert unexplained(attribute_cycle(replace(interval, equity=interval.equity + d("1e-10")))) == d("1e-10")


@pytest.mark.parametrize("symbol", [SPOT, PERP, COIN])
def test_only_what_is_held_is_priced_for_the_next_time(symbol: str) -> None:
    """BTC's markets, not those of coins that are not there."""
    diary = a_diary(prices(70_000, USDC=1))
    assert opening_prices(diary.snapshot(diary.account, diary.then, 0)) == {
        name: Decimal(70_000) for name in (SPOT, PERP, COIN)
    }
    unknown: Number = 1
    bare = an_account(usdt=unknown, margin=1, positions=(a_short("BTC", 5, entry=70_000),))
    assert symbol in opening_prices(diary.snapshot(bare, diary.then, 0))
    assert opening_prices(diary.snapshot(an_account(usdt=1), diary.then, 0)) == {}


def test_a_stranger_who_opens_what_was_never_held_is_told_too() -> None:
    """Two sold at 70,000 on an account of money only, worth 69,000 now; two more of ours at 69,500 beside it."""
    diary = Diary(an_account(margin=100_000), prices(70_000), prices(69_500), prices(69_000))
    diary.trade(PERP, -2, 70_000, ours=False)
    diary.trade(PERP, -2, 69_500)
    told = diary.told
    assert (told["hedge slippage"], told["hedge price"]) == (2_000, 1_000)
    assert unexplained(diary.lines) == 0


def test_what_never_had_a_mark_explains_nothing() -> None:
    """A contract opened and closed while the venue showed no price: its result is there, its reason is not."""
    only_spot = {SPOT: 70_000}
    diary = Diary(an_account(margin=100_000), only_spot, only_spot, only_spot)
    diary.crossings = (Crossing(symbol=PERP, price=d(70_000), parts=(a_part("hedge", -2), a_part("carry", 2))),)
    diary.line(EntryKind.REALISED, "USDT", -5, WalletKind.LINEAR, symbol=PERP)
    assert diary.told == {"reserve unexplained": -5}


def test_an_order_that_rests_keeps_the_price_of_its_coin() -> None:
    """Its fill will be measured against it; what is not listed is left out."""
    diary = Diary(an_account(usdt=1), prices(70_000), prices(70_000), prices(70_000))
    shown = diary.snapshot(diary.account, diary.then, 0)
    order = OpenOrder(
        client_order_id="h1", symbol=SPOT, side=Side.BUY, remaining=d(1), price=d(69_000), reduce_only=False
    )
    assert SPOT in opening_prices(replace(shown, open_orders=(order,)))
    assert opening_prices(replace(shown, open_orders=(replace(order, symbol="ODD/USDT"),))) == {}
