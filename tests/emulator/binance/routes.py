"""Which path of Binance is answered by what."""

from collections.abc import Mapping

from tests.emulator.asks import Handler, Route
from tests.emulator.binance import account, books, countdown, listing, orders, past, prices, setting

_SPOT: Mapping[Route, Handler] = {
    ("GET", "/api/v3/ping"): prices.ping,
    ("GET", "/api/v3/time"): listing.server_time,
    ("GET", "/api/v3/exchangeInfo"): listing.exchange_info,
    ("GET", "/api/v3/ticker/24hr"): prices.ticker_24hr,
    ("GET", "/api/v3/ticker/bookTicker"): prices.book_ticker,
    ("GET", "/api/v3/depth"): prices.depth,
    ("GET", "/api/v3/klines"): past.klines,
    ("GET", "/api/v3/account"): account.spot_account,
    ("POST", "/api/v3/order"): orders.place,
    ("POST", "/api/v3/order/test"): orders.try_order,
    ("GET", "/api/v3/order"): orders.find,
    ("DELETE", "/api/v3/order"): orders.cancel,
    ("GET", "/api/v3/openOrders"): orders.open_orders,
    ("DELETE", "/api/v3/openOrders"): orders.cancel_all,
    ("GET", "/api/v3/allOrders"): orders.all_orders,
    ("GET", "/api/v3/myTrades"): books.spot_trades,
    ("POST", "/sapi/v1/asset/transfer"): books.transfer,
    ("GET", "/sapi/v1/asset/transfer"): books.transfers,
    ("POST", "/sapi/v1/asset/get-funding-asset"): books.funding_wallet,
    ("GET", "/sapi/v1/asset/tradeFee"): listing.trade_fees,
    ("GET", "/sapi/v1/asset/assetDividend"): books.no_dividends,
    ("GET", "/sapi/v1/account/apiRestrictions"): account.key_rights,
    ("GET", "/sapi/v1/capital/config/getall"): books.coins,
    ("GET", "/sapi/v1/capital/deposit/hisrec"): books.deposits,
    ("GET", "/sapi/v1/capital/withdraw/history"): books.withdrawals,
    ("GET", "/sapi/v1/bnbBurn"): setting.spot_burn,
}

# Paths that both futures products have, under /fapi/v1 and /dapi/v1.
_FUTURES: Mapping[Route, Handler] = {
    ("GET", "ping"): prices.ping,
    ("GET", "time"): listing.server_time,
    ("GET", "exchangeInfo"): listing.exchange_info,
    ("GET", "ticker/24hr"): prices.ticker_24hr,
    ("GET", "ticker/bookTicker"): prices.book_ticker,
    ("GET", "depth"): prices.depth,
    ("GET", "klines"): past.klines,
    ("GET", "markPriceKlines"): past.klines,
    ("GET", "premiumIndex"): prices.premium_index,
    ("GET", "fundingInfo"): prices.funding_info,
    ("GET", "fundingRate"): past.funding_rates,
    ("GET", "openInterest"): past.open_interest,
    ("GET", "commissionRate"): listing.commission_rate,
    ("POST", "order"): orders.place,
    ("POST", "order/test"): orders.try_order,
    ("GET", "order"): orders.find,
    ("DELETE", "order"): orders.cancel,
    ("GET", "openOrders"): orders.open_orders,
    ("DELETE", "allOpenOrders"): orders.cancel_all,
    ("GET", "allOrders"): orders.all_orders,
    ("POST", "algoOrder"): orders.place_stop,
    ("GET", "algoOrder"): orders.find_stop,
    ("DELETE", "algoOrder"): orders.cancel_stop,
    ("GET", "openAlgoOrders"): orders.open_stops,
    ("GET", "allAlgoOrders"): orders.all_stops,
    ("GET", "userTrades"): books.contract_trades,
    ("GET", "income"): books.income,
    ("POST", "leverage"): setting.set_leverage,
    ("POST", "marginType"): setting.set_margin_type,
    ("GET", "positionSide/dual"): setting.position_mode,
    ("POST", "positionSide/dual"): setting.set_position_mode,
    ("POST", "countdownCancelAll"): countdown.set_countdown,
}

