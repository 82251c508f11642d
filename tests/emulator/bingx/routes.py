"""Which path of BingX is answered by what, which routes are the nine calls, and its words for faults."""

from collections.abc import Mapping

from tests.emulator.asks import Handler, Reply, Route
from tests.emulator.bingx import account, listing, money, orders, past, placing, prices, settings, trades
from tests.emulator.bingx.names import DEMO, LIVE, regrid
from tests.emulator.bingx.words import said
from tests.emulator.core import Rules

_PUBLIC: Mapping[tuple[str, str], Handler] = {
    ("GET", "swap/v2/server/time"): listing.server_time,
    ("GET", "spot/v1/server/time"): listing.server_time,
    ("GET", "spot/v1/common/symbols"): listing.spot_symbols,
    ("GET", "swap/v2/quote/contracts"): listing.contracts,
    ("GET", "cswap/v1/market/contracts"): listing.coin_contracts,
    ("GET", "spot/v1/ticker/24hr"): prices.tickers,
    ("GET", "swap/v2/quote/ticker"): prices.tickers,
    ("GET", "cswap/v1/market/ticker"): prices.tickers,
    ("GET", "spot/v2/quote/bookTicker"): prices.spot_book_tickers,
    ("GET", "swap/v2/quote/bookTicker"): prices.book_ticker,
    ("GET", "swap/v2/quote/premiumIndex"): prices.premium_index,
    ("GET", "cswap/v1/market/premiumIndex"): prices.premium_index,
    ("GET", "spot/v1/market/depth"): prices.depth,
    ("GET", "swap/v2/quote/depth"): prices.depth,
    ("GET", "cswap/v1/market/depth"): prices.depth,
    ("GET", "swap/v2/quote/openInterest"): prices.open_interest,
    ("GET", "cswap/v1/market/openInterest"): prices.open_interest,
    ("GET", "spot/v1/market/kline"): past.klines,
    ("GET", "swap/v3/quote/klines"): past.klines,
    ("GET", "cswap/v1/market/klines"): past.klines,
    ("GET", "swap/v1/market/markPriceKlines"): past.mark_klines,
    ("GET", "swap/v2/quote/fundingRate"): past.funding_rates,
}
_PRIVATE: Mapping[tuple[str, str], Handler] = {
    ("GET", "swap/v1/maintMarginRatio"): listing.tiers,
    ("GET", "spot/v1/user/commissionRate"): listing.fee_rates,
    ("GET", "swap/v2/user/commissionRate"): listing.fee_rates,
    ("GET", "cswap/v1/user/commissionRate"): listing.fee_rates,
    ("GET", "spot/v1/account/balance"): account.spot_balance,
    ("GET", "fund/v1/account/balance"): account.funding_balance,
    ("GET", "swap/v3/user/balance"): account.linear_balance,
    ("GET", "cswap/v1/user/balance"): account.coin_balance,
    ("GET", "swap/v2/user/positions"): account.positions,
    ("GET", "cswap/v1/user/positions"): account.positions,
    ("GET", "v1/account/apiPermissions"): account.key_rights,
    ("GET", "account/v1/apiKey/query"): account.key_list,
    ("GET", "account/v1/uid"): account.uid,
    ("GET", "swap/v2/trade/leverage"): account.leverage,
    ("GET", "cswap/v1/trade/leverage"): account.leverage,
    ("POST", "swap/v2/trade/leverage"): settings.set_leverage,
    ("POST", "cswap/v1/trade/leverage"): settings.set_leverage,
    ("GET", "swap/v2/trade/marginType"): settings.margin_mode,
    ("GET", "cswap/v1/trade/marginType"): settings.margin_mode,
    ("POST", "swap/v2/trade/marginType"): settings.set_margin_mode,
    ("POST", "cswap/v1/trade/marginType"): settings.set_margin_mode,
    ("GET", "swap/v1/positionSide/dual"): settings.position_mode,
    ("POST", "swap/v1/positionSide/dual"): settings.set_position_mode,
    ("POST", "spot/v1/trade/cancelAllAfter"): settings.cancel_after,
    ("POST", "swap/v2/trade/cancelAllAfter"): settings.cancel_after,
    ("POST", "spot/v1/trade/order"): placing.place_spot,
    ("POST", "swap/v2/trade/order"): placing.place_contract,
    ("POST", "swap/v2/trade/order/test"): placing.check_contract,
    ("POST", "cswap/v1/trade/order"): placing.place_contract,
    ("GET", "spot/v1/trade/query"): orders.find_spot,
    ("GET", "swap/v2/trade/order"): orders.find_contract,
    ("GET", "cswap/v1/trade/orderDetail"): orders.find_contract,
    ("POST", "spot/v1/trade/cancel"): orders.cancel_spot,
    ("DELETE", "swap/v2/trade/order"): orders.cancel_contract,
    ("DELETE", "cswap/v1/trade/cancelOrder"): orders.cancel_contract,
    ("POST", "spot/v1/trade/cancelOpenOrders"): orders.cancel_all,
    ("DELETE", "swap/v2/trade/allOpenOrders"): orders.cancel_all,
    ("DELETE", "cswap/v1/trade/allOpenOrders"): orders.cancel_all,
    ("GET", "spot/v1/trade/openOrders"): orders.open_orders,
    ("GET", "swap/v2/trade/openOrders"): orders.open_orders,
    ("GET", "cswap/v1/trade/openOrders"): orders.open_orders,
    ("GET", "spot/v1/trade/historyOrders"): orders.closed_orders,
    ("GET", "swap/v2/trade/allOrders"): orders.closed_orders,
    ("GET", "swap/v1/trade/fullOrder"): orders.closed_orders,
    ("GET", "cswap/v1/trade/orderHistory"): orders.closed_orders,
    ("GET", "spot/v1/trade/myTrades"): trades.spot_trades,
    ("GET", "swap/v2/trade/allFillOrders"): trades.linear_fills,
    ("GET", "swap/v2/trade/fillHistory"): trades.linear_details,
    ("GET", "cswap/v1/trade/allFillOrders"): trades.coin_trades,
    ("POST", "api/asset/v1/transfer"): money.transfer,
    ("GET", "api/v3/asset/transferRecord"): money.transfers,
    ("GET", "api/v3/asset/transfer"): money.transfers_by_type,
    ("GET", "swap/v2/user/income"): money.income,
}


