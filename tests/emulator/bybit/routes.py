"""Which path of Bybit is answered by what, which routes are the nine calls, and its words for faults."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from bot.domain.instrument import Instrument
from tests.emulator.asks import Handler, Reply
from tests.emulator.bybit import account, listing, money, orders, past, placing, prices, settings, trades
from tests.emulator.bybit.auth import DEMO, LIVE, TESTNET, is_private
from tests.emulator.bybit.words import envelope
from tests.emulator.core import Rules

Route = tuple[str, str]

ROUTES: Mapping[Route, Handler] = {
    ("GET", "/v5/market/time"): listing.server_time,
    ("GET", "/v5/market/instruments-info"): listing.instruments_info,
    ("GET", "/v5/market/risk-limit"): listing.risk_limits,
    ("GET", "/v5/market/tickers"): prices.tickers,
    ("GET", "/v5/market/orderbook"): prices.order_book,
    ("GET", "/v5/market/kline"): past.kline,
    ("GET", "/v5/market/mark-price-kline"): past.price_kline,
    ("GET", "/v5/market/index-price-kline"): past.price_kline,
    ("GET", "/v5/market/funding/history"): past.funding_history,
    ("GET", "/v5/market/open-interest"): past.open_interest,
    ("GET", "/v5/account/wallet-balance"): account.wallet_balance,
    ("GET", "/v5/account/info"): account.account_info,
    ("GET", "/v5/account/fee-rate"): listing.fee_rates,
    ("GET", "/v5/account/transaction-log"): money.transaction_log,
    ("POST", "/v5/account/set-margin-mode"): settings.set_margin_mode,
    ("GET", "/v5/user/query-api"): account.key_rights,
    ("GET", "/v5/position/list"): account.position_list,
    ("POST", "/v5/position/set-leverage"): settings.set_leverage,
    ("POST", "/v5/position/switch-mode"): settings.switch_mode,
    ("POST", "/v5/order/create"): placing.create,
    ("POST", "/v5/order/cancel"): placing.cancel,
    ("POST", "/v5/order/cancel-all"): placing.cancel_all,
    ("POST", "/v5/order/disconnected-cancel-all"): settings.cancel_when_silent,
    ("GET", "/v5/order/realtime"): orders.realtime,
    ("GET", "/v5/order/history"): orders.history,
    ("GET", "/v5/execution/list"): trades.executions,
    ("POST", "/v5/asset/transfer/inter-transfer"): money.transfer,
    ("GET", "/v5/asset/transfer/query-inter-transfer-list"): money.transfers,
    ("GET", "/v5/asset/transfer/query-account-coins-balance"): account.funding_balance,
}
PRIVATE: frozenset[Route] = frozenset(route for route in ROUTES if is_private(route[1]))

CALLS: Mapping[str, tuple[Route, ...]] = {
    "place": (("POST", "/v5/order/create"),),
    "cancel": (("POST", "/v5/order/cancel"),),
    "transfer": (("POST", "/v5/asset/transfer/inter-transfer"),),
    "find": (("GET", "/v5/order/realtime"), ("GET", "/v5/order/history")),
    "balances": (("GET", "/v5/account/wallet-balance"),),
    "positions": (("GET", "/v5/position/list"),),
    "open-orders": (("GET", "/v5/order/realtime"),),
    "fills": (("GET", "/v5/execution/list"),),
    "quotes": (("GET", "/v5/market/tickers"),),
}

# Every host that answers these paths, and what it is.
HOSTS: Mapping[str, str] = {LIVE: "live", TESTNET: "testnet", DEMO: "demo"}


def _said(code: int, message: str, status: int = 200) -> Reply:
    return Reply(body=envelope(0, {}, code=code, message=message), status=status)


# The venue's own answers for the faults that are its words. 10000 and 10016 say nothing of the outcome.
FAULT_CODES: Mapping[str, Reply] = {
    "unknown": _said(10016, "Internal System Error."),
    "busy": _said(10000, "Server Timeout"),
    "duplicate": _said(110072, "OrderLinkedID is duplicate"),
    "rate-limit": _said(10006, "Too many visits. Exceeded the API Rate Limit."),
    "clock": _said(10002, "invalid request, please check your server timestamp or recv_window param"),
    "reject": _said(110007, "ab not enough for new order"),
    "maintenance": _said(10019, "service is restarting now"),
    "auth": _said(10003, "API key is invalid."),
}

RULES = Rules(client_id_scope="forever", pooled=True)

_SPOT_MINIMUM = Decimal(1)
_ONE_DOLLAR = Decimal(1)


def regrid(symbol: str, one: Instrument) -> Instrument:
    """Return an instrument on the venue's own grid: an inverse contract is one USD and is ordered in whole USD."""
    if one.kind.is_inverse:
        return replace(
            one, contract_size=_ONE_DOLLAR, step=_ONE_DOLLAR, min_quantity=_ONE_DOLLAR, min_notional=_ONE_DOLLAR
        )
    return replace(one, min_notional=_SPOT_MINIMUM) if one.kind.is_spot else one


REGRID = regrid
