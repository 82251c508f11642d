"""Words for books hedged with any kind of contract: coin-margined wallets, dated futures, policies that use them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.policy import Policy
from bot.domain.snapshot import Balance, MarginMode, Position, Snapshot
from tests.builders import NOON, Number, a_perpetual, a_policy, a_quote, a_snapshot, an_inverse_perpetual, d

COIN_PERP, NEAR, FAR = "BTC/USD:BTC", "BTC/USDT:USDT-260110", "BTC/USDT:USDT-260401"


def a_dated(symbol: str, days: Number) -> Instrument:
    """A linear future of BTC delivered `days` after noon."""
    expiry = NOON + timedelta(seconds=int(d(days) * 86_400))
    return a_perpetual(symbol=symbol, kind=Kind.LINEAR_FUTURE, expiry=expiry)


def a_position(symbol: str, quantity: Number, entry: Number) -> Position:
    """A cross position of signed contracts."""
    return Position(
        symbol=symbol, quantity=d(quantity), entry_price=d(entry), margin_mode=MarginMode.CROSS, leverage=d(2)
    )


def a_coin_book(price: Number, *, spot: Number = 10, wallet: Number = 0, contracts: Number = 0) -> Snapshot:
    """BTC at a price: coins in spot and in the coin-margined wallet, contracts of 100 USD entered at 70,000."""
    held = (a_position(COIN_PERP, contracts, 70_000),) if d(contracts) else ()
    plain = a_snapshot(price={"BTC": price}, spot={"BTC": spot, "USDT": 100_000}, shorts=held)
    coins = Balance(wallet=WalletKind.INVERSE, asset="BTC", free=d(wallet), locked=d(0))
    return with_contracts(replace(plain, balances=(*plain.balances, coins)), an_inverse_perpetual(), price=price)


def with_contracts(snapshot: Snapshot, *contracts: Instrument, price: Number) -> Snapshot:
    """The snapshot with more contracts listed, all at one price."""
    return replace(
        snapshot,
        instruments={**snapshot.instruments, **{one.symbol: one for one in contracts}},
        quotes={**snapshot.quotes, **{one.symbol: a_quote(one.symbol, price, spread=0) for one in contracts}},
    )


def hedged_with(kind: Kind, ratio: Number = "0.5", **changes: Any) -> Policy:
    """BTC alone, any share of equity, hedged by `ratio` in contracts of one kind; bands of 1 % of equity."""
    policy = a_policy(assets={"BTC": 1}, core=("0", "0.5", "1"), hedge=("0", ratio, "1"))
    assert policy.hedge is not None
    return replace(policy, hedge=replace(policy.hedge, instrument=kind, **changes))


def coins_short(quantity: Decimal, price: Number) -> Decimal:
    """Coins in contracts of 100 USD."""
    return quantity * 100 / d(price)
