"""An order is spelled whole and stands on the venue's grid, or it is not sent."""

from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve
from bot.domain.snapshot import MarginMode
from bot.errors import OrderRejected
from bot.venues.orders import check_grid, order_params, spelled
from bot.venues.row import Product, Spelling
from bot.venues.rows import row_of
from bot.venues.setup import WantedSetting
from tests.builders import a_perpetual, d

BYBIT = row_of("bybit").products[WalletKind.LINEAR]
PERP = "BTC/USDT:USDT"
SETTING = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(5))


def an_order(**changes: Any) -> OrderRequest:
    """A buy of 0.002 at 70,000 that fills at once or not at all."""
    fields: dict[str, Any] = {
        "symbol": PERP,
        "side": Side.BUY,
        "quantity": d("0.002"),
        "price": d(70_000),
        "type": OrderType.LIMIT_IOC,
        "reduce_only": False,
        "sleeve": Sleeve.CORE,
    }
    return OrderRequest(**(fields | changes))


def a_product(**changes: Any) -> Product:
    """A product that spells a limit order and a stop."""
    fields: dict[str, Any] = {
        "kinds": (),
        "balance": BYBIT.balance,
        "market_reads": (),
        "client_id": "cid",
        "spellings": {
            OrderType.LIMIT_IOC: Spelling(type="limit", params={"tif": "IOC"}),
            OrderType.STOP: Spelling(type="market", params={"by": "mark"}, trigger="stopPx"),
        },
    }
    return Product(**(fields | changes))


def test_an_order_type_the_venue_has_not_is_refused_before_anything_is_sent() -> None:
    """A market order where none is spelled."""
    with pytest.raises(OrderRejected, match="the venue takes no market order") as refused:
        spelled(a_product(), an_order(type=OrderType.MARKET, price=None))
    assert refused.value.code == "not-sent"


def test_an_order_carries_our_id_and_what_its_type_asks() -> None:
    """And what every order of the product has."""
    assert order_params(a_product(order_params={"oneWay": 2}), "a1", an_order()) == {
        "oneWay": 2,
        "tif": "IOC",
        "cid": "a1",
    }


def test_margin_mode_and_leverage_go_with_the_order_where_the_venue_wants_it_so() -> None:
    """By the names the row gives; elsewhere, or without a setting, they do not."""
    product = a_product(order_margin="mode", order_leverage="lever")
    usual = {"tif": "IOC", "cid": "a1"}
    assert order_params(product, "a1", an_order(), SETTING) == usual | {"mode": "isolated", "lever": 5}
    assert order_params(product, "a1", an_order()) == usual
    assert order_params(a_product(), "a1", an_order(), SETTING) == usual


def test_a_stop_names_its_trigger_and_can_only_reduce() -> None:
    """Without an exponent, whatever the number looks like."""
    stop = an_order(type=OrderType.STOP, price=None, trigger=d("6.5E+4"), reduce_only=True)
    wanted = {"by": "mark", "cid": "a1", "stopPx": "65000", "reduce": True}
    assert order_params(a_product(reduce_only={"reduce": True}), "a1", stop) == wanted


def test_what_can_only_reduce_is_not_sent_where_the_venue_could_open_by_it() -> None:
    """The venue has no such word."""
    with pytest.raises(OrderRejected, match="the venue takes no reduce-only order") as refused:
        order_params(a_product(), "a1", an_order(reduce_only=True))
    assert refused.value.code == "not-sent"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantity": d("0.0025")}, "the size 0.0025 is no multiple of 0.001"),
        ({"quantity": d(0)}, "the size 0 is no multiple of 0.001"),
        ({"quantity": d("-0.001")}, "the size -0.001 is no multiple of 0.001"),
        ({"price": d("70000.05")}, "the price 70000.05 is no multiple of 0.1"),
        ({"price": d(0)}, "the price 0 is no multiple of 0.1"),
        ({"quantity": d("0.001")}, "0.001 is below the least of 0.002"),
        ({"price": None}, "a limit-ioc order and the price None"),
        ({"type": OrderType.MARKET}, "a market order and the price 70000"),
    ],
)
def test_an_order_off_the_grid_is_refused_and_not_cut(changes: dict[str, Any], said: str) -> None:
    """Nor is a market order sent with a price: most venues would take the amount for money."""
    with pytest.raises(OrderRejected, match=said) as refused:
        check_grid(a_perpetual(min_quantity=d("0.002")), an_order(**changes))
    assert refused.value.code == "not-sent"


@pytest.mark.parametrize("changes", [{}, {"price": None, "type": OrderType.MARKET}])
def test_an_order_on_the_grid_passes(changes: dict[str, Any]) -> None:
    """Two steps at a price on the tick, or at none."""
    check_grid(a_perpetual(min_quantity=d("0.002")), an_order(**changes))
