"""Bybit's executions: trades and fundings in one list, where a positive execFee was paid."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.ledger import EntryKind, LedgerEntry
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.money import FUNDINGS_FROM
from tests.emulator.bybit.names import category_of, chosen, venue_id
from tests.emulator.bybit.paging import Row, page, window
from tests.emulator.bybit.rows import exec_id, number_from, trade_row
from tests.emulator.bybit.words import listed_answer, ms, plain, told
from tests.emulator.core import Core


def executions(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/execution/list: a week at a time; `execType` Trade or Funding, both without it.

    An order's id, the venue's before ours, goes before the symbol. `size` is no parameter and not read.
    """
    category, params = category_of(core, ask.params), ask.params
    span, kind = window(core, params, most_days=7, usual_days=7), params.get("execType", "")
    by_id = bool(params.get("orderId") or params.get("orderLinkId"))
    wanted = {"category": str(category)} if by_id else dict(params)
    found: list[tuple[int, str, Row]] = []
    for one in chosen(core, wanted):
        if kind in ("", "Trade"):
            found += _trades(core, one, params)
        if kind in ("", "Funding") and not by_id:
            found += _fundings(core, one)
    rows = [row for at, _, row in sorted(found, key=lambda item: item[:2], reverse=True) if span.holds(at)]
    shown, cursor = page(core, params, rows, usual=50, most=100)
    return listed_answer(core, category, shown, cursor)


def _trades(core: Core, one: Instrument, params: dict[str, str]) -> list[tuple[int, str, Row]]:
    fills = core.fills(one.symbol, 0)
    if params.get("orderId"):
        number = number_from(one, params["orderId"])
        fills = tuple(fill for fill in fills if fill.order == number)
    elif params.get("orderLinkId"):
        fills = tuple(fill for fill in fills if fill.client_id == params["orderLinkId"])
    return [(fill.at_ms, f"{fill.number:012}", trade_row(core, one, fill)) for fill in fills]


def _fundings(core: Core, one: Instrument) -> list[tuple[int, str, Row]]:
    entries = [entry for entry in core.ledger(0) if entry.kind is EntryKind.FUNDING and entry.symbol == one.symbol]
    return [(ms(entry.at), f"{entry.sequence:012}", _funding_row(core, one, entry)) for entry in entries]


def _funding_row(core: Core, one: Instrument, entry: LedgerEntry) -> Row:
    """Return a settled funding: its execFee has the opposite sign of what the purse received."""
    held = core.positions().get(one.symbol)
    size = abs(held.quantity) if held is not None else Decimal(0)
    price = core.quotes()[one.symbol].valuation
    return {
        "symbol": venue_id(one),
        "orderType": "UNKNOWN",
        "underlyingPrice": "",
        "orderLinkId": "",
        "side": "Sell" if held is not None and held.quantity < 0 else "Buy",
        "indexPrice": "",
        "orderId": exec_id(one, 10_000_000 + entry.sequence),
        "stopOrderType": "UNKNOWN",
        "leavesQty": "0",
        "execTime": str(ms(entry.at)),
        "feeCurrency": "",
        "createType": "",
        "isMaker": False,
        "execFee": told(-entry.change, 12),
        "feeRate": "0.0001",
        "execId": exec_id(one, FUNDINGS_FROM + entry.sequence),
        "tradeIv": "",
        "blockTradeId": "",
        "markPrice": plain(price),
        "execPrice": plain(price),
        "markIv": "",
        "orderQty": "0",
        "orderPrice": "0",
        "execValue": told(one.settlement_notional(size, price)),
        "execType": "Funding",
        "execQty": plain(size),
        "closedSize": "0",
        "extraFees": "",
        "seq": entry.sequence,
    }
