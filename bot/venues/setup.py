"""The account made ready: one-way mode, margin mode and leverage asked for once, and then read back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument
from bot.domain.snapshot import MarginMode
from bot.errors import NumberRefused, OrderRejected, SettingsRefused, SnapshotUnavailable
from bot.venues.asking import Reader, write
from bot.venues.connect import Connection
from bot.venues.positions import read_positions
from bot.venues.resting import read_resting
from bot.venues.row import Params, SetUp
from bot.venues.translate import positive_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one contract stands at the venue; None is what the venue does not tell."""

    symbol: str
    one_way: bool | None
    margin_mode: MarginMode | None
    leverage: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSetting:
    """How contracts are to be held."""

    margin_mode: MarginMode
    leverage: Decimal


async def set_up(connection: Connection, instrument: Instrument, wanted: WantedSetting, reader: Reader) -> Standing:
    """Bring one contract's settings to what is wanted and return what the venue then says.

    What stands already is not asked for again; "no need to change" is success. Raises SettingsRefused where the
    venue says otherwise afterwards: no order is sent on a leverage nobody confirmed; and, before anything is
    changed, where another margin mode would be that of contracts which are open already.
    """
    row, client = connection.row.products[instrument.wallet].set_up, connection.clients[instrument.wallet]
    after = before = await standing(connection, instrument, reader, wanted)
    asked: list[tuple[str, list[Callable[[], Awaitable[object]]]]] = []
    if row is not None and not before.one_way:
        asked.append(("position mode", _one_way(client, row, instrument.symbol)))
    if row is not None and before.margin_mode is not wanted.margin_mode:
        await _refuse_while_open(connection, instrument, before, wanted, reader)
        asked.append(("margin mode", _margin_mode(client, row, instrument.symbol, wanted)))
    if row is not None and _leverage_lacks(row, before, wanted):
        asked.append(("leverage", _leverage(client, row, instrument.symbol, wanted)))
    for what, calls in asked:
        await _changed(connection, instrument, what, calls)
    if any(calls for _, calls in asked):
        after = await standing(connection, instrument, reader, wanted)
    for name, told, meant in (
        ("position mode one-way", after.one_way, True),
        ("margin mode", after.margin_mode, wanted.margin_mode),
        ("leverage", after.leverage, wanted.leverage),
    ):
        if told is not None and told != meant:
            raise SettingsRefused(
                f"{instrument.symbol}: the {name} was to be {meant}, and the venue says {told}",
                mend="close positions and orders there, set it at the venue, then `poise doctor`",
            )
    return after


async def _refuse_while_open(
    connection: Connection, instrument: Instrument, before: Standing, wanted: WantedSetting, reader: Reader
) -> None:
    """Raise SettingsRefused where a wallet has positions or resting orders whose margin mode would change as well."""
    row = connection.row.products[instrument.wallet].set_up
    if row is None or not row.margin_mode_of_account:
        return
    positions, resting = await asyncio.gather(
        read_positions(connection, instrument.wallet, reader),
        read_resting(connection, instrument.wallet, (instrument.symbol,), reader),
    )
    if positions or resting:
        raise SettingsRefused(
            f"{instrument.symbol}: the margin mode is the whole account's, {before.margin_mode or 'unknown'}, and was "
            f"to be {wanted.margin_mode}; it is not changed with contracts open (positions {len(positions)}, "
            f"resting orders {len(resting)})",
            mend="close and cancel them, or give the account the margin mode it has at the venue",
        )


