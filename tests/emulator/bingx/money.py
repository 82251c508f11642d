"""Money at BingX: transfers between its accounts, their record by way, and what changed the linear wallet."""

from collections.abc import Iterable
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import TransferRequest
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.memory import Memory, Moved, memory_of
from tests.emulator.bingx.names import money, venue_id
from tests.emulator.bingx.order_rows import FIRST_TRADE
from tests.emulator.bingx.words import answered, ms, number_of, refused, stamped, told, whole_of
from tests.emulator.core import Core

DAY_MS = 86_400_000
KEPT_MS = 90 * DAY_MS
FUND = "fund"
_WALLETS = {"spot": WalletKind.SPOT, "USDTMPerp": WalletKind.LINEAR, "coinMPerp": WalletKind.INVERSE}
_NAMES = {wallet: name for name, wallet in _WALLETS.items()}
_INCOME = {
    EntryKind.FUNDING: ("FUNDING_FEE", "Funding Fee"),
    EntryKind.FEE: ("TRADING_FEE", "Position closing fee"),
    EntryKind.REALISED: ("REALIZED_PNL", "Realized PNL"),
    EntryKind.TRANSFER: ("TRANSFER", "Transfer"),
    EntryKind.DEPOSIT: ("TRANSFER", "Transfer in"),
    EntryKind.WITHDRAWAL: ("TRANSFER", "Transfer out"),
    EntryKind.LIQUIDATION: ("INSURANCE_CLEAR", "Liquidation"),
}
Row = dict[str, object]


def transfer(ask: Ask, core: Core) -> Reply:
    """Answer POST api/asset/v1/transfer: two ids of the venue's, none of ours."""
    sent, memory = ask.params, memory_of(core)
    source, target = sent.get("fromAccount", ""), sent.get("toAccount", "")
    amount, asset = number_of(sent, "amount", 100400), sent.get("asset", "")
    if source == target or not {source, target} <= {FUND, *_WALLETS}:
        raise refused(100400, "illegal transferType")
    _move(core, memory, (source, target), asset, amount)
    moved = Moved(len(memory.moved) + 1, asset, amount, source, target, core.now_ms())
    memory.moved.append(moved)
    return stamped(core, {"tranId": _tran_id(moved), "transferId": _transfer_id(moved)})


def _tran_id(moved: Moved) -> int:
    return 1_943_502_883_135_000_000 + moved.number


def _transfer_id(moved: Moved) -> str:
    return str(1_051_461_075_661_819_000_000 + moved.number)


def _move(core: Core, memory: Memory, way: tuple[str, str], asset: str, amount: Decimal) -> None:
    source, target = (_WALLETS.get(name) for name in way)
    try:
        if source is not None and target is not None:
            core.transfer(TransferRequest(asset=asset, amount=amount, source=source, target=target), "")
        elif source is not None:
            core.flow(asset, -amount, source)
        elif memory.funds.get(asset, Decimal(0)) < amount:
            raise refused(100437, "Insufficient assets")
        elif target is not None:
            core.flow(asset, amount, target)
    except OrderRejected:
        raise refused(100437, "Insufficient assets") from None
    for name, change in zip(way, (-amount, amount), strict=True):
        if name == FUND:
            memory.funds[asset] = memory.funds.get(asset, Decimal(0)) + change


def transfers(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/asset/transferRecord: by id, or of one way; the rows stand outside any envelope."""
    sent = ask.params
    source, target, wanted = sent.get("fromAccount"), sent.get("toAccount"), sent.get("transferId")
    if not wanted and not (source and target):
        raise refused(100400, "fromAccount and toAccount, or transferId, must be passed")
    start, end = whole_of(sent, "startTime", 0), whole_of(sent, "endTime", core.now_ms())
    page, size = whole_of(sent, "pageIndex", 1), min(whole_of(sent, "pageSize", 10), 100)
    found = [
        moved
        for moved in reversed(memory_of(core).moved)
        if start <= moved.at_ms <= end
        and (_transfer_id(moved) == wanted if wanted else (moved.source, moved.target) == (source, target))
    ]
    rows = [
        {
            "asset": moved.asset,
            "amount": f"{moved.amount:.20f}",
            "status": "CONFIRMED",
            "transferId": _transfer_id(moved),
            "timestamp": moved.at_ms,
            "fromAccount": moved.source,
            "toAccount": moved.target,
        }
        for moved in found[(page - 1) * size : page * size]
    ]
    return Reply(body={"total": len(found), "rows": rows})


def transfers_by_type(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/asset/transfer, the older record: FUND stands for the spot and the funding account."""
    old = {"spot": "FUND", FUND: "FUND", "USDTMPerp": "PFUTURES", "coinMPerp": "CFUTURES"}
    rows = [
        {
            "asset": moved.asset,
            "amount": f"{moved.amount:.20f}",
            "type": f"{old[moved.source]}_{old[moved.target]}",
            "status": "CONFIRMED",
            "tranId": _tran_id(moved),
            "timestamp": moved.at_ms,
        }
        for moved in memory_of(core).moved
    ]
    wanted = ask.params.get("type")
    shown = [row for row in rows if wanted in (None, "", row["type"])]
    return Reply(body={"total": len(shown), "rows": shown})


def income(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/user/income: what was received is above zero; newest first.

    Three months are kept, seven days are told where no time is named, 100 rows where no number is.
    """
    sent, now = ask.params, core.now_ms()
    end = whole_of(sent, "endTime", now)
    start = max(whole_of(sent, "startTime", 0 if sent.get("endTime") else now - 7 * DAY_MS), now - KEPT_MS)
    names = {one.symbol: venue_id(one) for one in core.instruments.values()}
    rows = [
        {**_income_row(entry, names.get(entry.symbol, "")), "asset": money(ask, entry.asset)}
        for entry in reversed(_linear_changes(core.ledger()))
        if start <= ms(entry.at) <= end
    ]
    kind, symbol = sent.get("incomeType"), sent.get("symbol")
    shown = [row for row in rows if kind in (None, "", row["incomeType"]) and symbol in (None, "", row["symbol"])]
    shown = memory_of(core).instead.get("income", shown)
    return answered(shown[: min(whole_of(sent, "limit", 100), 1000)])


def _linear_changes(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    return [entry for entry in entries if entry.wallet is WalletKind.LINEAR and entry.kind in _INCOME]


def _income_row(entry: LedgerEntry, symbol: str) -> Row:
    """Return one change; its tranId is its own, its tradeId that of the trade it came from."""
    word, info = _INCOME[entry.kind]
    trade = entry.kind in (EntryKind.FEE, EntryKind.REALISED) and entry.reference.isdigit()
    return {
        "symbol": symbol,
        "incomeType": word,
        "income": told(entry.change, 12),
        "asset": entry.asset,
        "info": info,
        "time": ms(entry.at),
        "tranId": f"{170_000_000_000 + entry.sequence}_{word}",
        "tradeId": str(FIRST_TRADE + int(entry.reference)) if trade else "",
    }