# Paths that only one of them has, or has under another version.
_OWN: Mapping[Route, Handler] = {
    ("GET", "/fapi/v3/account"): account.linear_account,
    ("GET", "/fapi/v3/positionRisk"): account.position_risk,
    ("GET", "/fapi/v1/leverageBracket"): listing.leverage_brackets,
    ("GET", "/fapi/v1/symbolConfig"): account.symbol_config,
    ("GET", "/fapi/v1/accountConfig"): account.account_config,
    ("GET", "/fapi/v1/multiAssetsMargin"): setting.multi_assets_mode,
    ("GET", "/fapi/v1/feeBurn"): setting.fee_burn,
    ("GET", "/dapi/v1/account"): account.inverse_account,
    ("GET", "/dapi/v1/positionRisk"): account.position_risk,
    ("GET", "/dapi/v2/leverageBracket"): listing.leverage_brackets,
    ("GET", "/futures/data/openInterestHist"): past.open_interest_history,
}


def _under(root: str) -> dict[Route, Handler]:
    return {(method, f"{root}/{path}"): handler for (method, path), handler in _FUTURES.items()}


ROUTES: Mapping[Route, Handler] = {**_SPOT, **_under("/fapi/v1"), **_under("/dapi/v1"), **_OWN}

_OPEN_PATHS = frozenset(
    {
        "ping",
        "time",
        "exchangeInfo",
        "24hr",
        "bookTicker",
        "depth",
        "klines",
        "markPriceKlines",
        "premiumIndex",
        "fundingInfo",
        "fundingRate",
        "openInterest",
        "openInterestHist",
    }
)
PRIVATE: frozenset[Route] = frozenset(route for route in ROUTES if route[1].rpartition("/")[2] not in _OPEN_PATHS)


def _each(method: str, *paths: str) -> tuple[Route, ...]:
    return tuple((method, path) for path in paths)


CALLS: Mapping[str, tuple[Route, ...]] = {
    "place": _each(
        "POST",
        "/api/v3/order",
        "/fapi/v1/order",
        "/dapi/v1/order",
        "/fapi/v1/algoOrder",
        "/dapi/v1/algoOrder",
    ),
    "cancel": _each(
        "DELETE",
        "/api/v3/order",
        "/fapi/v1/order",
        "/dapi/v1/order",
        "/fapi/v1/algoOrder",
        "/dapi/v1/algoOrder",
    ),
    "transfer": _each("POST", "/sapi/v1/asset/transfer"),
    "find": _each(
        "GET",
        "/api/v3/order",
        "/fapi/v1/order",
        "/dapi/v1/order",
        "/fapi/v1/algoOrder",
        "/dapi/v1/algoOrder",
    ),
    "balances": _each("GET", "/api/v3/account", "/fapi/v3/account", "/dapi/v1/account"),
    "positions": _each("GET", "/fapi/v3/positionRisk", "/dapi/v1/positionRisk"),
    "open-orders": _each(
        "GET",
        "/api/v3/openOrders",
        "/fapi/v1/openOrders",
        "/dapi/v1/openOrders",
        "/fapi/v1/openAlgoOrders",
        "/dapi/v1/openAlgoOrders",
    ),
    "fills": _each("GET", "/api/v3/myTrades", "/fapi/v1/userTrades", "/dapi/v1/userTrades"),
    "quotes": _each(
        "GET",
        "/api/v3/ticker/24hr",
        "/fapi/v1/ticker/24hr",
        "/dapi/v1/ticker/24hr",
        "/api/v3/ticker/bookTicker",
        "/fapi/v1/ticker/bookTicker",
        "/dapi/v1/ticker/bookTicker",
        "/fapi/v1/premiumIndex",
        "/dapi/v1/premiumIndex",
    ),
}

# Every host that answers these paths, and what it is.
HOSTS: Mapping[str, str] = {
    "api.binance.com": "live",
    "fapi.binance.com": "live",
    "dapi.binance.com": "live",
    "demo-api.binance.com": "demo",
    "demo-fapi.binance.com": "demo",
    "demo-dapi.binance.com": "demo",
    "testnet.binance.vision": "testnet",
}