def _at(method: str, name: str) -> Route:
    return method, f"/openApi/{name}"


PRIVATE: frozenset[Route] = frozenset(_at(*route) for route in _PRIVATE)
ROUTES: Mapping[Route, Handler] = {_at(*route): handler for route, handler in {**_PUBLIC, **_PRIVATE}.items()}
CALLS: Mapping[str, tuple[Route, ...]] = {
    "place": tuple(_at("POST", f"{api}/trade/order") for api in ("spot/v1", "swap/v2", "cswap/v1")),
    "cancel": (
        _at("POST", "spot/v1/trade/cancel"),
        _at("DELETE", "swap/v2/trade/order"),
        _at("DELETE", "cswap/v1/trade/cancelOrder"),
    ),
    "transfer": (_at("POST", "api/asset/v1/transfer"),),
    "find": (
        _at("GET", "spot/v1/trade/query"),
        _at("GET", "swap/v2/trade/order"),
        _at("GET", "cswap/v1/trade/orderDetail"),
    ),
    "balances": (
        _at("GET", "spot/v1/account/balance"),
        _at("GET", "swap/v3/user/balance"),
        _at("GET", "cswap/v1/user/balance"),
    ),
    "positions": (_at("GET", "swap/v2/user/positions"), _at("GET", "cswap/v1/user/positions")),
    "open-orders": tuple(_at("GET", f"{api}/trade/openOrders") for api in ("spot/v1", "swap/v2", "cswap/v1")),
    "fills": (
        _at("GET", "spot/v1/trade/myTrades"),
        _at("GET", "swap/v2/trade/allFillOrders"),
        _at("GET", "swap/v2/trade/fillHistory"),
        _at("GET", "cswap/v1/trade/allFillOrders"),
    ),
    "quotes": (
        _at("GET", "spot/v1/ticker/24hr"),
        _at("GET", "swap/v2/quote/ticker"),
        _at("GET", "cswap/v1/market/ticker"),
    ),
}
HOSTS: Mapping[str, str] = {LIVE: "live", DEMO: "demo"}

# The venue's own answers for the faults that are its words. 80012 means "busy" and "margin is not enough" alike, and
# 100500 that the order system is busy: neither says anything of the outcome.
FAULT_CODES: Mapping[str, Reply] = {
    "unknown": said(80012, "The current system is busy, please try again later"),
    "busy": said(100500, "The current system is busy, please try again later"),
    "duplicate": said(101481, "clientOrderID cannot be repeated"),
    "rate-limit": said(100410, "rate limited"),
    "clock": said(100421, "Null timestamp or timestamp mismatch"),
    "reject": said(101204, "Insufficient margin"),
    "maintenance": said(100503, "The system is under maintenance"),
    "auth": said(100413, "Incorrect apiKey"),
}
# Contracts keep our ids in lower case, spot as they are sent: the handlers see to that.
RULES = Rules(client_id_scope="forever", lower_cases_ids=False)
REGRID = regrid
