"""Hand-made facts for the journal: few numbers, easy to recognise when they come back."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.cycle import run_cycle
from bot.decide import decide
from bot.domain.instrument import WalletKind
from bot.domain.intent import Intent, IntentState
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.memory import Performance
from bot.domain.order import (
    Fill,
    Liquidity,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Part,
    Side,
    Sleeve,
    TransferRequest,
)
from bot.domain.record import CycleRecord, Discrepancy, DiscrepancyKind, JournalEvent, Purpose, Settlement
from bot.journal import SqlJournal
from tests.builders import NOON, Number, a_memory, a_policy, a_snapshot, a_spot, d
from tests.desk import Desk

STATES = IntentState
LONG = d("123456789.123456789012345678")
TINY = d("1E-18")


def after(seconds: float) -> datetime:
    """Noon and some seconds."""
    return NOON + timedelta(seconds=seconds)


def a_request(**changes: Any) -> OrderRequest:
    """Buy 0.1 BTC at 70,000 for the core."""
    fields: dict[str, Any] = {
        "symbol": "BTC/USDT",
        "side": Side.BUY,
        "quantity": d("0.1"),
        "price": d(70_000),
        "type": OrderType.LIMIT_IOC,
        "reduce_only": False,
        "sleeve": Sleeve.CORE,
    }
    return OrderRequest(**(fields | changes))


def an_intent(name: str = "h1", *, cycle: str = "c1", at: datetime = NOON, **changes: Any) -> Intent:
    """An intent to send that order."""
    return Intent(client_order_id=name, cycle=cycle, leg=1, request=a_request(**changes), at=at)


def a_stop(name: str = "s1", *, at: datetime = NOON, **changes: Any) -> Intent:
    """An intent to sell the tactical 0.3 BTC when the mark falls to 65,000."""
    fields: dict[str, Any] = {
        "symbol": "BTC/USDT:USDT",
        "side": Side.SELL,
        "quantity": d("0.3"),
        "price": None,
        "type": OrderType.STOP,
        "reduce_only": True,
        "sleeve": Sleeve.TACTICAL,
        "trigger": d(65_000),
    }
    return an_intent(name, at=at, **(fields | changes))


def a_shared_order(name: str = "n1", **changes: Any) -> Intent:
    """An intent to sell 0.1 BTC: the hedge sells 0.3, a tactical rule buys 0.2."""
    parts = (
        Part(sleeve=Sleeve.HEDGE, rule="", quantity=d("-0.3")),
        Part(sleeve=Sleeve.TACTICAL, rule="slow trend", quantity=d("0.2")),
    )
    return an_intent(name, side=Side.SELL, sleeve=Sleeve.HEDGE, parts=parts, **changes)


def a_fill(trade: str = "t1", *, order: str = "h1", quantity: Number = "0.1", **changes: Any) -> Fill:
    """A trade at 70,000 with 7 USDT of fee."""
    fields: dict[str, Any] = {
        "trade_id": trade,
        "client_order_id": order,
        "symbol": "BTC/USDT",
        "side": Side.BUY,
        "quantity": d(quantity),
        "price": d(70_000),
        "fee": d(7),
        "fee_asset": "USDT",
        "liquidity": Liquidity.TAKER,
        "at": NOON,
    }
    return Fill(**(fields | changes))


def a_report(
    *fills: Fill, order: str = "h1", status: OrderStatus = OrderStatus.FILLED, at: datetime = NOON
) -> OrderReport:
    """What the venue tells of the order."""
    return OrderReport(
        client_order_id=order,
        venue_order_id="v1",
        symbol="BTC/USDT",
        status=status,
        ordered=d("0.1"),
        fills=fills,
        at=at,
    )


def a_transfer(amount: Number = 100) -> TransferRequest:
    """Move USDT from the spot to the linear wallet."""
    return TransferRequest(asset="USDT", amount=d(amount), source=WalletKind.SPOT, target=WalletKind.LINEAR)


def an_entry(sequence: int = 0, *, kind: EntryKind = EntryKind.DEPOSIT, change: Number = 5) -> LedgerEntry:
    """A change of the spot wallet's USDT."""
    return LedgerEntry(
        sequence=sequence,
        at=NOON,
        kind=kind,
        wallet=WalletKind.SPOT,
        asset="USDT",
        change=d(change),
        symbol="",
        reference="r1",
    )


