"""The account behind an emulated venue: books, purses, transfers, settings, and what funding leaves in the ledger."""

from datetime import timedelta
from decimal import ROUND_HALF_EVEN
from itertools import pairwise

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import OrderType, TransferRequest
from bot.domain.snapshot import MarginMode
from bot.errors import OrderRejected
from tests.builders import NOON, Number, d
from tests.emulator.core import Core, VenueTransfer
from tests.emulator.cores import ALL_KINDS, BTC, COIN, PERP, Hands, a_core, buy, sell
from tests.emulator.orders import Rules
from tests.emulator.times import from_ms, to_ms

SPOT, LINEAR, INVERSE = WalletKind.SPOT, WalletKind.LINEAR, WalletKind.INVERSE
POOLED = Rules(pooled=True)


def held(core: Core, wallet: WalletKind) -> dict[str, object]:
    """What a wallet holds of each asset, free and locked together, where it is anything."""
    return {one.asset: one.total for one in core.balances(wallet) if one.total}


def move(core: Core, amount: Number, source: WalletKind, target: WalletKind, reference: str = "") -> VenueTransfer:
    """Move USDT."""
    request = TransferRequest(asset="USDT", amount=d(amount), source=source, target=target)
    return core.transfer(request, reference)


def test_the_funded_books_are_worth_100_000() -> None:
    """0.68 BTC, 5.94 ETH, 61.67 SOL and 26,637.8699 USDT at the first prices, all of it in spot."""
    core = a_core()
    coins = {"BTC": d("0.68"), "ETH": d("5.94"), "SOL": d("61.67"), "USDT": d("26637.8699")}
    assert held(core, SPOT) == coins
    prices = {"USDT": d(1)} | {asset: core.quotes()[f"{asset}/USDT"].mid for asset in ("BTC", "ETH", "SOL")}
    assert sum(coins[asset] * prices[asset] for asset in coins) == 100_000
    assert held(core, LINEAR) == {}
    assert held(a_core(books="empty"), SPOT) == {}


def test_where_money_cannot_be_moved_the_linear_wallet_begins_with_some() -> None:
    """20,000 USDT; and a transfer is refused."""
    core = a_core(Rules(transfers=False))
    assert held(core, LINEAR) == {"USDT": d(20_000)}
    with pytest.raises(OrderRejected, match="moves no money"):
        move(core, 10, SPOT, LINEAR)


def test_the_hedged_books_are_short_three_tenths_of_a_bitcoin() -> None:
    """At the first mark of 63,369.5, so nothing is won or lost; at 3 × it holds 19,010.85 ÷ 3 = 6,336.95."""
    core = a_core(books="hedged")
    short = core.positions()[PERP]
    assert (short.quantity, short.entry_price, short.leverage) == (d("-0.3"), d("63369.5"), 3)
    assert (core.unrealised(PERP), core.wallet_equity(LINEAR, "USDT")) == (0, 20_000)
    (wallet,) = core.balances(LINEAR)
    assert wallet.locked == d("6336.95")
    assert core.maintenance(LINEAR, "USDT") == d("19010.85") * d("0.004")
    assert core.unrealised("ETH/USDT:USDT") == 0


def test_profit_is_told_apart_from_the_balance() -> None:
    """When the mark has moved the equity is the balance and −0.3 × the move."""
    hands = Hands(NOON)
    core = a_core(books="hedged", hands=hands)
    hands.move(minutes=3)
    moved = core.quotes()[PERP].valuation - d("63369.5")
    assert core.unrealised(PERP) == d("-0.3") * moved
    assert core.wallet_equity(LINEAR, "USDT") == 20_000 + d("-0.3") * moved
    assert held(core, LINEAR) == {"USDT": d(20_000)}


