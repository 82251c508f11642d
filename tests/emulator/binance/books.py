"""What Binance tells of the account's past: trades, income, transfers between wallets, deposits, withdrawals."""

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import TransferRequest
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.binance.asked_order import needed, number
from tests.emulator.binance.names import Product, chosen, exact, instrument_of, plain, product_of, venue_id
from tests.emulator.binance.order_rows import trade_row
from tests.emulator.binance.prices import DAY_MS, ms
from tests.emulator.binance.refusals import refused, transfer_refused
from tests.emulator.core import Core

WEEK_MS = 7 * DAY_MS
FIRST_TRANSFER = 13_526_000_000
_INCOME = {
    EntryKind.FEE: "COMMISSION",
    EntryKind.FUNDING: "FUNDING_FEE",
    EntryKind.REALISED: "REALIZED_PNL",
    EntryKind.TRANSFER: "TRANSFER",
    EntryKind.LIQUIDATION: "INSURANCE_CLEAR",
    EntryKind.DELIVERY: "DELIVERED_SETTELMENT",
    EntryKind.INTEREST: "COMMISSION_REBATE",
    EntryKind.DEPOSIT: "TRANSFER",
    EntryKind.WITHDRAWAL: "TRANSFER",
}
_WAYS = {
    "MAIN_UMFUTURE": (WalletKind.SPOT, WalletKind.LINEAR),
    "UMFUTURE_MAIN": (WalletKind.LINEAR, WalletKind.SPOT),
    "MAIN_CMFUTURE": (WalletKind.SPOT, WalletKind.INVERSE),
    "CMFUTURE_MAIN": (WalletKind.INVERSE, WalletKind.SPOT),
}


def _span(ask: Ask, core: Core, widest_ms: int, refusal: tuple[int, str]) -> tuple[int, int]:
    """Return the first and last moment asked for; both given may not lie further apart than the venue allows."""
    now = core.now_ms()
    until = int(ask.params.get("endTime", now))
    since = int(ask.params.get("startTime", 0))
    if "startTime" in ask.params and "endTime" in ask.params and until - since > widest_ms:
        raise refused(*refusal)
    return since, until


