"""Contracts are closed at the published liquidation prices, and no wallet ends below zero."""

from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.snapshot import MarginMode, Position
from bot.simulator.account import Account
from bot.simulator.listing import DEEP_LADDER
from bot.simulator.margin import liquidate, maintenance, standing
from tests.builders import LADDER, NOON, Number, a_perpetual, a_short, d
from tests.unit.simulator.scripted import PERP
from tests.vectors import agrees, vector

PURSE = (WalletKind.LINEAR, "USDT")
ETH = "ETH/USDT:USDT"
MARKETS = {PERP: a_perpetual(), ETH: a_perpetual("ETH")}
CENT = d("0.01")


def holding(balance: Number, *positions: Position) -> Account:
    """A linear wallet with positions."""
    return Account(balances={PURSE: d(balance)}, positions={position.symbol: position for position in positions})


def is_liquidated(account: Account, mark: Decimal) -> bool:
    """Whether BTC at `mark` closes the account's positions."""
    return not liquidate(account, MARKETS, {PERP: mark, ETH: d(3_500)}, NOON)[0].positions


@pytest.mark.parametrize(
    ("notional", "margin"), [(40_000, 160), (264_000, 1_270), (500_000, 2_450), (600_000, 2_950), (5_000_000, 38_550)]
)
def test_maintenance_is_that_of_the_published_ladder(notional: int, margin: int) -> None:
    """Notional × rate − deduction, as in vectors.json binance_btc_mm_*."""
    assert DEEP_LADDER == LADDER
    assert maintenance(a_perpetual(), d(-1), d(notional)) == margin


@pytest.mark.parametrize(
    "name",
    ["tier_crossing_short_8.5", *(f"seed_hedge_short5_liq_L{leverage}" for leverage in (1, 2, 3, 5, 7, 10, 20))],
)
@pytest.mark.parametrize("isolated", [False, True])
def test_a_short_is_closed_at_its_published_liquidation_price(name: str, isolated: bool) -> None:
    """A cent below the price of QUANT 4.1 it stands, a cent above it is closed."""
    given = vector(name)["inputs"]
    changes: dict[str, Any] = (
        {"margin_mode": MarginMode.ISOLATED, "isolated_margin": d(given["WB"])} if isolated else {}
    )
    account = holding(given["WB"], a_short("BTC", d(given["q"]), entry=d(given["EP"]), **changes))
    price = Decimal(vector(name)["expected"])
    assert not is_liquidated(account, price - CENT)
    assert is_liquidated(account, price + CENT)


def test_the_tier_is_that_of_the_price_reached() -> None:
    """Short 8.5 with 59,500: closed at 76,613.77, not at the entry tier's 76,622.77."""
    account = holding(59_500, a_short("BTC", "8.5", entry=70_000))
    assert is_liquidated(account, d("76613.78"))
    assert agrees("tier_crossing_short_8.5", d("76613.77516729494"))


def test_the_other_positions_of_a_cross_wallet_count() -> None:
    """Short 5 BTC with 35,000 dies at 76,627 alone; 20,000 of profit on ETH carry it on."""
    btc = a_short("BTC", 5, entry=70_000)
    assert is_liquidated(holding(35_000, btc), d(76_700))
    assert not is_liquidated(holding(35_000, btc, a_short("ETH", 20, entry=4_500)), d(76_700))


def test_a_liquidation_realises_the_loss_and_takes_its_fee() -> None:
    """Short 1 at 70,000 with 10,000, mark 79,700: −9,700, and of the 1.25 % fee only the 300 left."""
    after, entries = liquidate(holding(10_000, a_short("BTC", 1, entry=70_000)), MARKETS, {PERP: d(79_700)}, NOON)
    assert [(e.kind, e.change) for e in entries] == [
        (EntryKind.REALISED, d(-9_700)),
        (EntryKind.LIQUIDATION, d(-300)),
    ]
    assert after.balance(*PURSE) == 0


def test_an_insurance_covers_what_is_missing() -> None:
    """A gap to 85,000 loses 15,000 of 10,000: 5,000 are covered, and the books still close."""
    after, entries = liquidate(holding(10_000, a_short("BTC", 1, entry=70_000)), MARKETS, {PERP: d(85_000)}, NOON)
    assert [e.change for e in entries] == [d(-15_000), d(5_000)]
    assert after.balance(*PURSE) == 0


def test_an_isolated_position_loses_its_own_margin_and_no_more() -> None:
    """50,000 in the wallet, 10,000 of it isolated: 40,000 stay whatever the gap."""
    alone = a_short("BTC", 1, entry=70_000, margin_mode=MarginMode.ISOLATED, isolated_margin=d(10_000))
    other = a_short("ETH", 1, entry=3_500)
    after, _ = liquidate(holding(50_000, alone, other), MARKETS, {PERP: d(90_000), ETH: d(3_500)}, NOON)
    assert after.balance(*PURSE) == d(40_000)
    assert list(after.positions) == [ETH]


def test_a_cross_liquidation_leaves_isolated_margin_alone() -> None:
    """The wallet's 10,000 beside an isolated 35,000 are gone; the isolated position stands."""
    isolated = a_short("ETH", 10, entry=3_500, margin_mode=MarginMode.ISOLATED, isolated_margin=d(35_000))
    account = holding(45_000, a_short("BTC", 1, entry=70_000), isolated)
    after, _ = liquidate(account, MARKETS, {PERP: d(80_000), ETH: d(3_500)}, NOON)
    assert after.balance(*PURSE) == d(35_000)
    assert list(after.positions) == [ETH]


def test_a_profitable_position_lends_margin_but_no_cash() -> None:
    """Short 1 at 70,000, mark 60,000, wallet 30,000, leverage 2: free 10,000, movable nothing of the profit."""
    account = holding(30_000, a_short("BTC", 1, entry=70_000))
    wallet = standing(account, MARKETS, {PERP: d(60_000)}, PURSE)
    assert (wallet.equity, wallet.free, wallet.movable, wallet.locked) == (d(40_000), d(10_000), d(0), d(35_000))


def test_an_unrealised_loss_is_not_movable() -> None:
    """Short 1 at 70,000, mark 80,000, wallet 60,000, leverage 2: 50,000 less 40,000 of margin."""
    wallet = standing(holding(60_000, a_short("BTC", 1, entry=70_000)), MARKETS, {PERP: d(80_000)}, PURSE)
    assert (wallet.free, wallet.movable) == (d(10_000), d(10_000))
