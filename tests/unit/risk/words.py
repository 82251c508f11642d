"""Words for tests of the gate: orders, proposals and a book one can reckon by hand.

The book: 10 BTC at 70,000 and 200,000 USDT in the spot wallet, 100,000 USDT in the futures wallet with
a short of 1 BTC at 70,000. Equity 1,000,000.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import WalletKind
from bot.domain.memory import Memory, SentOrder, Unresolved
from bot.domain.order import Leg, OpenOrder, OrderRequest, OrderType, Side, Sleeve, TransferRequest
from bot.domain.plan import Plan, Proposal, Verdict
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.risk.gate import review
from tests.builders import NOON, Number, a_memory, a_policy, a_short, a_snapshot, d, wide_limits

SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"
ETH = "ETH/USDT"


def a_book(**changes: Any) -> Snapshot:
    """The book of the module's first lines."""
    fields: dict[str, Any] = {
        "spot": {"BTC": 10, "USDT": 200_000},
        "price": {"BTC": 70_000, "ETH": 3_500},
        "futures_usdt": 100_000,
        "shorts": (a_short("BTC", 1, entry=70_000),),
    }
    return a_snapshot(**(fields | changes))


def quoted(snapshot: Snapshot, symbol: str, **changes: Any) -> Snapshot:
    """The snapshot with one quote changed."""
    return replace(snapshot, quotes={**snapshot.quotes, symbol: replace(snapshot.quotes[symbol], **changes)})


def ruled(snapshot: Snapshot, symbol: str, **changes: Any) -> Snapshot:
    """The snapshot with one instrument changed."""
    changed = replace(snapshot.instruments[symbol], **changes)
    return replace(snapshot, instruments={**snapshot.instruments, symbol: changed})


def an_order(symbol: str, side: Side, quantity: Number, price: Number | None, **changes: Any) -> OrderRequest:
    """A limit-IOC order of the core sleeve."""
    fields: dict[str, Any] = {
        "symbol": symbol,
        "side": side,
        "quantity": d(quantity),
        "price": None if price is None else d(price),
        "type": OrderType.LIMIT_IOC,
        "reduce_only": False,
        "sleeve": Sleeve.CORE,
    }
    return OrderRequest(**(fields | changes))


def buy(symbol: str, quantity: Number, price: Number | None, **changes: Any) -> OrderRequest:
    """A purchase."""
    return an_order(symbol, Side.BUY, quantity, price, **changes)


def sell(symbol: str, quantity: Number, price: Number | None, **changes: Any) -> OrderRequest:
    """A sale."""
    return an_order(symbol, Side.SELL, quantity, price, **changes)


def a_transfer(amount: Number, *, into: bool = True, asset: str = "USDT") -> TransferRequest:
    """A transfer into the futures wallet, or out of it."""
    ways = (WalletKind.SPOT, WalletKind.LINEAR)
    source, target = ways if into else ways[::-1]
    return TransferRequest(asset=asset, amount=d(amount), source=source, target=target)


def a_proposal(*legs: Leg, number: int = 1, cost: Number = 0, deviation: Number = 10**9) -> Proposal:
    """A proposal that corrects much and costs nothing beyond what the gate reckons itself."""
    return Proposal(
        number=number,
        sleeve=Sleeve.CORE,
        asset="BTC",
        reason="a test",
        legs=legs,
        value=d(1),
        cost=d(cost),
        deviation=d(deviation),
    )


def a_plan(*legs: Leg | Proposal) -> Plan:
    """A plan of one proposal for each leg given, in this order."""
    proposals = (
        replace(leg, number=number) if isinstance(leg, Proposal) else a_proposal(leg, number=number)
        for number, leg in enumerate(legs, 1)
    )
    return Plan(proposals=tuple(proposals), skipped=())


def judged(
    *legs: Leg | Proposal,
    snapshot: Snapshot | None = None,
    policy: Policy | None = None,
    memory: Memory | None = None,
    **limits: Any,
) -> Verdict:
    """The verdict on a plan of these legs; `limits` narrow the wide ones."""
    policy = policy or a_policy()
    if limits:
        policy = replace(policy, limits=wide_limits(**limits))
    return review(a_plan(*legs), snapshot or a_book(), policy, memory or a_memory())


def codes(verdict: Verdict) -> list[str]:
    """The code of every breach, in order."""
    return [breach.code for denied in verdict.denied for breach in denied.breaches]


def said(verdict: Verdict) -> str:
    """The first breach as it is read."""
    return str(verdict.denied[0].breaches[0])


def numbers(verdict: Verdict) -> list[int]:
    """The numbers of the approved proposals, in order."""
    return [approved.proposal.number for approved in verdict.approved]


def sent(symbol: str, side: Side, quantity: Number, *, seconds_ago: int, value: Number = 1_000) -> SentOrder:
    """An order sent and filled before noon."""
    return SentOrder(
        at=NOON - timedelta(seconds=seconds_ago),
        symbol=symbol,
        sleeve=Sleeve.CORE,
        asset="BTC",
        side=side,
        quantity=d(quantity),
        filled=d(quantity),
        value=d(value),
        adds_risk=True,
    )


def unresolved(
    symbol: str, side: Side, remaining: Number, *, price: Number | None = None, **changes: Any
) -> Unresolved:
    """An intent whose outcome is not known."""
    fields: dict[str, Any] = {
        "client_order_id": "h1",
        "symbol": symbol,
        "side": side,
        "remaining": d(remaining),
        "price": None if price is None else d(price),
        "reduce_only": False,
        "ambiguous": True,
    }
    return Unresolved(**(fields | changes))


def resting(symbol: str, side: Side, remaining: Number, price: Number, **changes: Any) -> OpenOrder:
    """An own order in the venue's book."""
    fields: dict[str, Any] = {
        "client_order_id": "h2",
        "symbol": symbol,
        "side": side,
        "remaining": d(remaining),
        "price": d(price),
        "reduce_only": False,
    }
    return OpenOrder(**(fields | changes))


def cents(number: Decimal) -> Decimal:
    """The number to the cent."""
    return number.quantize(d("0.01"))