def spot_trades(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/myTrades of one symbol, oldest first; at most 24 hours between two given times."""
    return _trades(ask, core, DAY_MS, (-1127, "More than 24 hours between startTime and endTime."))


def contract_trades(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi|dapi/v1/userTrades of one symbol, oldest first; at most 7 days between two given times."""
    return _trades(ask, core, WEEK_MS, (-4165, "Maximum time interval is 7 days"))


def _trades(ask: Ask, core: Core, widest_ms: int, refusal: tuple[int, str]) -> Reply:
    one = instrument_of(core, product_of(ask), ask.params)
    since, until = _span(ask, core, widest_ms, refusal)
    order, first = ask.params.get("orderId"), int(ask.params.get("fromId", "0"))
    found = [
        fill
        for fill in core.fills(one.symbol, since)
        if fill.at_ms <= until and fill.number >= first and order in (None, str(fill.order))
    ]
    most = int(ask.params.get("limit", "500"))
    told = found[:most] if since or first else found[-most:]
    return Reply(body=[trade_row(core, fill) for fill in told])


def income(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi|dapi/v1/income: what came in is positive; without a start the last 7 days."""
    product = product_of(ask)
    since, until = _span(ask, core, 365 * DAY_MS, (-1130, "Data sent for parameter 'startTime' is not valid."))
    since = since or core.now_ms() - WEEK_MS
    wanted = ask.params.get("incomeType")
    symbols = {one.symbol for one in chosen(core, product, ask.params)} if "symbol" in ask.params else None
    rows = [
        _income_row(core, entry)
        for entry in core.ledger(since)
        if entry.wallet is product.wallet
        and ms(entry.at) <= until
        and wanted in (None, _INCOME.get(entry.kind, ""))
        and (symbols is None or entry.symbol in symbols)
    ]
    most, page = int(ask.params.get("limit", "100")), int(ask.params.get("page", "1"))
    return Reply(body=rows[(page - 1) * most : page * most])


def _income_row(core: Core, entry: LedgerEntry) -> dict[str, object]:
    is_trade = entry.kind in (EntryKind.FEE, EntryKind.REALISED)
    return {
        "symbol": venue_id(core.instruments[entry.symbol]) if entry.symbol else "",
        "incomeType": _INCOME[entry.kind],
        "income": exact(entry.change),
        "asset": entry.asset,
        "info": entry.reference if is_trade else _INCOME[entry.kind],
        "time": ms(entry.at),
        "tranId": str(FIRST_TRANSFER + entry.sequence),
        "tradeId": entry.reference if is_trade else "",
    }


def transfer(ask: Ask, core: Core) -> Reply:
    """Answer POST sapi/v1/asset/transfer: it takes no id of ours, and tells only its own."""
    params = {**ask.params, **ask.form}
    way, asset = needed(params, "type"), needed(params, "asset")
    if way not in _WAYS:
        raise refused(-1130, "Data sent for parameter 'type' is not valid.")
    source, target = _WAYS[way]
    request = TransferRequest(asset=asset, amount=number(params, "amount"), source=source, target=target)
    try:
        made = core.transfer(request, "")
    except OrderRejected as error:
        raise transfer_refused(error) from error
    return Reply(body={"tranId": FIRST_TRANSFER + made.number})


def transfers(ask: Ask, core: Core) -> Reply:
    """Answer GET sapi/v1/asset/transfer of one type, newest first, in pages."""
    way = needed(ask.params, "type")
    if way not in _WAYS:
        raise refused(-1130, "Data sent for parameter 'type' is not valid.")
    since, until = _span(ask, core, 30 * DAY_MS, (-1100, "The time interval must be within 30 days."))
    rows = [
        {
            "asset": made.request.asset,
            "amount": plain(made.request.amount),
            "type": way,
            "status": "CONFIRMED",
            "tranId": FIRST_TRANSFER + made.number,
            "timestamp": made.at_ms,
        }
        for made in core.transfers(since or core.now_ms() - WEEK_MS)
        if (made.request.source, made.request.target) == _WAYS[way] and made.at_ms <= until
    ]
    size, page = int(ask.params.get("size", "10")), int(ask.params.get("current", "1"))
    return Reply(body={"total": len(rows), "rows": rows[::-1][(page - 1) * size : page * size]})


def deposits(ask: Ask, core: Core) -> Reply:
    """Answer GET sapi/v1/capital/deposit/hisrec."""
    return Reply(
        body=[
            {
                "id": str(entry.sequence),
                "amount": plain(entry.change),
                "coin": entry.asset,
                "network": "BTC",
                "status": 1,
                "address": "emulated",
                "addressTag": "",
                "txId": entry.reference or str(entry.sequence),
                "insertTime": ms(entry.at),
                "transferType": 0,
                "confirmTimes": "1/1",
                "unlockConfirm": 0,
                "walletType": 0,
            }
            for entry in _flows(ask, core, EntryKind.DEPOSIT)
        ]
    )


def withdrawals(ask: Ask, core: Core) -> Reply:
    """Answer GET sapi/v1/capital/withdraw/history; its times are written out, not counted."""
    return Reply(
        body=[
            {
                "id": str(entry.sequence),
                "amount": plain(-entry.change),
                "transactionFee": "0",
                "coin": entry.asset,
                "status": 6,
                "address": "emulated",
                "txId": entry.reference or str(entry.sequence),
                "applyTime": f"{entry.at:%Y-%m-%d %H:%M:%S}",
                "network": "BTC",
                "transferType": 0,
                "info": "",
                "confirmNo": 3,
                "walletType": 0,
                "txKey": "",
                "completeTime": f"{entry.at:%Y-%m-%d %H:%M:%S}",
            }
            for entry in _flows(ask, core, EntryKind.WITHDRAWAL)
        ]
    )


def _flows(ask: Ask, core: Core, kind: EntryKind) -> list[LedgerEntry]:
    since = int(ask.params.get("startTime", "0"))
    until = int(ask.params.get("endTime", core.now_ms()))
    return [
        entry
        for entry in core.ledger(since)
        if entry.kind is kind and entry.wallet is WalletKind.SPOT and ms(entry.at) <= until
    ]


def no_dividends(ask: Ask, core: Core) -> Reply:
    """Answer GET sapi/v1/asset/assetDividend: the simulator gives none."""
    return Reply(body={"rows": [], "total": 0})


def coins(ask: Ask, core: Core) -> Reply:
    """Answer GET sapi/v1/capital/config/getall: the coins of the spot market, without their networks."""
    names = sorted({name for one in chosen(core, Product.SPOT, {}) for name in (one.base, one.quote)})
    return Reply(
        body=[
            {
                "coin": name,
                "depositAllEnable": True,
                "withdrawAllEnable": True,
                "name": name,
                "free": "0",
                "locked": "0",
                "freeze": "0",
                "withdrawing": "0",
                "ipoing": "0",
                "ipoable": "0",
                "storage": "0",
                "isLegalMoney": False,
                "trading": True,
                "networkList": [],
            }
            for name in names
        ]
    )


def funding_wallet(ask: Ask, core: Core) -> Reply:
    """Answer POST sapi/v1/asset/get-funding-asset: the emulated account keeps nothing there."""
    return Reply(body=[])
