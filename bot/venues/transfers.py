"""Money between own wallets: asked once, known again by our id or by what it was."""

from datetime import datetime, timedelta

from bot.domain.order import TransferReport, TransferRequest
from bot.domain.snapshot import Wallets
from bot.errors import NumberRefused, OrderRejected, OutcomeUnknown, SnapshotUnavailable
from bot.ports import Clock
from bot.venues.asking import Reader, write
from bot.venues.connect import Connection
from bot.venues.row import LedgerSource, TransferRow
from bot.venues.translate import decimal, in_milliseconds, moment, rows_of, seek

CLOCK_SLACK = timedelta(seconds=2)
FOUND_WITHIN = timedelta(minutes=5)


async def send_transfer(
    connection: Connection, clock: Clock, transfer_id: str, request: TransferRequest
) -> TransferReport:
    """Move money once; raise OrderRejected or OutcomeUnknown as an order does.

    In one purse nothing has to move: setting margin aside is answered without a request.
    """
    if connection.access.purses is Wallets.POOLED:
        return TransferReport(transfer_id=transfer_id, request=request, at=clock.now())
    row = connection.row.transfers
    if row is None or connection.access.purses is Wallets.APART:
        raise OrderRejected(
            f"{connection.row.title} moves no money through its API in {connection.mode}", code="not-sent"
        )
    client = connection.clients[request.source]
    names = row.names
    if request.source not in names or request.target not in names:
        raise OrderRejected(
            f"{connection.row.title} moves nothing from {request.source} to {request.target}", code="not-sent"
        )
    params = {row.reference: transfer_id} if row.reference else {}
    answer = await write(
        connection.row.codes,
        lambda: client.transfer(
            request.asset, f"{request.amount:f}", names[request.source], names[request.target], params
        ),
    )
    if not answer.get("id"):
        raise OutcomeUnknown(f"transfer of {request.amount} {request.asset}: the venue answered without an id")
    return TransferReport(transfer_id=transfer_id, request=request, at=clock.now())


async def find_sent_transfer(
    connection: Connection, transfer_id: str, request: TransferRequest, sent_at: datetime, reader: Reader
) -> TransferReport | None:
    """Return a transfer the venue knows of, None when it knows of none.

    Where the venue keeps no ids of ours it is known by asset, amount, way and time; two that look alike within
    minutes are not told apart: SnapshotUnavailable.
    """
    if connection.access.purses is Wallets.POOLED:
        return TransferReport(transfer_id=transfer_id, request=request, at=sent_at)
    row = connection.row.transfers
    if row is None or row.find is None:
        raise SnapshotUnavailable(f"{connection.row.title} cannot be asked for a transfer", part="transfers")
    found = await _matching(connection, (row, row.find), transfer_id, request, sent_at, reader)
    if len(found) > 1:
        raise SnapshotUnavailable(
            f"{len(found)} transfers of {request.amount} {request.asset} within minutes: which is ours is not known",
            part="transfers",
        )
    return TransferReport(transfer_id=transfer_id, request=request, at=found[0]) if found else None


async def _matching(
    connection: Connection,
    way: tuple[TransferRow, LedgerSource],
    transfer_id: str,
    request: TransferRequest,
    sent_at: datetime,
    reader: Reader,
) -> list[datetime]:
    """Return when the transfers that may be ours were made."""
    (row, source), client = way, connection.clients[request.source]
    params: dict[str, object] = {**source.params, **row.ways.get((request.source, request.target), {})}
    if source.since:
        params[source.since] = in_milliseconds(sent_at - CLOCK_SLACK)
    answer = await reader.read("transfers", lambda: getattr(client, source.call)(params))
    found = []
    try:
        for one in rows_of(answer, source.rows, "transfers"):
            at = moment(seek(one, source.at), "time of a transfer")
            same_id = bool(row.reference) and str(seek(one, source.reference) or "") == transfer_id
            alike = (
                str(seek(one, source.asset) or "").upper() == request.asset
                and abs(decimal(seek(one, source.change), "amount of a transfer")) == request.amount
                and sent_at - CLOCK_SLACK <= at <= sent_at + FOUND_WITHIN
                and (not row.from_field or _goes(one, row, request))
            )
            if same_id or (alike and not row.reference):
                found.append(at)
    except NumberRefused as error:
        raise SnapshotUnavailable(f"transfers: {error.message}", part="transfers") from None
    return found


def _goes(one: object, row: TransferRow, request: TransferRequest) -> bool:
    """Whether a transfer in the history goes the way asked for."""
    told = (str(seek(one, row.from_field) or ""), str(seek(one, row.to_field) or ""))
    return told == (row.told_names[request.source], row.told_names[request.target])
