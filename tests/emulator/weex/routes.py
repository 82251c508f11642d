"""Which path of WEEX is answered by what, and which of them are the nine calls."""

from collections.abc import Mapping

from tests.emulator.asks import Handler, Route
from tests.emulator.core import Rules
from tests.emulator.weex import account, closing, listing, money, orders, prices, stops

_PUBLIC: Mapping[Route, Handler] = {
    ("GET", "/api/v3/ping"): listing.ping,
    ("GET", "/api/v3/coins"): listing.coins,
    ("GET", "/api/v3/time"): listing.server_time,
    ("GET", "/capi/v3/market/time"): listing.server_time,
    ("GET", "/api/v3/exchangeInfo"): listing.exchange_info,
    ("GET", "/capi/v3/market/exchangeInfo"): listing.exchange_info,
    ("GET", "/api/v3/market/ticker/24hr"): prices.tickers,
    ("GET", "/capi/v3/market/ticker/24hr"): prices.tickers,
    ("GET", "/api/v3/market/ticker/bookTicker"): prices.book_tickers,
    ("GET", "/capi/v3/market/ticker/bookTicker"): prices.book_tickers,
    ("GET", "/api/v3/market/ticker/price"): prices.last_prices,
    ("GET", "/capi/v3/market/symbolPrice"): prices.symbol_price,
    ("GET", "/api/v3/market/depth"): prices.depth,
    ("GET", "/capi/v3/market/depth"): prices.depth,
    ("GET", "/api/v3/market/klines"): prices.klines,
    ("GET", "/capi/v3/market/klines"): prices.klines,
    ("GET", "/capi/v3/market/historyKlines"): prices.klines,
    ("GET", "/capi/v3/market/markPriceKlines"): prices.klines,
    ("GET", "/capi/v3/market/indexPriceKlines"): prices.klines,
    ("GET", "/capi/v3/market/premiumIndex"): prices.premium_index,
    ("GET", "/capi/v3/market/fundingRate"): prices.funding_history,
    ("GET", "/capi/v3/market/openInterest"): prices.open_interest,
}
PRIVATE: Mapping[Route, Handler] = {
    ("GET", "/api/v3/account/"): account.spot_account,
    ("GET", "/capi/v3/account/balance"): account.contract_balance,
    ("GET", "/capi/v3/sim/balance"): account.contract_balance,
    ("GET", "/capi/v3/account/position/allPosition"): account.positions,
    ("GET", "/capi/v3/account/position/singlePosition"): account.positions,
    ("GET", "/capi/v3/sim/position/allPosition"): account.positions,
    ("GET", "/capi/v3/account/accountConfig"): account.account_config,
    ("GET", "/capi/v3/account/symbolConfig"): account.symbol_config,
    ("GET", "/capi/v3/account/commissionRate"): listing.commission_rate,
    ("POST", "/capi/v3/account/leverage"): account.set_leverage,
    ("POST", "/capi/v3/account/marginType"): account.set_margin_type,
    ("POST", "/api/v3/order"): orders.place,
    ("POST", "/capi/v3/order"): orders.place,
    ("POST", "/capi/v3/sim/order"): orders.place,
    ("GET", "/api/v3/order"): orders.find,
    ("GET", "/capi/v3/order"): orders.find,
    ("DELETE", "/api/v3/order"): orders.cancel,
    ("DELETE", "/capi/v3/order"): orders.cancel,
    ("GET", "/api/v3/openOrders"): orders.open_orders,
    ("GET", "/capi/v3/openOrders"): orders.open_orders,
    ("GET", "/capi/v3/openAlgoOrders"): stops.open_stops,
    ("GET", "/capi/v3/allAlgoOrders"): stops.all_stops,
    ("POST", "/capi/v3/algoOrder"): stops.place,
    ("DELETE", "/capi/v3/algoOrder"): stops.cancel,
    ("DELETE", "/capi/v3/algoOpenOrders"): stops.cancel_all,
    ("DELETE", "/api/v3/openOrders"): closing.cancel_all,
    ("DELETE", "/capi/v3/allOpenOrders"): closing.cancel_all,
    ("DELETE", "/api/v3/order/batch"): closing.cancel_several,
    ("DELETE", "/capi/v3/batchOrders"): closing.cancel_several,
    ("POST", "/capi/v3/closePositions"): closing.close_positions,
    ("GET", "/api/v3/allOrders"): orders.history,
    ("GET", "/capi/v3/order/history"): orders.history,
    ("GET", "/capi/v3/sim/order/history"): orders.history,
    ("GET", "/api/v3/myTrades"): money.trades,
    ("GET", "/capi/v3/userTrades"): money.trades,
    ("POST", "/capi/v3/account/income"): money.income,
    ("POST", "/api/v3/account/bills"): money.spot_bills,
    ("GET", "/api/v3/account/transferRecords"): money.transfers,
}
ROUTES: Mapping[Route, Handler] = {**_PUBLIC, **PRIVATE}
CALLS: Mapping[str, tuple[Route, ...]] = {
    "place": (("POST", "/api/v3/order"), ("POST", "/capi/v3/order"), ("POST", "/capi/v3/sim/order")),
    "cancel": (("DELETE", "/api/v3/order"), ("DELETE", "/capi/v3/order")),
    "transfer": (),
    "find": (("GET", "/api/v3/order"), ("GET", "/capi/v3/openOrders"), ("GET", "/capi/v3/order/history")),
    "balances": (("GET", "/api/v3/account/"), ("GET", "/capi/v3/account/balance")),
    "positions": (("GET", "/capi/v3/account/position/allPosition"),),
    "open-orders": (
        ("GET", "/api/v3/openOrders"),
        ("GET", "/capi/v3/openOrders"),
        ("GET", "/capi/v3/openAlgoOrders"),
    ),
    "fills": (("GET", "/api/v3/myTrades"), ("GET", "/capi/v3/userTrades")),
    "quotes": (
        ("GET", "/api/v3/market/ticker/24hr"),
        ("GET", "/capi/v3/market/ticker/24hr"),
        ("GET", "/capi/v3/market/ticker/bookTicker"),
        ("GET", "/capi/v3/market/premiumIndex"),
    ),
}
HOSTS: Mapping[str, str] = {"api-spot.weex.com": "spot", "api-contract.weex.com": "contracts"}
# Nothing is documented of ids used twice; money moves between the wallets by hand only.
RULES = Rules(client_id_scope="open", lower_cases_ids=False, transfers=False)
