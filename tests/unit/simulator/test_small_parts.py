"""Clocks, records, listings and the first book."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import Kind, WalletKind, kind_of
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import OrderReport, OrderStatus, TransferReport, TransferRequest
from bot.errors import SettingsRefused
from bot.simulator.clock import SimulatedClock, WallClock
from bot.simulator.listing import (
    DEEP_LADDER,
    coin_ladder,
    dated_future,
    grid,
    inverse_perpetual,
    ladder,
    liquidity,
    perpetual,
    spot_market,
)
from bot.simulator.opening import cash_account, first_account
from bot.simulator.records import KEPT_ENTRIES, KEPT_ORDERS, Records
from bot.simulator.synthetic import synthetic_market
from tests.builders import NOON, Number, d


async def test_a_simulated_clock_jumps_and_never_goes_back() -> None:
    """Sleeping until later moves it, until earlier does not."""
    clock = SimulatedClock(NOON)
    await clock.sleep_until(NOON + timedelta(days=30))
    await clock.sleep_until(NOON)
    assert clock.now() == NOON + timedelta(days=30)


async def test_a_paced_clock_really_waits() -> None:
    """Twenty milliseconds of its time are twenty of ours."""
    clock, wall = SimulatedClock(NOON, paced=True), WallClock()
    before = wall.now()
    await clock.sleep_until(NOON + timedelta(milliseconds=20))
    assert wall.now() - before >= timedelta(milliseconds=15)
    assert clock.now() == NOON + timedelta(milliseconds=20)


async def test_the_wall_clock_is_aware_and_waits() -> None:
    """UTC; a moment that has passed is not waited for."""
    wall = WallClock()
    until = wall.now() + timedelta(milliseconds=10)
    await wall.sleep_until(datetime(2026, 1, 1, tzinfo=UTC))
    await wall.sleep_until(until)
    assert wall.now() >= until
    assert wall.now().utcoffset() == timedelta(0)


def an_entry(sequence: int) -> LedgerEntry:
    """One USDT."""
    return LedgerEntry(
        sequence=sequence,
        at=NOON,
        kind=EntryKind.DEPOSIT,
        wallet=WalletKind.SPOT,
        asset="USDT",
        change=d(1),
        symbol="",
        reference="",
    )


def a_report(number: int, status: OrderStatus = OrderStatus.FILLED) -> OrderReport:
    """An order without fills."""
    return OrderReport(
        client_order_id=f"h{number}",
        venue_order_id=f"o{number}",
        symbol="BTC/USDT",
        status=status,
        ordered=d(1),
        fills=(),
        at=NOON,
    )


def test_the_ledger_is_bounded() -> None:
    """After twice its size it holds at most its size, the newest, without a gap."""
    records = Records()
    for sequence in range(1, 2 * KEPT_ENTRIES + 1):
        records.post([an_entry(sequence)])
    kept = records.entries
    assert len(kept) <= KEPT_ENTRIES
    assert [kept[0].sequence, kept[-1].sequence] == [2 * KEPT_ENTRIES - len(kept) + 1, 2 * KEPT_ENTRIES]


def test_a_resting_order_is_never_forgotten() -> None:
    """12,000 settled orders later it is still known, and the oldest settled one is not."""
    records = Records()
    records.know(a_report(0, OrderStatus.OPEN))
    for number in range(1, 12_000):
        records.know(a_report(number))
    assert len(records.reports) <= KEPT_ORDERS + KEPT_ORDERS // 10
    assert ("h0" in records.reports, "h1" in records.reports) == (True, False)


def test_transfers_are_bounded() -> None:
    """The oldest goes."""
    records = Records()
    request = TransferRequest(asset="USDT", amount=d(1), source=WalletKind.SPOT, target=WalletKind.LINEAR)
    for number in range(KEPT_ORDERS + 1):
        records.moved(TransferReport(transfer_id=f"x{number}", request=request, at=NOON))
    assert (len(records.transfers), "x0" in records.transfers) == (KEPT_ORDERS, False)


@pytest.mark.parametrize(
    ("asset", "price", "expected"),
    [
        ("BTC", 70_000, ("0.01", "0.00001", "0.1", "0.001")),
        ("XYZ", 2, ("0.0001", "0.01", "0.0001", "1")),
        ("XYZ", "0.00002", ("0.000000001", "1000", "0.000000001", "100000")),
        ("XYZ", 250_000, ("1", "0.0000001", "1", "0.00001")),
    ],
)
def test_a_grid_fits_the_price(asset: str, price: Number, expected: tuple[str, ...]) -> None:
    """Five digits of price; steps worth cents in spot, a few units in contracts."""
    assert grid(asset, d(price)) == tuple(Decimal(text) for text in expected)


def test_deductions_leave_no_jump() -> None:
    """10 % above 100 after 5 % below: the deduction is 5."""
    assert [tier.deduction for tier in ladder((0, "0.05"), (100, "0.1"))] == [0, 5]


def test_what_is_listed_is_named_as_the_trade_names_it() -> None:
    """BASE/QUOTE, and :SETTLE for the perpetual."""
    assert spot_market("SOL", "USDC", d(150)).symbol == "SOL/USDC"
    assert perpetual("SOL", "USDC", d(150)).symbol == "SOL/USDC:USDC"


def test_coin_margined_tiers_are_the_linear_ones_in_coins() -> None:
    """50,000 at 70,000 is 0.71 of a coin, cut to hundredths; 0.1 % of it is deducted from there on."""
    first, second, *more = coin_ladder("BTC", d(70_000))
    assert (first.floor, first.rate, first.deduction) == (0, d("0.004"), 0)
    assert (second.floor, second.rate, second.deduction) == (d("0.71"), d("0.005"), d("0.00071"))
    assert [tier.rate for tier in (first, second, *more)] == [tier.rate for tier in DEEP_LADDER]


@pytest.mark.parametrize(("asset", "price", "face"), [("BTC", 70_000, 100), ("ETH", 3_500, 10), ("SOL", 150, 10)])
def test_a_coin_margined_contract_is_of_dollars_and_settled_in_its_coin(asset: str, price: int, face: int) -> None:
    """100 USD of bitcoin, 10 of any other coin; whole contracts."""
    rules = inverse_perpetual(asset, d(price))
    assert (rules.symbol, rules.settle, rules.wallet) == (f"{asset}/USD:{asset}", asset, WalletKind.INVERSE)
    assert (rules.contract_size, rules.step) == (face, 1)


@pytest.mark.parametrize(
    ("kind", "symbol"),
    [(Kind.LINEAR_FUTURE, "ETH/USDT:USDT-260327"), (Kind.INVERSE_FUTURE, "ETH/USD:ETH-260327")],
)
def test_a_dated_contract_is_named_after_its_day(kind: Kind, symbol: str) -> None:
    """And knows when it was listed and when it ends."""
    ends, began = datetime(2026, 3, 27, 8, tzinfo=UTC), datetime(2025, 9, 26, 8, tzinfo=UTC)
    rules = dated_future(kind, "ETH", "USDT", d(3_500), listed_at=began, expiry=ends)
    assert (rules.symbol, rules.kind, kind_of(rules.symbol)) == (symbol, kind, kind)
    assert (rules.listed_at, rules.expiry) == (began, ends)


def test_the_further_from_the_perpetual_the_thinner_the_book() -> None:
    """20,000,000 of bitcoin for the linear perpetual, a quarter, a tenth and a twentieth for the others."""
    day = datetime(2026, 3, 27, 8, tzinfo=UTC)
    rules = [perpetual("BTC", "USDT", d(70_000)), inverse_perpetual("BTC", d(70_000))]
    rules += [
        dated_future(kind, "BTC", "USDT", d(70_000), listed_at=NOON, expiry=day)
        for kind in (Kind.LINEAR_FUTURE, Kind.INVERSE_FUTURE)
    ]
    assert [liquidity(one, d(1)).depth for one in rules] == [20_000_000, 5_000_000, 2_000_000, 1_000_000]
    assert {liquidity(one, d(1)).spread for one in rules} == {d("0.0001")}


def test_the_first_book_is_worth_exactly_what_it_says() -> None:
    """100,000 USDT at seed 7: 0.62 BTC, 6.08 ETH, 59.94 SOL are 73.7 %, BTC 58.9 % of it; no futures."""
    market = synthetic_market(7)
    account = first_account(market, market.start)
    quotes = market.quotes(market.start)
    held = {asset: account.balance(WalletKind.SPOT, asset) for asset in ("BTC", "ETH", "SOL", "USDT")}
    value = {asset: held[asset] * quotes[f"{asset}/USDT"].mid for asset in ("BTC", "ETH", "SOL")}
    core = sum(value.values(), Decimal(0))
    assert (held["BTC"], held["ETH"], held["SOL"]) == (d("0.62"), d("6.08"), d("59.94"))
    assert core + held["USDT"] == d(100_000)
    assert round(core / 1000, 1) == d("73.7")
    assert [round(value[a] / core * 100) for a in ("BTC", "ETH", "SOL")] == [59, 29, 12]
    assert account.positions == {}


def test_a_coin_the_market_lacks_is_refused() -> None:
    """The mend lists what there is."""
    market = synthetic_market(7, ["BTC"])
    with pytest.raises(SettingsRefused) as refused:
        first_account(market, market.start)
    assert "BTC/USDT" in refused.value.mend


def test_a_cash_account_is_cash() -> None:
    """Nothing but the quote currency."""
    assert cash_account("USDT", d(5)).balances == {(WalletKind.SPOT, "USDT"): d(5)}