def a_settlement(cycle: str = "c1", *, equity: Number = 100, **changes: Any) -> Settlement:
    """A cycle that ended at noon with one small difference."""
    difference = Discrepancy(
        kind=DiscrepancyKind.UNEXPLAINED_BALANCE,
        subject="USDT",
        expected=d(1),
        actual=d(2),
        value=d(1),
        halts=False,
        note="an airdrop",
    )
    performance = Performance(
        equity=d(equity), unit=d(1), peak_unit=d(1), day=NOON.date().isoformat(), day_open_unit=d(1)
    )
    fields: dict[str, Any] = {
        "cycle": cycle,
        "at": NOON,
        "epoch": 3,
        "ledger_sequence": 9,
        "performance": performance,
        "discrepancies": (difference,),
        "balances": (),
        "positions": {},
    }
    return Settlement(**(fields | changes))


def a_cycle(name: str = "c1", *, purpose: Purpose = Purpose.RUN, **changes: Any) -> CycleRecord:
    """A cycle as it was decided from one bitcoin and 30,000 USDT."""
    snapshot = changes.pop("snapshot", None) or a_snapshot(
        spot={"BTC": 1, "USDT": 30_000}, price={"BTC": 70_000, "ETH": 4000}
    )
    memory = changes.pop("memory", None) or a_memory()
    fields: dict[str, Any] = {
        "cycle": name,
        "purpose": purpose,
        "applies": "",
        "venue": "sim",
        "account": "sim-test",
        "at": snapshot.taken_at,
        "code_version": "1",
        "policy_text": "a policy",
        "snapshot": snapshot,
        "memory": memory,
        "decision": decide(a_policy(), snapshot, memory),
    }
    return CycleRecord(**(fields | changes))


async def sent(journal: SqlJournal, intent: Intent) -> None:
    """Record an intent and that it is being sent."""
    await journal.record_intent(intent)
    await journal.record_state(intent.client_order_id, STATES.SENDING, intent.at)


async def every_fact(journal: SqlJournal, *, terms: bool = True) -> None:
    """Record two or more rows in every table; without terms, in every table of the first schema."""
    for number in (1, 2):
        cycle, order = f"c{number}", f"h{number}"
        snapshot = a_snapshot(
            spot={"BTC": 1, "USDT": 30_000}, price={"BTC": 70_000 + number, "ETH": 4000}, account=f"sim-{number}"
        )
        if number == 2:
            snapshot = replace(snapshot, instruments={**snapshot.instruments, "SOL/USDT": a_spot("SOL")})
        await journal.record_cycle(a_cycle(cycle, snapshot=snapshot, policy_text=f"policy {number}"))
        await sent(journal, an_intent(order, cycle=cycle))
        if terms:
            await journal.record_intent(a_stop(f"s{number}", cycle=cycle))
        await journal.record_report(a_report(a_fill(f"t{number}", order=order), order=order))
        await journal.record_transfer(cycle, f"x{number}", a_transfer(), STATES.JOURNALED, NOON)
        entries = (an_entry(number * 2), an_entry(number * 2 + 1, kind=EntryKind.FUNDING, change="0.25"))
        await journal.record_settlement(a_settlement(cycle), entries)
        await journal.record_event(JournalEvent(at=NOON, kind="started", text=f"start {number}"))


async def a_run_cycle(journal: SqlJournal) -> CycleRecord:
    """One cycle of a whole bot on this journal."""
    report = await run_cycle(Desk(journal=journal).parts())
    assert report.complete
    return report.record
