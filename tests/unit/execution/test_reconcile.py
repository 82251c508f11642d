"""Looking again: every difference has a name, and what nobody can explain stops openings."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import Fill, Liquidity, OpenOrder, OrderReport, OrderRequest, OrderStatus, OrderType, Side, Sleeve
from bot.domain.record import Discrepancy, DiscrepancyKind
from bot.domain.snapshot import Snapshot
from bot.execution.reconcile import Expectation, reconcile
from tests.builders import NOON, a_policy, a_short, a_snapshot, an_inverse_perpetual, d

BEFORE = a_snapshot(spot={"BTC": 1, "USDT": 50_000}, price={"BTC": 50_000, "ETH": 2_500}, futures_usdt=10_000)


def an_entry(
    kind: EntryKind, change: str, *, wallet: WalletKind = WalletKind.SPOT, asset: str = "USDT", **more: str
) -> LedgerEntry:
    """One change of one balance."""
    return LedgerEntry(
        sequence=1, at=NOON, kind=kind, wallet=wallet, asset=asset, change=d(change), symbol=more.get("symbol", ""),
        reference=more.get("reference", "r1"),
    )  # fmt: skip


def an_order(
    side: Side = Side.SELL, quantity: str = "0.1", price: str = "49900", symbol: str = "BTC/USDT:USDT"
) -> OrderRequest:
    """A limit order of ours."""
    return OrderRequest(
        symbol=symbol, side=side, quantity=d(quantity), price=d(price), type=OrderType.LIMIT_IOC, reduce_only=False,
        sleeve=Sleeve.HEDGE,
    )  # fmt: skip


def a_report(
    order: OrderRequest, *, filled: str = "0.1", price: str = "50000", side: Side | None = None
) -> OrderReport:
    """A report of one fill."""
    fill = Fill(
        trade_id="t1", client_order_id="h1", symbol=order.symbol, side=side or order.side, quantity=d(filled),
        price=d(price), fee=d(0), fee_asset="USDT", liquidity=Liquidity.TAKER, at=NOON,
    )  # fmt: skip
    return OrderReport(
        client_order_id="h1", venue_order_id="1", symbol=order.symbol, status=OrderStatus.FILLED,
        ordered=order.quantity, fills=(fill,), at=NOON,
    )  # fmt: skip


def found(
    after: Snapshot, *entries: LedgerEntry, order: OrderRequest | None = None, report: OrderReport | None = None
) -> tuple[Discrepancy, ...]:
    """Reconcile BEFORE with `after`."""
    expected = Expectation(
        left_at=NOON - timedelta(minutes=1),
        balances=BEFORE.balances, positions=dict(BEFORE.positions), entries=entries,
        reports=(report,) if report else (), requests={"h1": order} if order else {},
    )  # fmt: skip
    return reconcile(expected, after, a_policy(), d(110_000))


def test_nothing_changed_nothing_found() -> None:
    """The same book twice."""
    assert found(BEFORE) == ()


def test_what_the_ledger_says_is_explained() -> None:
    """Funding of 3.50 arrived and the wallet has 3.50 more."""
    after = a_snapshot(spot={"BTC": 1, "USDT": 50_000}, price={"BTC": 50_000, "ETH": 2_500}, futures_usdt="10003.5")
    assert found(after, an_entry(EntryKind.FUNDING, "3.5", wallet=WalletKind.LINEAR)) == ()


@pytest.mark.parametrize(("usdt", "halts"), [("50010", False), ("51000", True)])
def test_unexplained_money_halts_beyond_the_tolerance(usdt: str, halts: bool) -> None:
    """The tolerance is the larger of 20 and 0.5 % of 110,000, so 550."""
    after = a_snapshot(spot={"BTC": 1, "USDT": usdt}, price={"BTC": 50_000, "ETH": 2_500}, futures_usdt=10_000)
    (one,) = found(after)
    assert (one.kind, one.subject, one.halts) == (DiscrepancyKind.UNEXPLAINED_BALANCE, "spot USDT", halts)
    assert one.value == Decimal(usdt) - 50_000


def test_a_deposit_is_named_and_halts_nothing() -> None:
    """An external flow of 5,000."""
    after = a_snapshot(spot={"BTC": 1, "USDT": 55_000}, price={"BTC": 50_000, "ETH": 2_500}, futures_usdt=10_000)
    (one,) = found(after, an_entry(EntryKind.DEPOSIT, "5000"))
    assert (one.kind, one.actual, one.halts) == (DiscrepancyKind.EXTERNAL_FLOW, 5000, False)


def shorted(coins: str) -> Snapshot:
    """The book with a short."""
    return replace(BEFORE, positions={"BTC/USDT:USDT": a_short("BTC", coins, entry=50_000)})


def test_our_own_fill_explains_a_position() -> None:
    """Sold 0.1, and 0.1 is short."""
    order = an_order()
    assert found(shorted("0.1"), order=order, report=a_report(order)) == ()


def test_a_position_no_fill_explains_halts() -> None:
    """0.1 short appeared: 5,000 of notional."""
    (one,) = found(shorted("0.1"))
    assert (one.kind, one.value, one.halts) == (DiscrepancyKind.UNEXPLAINED_POSITION, 5000, True)


def test_a_trade_by_hand_is_named_and_tolerated() -> None:
    """F32: the ledger holds a fee of a trade that is not ours."""
    fee = an_entry(EntryKind.FEE, "0", wallet=WalletKind.LINEAR, symbol="BTC/USDT:USDT", reference="theirs")
    (one,) = found(shorted("0.1"), fee)
    assert (one.kind, one.halts) == (DiscrepancyKind.FOREIGN_FILL, False)


def test_a_liquidation_is_named_and_halts() -> None:
    """F33: the venue closed the hedge; the spot it covered is open."""
    expected = Expectation(
        left_at=NOON - timedelta(minutes=1),
        balances=BEFORE.balances, positions=dict(shorted("0.1").positions), reports=(), requests={},
        entries=(an_entry(EntryKind.LIQUIDATION, "0", wallet=WalletKind.LINEAR, symbol="BTC/USDT:USDT"),),
    )  # fmt: skip
    (one,) = reconcile(expected, BEFORE, a_policy(), d(110_000))
    assert (one.kind, one.expected, one.actual, one.halts) == (DiscrepancyKind.LIQUIDATION, d("-0.1"), 0, True)


def test_a_position_without_a_quote_counts_as_too_large() -> None:
    """Unknown is no."""
    after = replace(shorted("0.0001"), quotes={s: q for s, q in BEFORE.quotes.items() if s != "BTC/USDT:USDT"})
    (one,) = found(after)
    assert one.halts


def test_an_overfill_always_halts() -> None:
    """F25: 0.2 filled of 0.1 ordered."""
    order = an_order()
    kinds = {one.kind for one in found(shorted("0.2"), order=order, report=a_report(order, filled="0.2"))}
    assert kinds == {DiscrepancyKind.OVERFILL}


@pytest.mark.parametrize("report", [{"price": "49000"}, {"side": Side.BUY}])
def test_a_fill_outside_its_order_halts(report: dict[str, str]) -> None:
    """RC33: sold below the limit, or bought instead."""
    order = an_order()
    told = a_report(order, **report)  # type: ignore[arg-type]
    after = shorted("0.1") if "price" in report else shorted("-0.1")
    (one,) = found(after, order=order, report=told)
    assert (one.kind, one.halts) == (DiscrepancyKind.FILL_MISMATCH, True)


def test_a_strangers_resting_order_is_reported_and_left_alone() -> None:
    """F31: counted, never cancelled."""
    resting = OpenOrder(
        client_order_id="theirs", symbol="BTC/USDT", side=Side.SELL, remaining=d(1), price=d(60_000), reduce_only=False
    )
    (one,) = found(replace(BEFORE, open_orders=(resting,)))
    assert (one.kind, one.value, one.halts) == (DiscrepancyKind.FOREIGN_ORDER, 60_000, False)


def test_a_fill_found_late_is_not_counted_twice() -> None:
    """An order of unknown outcome was filled before the book was left with it, and is found a cycle later."""
    order = an_order()
    held = a_snapshot(
        spot={"BTC": 1, "USDT": 50_000}, price={"BTC": 50_000, "ETH": 2_500}, futures_usdt=10_000,
        shorts=(a_short("BTC", "0.1", entry=50_000),),
    )  # fmt: skip
    expected = Expectation(
        left_at=NOON + timedelta(seconds=1), balances=held.balances, positions=held.positions, entries=(),
        reports=(a_report(order),), requests={"h1": order},
    )  # fmt: skip
    assert reconcile(expected, held, a_policy(), d(100_000)) == ()
    lost = replace(held, positions={})
    assert [one.kind for one in reconcile(expected, lost, a_policy(), d(100_000))] == [
        DiscrepancyKind.UNEXPLAINED_POSITION
    ]


def test_an_unexplained_coin_without_a_price_halts() -> None:
    """Unknown is no: what cannot be valued counts as too large."""
    after = a_snapshot(
        spot={"BTC": 1, "USDT": 50_000, "AIRDROP": 1}, price={"BTC": 50_000, "ETH": 2_500}, futures_usdt=10_000
    )
    (one,) = found(after)
    assert (one.kind, one.halts) == (DiscrepancyKind.UNEXPLAINED_BALANCE, True)


DATED = "BTC/USDT:USDT-260327"


def dated(quantity: str, *, futures: str = "10000") -> Snapshot:
    """The book with a dated short of 50,000, or after its delivery: without the contract itself."""
    book = a_snapshot(spot={"BTC": 1, "USDT": 50_000}, price={"BTC": 50_000, "ETH": 2_500}, futures_usdt=futures)
    short = replace(a_short("BTC", 1, entry=50_000), symbol=DATED, quantity=d(quantity))
    return replace(book, positions={DATED: short} if short.quantity else {})


def delivered(profit: str, fee: str) -> tuple[LedgerEntry, ...]:
    """What the ledger tells of a delivery."""
    reference = f"delivery-{DATED}"
    kinds = ((EntryKind.DELIVERY, profit), (EntryKind.FEE, fee))
    return tuple(
        an_entry(kind, change, wallet=WalletKind.LINEAR, symbol=DATED, reference=reference) for kind, change in kinds
    )


def after_a_night(after: Snapshot, *entries: LedgerEntry, left: str = "-1") -> tuple[Discrepancy, ...]:
    """Reconcile a book left with a dated short."""
    before = dated(left)
    expected = Expectation(
        left_at=NOON - timedelta(hours=8), balances=before.balances, positions=before.positions, entries=entries,
        reports=(), requests={},
    )  # fmt: skip
    return reconcile(expected, after, a_policy(), d(110_000))


@pytest.mark.parametrize(("profit", "futures"), [("1000", "10975"), ("0", "9975")])
def test_a_delivery_explains_its_position_and_its_money(profit: str, futures: str) -> None:
    """1,000 of profit or nothing, 25 of fee, and the short is gone."""
    assert after_a_night(dated("0", futures=futures), *delivered(profit, "-25")) == ()


def test_a_dated_position_that_is_gone_without_a_delivery_halts() -> None:
    """No entry says where it went, and its listing is gone too: unknown counts as too large."""
    (one,) = after_a_night(dated("0"))
    assert (one.kind, one.subject, one.halts) == (DiscrepancyKind.UNEXPLAINED_POSITION, DATED, True)
    assert (one.expected, one.actual) == (-1, 0)


def test_the_delivery_of_another_contract_explains_nothing() -> None:
    """The coin-margined one was delivered."""
    other = replace(delivered("0", "0")[0], symbol="BTC/USD:BTC-260327")
    (one,) = after_a_night(dated("0"), other)
    assert one.kind is DiscrepancyKind.UNEXPLAINED_POSITION


def test_a_position_that_outlives_its_delivery_is_named() -> None:
    """The ledger says it was delivered, and half of it is still there."""
    (one,) = after_a_night(dated("-0.5", futures="9975"), *delivered("0", "-25"))
    assert one.subject == DATED
    assert (one.expected, one.actual) == (-1, d("-0.5"))


def test_money_missing_after_a_delivery_halts() -> None:
    """1,000 were booked, none arrived."""
    (one,) = after_a_night(dated("0"), *delivered("1000", "0"))
    assert (one.kind, one.value, one.halts) == (DiscrepancyKind.UNEXPLAINED_BALANCE, 1000, True)


def test_a_contract_sold_and_delivered_between_two_looks_is_explained() -> None:
    """Our own fill opened it, the delivery ended it."""
    order = an_order(symbol=DATED)
    expected = Expectation(
        left_at=NOON - timedelta(hours=8), balances=BEFORE.balances, positions={}, entries=delivered("0", "0"),
        reports=(a_report(order),), requests={"h1": order},
    )  # fmt: skip
    assert reconcile(expected, BEFORE, a_policy(), d(110_000)) == ()


def test_a_strangers_coin_margined_order_is_worth_its_face() -> None:
    """10 contracts of 100 USD are 1,000, whatever its price; what is not listed counts as coins."""
    inverse = an_inverse_perpetual()
    resting = OpenOrder(
        client_order_id="theirs", symbol=inverse.symbol, side=Side.SELL, remaining=d(10), price=d(60_000),
        reduce_only=False,
    )  # fmt: skip
    listed = replace(BEFORE, open_orders=(resting,), instruments={**BEFORE.instruments, inverse.symbol: inverse})
    assert [one.value for one in found(listed)] == [1_000]
    assert [one.value for one in found(replace(BEFORE, open_orders=(resting,)))] == [600_000]