def test_funding_is_paid_at_its_time_and_told_in_the_ledger() -> None:
    """The first settlement after the start pays a short of 0.3 BTC 0.3 × mark × rate; the past has that rate."""
    core = a_core(books="hedged")
    due = core.funding()[PERP]
    core.live(timedelta(hours=8))
    (entry,) = core.ledger()
    at_ms, rate = core.past_funding(PERP)[-1]
    assert (entry.kind, entry.symbol, entry.wallet, to_ms(entry.at)) == (EntryKind.FUNDING, PERP, LINEAR, at_ms)
    assert from_ms(at_ms) == due.next_at - timedelta(hours=8)
    assert entry.change == (d("0.3") * core.quotes()[PERP].valuation * rate).quantize(d("1e-12"), ROUND_HALF_EVEN)
    assert core.ledger(at_ms) == (entry,)
    assert core.ledger(at_ms + 1) == ()


def test_settled_funding_is_told_for_three_months_every_eight_hours() -> None:
    """270 rates, oldest first, the last at most eight hours old."""
    core = a_core()
    past = core.past_funding(PERP)
    assert len(past) == 270
    assert {later[0] - earlier[0] for earlier, later in pairwise(past)} == {8 * 3_600_000}
    assert 0 <= core.now_ms() - past[-1][0] < 8 * 3_600_000
    assert core.past_funding(BTC) == ()


def test_a_transfer_moves_money_once_for_each_reference() -> None:
    """5,000 USDT to the linear wallet, told in the ledger under the transfer's number, both ends of it."""
    core = a_core()
    made = move(core, 5_000, SPOT, LINEAR, "t1")
    assert (made.number, made.reference, made.at_ms) == (1, "t1", core.now_ms())
    assert held(core, LINEAR) == {"USDT": d(5_000)}
    told = [(entry.wallet, entry.change, entry.reference) for entry in core.ledger()]
    assert told == [(SPOT, d(-5_000), "1"), (LINEAR, d(5_000), "1")]
    with pytest.raises(OrderRejected) as refused:
        move(core, 1, SPOT, LINEAR, "t1")
    assert refused.value.code == "duplicate-id"
    with pytest.raises(OrderRejected) as refused:
        move(core, 30_000, SPOT, LINEAR)
    assert refused.value.code == "insufficient-balance"
    assert core.transfers() == core.transfers(core.now_ms()) == (made,)
    assert core.transfers(core.now_ms() + 1) == ()


def test_money_from_outside_is_a_flow() -> None:
    """100 USDT in, 40 out; more than there is does not leave."""
    core = a_core(books="empty")
    core.flow("USDT", d(100))
    core.flow("USDT", d(-40))
    assert held(core, SPOT) == {"USDT": d(60)}
    assert [entry.kind for entry in core.ledger()] == [EntryKind.DEPOSIT, EntryKind.WITHDRAWAL]
    with pytest.raises(OrderRejected, match="cannot leave"):
        core.flow("USDT", d(-61))


def test_a_trade_in_the_ledger_is_referred_to_by_its_number() -> None:
    """Coins in, money out, fee in coins; what a resting order did while nobody looked has its number too."""
    core = a_core()
    core.place(buy(BTC, "0.01"))
    core.place(sell(BTC, "0.01", 63_360, type=OrderType.POST_ONLY))
    core.live(timedelta(minutes=5))
    assert [(entry.kind, entry.reference) for entry in core.ledger()] == [
        (EntryKind.FILL, "1"),
        (EntryKind.FILL, "1"),
        (EntryKind.FEE, "1"),
        (EntryKind.FILL, "2"),
        (EntryKind.FILL, "2"),
        (EntryKind.FEE, "2"),
    ]
    assert [fill.number for fill in core.fills()] == [1, 2]


def test_leverage_and_mode_are_set_and_read_back() -> None:
    """The position's leverage goes with the setting; the mode stays while anything is open."""
    core = a_core(books="hedged")
    core.set_leverage(PERP, d(5))
    assert core.leverage(PERP) == core.positions()[PERP].leverage == 5
    with pytest.raises(OrderRejected) as refused:
        core.set_margin_mode(PERP, MarginMode.ISOLATED)
    assert refused.value.code == "position-open"
    core.set_margin_mode(PERP, MarginMode.CROSS)
    core.place(sell("ETH/USDT:USDT", "0.1", 3_700, type=OrderType.POST_ONLY))
    with pytest.raises(OrderRejected) as refused:
        core.set_margin_mode("ETH/USDT:USDT", MarginMode.ISOLATED)
    assert refused.value.code == "orders-open"
    core.set_margin_mode("SOL/USDT:USDT", MarginMode.ISOLATED)
    assert core.margin_mode("SOL/USDT:USDT") is MarginMode.ISOLATED


