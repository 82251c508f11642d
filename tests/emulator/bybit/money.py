"""Bybit's books of the unified purse: the transaction log, and transfers between FUND and UNIFIED."""

import re
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.ledger import EntryKind, LedgerEntry
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.account import held
from tests.emulator.bybit.memory import Moved, memory_of
from tests.emulator.bybit.names import category_of, category_of_kind, venue_id
from tests.emulator.bybit.paging import Row, page, window
from tests.emulator.bybit.rows import exec_id
from tests.emulator.bybit.settings import body_of, number_of
from tests.emulator.bybit.words import answered, envelope, ms, plain, refused, told
from tests.emulator.core import Core

_TRADED = frozenset({EntryKind.FILL, EntryKind.FEE, EntryKind.REALISED})
_WORDS = {
    EntryKind.FUNDING: "SETTLEMENT",
    EntryKind.LIQUIDATION: "LIQUIDATION",
    EntryKind.DELIVERY: "DELIVERY",
    EntryKind.INTEREST: "INTEREST",
}
ACCOUNTS = ("FUND", "UNIFIED")
FUNDINGS_FROM = 20_000_000
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Group = list[LedgerEntry]


def transaction_log(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/account/transaction-log: a day by default, a week at most, newest first.

    change = cashFlow + funding − fee; a fee is positive when paid, a funding positive when received. A spot
    trade is two rows, one for each coin. Transfers carry no category and no symbol.
    """
    params = ask.params
    category = str(category_of(core, params)) if params.get("category") else None
    span = window(core, params, most_days=7, usual_days=1)
    rows: list[Row] = [*memory_of(core).strange_rows]
    for group in reversed(_groups(core)):
        row = _log_row(core, group)
        asked = (
            category in (None, row["category"])
            and params.get("currency", row["currency"]) == row["currency"]
            and params.get("type", row["type"]) == row["type"]
        )
        if asked and span.holds(ms(group[0].at)):
            rows.append(row)
    shown, cursor = page(core, params, rows, usual=20, most=50)
    return answered(core, {"nextPageCursor": cursor, "list": shown})


def _groups(core: Core) -> list[Group]:
    """Return the core's entries, those of one trade in one coin together, in order."""
    groups: dict[tuple[object, ...], Group] = {}
    for entry in core.ledger(0):
        traded = entry.kind in _TRADED
        key = (entry.reference, entry.asset, entry.symbol) if traded else (entry.sequence,)
        groups.setdefault(key, []).append(entry)
    return list(groups.values())


def _sum(group: Group, *kinds: EntryKind) -> Decimal:
    return sum((entry.change for entry in group if entry.kind in kinds), Decimal(0))


def _log_row(core: Core, group: Group) -> Row:
    first = group[0]
    one = core.instruments.get(first.symbol)
    fee, funding = -_sum(group, EntryKind.FEE), _sum(group, EntryKind.FUNDING)
    change = sum((entry.change for entry in group), Decimal(0))
    if first.kind in _TRADED:
        word = "TRADE"
    else:
        word = _WORDS.get(first.kind) or ("TRANSFER_IN" if change > 0 else "TRANSFER_OUT")
    return {
        "id": f"{first.sequence}_{first.symbol.partition(':')[0].replace('/', '')}_{ms(first.at)}",
        "symbol": venue_id(one) if one is not None else "",
        "category": str(category_of_kind(one.kind)) if one is not None else "",
        "side": _side(core, one, first, change),
        "transactionTime": str(ms(first.at)),
        "type": word,
        "transSubType": "",
        "qty": "0",
        "size": "0",
        "currency": first.asset,
        "tradePrice": "",
        "funding": told(funding, 12) if first.kind is EntryKind.FUNDING else "",
        "fee": told(fee, 12),
        "cashFlow": told(change + fee - funding, 12),
        "change": told(change, 12),
        "cashBalance": told(_balance_after(core, group), 12),
        "feeRate": "",
        "bonusChange": "",
        "tradeId": _trade_id(one, first),
        "orderId": "",
        "orderLinkId": "",
        "extraFees": "",
    }


def _trade_id(one: Instrument | None, first: LedgerEntry) -> str:
    """Return the id of the execution a row came of, the same as v5/execution/list tells; none for a transfer."""
    if one is None:
        return ""
    if first.kind in _TRADED and first.reference.isdigit():
        return exec_id(one, int(first.reference))
    return exec_id(one, FUNDINGS_FROM + first.sequence)


def _side(core: Core, one: Instrument | None, first: LedgerEntry, change: Decimal) -> str:
    """Return Buy or Sell of a trade; a spot trade buys when its coin comes in."""
    if one is None or first.kind not in _TRADED:
        return "None"
    for fill in core.fills(one.symbol, 0):
        if str(fill.number) == first.reference:
            return str(fill.side).capitalize()
    comes_in = (first.asset == one.base) == (change > 0)
    return "Buy" if comes_in else "Sell"


def _balance_after(core: Core, group: Group) -> Decimal:
    """Return what the purse held of the coin once these entries were made."""
    last = max(entry.sequence for entry in group)
    asset = group[0].asset
    later = [entry.change for entry in core.ledger(0) if entry.asset == asset and entry.sequence > last]
    return held(core, asset) - sum(later, Decimal(0))


def transfer(ask: Ask, core: Core) -> Reply:
    """Answer POST v5/asset/transfer/inter-transfer between FUND and UNIFIED; an id is taken once and for ever."""
    sent = body_of(ask, core)
    identity, coin, amount = str(sent.get("transferId", "")), str(sent.get("coin", "")), number_of(core, sent, "amount")
    source, target = str(sent.get("fromAccountType", "")), str(sent.get("toAccountType", ""))
    if not _UUID.fullmatch(identity) or amount <= 0:
        raise refused(core, 131203, "Request parameter error")
    if source == target:
        raise refused(core, 131211, "fromAccountType can't be the same as toAccountType")
    if source not in ACCOUNTS or target not in ACCOUNTS:
        raise refused(core, 131231, "Transfers into this account are not supported")
    memory = memory_of(core)
    if any(moved.identity == identity for moved in memory.moved):
        raise refused(core, 131214, "TransferId exist")
    outward = amount if target == "FUND" else -amount
    funds = memory.funds.get(coin, Decimal(0)) + outward
    if funds < 0 or (outward > 0 and outward > held(core, coin)):
        raise refused(core, 131212, "Insufficient balance")
    core.flow(coin, -outward)
    memory.funds[coin] = funds
    memory.moved.append(Moved(identity, coin, amount, source, target, core.now_ms()))
    return answered(core, {"transferId": identity, "status": "SUCCESS"}, message="success")


def transfers(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/asset/transfer/query-inter-transfer-list: a week at a time, newest first."""
    params = ask.params
    span = window(core, params, most_days=7, usual_days=7)
    rows: list[Row] = [
        {
            "transferId": moved.identity,
            "coin": moved.coin,
            "amount": plain(moved.amount),
            "fromAccountType": moved.source,
            "toAccountType": moved.target,
            "timestamp": str(moved.at_ms),
            "status": "SUCCESS",
        }
        for moved in reversed(memory_of(core).moved)
        if span.holds(moved.at_ms)
        and params.get("transferId", moved.identity) == moved.identity
        and params.get("coin", moved.coin) == moved.coin
    ]
    shown, cursor = page(core, params, rows, usual=20, most=50)
    return Reply(body=envelope(core.now_ms(), {"list": shown, "nextPageCursor": cursor}, message="success"))
