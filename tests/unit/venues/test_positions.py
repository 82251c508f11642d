"""A position is signed, whole, and says how it is margined; or it is refused."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import MarginMode, Position
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.positions import position_of, read_positions
from bot.venues.row import PositionFields, Product
from bot.venues.rows import NAMES, row_of
from tests.builders import a_long, a_short, d
from tests.unit.venues.desk import connected, reader

PERP = "BTC/USDT:USDT"
PRODUCT = row_of("bybit").products[WalletKind.LINEAR]
PLAIN = PositionFields()
SIGNED = replace(PRODUCT, position=PositionFields(signed=True))


def a_row(**changes: object) -> dict[str, Any]:
    """A cross short of two contracts from 70,000 at threefold leverage."""
    return {
        "symbol": PERP,
        "side": "short",
        "contracts": "2",
        "entryPrice": "70000",
        "marginMode": "cross",
        "leverage": "3",
        "info": dict.fromkeys(("size", "positionAmt", "holdVol", "pos"), "2"),
    } | changes


def read(product: Product = PRODUCT, setting: dict[str, Any] | None = None, **changes: object) -> Position:
    """What a row says."""
    return position_of(a_row(**changes), product, setting)


SHORT = a_short("BTC", 2, entry=70_000, leverage=3)
LONG = a_long("BTC", 2, entry=70_000, leverage=3)


@pytest.mark.parametrize(
    ("side", "contracts", "position"),
    [
        ("short", "2", SHORT),
        ("short", "-2", SHORT),
        ("long", "2", LONG),
    ],
)
def test_a_short_is_negative_whatever_its_count_says(side: str, contracts: str, position: Position) -> None:
    """Two contracts short, counted above zero or below it, and two contracts long."""
    assert read(side=side, contracts=contracts) == position
    assert read(SIGNED, side=side, contracts=contracts) == position


def test_where_the_row_says_so_both_takes_its_sign_from_the_count() -> None:
    """BingX in one-way mode: 2 of "both" are a long, −2 a short."""
    bingx = row_of("bingx").products[WalletKind.LINEAR]
    for product in (SIGNED, bingx):
        assert read(product, side="both", contracts="2") == LONG
        assert read(product, side="both", contracts="-2") == SHORT


@pytest.mark.parametrize("contracts", ["2", "-2"])
def test_both_is_no_side_at_any_other_venue(contracts: str) -> None:
    """Whatever the sign of the count: no other row says what it would mean."""
    for name in set(NAMES) - {"bingx"}:
        for product in row_of(name).products.values():
            with pytest.raises(NumberRefused, match="its side is 'both'"):
                read(product, side="both", contracts=contracts)


@pytest.mark.parametrize("product", [PRODUCT, SIGNED], ids=["by side", "by sign"])
@pytest.mark.parametrize(
    ("side", "contracts"),
    [("", "2"), (None, "2"), (None, "-2"), ("LONG", "2"), ("net", "-2"), ("long", "-2")],
)
def test_a_count_without_a_side_is_refused(side: str | None, contracts: str, product: Product) -> None:
    """Two contracts of nobody knows which way; and a long of less than nothing."""
    with pytest.raises(NumberRefused, match="its side is"):
        read(product, side=side, contracts=contracts)


@pytest.mark.parametrize("contracts", ["", None])
def test_a_count_that_is_not_told_is_no_empty_position(contracts: str | None) -> None:
    """Five hundred may be open: nothing held says zero."""
    with pytest.raises(NumberRefused, match="contracts is missing"):
        read(contracts=contracts)


@pytest.mark.parametrize("info", [{}, {"size": None}, {"size": ""}])
def test_a_count_that_only_ccxt_tells_is_refused(info: dict[str, object]) -> None:
    """It makes one from the value and the price where the venue told none, and it has no sign."""
    with pytest.raises(NumberRefused, match="contracts is missing"):
        read(info=info)


def test_leverage_comes_from_the_setting_of_its_own_leg_where_the_row_has_none() -> None:
    """Five for a short, four for a long."""
    setting = {"shortLeverage": 5, "longLeverage": "4"}
    short, long = read(leverage=None, setting=setting), read(leverage="0", side="long", setting=setting)
    assert (short.leverage, long.leverage) == (5, 4)


@pytest.mark.parametrize("missing", ["leverage", "entryPrice"])
def test_a_number_that_is_missing_is_refused(missing: str) -> None:
    """A leverage nobody told is not guessed."""
    with pytest.raises(NumberRefused, match="is missing"):
        position_of(a_row() | {missing: None}, PRODUCT, None)


@pytest.mark.parametrize("word", ["", None, "portfolio"])
def test_a_margin_mode_nobody_knows_is_refused(word: str | None) -> None:
    """Neither cross nor isolated."""
    with pytest.raises(NumberRefused, match="its margin mode is"):
        read(marginMode=word)


@pytest.mark.parametrize("word", ["cross", "CROSSED"])
def test_cross_has_its_words(word: str) -> None:
    """From the row, or from the account's setting."""
    assert read(marginMode=word) == SHORT
    assert read(marginMode=None, setting={"marginMode": word}) == SHORT