async def standing(
    connection: Connection, instrument: Instrument, reader: Reader, wanted: WantedSetting | None = None
) -> Standing:
    """Return how a contract stands; raise SnapshotUnavailable where it cannot be read.

    Where the venue keeps a leverage for each margin mode, it is that of the mode wanted; else of ccxt's usual one.
    """
    product = connection.row.products[instrument.wallet]
    row = product.set_up
    if row is None:
        return Standing(symbol=instrument.symbol, one_way=None, margin_mode=None, leverage=None)
    client, symbol = connection.clients[instrument.wallet], instrument.symbol
    named = _named_mode(row, wanted) if row.leverage_by_mode and wanted is not None else {}
    questions: tuple[tuple[str, str, Params], ...] = (
        ("position mode", "fetch_position_mode" if row.read_position_mode else "", {}),
        (f"leverage of {symbol}", row.read_leverage, named),
        ("margin mode", row.read_margin_mode, {}),
    )
    positions, leverages, margins = await asyncio.gather(
        *(_asked(client, call, symbol, {**product.params, **more}, part, reader) for part, call, more in questions)
    )
    mode, leverage = _told(leverages, symbol)
    told = [answer["hedged"] for answer in (positions, leverages) if isinstance(answer.get("hedged"), bool)]
    if row.read_margin_mode:
        mode, _ = _told(margins, symbol)
    return Standing(symbol=symbol, one_way=not told[0] if told else None, margin_mode=mode, leverage=leverage)


async def _asked(client: Any, call: str, symbol: str, params: Params, part: str, reader: Reader) -> Mapping[str, Any]:
    """Return one answer about a contract, nothing where the venue has no such question."""
    if not call:
        return {}
    answer: Mapping[str, Any] = await reader.read(part, lambda: getattr(client, call)(symbol, dict(params)))
    return answer


def _told(answer: Any, symbol: str) -> tuple[MarginMode | None, Decimal | None]:
    try:
        leverage = positive_or_none(answer.get("shortLeverage"), "leverage")
        other = positive_or_none(answer.get("longLeverage") or answer.get("leverage"), "leverage")
    except NumberRefused as error:
        raise SnapshotUnavailable(f"{symbol}: {error.message}", part="leverage") from None
    words = {"cross": MarginMode.CROSS, "isolated": MarginMode.ISOLATED}
    return words.get(str(answer.get("marginMode"))), leverage if leverage is not None else other


async def _changed(
    connection: Connection, instrument: Instrument, what: str, calls: list[Callable[[], Awaitable[object]]]
) -> None:
    """Send each request once; what stands already is success."""
    for call in calls:
        try:
            await write(connection.row.codes, call)
        except OrderRejected as error:
            if error.code not in connection.row.codes.no_change:
                raise SettingsRefused(
                    f"{instrument.symbol}: the venue refused the {what}: {error.message}", mend="poise doctor"
                ) from None


def _one_way(client: Any, row: SetUp, symbol: str) -> list[Callable[[], Awaitable[object]]]:
    named = symbol if row.position_mode_by_symbol else None
    return [lambda: client.set_position_mode(False, named, dict(row.params))] if row.position_mode else []  # noqa: FBT003


def _margin_mode(client: Any, row: SetUp, symbol: str, wanted: WantedSetting) -> list[Callable[[], Awaitable[object]]]:
    params = {**row.params, **({"leverage": f"{wanted.leverage:f}"} if row.margin_mode_with_leverage else {})}
    return [lambda: client.set_margin_mode(wanted.margin_mode.value, symbol, params)] if row.margin_mode else []


def _leverage_lacks(row: SetUp, before: Standing, wanted: WantedSetting) -> bool:
    """Whether leverage must be set: for its own sake, or for the margin mode's where only it can change that."""
    carries_mode = bool(row.leverage_mode) and not row.margin_mode
    return before.leverage != wanted.leverage or (carries_mode and before.margin_mode is not wanted.margin_mode)


def _leverage(client: Any, row: SetUp, symbol: str, wanted: WantedSetting) -> list[Callable[[], Awaitable[object]]]:
    mode = _named_mode(row, wanted)
    return [
        lambda params=params: client.set_leverage(int(wanted.leverage), symbol, {**row.params, **params, **mode})  # type: ignore[misc]
        for params in row.leverage_ways
    ]


def _named_mode(row: SetUp, wanted: WantedSetting) -> Params:
    """Return the parameter that names a margin mode beside a leverage, nothing where there is none."""
    word = row.mode_words.get(wanted.margin_mode, wanted.margin_mode.value)
    return {row.leverage_mode: word} if row.leverage_mode else {}
