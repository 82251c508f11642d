"""Words to print pages with in tests: fixed books, fixed names, and what came out as text."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from bot.decide import decide
from bot.domain.memory import Memory
from bot.domain.order import Fill, Liquidity, OrderReport, OrderRequest, OrderStatus
from bot.domain.plan import Breach, Denied
from bot.domain.policy import Policy
from bot.domain.record import CycleRecord, Purpose
from bot.domain.snapshot import Snapshot
from bot.report.screen import screen
from tests.builders import NOON, Number, a_memory, a_policy, a_short, a_snapshot, d, wide_limits

COINS = {"BTC": "0.5", "ETH": "0.3", "SOL": "0.2"}
PRICES = {"BTC": 70_000, "ETH": 2_500, "SOL": 150}


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


def printed(show: Callable[..., None], *arguments: Any, on: io.StringIO | None = None, **named: Any) -> str:
    """Return what a page prints; `on` a Terminal, with rules and colours."""
    file = on or io.StringIO()
    show(*arguments, console=screen(file), **named)
    return file.getvalue()


def widest(text: str) -> int:
    """Return the number of columns of the longest line."""
    return max(cell_len(line) for line in text.splitlines())


def drawn(draw: Callable[[Console], None]) -> str:
    """Return what a function draws on a plain console."""
    file = io.StringIO()
    draw(screen(file))
    return file.getvalue()


def the_policy(**limits: Any) -> Policy:
    """BTC 50, ETH 30, SOL 20, hedged 15 %, orders up to 10,000 USDT."""
    narrowed = {"max_order_value": d(3_000), "max_gross_leverage": d(3), "min_liquidation_distance": d("0.3")}
    narrowed |= {"max_slippage": d("0.001"), **limits}
    return a_policy(assets=COINS, limits=wide_limits(**narrowed), name="balanced")


def unbalanced(**changes: Any) -> Snapshot:
    """Too much BTC, too little SOL, nothing hedged: equity 99,950 USDT."""
    spot = {"BTC": "0.62", "ETH": "8.5", "SOL": "60", "USDT": "26300"}
    return a_snapshot(spot=spot, price=PRICES, **changes)


def balanced(**changes: Any) -> Snapshot:
    """Every share at its target, every hedge at 15 %: nothing to do. Equity 100,000 USDT."""
    coins: dict[str, Number] = {"BTC": "0.5", "ETH": "8.4", "SOL": "93.33333", "USDT": "24750"}
    shorts = tuple(
        a_short(asset, size, entry=PRICES[asset]) for asset, size in (("BTC", "0.075"), ("ETH", "1.26"), ("SOL", "14"))
    )
    return a_snapshot(spot=coins, price=PRICES, futures_usdt=5_250, shorts=shorts, **changes)


def a_record(
    snapshot: Snapshot, policy: Policy | None = None, *, memory: Memory | None = None, **changes: Any
) -> CycleRecord:
    """A decided plan named p7k3abc."""
    rules = policy or the_policy()
    fields: dict[str, Any] = {
        "cycle": "p7k3abc",
        "purpose": Purpose.PLAN,
        "applies": "",
        "venue": "sim",
        "account": "sim-test",
        "at": snapshot.taken_at,
        "code_version": "0.1.0",
        "policy_text": "name = 'balanced'\n",
        "snapshot": snapshot,
        "memory": memory or a_memory(),
        "decision": decide(rules, snapshot, memory or a_memory()),
    }
    return CycleRecord(**(fields | changes))


def refusing(record: CycleRecord, *breaches: Breach) -> CycleRecord:
    """The record with every approval turned into a refusal for these breaches."""
    verdict = record.decision.verdict
    denied = tuple(Denied(proposal=one.proposal, breaches=breaches) for one in verdict.approved)
    return replace(record, decision=replace(record.decision, verdict=replace(verdict, approved=(), denied=denied)))


def a_report(order: OrderRequest, filled: Number | None = None, price: Number = 70_000, **changes: Any) -> OrderReport:
    """A report of one fill; of the whole order unless said."""
    quantity = order.quantity if filled is None else d(filled)
    fill = Fill(
        trade_id="1",
        client_order_id="h1",
        symbol=order.symbol,
        side=order.side,
        quantity=quantity,
        price=d(price),
        fee=d(2),
        fee_asset="USDT",
        liquidity=Liquidity.TAKER,
        at=NOON,
    )
    fields: dict[str, Any] = {
        "client_order_id": "h1",
        "venue_order_id": "1",
        "symbol": order.symbol,
        "status": OrderStatus.FILLED if quantity == order.quantity else OrderStatus.EXPIRED,
        "ordered": order.quantity,
        "fills": (fill,) if quantity else (),
        "at": NOON,
    }
    return OrderReport(**(fields | changes))