def test_an_isolated_position_has_its_margin_from_where_the_venue_tells_it() -> None:
    """Ccxt's collateral; or, of a margin of 50 with a profit of 8 in it, 42."""
    plain = replace(PRODUCT, position=PLAIN)
    profit = replace(PRODUCT, position=PositionFields(isolated_margin="margin -upl"))
    first = read(plain, marginMode="isolated", collateral="46000")
    second = read(profit, marginMode="isolated", info={"margin": "50", "upl": "8"})
    wanted = replace(SHORT, margin_mode=MarginMode.ISOLATED, isolated_margin=d(46_000))
    assert (first, second) == (wanted, replace(wanted, isolated_margin=d(42)))
    for product in (plain, profit):
        with pytest.raises(NumberRefused, match="isolated margin"):
            read(product, marginMode="isolated")


class Told:
    """A client that tells these rows as positions, and once more what leverage and margin mode are."""

    def __init__(self, *rows: dict[str, Any], mode: str = "cross") -> None:
        self.rows, self.mode = rows, mode
        self.asked: list[object] = []

    async def fetch_positions(self, symbols: None, params: object) -> list[dict[str, Any]]:
        """All rows."""
        return list(self.rows)

    async def fetch_leverages(self, symbols: list[str]) -> dict[str, dict[str, Any]]:
        """Seven for each symbol asked for."""
        self.asked.append(symbols)
        return {symbol: {"shortLeverage": 7, "longLeverage": 7} for symbol in symbols}

    async def account_mode(self, params: object) -> dict[str, Any]:
        """The whole account's margin mode."""
        return {"data": {"mode": self.mode}}


async def read_all(client: Told, fields: PositionFields = PLAIN) -> dict[str, Position]:
    """The positions of a linear wallet where they are told by those fields."""
    connection = connected(client)
    product = replace(PRODUCT, position=fields)
    row = replace(connection.row, products={WalletKind.LINEAR: product})
    return await read_positions(replace(connection, row=row), WalletKind.LINEAR, reader(connection))


async def test_open_positions_are_by_symbol_and_empty_rows_are_left_out() -> None:
    """One short, and a market traded before."""
    assert await read_all(Told(a_row(), a_row(symbol="ETH/USDT:USDT", contracts="0"))) == {PERP: SHORT}


async def test_a_long_and_a_short_of_one_contract_are_no_position() -> None:
    """Poise trades one-way accounts: their difference is not guessed at."""
    with pytest.raises(SnapshotUnavailable, match="a long and a short position at once"):
        await read_all(Told(a_row(), a_row(side="long")))


async def test_a_position_that_cannot_be_read_names_its_symbol() -> None:
    """An entry price is missing."""
    with pytest.raises(SnapshotUnavailable, match=f"the position in {PERP}: entry price is missing"):
        await read_all(Told(a_row(entryPrice=None)))
    with pytest.raises(SnapshotUnavailable, match=f"the position in {PERP}: contracts is missing"):
        await read_all(Told(a_row(contracts=None)))


async def test_leverage_by_another_call_is_asked_for_what_is_held_alone() -> None:
    """Of two markets one is held; with nothing held nothing is asked."""
    fields = PositionFields(leverage_call="fetch_leverages")
    client = Told(a_row(leverage=None), a_row(symbol="ETH/USDT:USDT", contracts="0"))
    assert await read_all(client, fields) == {PERP: replace(SHORT, leverage=d(7))}
    assert client.asked == [[PERP]]
    empty = Told(a_row(contracts="0"))
    assert await read_all(empty, fields) == {}
    assert empty.asked == []


async def test_the_margin_mode_of_the_whole_account_is_each_positions() -> None:
    """By the venue's words; one that is none of them is refused."""
    fields = PositionFields(mode_call="account_mode", mode="data.mode", mode_words={"cross": MarginMode.CROSS})
    assert await read_all(Told(a_row(marginMode=None)), fields) == {PERP: SHORT}
    with pytest.raises(SnapshotUnavailable, match="the account's margin mode is 'hybrid'"):
        await read_all(Told(a_row(marginMode=None), mode="hybrid"), fields)
