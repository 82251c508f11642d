"""BingX's lists of trades: spot with ids, linear once without and once with them, coin-margined by order."""

from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.names import Side, chosen, find, money, number_from
from tests.emulator.bingx.order_rows import FIRST_TRADE, coin_trade, linear_detail, linear_fill, spot_trade
from tests.emulator.bingx.words import answered, refused, spot_answered, whole_of
from tests.emulator.core import Core, VenueFill, VenueOrder

DAY_MS = 86_400_000
MONTH_MS = 30 * DAY_MS


def _order(core: Core, fill: VenueFill) -> VenueOrder:
    found = core.order(fill.order)
    assert found is not None
    return found


def _of_order(fills: list[VenueFill], text: str) -> list[VenueFill]:
    if not text:
        return fills
    number = number_from(text)
    return [fill for fill in fills if fill.order == number]


def spot_trades(ask: Ask, core: Core) -> Reply:
    """Answer GET spot/v1/trade/myTrades of one symbol: a week back where no time is named, newest first."""
    sent = ask.params
    one = find(core, Side.SPOT, sent.get("symbol", ""))
    end = whole_of(sent, "endTime", core.now_ms())
    start = whole_of(sent, "startTime", end - 7 * DAY_MS)
    fills = [fill for fill in core.fills(one.symbol, start) if fill.at_ms <= end]
    shown = _of_order(fills, sent.get("orderId", ""))[::-1][: min(whole_of(sent, "limit", 500), 1000)]
    return spot_answered({"fills": [spot_trade(fill, one) for fill in shown]})


def linear_fills(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/trade/allFillOrders: `tradingUnit`, `startTs` and `endTs` must be named."""
    sent = ask.params
    if sent.get("tradingUnit") not in ("COIN", "CONT"):
        raise refused(109400, "Invalid parameters, err:tradingUnit: This field is required")
    fills = _linear(ask, core)
    rows = [
        {**linear_fill(core, fill, _order(core, fill), core.instruments[fill.symbol]), "currency": money(ask, "USDT")}
        for fill in fills
    ]
    return answered({"fill_orders": rows})


def linear_details(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/trade/fillHistory of one symbol, page by page, oldest first."""
    sent = ask.params
    find(core, Side.LINEAR, sent.get("symbol", ""))
    page, size = whole_of(sent, "pageIndex", 1), min(whole_of(sent, "pageSize", 50), 1000)
    after = whole_of(sent, "lastFillId", 0)
    fills = [fill for fill in _linear(ask, core) if FIRST_TRADE + fill.number > after]
    shown = fills[(page - 1) * size : page * size]
    coin = {"commissionAsset": money(ask, "USDT")}
    rows = [{**linear_detail(core, f, _order(core, f), core.instruments[f.symbol]), **coin} for f in shown]
    return answered({"fill_history_orders": rows, "total": len(fills)})


def _linear(ask: Ask, core: Core) -> list[VenueFill]:
    """Return the linear trades of a time that must be named and be no longer than thirty days."""
    sent = ask.params
    if not sent.get("startTs") or not sent.get("endTs"):
        raise refused(109400, "Invalid parameters, err:startTs: This field is required")
    start, end = whole_of(sent, "startTs", 0), whole_of(sent, "endTs", 0)
    if end - start > MONTH_MS:
        raise refused(109400, "Invalid parameters, err:the query range is more than thirty days")
    listed = chosen(core, Side.LINEAR, sent.get("symbol", ""))
    found = [fill for one in listed for fill in core.fills(one.symbol, start) if fill.at_ms <= end]
    return _of_order(sorted(found, key=lambda fill: fill.number), sent.get("orderId", ""))


def coin_trades(ask: Ask, core: Core) -> Reply:
    """Answer GET cswap/v1/trade/allFillOrders: of one order, which must be named."""
    if not ask.params.get("orderId"):
        raise refused(100400, "orderId is required")
    fills = _of_order(list(core.fills()), ask.params["orderId"])
    listed = {one.symbol: one for one in chosen(core, Side.INVERSE, "")}
    rows = [coin_trade(core, fill, _order(core, fill), listed[fill.symbol]) for fill in fills if fill.symbol in listed]
    wanted = ask.params.get("symbol")
    shown = [row for row in rows if wanted in (None, "", row["symbol"])]
    return answered(shown, timestamp=core.now_ms())
