"""Which path MEXC answers with what, and which of them are the nine calls every venue has."""

from collections.abc import Mapping

from tests.emulator.asks import Handler, Route
from tests.emulator.core import Rules
from tests.emulator.mexc import account, contract_orders, listing, money, prices, spot_orders, stops

_PUBLIC: Mapping[Route, Handler] = {
    ("GET", "/api/v3/ping"): listing.ping,
    ("GET", "/api/v3/time"): listing.spot_time,
    ("GET", "/api/v3/exchangeInfo"): listing.exchange_info,
    ("GET", "/api/v3/ticker/24hr"): prices.spot_tickers,
    ("GET", "/api/v3/ticker/bookTicker"): prices.book_tickers,
    ("GET", "/api/v3/depth"): prices.spot_depth,
    ("GET", "/api/v3/klines"): prices.spot_candles,
    ("GET", "/api/v1/contract/ping"): listing.contract_time,
    ("GET", "/api/v1/contract/detail"): listing.contract_detail,
    ("GET", "/api/v1/contract/ticker"): prices.contract_tickers,
    ("GET", "/api/v1/contract/depth/{symbol}"): prices.contract_depth,
    ("GET", "/api/v1/contract/fair_price/{symbol}"): prices.fair_price,
    ("GET", "/api/v1/contract/index_price/{symbol}"): prices.index_price,
    ("GET", "/api/v1/contract/funding_rate"): prices.funding_rates,
    ("GET", "/api/v1/contract/funding_rate/history"): prices.funding_history,
    ("GET", "/api/v1/contract/funding_rate/{symbol}"): prices.funding_rate,
    ("GET", "/api/v1/contract/kline/{symbol}"): prices.contract_candles,
    ("GET", "/api/v1/contract/kline/fair_price/{symbol}"): prices.contract_candles,
    ("GET", "/api/v1/contract/kline/index_price/{symbol}"): prices.contract_candles,
}
_SPOT: Mapping[Route, Handler] = {
    ("GET", "/api/v3/account"): account.spot_account,
    ("GET", "/api/v3/tradeFee"): listing.spot_fee,
    ("POST", "/api/v3/apiKeyInfo"): account.key_rights,
    ("POST", "/api/v3/order"): spot_orders.place,
    ("POST", "/api/v3/order/test"): spot_orders.place_test,
    ("GET", "/api/v3/order"): spot_orders.find,
    ("DELETE", "/api/v3/order"): spot_orders.cancel,
    ("DELETE", "/api/v3/openOrders"): spot_orders.cancel_all,
    ("GET", "/api/v3/openOrders"): spot_orders.open_orders,
    ("GET", "/api/v3/allOrders"): spot_orders.all_orders,
    ("GET", "/api/v3/myTrades"): spot_orders.my_trades,
    ("POST", "/api/v3/capital/transfer"): money.transfer,
    ("GET", "/api/v3/capital/transfer"): money.transfers,
    ("GET", "/api/v3/capital/transfer/tranId"): money.one_transfer,
    ("GET", "/api/v3/capital/deposit/hisrec"): money.deposits,
    ("GET", "/api/v3/capital/withdraw/history"): money.withdrawals,
}
_CONTRACT: Mapping[Route, Handler] = {
    ("GET", "account/assets"): account.contract_assets,
    ("GET", "account/asset/{currency}"): account.contract_asset,
    ("GET", "account/transfer_record"): money.contract_transfers,
    ("GET", "account/risk_limit"): account.risk_limits,
    ("GET", "account/tiered_fee_rate"): listing.contract_fee,
    ("GET", "position/open_positions"): account.open_positions,
    ("GET", "position/leverage"): account.leverage,
    ("GET", "position/position_mode"): account.position_mode,
    ("GET", "position/funding_records"): money.funding_records,
    ("POST", "position/change_leverage"): account.change_leverage,
    ("POST", "position/change_position_mode"): account.change_position_mode,
    ("POST", "order/create"): contract_orders.place,
    ("POST", "order/submit"): contract_orders.place,
    ("GET", "order/get/{order_id}"): contract_orders.find,
    ("GET", "order/external/{symbol}/{external_oid}"): contract_orders.find_external,
    ("GET", "order/batch_query"): contract_orders.find_many,
    ("POST", "order/cancel"): contract_orders.cancel,
    ("POST", "order/cancel_with_external"): contract_orders.cancel_external,
    ("POST", "order/batch_cancel_with_external"): contract_orders.cancel_external,
    ("POST", "order/cancel_all"): contract_orders.cancel_all,
    ("GET", "order/list/open_orders"): contract_orders.open_orders,
    ("GET", "order/list/open_orders/{symbol}"): contract_orders.open_orders,
    ("GET", "order/list/history_orders"): contract_orders.closed_orders,
    ("GET", "order/list/order_deals"): contract_orders.deals,
    ("GET", "order/deal_details/{order_id}"): contract_orders.order_deals,
    ("POST", "planorder/place"): stops.place,
    ("GET", "planorder/list/orders"): stops.listed,
    ("POST", "planorder/cancel"): stops.cancel,
    ("POST", "planorder/cancel_all"): stops.cancel_all,
}


def _private(name: str) -> str:
    return f"/api/v1/private/{name}"


PRIVATE = {**_SPOT, **{(method, _private(name)): handler for (method, name), handler in _CONTRACT.items()}}
ROUTES: Mapping[Route, Handler] = {**_PUBLIC, **PRIVATE}
CALLS: Mapping[str, tuple[Route, ...]] = {
    "place": (("POST", "/api/v3/order"), ("POST", _private("order/create")), ("POST", _private("planorder/place"))),
    "cancel": (
        ("DELETE", "/api/v3/order"),
        ("POST", _private("order/cancel")),
        ("POST", _private("order/cancel_with_external")),
        ("POST", _private("planorder/cancel")),
    ),
    "transfer": (("POST", "/api/v3/capital/transfer"),),
    "find": (
        ("GET", "/api/v3/order"),
        ("GET", _private("order/get/{order_id}")),
        ("GET", _private("order/external/{symbol}/{external_oid}")),
    ),
    "balances": (("GET", "/api/v3/account"), ("GET", _private("account/assets"))),
    "positions": (("GET", _private("position/open_positions")),),
    "open-orders": (
        ("GET", "/api/v3/openOrders"),
        ("GET", _private("order/list/open_orders")),
        ("GET", _private("planorder/list/orders")),
    ),
    "fills": (
        ("GET", "/api/v3/myTrades"),
        ("GET", _private("order/list/order_deals")),
        ("GET", _private("order/deal_details/{order_id}")),
    ),
    "quotes": (
        ("GET", "/api/v3/ticker/bookTicker"),
        ("GET", "/api/v3/ticker/24hr"),
        ("GET", "/api/v1/contract/ticker"),
    ),
}
# The contract API's newer host serves the same paths as the older one.
HOSTS: Mapping[str, str] = {"api.mexc.com": "spot and contracts", "contract.mexc.com": "contracts"}
# Nothing is documented of ids used twice: spot may take one again once the first order rests no more.
RULES = Rules(client_id_scope="open", lower_cases_ids=False)
