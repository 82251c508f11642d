"""WEEX's books: trades of both hosts, what moved the futures wallet, what moved the spot wallet, transfers by hand."""

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import Side
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core, VenueFill
from tests.emulator.weex.legs import LONG, leg_of
from tests.emulator.weex.names import FIRST_ID, chosen, found, is_contract, order_id, venue_id
from tests.emulator.weex.words import ms, plain, refused, told

Row = dict[str, object]
MOST_TRADES = 100
WORDS = {
    EntryKind.FUNDING: "position_funding",
    EntryKind.DEPOSIT: "deposit",
    EntryKind.WITHDRAWAL: "withdraw",
    EntryKind.REALISED: "position_close_short",
    EntryKind.FEE: "order_fill_fee_income",
    EntryKind.LIQUIDATION: "finish_liquidate",
}
SPOT_WORDS = {EntryKind.DEPOSIT: "deposit", EntryKind.WITHDRAWAL: "withdraw"}


def trades(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/myTrades and capi/v3/userTrades: newest first, a hundred at most."""
    start, end = int(ask.params.get("startTime", 0)), int(ask.params.get("endTime", core.now_ms() + 1))
    if not is_contract(ask) and not ask.params.get("symbol"):
        raise refused(-1141, "Parameter symbol cannot be empty.")
    fills = [fill for one in chosen(ask, core) for fill in core.fills(one.symbol, start) if fill.at_ms <= end]
    if ask.params.get("orderId"):
        fills = [fill for fill in fills if str(order_id(fill.order)) == ask.params["orderId"]]
    newest = sorted(fills, key=lambda fill: fill.number, reverse=True)
    most = min(int(ask.params.get("limit", MOST_TRADES)), MOST_TRADES)
    rows = [_contract_trade(core, fill) if is_contract(ask) else _trade(core, fill) for fill in newest[:most]]
    return Reply(body=rows)


def _trade(core: Core, fill: VenueFill) -> Row:
    return {
        "symbol": venue_id(core.instruments[fill.symbol]),
        "id": FIRST_ID + fill.number,
        "orderId": order_id(fill.order),
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        "quoteQty": told(fill.quantity * fill.price),
        "commission": plain(fill.fee),
        "time": fill.at_ms,
        "isBuyer": fill.side is Side.BUY,
    }


def _contract_trade(core: Core, fill: VenueFill) -> Row:
    order = core.order(fill.order)
    return {
        "id": FIRST_ID + fill.number,
        "orderId": order_id(fill.order),
        "symbol": venue_id(core.instruments[fill.symbol]),
        "buyer": fill.side is Side.BUY,
        "commission": plain(fill.fee),
        "commissionAsset": fill.fee_asset,
        "maker": fill.maker,
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        "quoteQty": told(fill.quantity * fill.price),
        "realizedPnl": plain(fill.realised),
        "side": fill.side.value.upper(),
        "positionSide": LONG if order is None else leg_of(core, order),
        "time": fill.at_ms,
    }


def income(ask: Ask, core: Core) -> Reply:
    """Answer POST capi/v3/account/income: both ends of a span or neither, newest first, pages by key."""
    sent = ask.json or {}
    if ("startTime" in sent) != ("endTime" in sent):
        raise refused(-1128, "Combination of optional parameters invalid.")
    start, end = int(sent.get("startTime", 0)), int(sent.get("endTime", core.now_ms() + 1))
    wanted = str(sent.get("incomeType", ""))
    symbol = found(ask, core, str(sent["symbol"])).symbol if sent.get("symbol") else ""
    rows = [
        _bill(core, entry)
        for entry in core.ledger(start)
        if entry.wallet is WalletKind.LINEAR and entry.kind in WORDS and ms(entry.at) <= end
        if symbol in ("", entry.symbol) and wanted in ("", WORDS[entry.kind])
    ][::-1]
    most, first = min(int(sent.get("limit", 20)), 100), int(sent.get("nextKey", 0) or 0)
    more = len(rows) > first + most
    return Reply(
        body={"hasNextPage": more, "nextKey": str(first + most) if more else None, "items": rows[first : first + most]}
    )


def _bill(core: Core, entry: LedgerEntry) -> Row:
    one = core.instruments.get(entry.symbol)
    return {
        "billId": str(FIRST_ID + entry.sequence),
        "asset": entry.asset,
        "symbol": venue_id(one) if one else "",
        "income": plain(entry.change),
        "incomeType": WORDS[entry.kind],
        "balance": "0",
        "fillFee": "0",
        "time": str(ms(entry.at)),
        "transferReason": "UNKNOWN_TRANSFER_REASON",
    }


def spot_bills(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v3/account/bills: what came into the spot wallet and left it, newest first, ten unless told.

    `after` and `before` are numbers of bills: of a time, which is a smaller number than all of them, the one
    leaves nothing out and the other everything.
    """
    sent = ask.json or {}
    after, before = int(sent.get("after", 0)), int(sent.get("before", 10**19))
    rows = [
        {
            "billId": str(FIRST_ID + entry.sequence),
            "coinId": 2,
            "coinName": entry.asset,
            "bizType": SPOT_WORDS[entry.kind],
            "fillSize": "0",
            "fillValue": "0",
            "deltaAmount": plain(entry.change),
            "afterAmount": "0",
            "fees": "0",
            "cTime": str(ms(entry.at)),
        }
        for entry in core.ledger(0)
        if entry.wallet is WalletKind.SPOT and entry.kind in SPOT_WORDS and after < FIRST_ID + entry.sequence < before
    ]
    wanted = str(sent.get("bizType", ""))
    kept = [row for row in reversed(rows) if wanted in ("", row["bizType"])]
    return Reply(body=kept[: min(int(sent.get("limit", 10)), 100)])


def transfers(_ask: Ask, _core: Core) -> Reply:
    """Answer GET api/v3/account/transferRecords: what a person moved by hand; here nobody did."""
    rows: list[Row] = []
    return Reply(body=rows)
