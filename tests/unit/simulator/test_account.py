"""Fills, fees, funding and transfers change balances by exactly what the ledger says."""

from decimal import Decimal

import pytest

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import Fill, Liquidity, Side, TransferRequest
from bot.domain.snapshot import MarginMode
from bot.simulator.account import (
    Account,
    MarginSetting,
    apply_fill,
    apply_flow,
    apply_funding,
    apply_transfer,
    book,
    fee_of,
    reducible,
)
from bot.simulator.market import FundingSettlement
from tests.builders import NOON, Number, a_perpetual, a_spot, an_inverse_perpetual, d
from tests.unit.simulator.scripted import PERP, an_account

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR


def a_fill(instrument: Instrument, side: str, quantity: Number, price: Number, role: str = "taker") -> Fill:
    """A trade with the fee its instrument charges."""
    liquidity = Liquidity(role)
    fee, asset = fee_of(instrument, Side(side), d(quantity), d(price), liquidity)
    return Fill(
        trade_id="t1",
        client_order_id="h1",
        symbol=instrument.symbol,
        side=Side(side),
        quantity=d(quantity),
        price=d(price),
        fee=fee,
        fee_asset=asset,
        liquidity=liquidity,
        at=NOON,
    )


def traded(account: Account, *trades: tuple[str, Number, Number], instrument: Instrument | None = None) -> Account:
    """The account after some trades of one instrument."""
    instrument = instrument or a_perpetual()
    for side, quantity, price in trades:
        account, _ = apply_fill(account, instrument, a_fill(instrument, side, quantity, price))
    return account


def test_a_spot_buy_pays_its_fee_in_the_coins_bought() -> None:
    """1 BTC at 70,000 and 10 bp: 0.999 BTC arrive, 70,000 USDT leave."""
    after, entries = apply_fill(an_account(spot={"USDT": 100_000}), a_spot(), a_fill(a_spot(), "buy", 1, 70_000))
    assert after.balance(SPOT, "BTC") == d("0.999")
    assert after.balance(SPOT, "USDT") == d(30_000)
    assert [(e.kind, e.asset, e.change) for e in entries] == [
        (EntryKind.FILL, "BTC", d(1)),
        (EntryKind.FILL, "USDT", d(-70_000)),
        (EntryKind.FEE, "BTC", d("-0.001")),
    ]


def test_a_spot_sell_pays_its_fee_in_quote() -> None:
    """1 BTC at 70,000 and 10 bp: 69,930 USDT arrive."""
    after, _ = apply_fill(an_account(spot={"BTC": 2}), a_spot(), a_fill(a_spot(), "sell", 1, 70_000))
    assert (after.balance(SPOT, "BTC"), after.balance(SPOT, "USDT")) == (d(1), d(69_930))


def test_a_contract_pays_its_fee_from_the_futures_wallet() -> None:
    """5 BTC at 70,000: 5 bp of 350,000 are 175 for a taker, 2 bp are 70 for a maker."""
    taker = apply_fill(an_account(futures=1000), a_perpetual(), a_fill(a_perpetual(), "sell", 5, 70_000))[0]
    maker = apply_fill(an_account(futures=1000), a_perpetual(), a_fill(a_perpetual(), "sell", 5, 70_000, "maker"))[0]
    assert (taker.balance(LINEAR, "USDT"), maker.balance(LINEAR, "USDT")) == (d(825), d(930))


def test_adding_to_a_position_averages_its_entry() -> None:
    """1 at 60,000 and 3 at 80,000: 4 at 75,000."""
    position = traded(an_account(futures=9), ("buy", 1, 60_000), ("buy", 3, 80_000)).positions[PERP]
    assert (position.quantity, position.entry_price) == (d(4), d(75_000))


def test_reducing_a_position_realises_profit_and_keeps_the_entry() -> None:
    """Short 5 at 70,000, buy back 2 at 60,000: +20,000 less fees of 175 and 60."""
    after = traded(an_account(), ("sell", 5, 70_000), ("buy", 2, 60_000))
    assert (after.positions[PERP].quantity, after.positions[PERP].entry_price) == (d(-3), d(70_000))
    assert after.balance(LINEAR, "USDT") == d(20_000 - 175 - 60)


def test_a_trade_beyond_the_position_flips_it() -> None:
    """Short 1 at 70,000, buy 3 at 60,000: +10,000 realised, long 2 at 60,000."""
    after = traded(an_account(), ("sell", 1, 70_000), ("buy", 3, 60_000))
    assert (after.positions[PERP].quantity, after.positions[PERP].entry_price) == (d(2), d(60_000))
    assert after.balance(LINEAR, "USDT") == d(10_000) - d(35) - d(90)


def test_a_closed_position_is_gone() -> None:
    """No position of zero is kept."""
    assert traded(an_account(), ("sell", 1, 70_000), ("buy", 1, 60_000)).positions == {}


