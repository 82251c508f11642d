"""MEXC's transfers between the two wallets, what funding paid, and what came in and went out."""

import re
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import TransferRequest
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core, VenueTransfer
from tests.emulator.mexc.names import bare, contract_of, paged, plain, venue_id
from tests.emulator.mexc.refusals import spot_refused, transfer_refused

SPOT, FUTURES = "SPOT", "FUTURES"
WEEK_MS = 7 * 86_400_000


def transfer_id(number: int) -> str:
    """Return the venue's id of a transfer."""
    return f"cb28c88cd20c42819e4d5148{number:08x}"


def _wallet(core: Core, account: str, asset: str) -> WalletKind:
    """Return the wallet behind a name: FUTURES holds quote money and coins in one, told apart by what settles in it."""
    if account == SPOT:
        return WalletKind.SPOT
    if account != FUTURES:
        raise spot_refused(10103, "this account transfer is not supported")
    coins = {one.settle for one in core.instruments.values() if one.kind.is_inverse}
    return WalletKind.INVERSE if asset in coins else WalletKind.LINEAR


def transfer(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v3/capital/transfer: the transfer's id; the venue takes no id of ours."""
    sent = ask.params
    asset, text = sent.get("asset", ""), sent.get("amount", "")
    if not asset:
        raise spot_refused(10222, "currency cannot be null")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise spot_refused(10097, "amount is error")
    source, target = (_wallet(core, sent.get(name, ""), asset) for name in ("fromAccountType", "toAccountType"))
    if source is target:
        raise spot_refused(10103, "this account transfer is not supported")
    request = TransferRequest(asset=asset, amount=Decimal(text), source=source, target=target)
    try:
        made = core.transfer(request, "")
    except OrderRejected as error:
        raise transfer_refused(error) from error
    return Reply(body={"tranId": transfer_id(made.number)})


def _account(wallet: WalletKind) -> str:
    return SPOT if wallet is WalletKind.SPOT else FUTURES


def _transfer_row(made: VenueTransfer) -> dict[str, object]:
    return {
        "tranId": transfer_id(made.number),
        "clientTranId": None,
        "asset": made.request.asset,
        "amount": plain(made.request.amount),
        "fromAccountType": _account(made.request.source),
        "toAccountType": _account(made.request.target),
        "fromSymbol": SPOT,
        "toSymbol": FUTURES,
        "symbol": None,
        "status": "SUCCESS",
        "timestamp": made.at_ms,
    }


def transfers(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/capital/transfer: one way at a time, the last seven days unless told, newest first."""
    way = (ask.params.get("fromAccountType", ""), ask.params.get("toAccountType", ""))
    if not all(way):
        raise spot_refused(730002, "Your input param is invalid")
    end = int(ask.params.get("endTime", core.now_ms() + 1))
    start = int(ask.params.get("startTime", end - WEEK_MS))
    rows = [_transfer_row(made) for made in core.transfers(start) if made.at_ms <= end]
    rows = [row for row in reversed(rows) if (row["fromAccountType"], row["toAccountType"]) == way]
    size, page = min(int(ask.params.get("size", 10)), 100), int(ask.params.get("page", 1))
    return Reply(body={"rows": rows[(page - 1) * size : page * size], "total": len(rows)})


def one_transfer(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/capital/transfer/tranId."""
    for made in core.transfers(0):
        if transfer_id(made.number) == ask.params.get("tranId"):
            return Reply(body=_transfer_row(made))
    raise spot_refused(22222, "record does not exist")


def contract_transfers(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/account/transfer_record: IN is into the contract wallet."""
    rows: list[dict[str, object]] = [
        {
            "id": 165_000 + made.number,
            "txid": transfer_id(made.number),
            "currency": made.request.asset,
            "amount": bare(made.request.amount),
            "type": "IN" if made.request.source is WalletKind.SPOT else "OUT",
            "state": "SUCCESS",
            "createTime": made.at_ms,
            "updateTime": made.at_ms,
        }
        for made in reversed(core.transfers(0))
    ]
    return Reply(body={"success": True, "code": 0, "data": paged(ask, rows)})


def funding_records(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/position/funding_records: positive was received; no start can be told."""
    name = ask.params.get("symbol", "")
    symbol = contract_of(core, name).symbol if name else ""
    entries = [entry for entry in core.ledger(0) if entry.kind is EntryKind.FUNDING and symbol in ("", entry.symbol)]
    rows = [_funding_row(core, entry) for entry in reversed(entries)]
    return Reply(body={"success": True, "code": 0, "data": paged(ask, rows)})


def _funding_row(core: Core, entry: LedgerEntry) -> dict[str, object]:
    at_ms = int(entry.at.timestamp() * 1000)
    rate = dict(core.past_funding(entry.symbol)).get(at_ms, Decimal(0))
    return {
        "id": 328_000 + entry.sequence,
        "symbol": venue_id(core.instruments[entry.symbol]),
        "positionType": 1 if (entry.change > 0) == (rate < 0) else 2,
        "positionValue": bare(abs(entry.change / rate) if rate else Decimal(0)),
        "funding": bare(entry.change),
        "rate": bare(rate),
        "settleTime": at_ms,
    }


def deposits(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/capital/deposit/hisrec: what came from outside, newest first."""
    entries = [entry for entry in core.ledger(0) if entry.kind is EntryKind.DEPOSIT]
    return Reply(
        body=[
            {
                "amount": plain(entry.change),
                "coin": entry.asset,
                "network": entry.asset,
                "status": 5,
                "address": "0x20b7cf77db93d6ef1ab979c49142ec168427fdee",
                "txId": f"{entry.sequence:064x}",
                "insertTime": int(entry.at.timestamp() * 1000),
                "unlockConfirm": "10",
                "confirmTimes": "241",
                "memo": None,
            }
            for entry in reversed(entries)
        ]
    )


def withdrawals(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/capital/withdraw/history: what left the account, newest first."""
    entries = [entry for entry in core.ledger(0) if entry.kind is EntryKind.WITHDRAWAL]
    return Reply(
        body=[
            {
                "id": f"{entry.sequence:032x}",
                "txId": None,
                "coin": entry.asset,
                "network": entry.asset,
                "address": "0x20b7cf77db93d6ef1ab979c49142ec168427fdee",
                "amount": plain(-entry.change),
                "transferType": 0,
                "status": 7,
                "transactionFee": "0",
                "confirmNo": None,
                "applyTime": int(entry.at.timestamp() * 1000),
                "remark": "",
                "memo": None,
                "updateTime": int(entry.at.timestamp() * 1000),
            }
            for entry in reversed(entries)
        ]
    )
