"""A transfer is known again by our id, or by coin, amount, way and time; two alike are not told apart."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import TransferReport, TransferRequest
from bot.domain.snapshot import Wallets
from bot.errors import SnapshotUnavailable
from bot.venues.row import LedgerSource, TransferRow
from bot.venues.transfers import find_sent_transfer
from bot.venues.translate import in_milliseconds
from tests.builders import NOON
from tests.unit.venues.desk import connected, reader

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR
ASKED = TransferRequest(asset="USDT", amount=Decimal(250), source=SPOT, target=LINEAR)
FIND = LedgerSource(call="history", rows="rows", at="time", change="amount", asset="coin", reference="id", since="from")
BY_NAMES = TransferRow(names={SPOT: "spot", LINEAR: "swap"}, find=FIND)
BY_ID = replace(BY_NAMES, reference="id")
BOTH_WAYS = replace(BY_NAMES, from_field="out", to_field="in", told_names={SPOT: "S", LINEAR: "L"})


class Told:
    """A client whose history has these rows."""

    def __init__(self, *rows: dict[str, object]) -> None:
        self.rows = list(rows)
        self.asked: list[dict[str, object]] = []

    async def history(self, params: dict[str, object]) -> dict[str, object]:
        """All rows."""
        self.asked.append(params)
        return {"rows": self.rows}


def a_row(after: timedelta = timedelta(seconds=1), **changes: object) -> dict[str, object]:
    """250 tether, a second after they were sent."""
    return {"time": in_milliseconds(NOON + after), "amount": "250", "coin": "usdt", "id": "x"} | changes


async def found(client: Any, row: TransferRow | None = BY_NAMES, purses: Wallets = Wallets.SEPARATE) -> datetime | None:
    """When the transfer "a1", sent at noon, was made; None where the venue knows of none."""
    connection = connected(client, SPOT)
    connection = replace(
        connection,
        row=replace(connection.row, transfers=row),
        access=replace(connection.access, purses=purses),
    )
    told = await find_sent_transfer(connection, "a1", ASKED, NOON, reader(connection))
    assert told is None or told == TransferReport(transfer_id="a1", request=ASKED, at=told.at)
    return None if told is None else told.at


async def test_without_ids_it_is_known_by_what_it_was() -> None:
    """The coin in whatever letters, the amount with whatever sign; asked for since two seconds before."""
    client = Told(a_row(), a_row(amount="251"), a_row(coin="USDC"))
    assert await found(client) == NOON + timedelta(seconds=1)
    assert client.asked == [{"from": in_milliseconds(NOON) - 2000}]
    assert await found(Told(a_row(amount="-250.00"))) == NOON + timedelta(seconds=1)


@pytest.mark.parametrize(("seconds", "ours"), [(-3, False), (-2, True), (0, True), (300, True), (301, False)])
async def test_it_was_made_within_five_minutes_and_at_most_two_seconds_early(seconds: int, ours: bool) -> None:
    """Clocks differ a little; what came later is another one."""
    assert (await found(Told(a_row(timedelta(seconds=seconds)))) is not None) is ours


async def test_two_alike_within_minutes_are_not_told_apart() -> None:
    """Neither is taken for ours."""
    with pytest.raises(SnapshotUnavailable, match="2 transfers of 250 USDT within minutes: which is ours is not known"):
        await found(Told(a_row(), a_row(timedelta(minutes=2))))


async def test_with_ids_only_ours_is_ours() -> None:
    """One alike of another id is not, and ours is at any time."""
    alike, ours = a_row(), a_row(timedelta(hours=1), id="a1")
    assert await found(Told(alike), BY_ID) is None
    assert await found(Told(alike, ours), BY_ID) == NOON + timedelta(hours=1)
    assert await found(Told(a_row(id=None)), BY_ID) is None


async def test_a_list_of_both_ways_tells_which_one() -> None:
    """From spot to the contracts, and not back."""
    there, back = {"out": "S", "in": "L"}, {"out": "L", "in": "S"}
    assert await found(Told(a_row() | there), BOTH_WAYS) == NOON + timedelta(seconds=1)
    assert await found(Told(a_row() | back, a_row()), BOTH_WAYS) is None


async def test_a_list_of_one_way_is_asked_for_that_way() -> None:
    """By the row's parameters, and without a time where the venue takes none."""
    row = replace(BY_NAMES, ways={(SPOT, LINEAR): {"type": "MAIN_UMFUTURE"}}, find=replace(FIND, since=""))
    client = Told()
    assert await found(client, row) is None
    assert client.asked == [{"type": "MAIN_UMFUTURE"}]


@pytest.mark.parametrize("changes", [{"time": None}, {"amount": ""}])
async def test_a_row_that_cannot_be_read_may_be_ours(changes: dict[str, object]) -> None:
    """So it is not said that there is none."""
    with pytest.raises(SnapshotUnavailable, match=r"transfers: .* is missing"):
        await found(Told(a_row() | changes))


async def test_a_venue_that_cannot_be_asked_is_not_guessed_for() -> None:
    """No transfers, or none that can be looked up."""
    for row in (None, replace(BY_NAMES, find=None)):
        with pytest.raises(SnapshotUnavailable, match="cannot be asked for a transfer"):
            await found(Told(), row)


async def test_in_one_purse_it_was_made_when_it_was_asked_for() -> None:
    """Nothing has to move, and nobody is asked."""
    client = Told()
    assert await found(client, None, Wallets.POOLED) == NOON
    assert client.asked == []
