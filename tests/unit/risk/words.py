"""Words for tests of the gate: orders, proposals and a book one can reckon by hand.

The book: 10 BTC at 70,000 and 200,000 USDT in the spot wallet, 100,000 USDT in the futures wallet with
a short of 1 BTC at 70,000. Equity 1,000,000.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.memory import Memory, SentOrder, Unresolved
from bot.domain.order import (
    CancelRequest,
    Leg,
    OpenOrder,
    OrderRequest,
    OrderType,
    Part,
    Side,
    Sleeve,
    TransferRequest,
)
from bot.domain.plan import Plan, Proposal, Verdict
from bot.domain.policy import Policy
from bot.domain.rules import CarryRules, SignalKind, Sizing, TacticalRule, TacticalRules
from bot.domain.sleeves import Claim, SleeveState
from bot.domain.snapshot import Balance, MarginMode, Position, Snapshot
from bot.risk.gate import review
from tests.builders import (
    NOON,
    Number,
    a_memory,
    a_perpetual,
    a_policy,
    a_quote,
    a_short,
    a_snapshot,
    an_inverse_perpetual,
    d,
    wide_limits,
)

SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"
INVERSE, DATED, INVERSE_DATED = "BTC/USD:BTC", "BTC/USDT:USDT-260327", "BTC/USD:BTC-260327"
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


def listed(snapshot: Snapshot, instrument: Instrument, price: Number) -> Snapshot:
    """The snapshot with one more market, quoted around a price."""
    symbol = instrument.symbol
    return replace(
        snapshot,
        instruments={**snapshot.instruments, symbol: instrument},
        quotes={**snapshot.quotes, symbol: a_quote(symbol, price)},
    )


def a_dated(days: int = 85, **changes: Any) -> Instrument:
    """The linear future of BTC that expires so many days after noon (85: on 27 March)."""
    fields: dict[str, Any] = {"symbol": DATED, "kind": Kind.LINEAR_FUTURE, "expiry": NOON + timedelta(days=days)}
    return a_perpetual(**(fields | changes))


def an_inverse_dated(days: int = 85) -> Instrument:
    """The coin-margined future of BTC that expires so many days after noon."""
    return an_inverse_perpetual(symbol=INVERSE_DATED, kind=Kind.INVERSE_FUTURE, expiry=NOON + timedelta(days=days))


def a_coin_book(
    contracts: Number = 0,
    *,
    balance: Number = 5,
    price: Number = 70_000,
    entry: Number = 70_000,
    spot: Number = 5,
    leverage: Number = 2,
    isolated: Number | None = None,
    **changes: Any,
) -> Snapshot:
    """5 BTC in spot, 5 BTC in the coin-margined wallet with contracts of 100 USD, and 300,000 USDT."""
    snapshot = a_snapshot(
        spot={"BTC": spot, "USDT": 300_000}, price={"BTC": price, "ETH": 3_500}, futures_usdt=100_000, **changes
    )
    held = Position(
        symbol=INVERSE,
        quantity=d(contracts),
        entry_price=d(entry),
        margin_mode=MarginMode.CROSS if isolated is None else MarginMode.ISOLATED,
        leverage=d(leverage),
        isolated_margin=None if isolated is None else d(isolated),
    )
    purse = Balance(wallet=WalletKind.INVERSE, asset="BTC", free=d(balance), locked=d(0))
    more = replace(
        snapshot,
        balances=(*snapshot.balances, purse),
        positions={**snapshot.positions, **({INVERSE: held} if contracts else {})},
    )
    return listed(listed(listed(more, an_inverse_perpetual(), price), a_dated(), price), an_inverse_dated(), price)


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


def a_transfer(
    amount: Number, *, into: bool = True, asset: str = "USDT", wallet: WalletKind = WalletKind.LINEAR
) -> TransferRequest:
    """A transfer into a futures wallet, or out of it."""
    ways = (WalletKind.SPOT, wallet)
    source, target = ways if into else ways[::-1]
    return TransferRequest(asset=asset, amount=d(amount), source=source, target=target)


def a_coin_transfer(amount: Number, *, into: bool = True) -> TransferRequest:
    """A transfer of BTC into the coin-margined wallet, or out of it."""
    return a_transfer(amount, into=into, asset="BTC", wallet=WalletKind.INVERSE)


def a_stop(side: Side, quantity: Number, trigger: Number, symbol: str = PERP, **changes: Any) -> OrderRequest:
    """A reduce-only stop of the overlay."""
    fields: dict[str, Any] = {"sleeve": Sleeve.TACTICAL, "reduce_only": True, "type": OrderType.STOP}
    return an_order(symbol, side, quantity, None, trigger=d(trigger), **(fields | changes))


def a_cancel(name: str = "h2", symbol: str = PERP) -> CancelRequest:
    """Taking back an order at rest."""
    return CancelRequest(client_order_id=name, symbol=symbol, sleeve=Sleeve.TACTICAL)


def claiming(*claims: Claim, **changes: Any) -> Memory:
    """A memory with claims of carry and the overlay."""
    return a_memory(sleeves=SleeveState(claims=claims, **changes))


def a_part(sleeve: Sleeve, quantity: Number, rule: str = "rule") -> Part:
    """A sleeve's part of an order, signed."""
    return Part(sleeve=sleeve, rule=rule, quantity=d(quantity))


def carry_rules(**changes: Any) -> CarryRules:
    """A quarter of equity for carry in BTC, its shorts at 1x."""
    fields: dict[str, Any] = {
        "budget": d("0.25"),
        "assets": ("BTC",),
        "kinds": (Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE),
        "enter_apr": d("0.06"),
        "leave_apr": d("0.02"),
        "min_days": d(10),
        "horizon_days": d(30),
        "funding_days": 30,
        "min_paid_share": d("0.8"),
        "leverage": d(1),
    }
    return CarryRules(**(fields | changes))


def tactical_rules(**changes: Any) -> TacticalRules:
    """An overlay in BTC that may lose 1 % of equity, survives a move of 10 %, and is never over 20 %."""
    rule = TacticalRule(
        name="rule",
        signal=SignalKind.EMA_CROSS,
        asset="BTC",
        side=Side.BUY,
        instrument=Kind.LINEAR_PERPETUAL,
        periods=(20, 50),
        bar_hours=24,
        funding_floor=None,
        interest_percentile=d("0.9"),
        funding_percentile=d("0.1"),
        alert_only=False,
        stop=d("0.05"),
        take_profit=None,
        expiry_hours=d(240),
        cooldown_hours=d(24),
        sizing=Sizing.STOP,
        risk=d("0.005"),
        volatility=d("0.1"),
        kelly_fraction=d("0.25"),
        expected_return=d("0.2"),
    )
    fields: dict[str, Any] = {
        "budget": d("0.01"),
        "shock": d("0.1"),
        "max_notional": d("0.2"),
        "rules": (rule,),
    }
    return TacticalRules(**(fields | changes))


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
