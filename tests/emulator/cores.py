"""Builders for claims about the emulator's core: an account whose time a test moves by hand, and orders."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind
from bot.domain.order import OrderType, Side
from tests.builders import NOON, Number, d
from tests.emulator.core import Core, NewOrder, Rules
from tests.emulator.listed import as_it_is
from tests.emulator.neutral import NEUTRAL
from tests.emulator.opening import KINDS
from tests.emulator.package import USUAL_RULES, core_of

BTC, PERP, COIN = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"
ALL_KINDS = KINDS["binance"]


class Hands:
    """A clock outside that a test moves."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """Return where it stands."""
        return self.moment

    def move(self, **passed: float) -> None:
        """Let time pass outside and in the market."""
        self.moment += timedelta(**passed)


def a_core(
    rules: Rules = USUAL_RULES,
    *,
    books: str = "funded",
    hands: Hands | None = None,
    kinds: frozenset[Kind] = frozenset(),
    sizes: Mapping[str, str] | None = None,
    coins: tuple[str, ...] = (),
) -> Core:
    """An account at a venue that exists nowhere; `sizes` are contract sizes by symbol, orders then whole contracts."""

    def resized(symbol: str, one: Instrument) -> Instrument:
        if sizes is None or symbol not in sizes:
            return one
        return replace(one, contract_size=Decimal(sizes[symbol]), step=Decimal(1), min_quantity=Decimal(1))

    venue = replace(NEUTRAL, rules=rules, kinds=kinds, regrid=resized if sizes else as_it_is)
    return core_of(venue, books=books, seed=7, now=hands or Hands(NOON), coins=coins)


def buy(symbol: str, quantity: Number, price: Number | None = None, **more: Any) -> NewOrder:
    """A buy: at market, or with a price an IOC limit."""
    return _order(Side.BUY, symbol, quantity, price, more)


def sell(symbol: str, quantity: Number, price: Number | None = None, **more: Any) -> NewOrder:
    """A sell: at market, or with a price an IOC limit."""
    return _order(Side.SELL, symbol, quantity, price, more)


def _order(side: Side, symbol: str, quantity: Number, price: Number | None, more: Mapping[str, Any]) -> NewOrder:
    kind = OrderType.MARKET if price is None else OrderType.LIMIT_IOC
    order = NewOrder(
        symbol=symbol, side=side, quantity=d(quantity), price=None if price is None else d(price), type=kind
    )
    return replace(order, **more)
