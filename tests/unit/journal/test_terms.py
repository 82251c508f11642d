"""What only some orders have comes back with them: a stop's trigger, and the sleeves an order serves."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.domain.order import Part, Sleeve
from bot.errors import JournalCorrupt, JournalFault
from bot.journal import SqlJournal
from bot.journal.chain import table_of
from bot.journal.tables import IntentTermsRow
from tests.builders import NOON, d
from tests.unit.journal.conftest import Opener
from tests.unit.journal.facts import (
    LONG,
    TINY,
    a_fill,
    a_report,
    a_settlement,
    a_shared_order,
    a_stop,
    an_intent,
    sent,
)


async def terms(journal: SqlJournal) -> int:
    """How many orders have terms of their own."""
    return int((await journal.database.read(select(func.count()).select_from(table_of(IntentTermsRow)))).scalar_one())


async def test_open_orders_come_back_with_trigger_and_parts(journal: SqlJournal, opened: Opener) -> None:
    """In the process that wrote them, and in the next."""
    written = (a_stop(), an_intent(), a_shared_order())
    for intent in written:
        await journal.record_intent(intent)
    for reader in (journal, await opened()):
        assert tuple(record.intent for record in await reader.unresolved()) == written
        assert tuple(one.intent for one in await reader.orders_of("c1")) == written
        assert await reader.verify() == await reader.rows()


async def test_an_order_without_them_has_no_row_of_terms(journal: SqlJournal) -> None:
    """Two rows as ever, intent and state; a stop has three."""
    await journal.record_intent(an_intent())
    assert (await journal.rows(), await terms(journal)) == (2, 0)
    await journal.record_intent(a_stop())
    assert (await journal.rows(), await terms(journal)) == (5, 1)


async def test_their_numbers_come_back_exactly(journal: SqlJournal, opened: Opener) -> None:
    """Eighteen places of a trigger, and of a part."""
    parts = (
        Part(sleeve=Sleeve.CORE, rule="", quantity=d("0.1") - TINY),
        Part(sleeve=Sleeve.CARRY, rule="BTC/USDT:USDT-260327", quantity=TINY),
    )
    await journal.record_intent(a_stop(trigger=LONG))
    await journal.record_intent(an_intent(parts=parts))
    stop, shared = (record.intent.request for record in await (await opened()).unresolved())
    assert stop.trigger == LONG
    assert shared.parts == parts


async def test_sent_orders_tell_them(journal: SqlJournal, opened: Opener) -> None:
    """A stop is valued at its trigger: 0.3 × 65,000 = 19,500."""
    for intent in (an_intent(), a_stop(), a_shared_order()):
        await sent(journal, intent)
    for reader in (journal, await opened()):
        plain, stop, shared = await reader.sent_since(NOON)
        assert (plain.trigger, plain.parts) == (None, ())
        assert (stop.trigger, stop.parts, stop.value) == (d(65_000), (), d(19_500))
        assert (shared.trigger, shared.parts) == (None, a_shared_order().request.parts)


async def test_fills_not_settled_yet_tell_them(journal: SqlJournal, opened: Opener) -> None:
    """So that each sleeve is credited with its part when the cycle ends."""
    await sent(journal, a_shared_order("h1"))
    await journal.record_report(a_report(a_fill()))
    for reader in (journal, await opened()):
        assert await reader.unsettled() == ((a_shared_order("h1"), a_report(a_fill())),)
    await journal.record_settlement(a_settlement(), ())
    assert await journal.unsettled() == ()


async def test_a_second_intent_of_one_name_leaves_no_terms(journal: SqlJournal) -> None:
    """Refused as a whole."""
    await journal.record_intent(an_intent("s1"))
    with pytest.raises(JournalFault, match="recorded already"):
        await journal.record_intent(a_stop("s1"))
    assert (await journal.rows(), await terms(journal)) == (2, 0)


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM intent_terms",
        "UPDATE intent_terms SET trigger = NULL",
        "UPDATE intent_terms SET trigger = 'low'",
        "UPDATE intent_terms SET parts = '[1'",
        """UPDATE intent_terms SET parts = '[{"sleeve":"core","rule":"","quantity":"1"}]'""",
    ],
)
async def test_a_stop_whose_terms_were_touched_is_not_read_as_another_order(
    deed: str, journal: SqlJournal, opened: Opener, tmp_path: Path
) -> None:
    """Without its trigger it would be a market order; the journal says that it is not whole."""
    await journal.record_intent(a_stop())
    await journal.close()
    with closing(sqlite3.connect(tmp_path / "j.db")) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(deed)
    again = await opened()
    for ask in (again.unresolved, again.verify):
        with pytest.raises(JournalCorrupt):
            await ask()