def test_a_leverage_the_margin_does_not_bear_is_refused() -> None:
    """At 0.9 × the short of 19,010.85 needs 21,123.17 of 20,000."""
    core = a_core(books="hedged")
    with pytest.raises(OrderRejected) as refused:
        core.set_leverage(PERP, d("0.9"))
    assert refused.value.code == "insufficient-margin"
    assert core.leverage(PERP) == 3


def test_the_position_mode_is_a_flag() -> None:
    """One-way until it is set."""
    core = a_core()
    assert not core.hedge_mode
    core.set_hedge_mode(True)
    assert core.hedge_mode


def test_a_pooled_purse_shows_money_with_contracts_and_coins_with_spot() -> None:
    """46,637.8699 USDT in linear, no USDT in spot, nothing in inverse."""
    core = a_core(POOLED, books="hedged", kinds=ALL_KINDS)
    assert held(core, LINEAR) == {"USDT": d("46637.8699")}
    assert held(core, SPOT) == {"BTC": d("0.68"), "ETH": d("5.94"), "SOL": d("61.67")}
    assert core.balances(INVERSE) == ()
    assert core.wallet_equity(LINEAR, "USDT") == d("46637.8699")
    assert core.wallet_equity(SPOT, "BTC") == d("0.68")


def test_a_pooled_purse_pays_for_coins_with_what_contracts_do_not_hold() -> None:
    """40,300.92 USDT are free beside the short: 0.63 BTC can be bought, 0.64 cannot; no entry tells of a move."""
    core = a_core(POOLED, books="hedged")
    with pytest.raises(OrderRejected) as refused:
        core.place(buy(BTC, "0.64"))
    assert refused.value.code == "insufficient-balance"
    order = core.place(buy(BTC, "0.63"))
    assert order.average == d("63353.38")
    assert held(core, LINEAR) == {"USDT": d("46637.8699") - d("0.63") * d("63353.38")}
    assert {(entry.kind, entry.wallet) for entry in core.ledger()} == {
        (EntryKind.FILL, SPOT),
        (EntryKind.FILL, LINEAR),
        (EntryKind.FEE, SPOT),
    }


def test_a_resting_spot_order_locks_its_part_of_the_pooled_purse() -> None:
    """0.1 BTC at 63,000: 6,300 beside the short's 6,336.95, free again when it is cancelled."""
    core = a_core(POOLED, books="hedged")
    core.place(buy(BTC, "0.1", 63_000, type=OrderType.POST_ONLY))
    (wallet,) = core.balances(LINEAR)
    assert (wallet.locked, wallet.total) == (d("12636.95"), d("46637.8699"))
    core.cancel(1)
    (wallet,) = core.balances(LINEAR)
    assert wallet.locked == d("6336.95")


def test_coins_of_a_pooled_purse_margin_their_own_contracts() -> None:
    """A short of 60 contracts of 100 USD stands on the spot coins; what it holds of them cannot be sold."""
    core = a_core(POOLED, kinds=ALL_KINDS)
    core.place(sell(COIN, 60))
    assert core.positions()[COIN].quantity == -60
    with pytest.raises(OrderRejected) as refused:
        core.place(sell(BTC, "0.68"))
    assert refused.value.code == "insufficient-balance"
    assert core.place(sell(BTC, "0.6")).filled == d("0.6")


def test_a_pooled_purse_records_a_transfer_within_itself_and_stays_as_it_was() -> None:
    """1,000 USDT from spot to linear and back: both were in one purse all the time."""
    core = a_core(POOLED)
    move(core, 1_000, SPOT, LINEAR)
    move(core, 1_000, LINEAR, SPOT)
    assert held(core, LINEAR) == {"USDT": d("26637.8699")}
    assert [made.number for made in core.transfers()] == [1, 2]
    core.flow("USDT", d(-600))
    assert held(core, LINEAR) == {"USDT": d("26037.8699")}