def test_an_isolated_position_takes_and_releases_its_margin() -> None:
    """4 at 70,000 with leverage 2 hold 140,000; one bought back leaves 105,000; closed, none."""
    isolated = {PERP: MarginSetting(mode=MarginMode.ISOLATED, leverage=d(2))}
    account = Account(balances={(LINEAR, "USDT"): d(300_000)}, settings=isolated)
    opened = traded(account, ("sell", 3, 70_000), ("sell", 1, 70_000))
    assert opened.positions[PERP].isolated_margin == d(140_000)
    reduced = traded(opened, ("buy", 1, 70_000))
    assert reduced.positions[PERP].isolated_margin == d(105_000)
    flipped = traded(reduced, ("buy", 4, 70_000))
    assert flipped.positions[PERP].isolated_margin == d(35_000)


def test_an_inverse_position_is_realised_in_coins() -> None:
    """Short 3,500 × 100 USD at 70,000, bought back at 80,000: 5 − 4.375 coins lost, harmonic in price."""
    inverse = an_inverse_perpetual()
    account = traded(Account(balances={}), ("sell", 3500, 70_000), ("buy", 3500, 80_000), instrument=inverse)
    fees = d("0.0025") + d("0.0021875")
    assert account.balance(WalletKind.INVERSE, "BTC") == d("-0.625") - fees


@pytest.mark.parametrize(("rate", "received"), [("0.0001", "35.00"), ("-0.0001", "-35.00")])
def test_funding_pays_the_short_when_the_rate_is_positive(rate: str, received: str) -> None:
    """Short 5 BTC at a mark of 70,000 and 1 bp: 35.00 USDT (vectors: funding_payment_short)."""
    short = traded(an_account(), ("sell", 5, 70_000))
    paid = FundingSettlement(at=NOON, symbol=PERP, rate=d(rate), mark=d(70_000))
    after, entries = apply_funding(short, a_perpetual(), paid)
    assert [entry.change for entry in entries] == [d(received)]
    assert after.balance(LINEAR, "USDT") - short.balance(LINEAR, "USDT") == d(received)


def test_funding_of_an_isolated_position_moves_its_margin() -> None:
    """The margin of 35,000 grows with the 7 received."""
    isolated = {PERP: MarginSetting(mode=MarginMode.ISOLATED, leverage=d(2))}
    short = traded(Account(balances={}, settings=isolated), ("sell", 1, 70_000))
    paid = FundingSettlement(at=NOON, symbol=PERP, rate=d("0.0001"), mark=d(70_000))
    assert apply_funding(short, a_perpetual(), paid)[0].positions[PERP].isolated_margin == d(35_007)


def test_funding_without_a_position_is_nothing() -> None:
    """Nobody pays for what he does not hold."""
    paid = FundingSettlement(at=NOON, symbol=PERP, rate=d("0.0001"), mark=d(70_000))
    assert apply_funding(an_account(), a_perpetual(), paid) == (an_account(), ())


def test_a_transfer_sums_to_zero() -> None:
    """What leaves one wallet arrives in the other (I20)."""
    request = TransferRequest(asset="USDT", amount=d("123.45"), source=SPOT, target=LINEAR)
    after, entries = apply_transfer(an_account(spot={"USDT": 200}), NOON, "x1", request)
    assert sum(entry.change for entry in entries) == 0
    assert (after.balance(SPOT, "USDT"), after.balance(LINEAR, "USDT")) == (d("76.55"), d("123.45"))


def test_flows_are_told_from_each_other_by_sign() -> None:
    """In is a deposit, out a withdrawal."""
    account, inward = apply_flow(an_account(), NOON, SPOT, "USDT", d(10))
    _, outward = apply_flow(account, NOON, SPOT, "USDT", d(-10))
    assert [entry.kind for entry in (*inward, *outward)] == [EntryKind.DEPOSIT, EntryKind.WITHDRAWAL]


def test_sequences_rise_by_one_and_nothing_is_booked_for_nothing() -> None:
    """A change of zero, or below the unit of the books, leaves no entry."""
    account, entries = apply_flow(an_account(), NOON, SPOT, "USDT", d(10))
    assert [entry.sequence for entry in entries] == [1]
    after, nothing = apply_flow(account, NOON, SPOT, "USDT", d("-0.0000000000001"))
    assert (after.sequence, nothing, after.balance(SPOT, "USDT")) == (1, (), d(10))
    assert book(after, NOON, [], reference="none")[1] == ()


@pytest.mark.parametrize(("side", "most"), [("buy", 5), ("sell", 0)])
def test_only_the_opposite_side_reduces(side: str, most: int) -> None:
    """Short 5: a buy may reduce 5, a sell nothing."""
    short = traded(an_account(), ("sell", 5, 70_000))
    assert reducible(short, PERP, Side(side)) == Decimal(most)
