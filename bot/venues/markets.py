"""What can be traded, by the venue's own rules: grids, minimums, fees and maintenance tiers as Instruments."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind, MaintenanceTier
from bot.domain.numbers import ZERO
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.row import FeesFrom, Product, TiersFrom
from bot.venues.scope import Scope, is_wanted, market_kind, wallet_of
from bot.venues.translate import decimal, maybe, moment, rows_of, seek

Markets = Mapping[str, Mapping[str, Any]]
Tiers = Mapping[str, tuple[MaintenanceTier, ...]]
Fees = Mapping[str, tuple[Decimal, Decimal]]


async def load_markets(connection: Connection, reader: Reader) -> None:
    """Read every client's markets; asked again, ccxt keeps what it has."""
    await asyncio.gather(*(reader.read("markets", client.load_markets) for client in connection.all_clients()))


def markets_of(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """Return every market by symbol, each from the client that trades it."""
    found: dict[str, Mapping[str, Any]] = {}
    for wallet, client in connection.clients.items():
        for symbol, market in client.markets.items():
            kind = market_kind(market)
            if kind is not None and wallet_of(kind) is wallet:
                found[symbol] = market
    return found


async def read_instruments(connection: Connection, scope: Scope, reader: Reader) -> dict[str, Instrument]:
    """Return the instruments of a scope by symbol, with tiers and the account's fees.

    Raises SnapshotUnavailable naming what is missing; a market without a step is left to nobody's guess.
    """
    await load_markets(connection, reader)
    markets = {symbol: market for symbol, market in markets_of(connection).items() if is_wanted(market, scope)}
    return await described(connection, markets, reader)


async def described(connection: Connection, markets: Markets, reader: Reader) -> dict[str, Instrument]:
    """Return the instruments of these markets, by symbol."""
    tiers, fees = await asyncio.gather(_tiers(connection, markets, reader), _fees(connection, markets, reader))
    found = {}
    for symbol, market in sorted(markets.items()):
        kind = _kind(market)
        product = connection.row.products[wallet_of(kind)]
        try:
            found[symbol] = instrument(market, product, tiers.get(symbol, ()), fees.get(symbol))
        except NumberRefused as error:
            raise SnapshotUnavailable(f"the rules of {symbol}: {error.message}", part=f"rules of {symbol}") from None
    return found


NO_TIERS = (MaintenanceTier(floor=ZERO, rate=Decimal(1), deduction=ZERO),)  # what nobody could trade on


def public_rules(connection: Connection, market: Mapping[str, Any]) -> Instrument:
    """Return a market's public rules, for history only: margin of the whole value, so that nobody trades on it."""
    product = connection.row.products[wallet_of(_kind(market))]
    return instrument(market, product, () if _kind(market).is_spot else NO_TIERS, (Decimal(1), Decimal(1)))


def _kind(market: Mapping[str, Any]) -> Kind:
    kind = market_kind(market)
    if kind is None:
        raise SnapshotUnavailable(f"{market.get('symbol')} is nothing Poise trades", part="markets")
    return kind


def instrument(
    market: Mapping[str, Any],
    product: Product,
    tiers: tuple[MaintenanceTier, ...],
    fees: tuple[Decimal, Decimal] | None,
) -> Instrument:
    """Return one market as an Instrument; raise NumberRefused where a rule is missing and the row does not say it.

    `fees` are maker and taker; None takes the venue's schedule.
    """
    symbol, kind = str(market["symbol"]), _kind(market)
    precision, limits = market.get("precision") or {}, market.get("limits") or {}
    size = product.contract_size or (
        Decimal(1) if kind.is_spot else decimal(market.get("contractSize"), "contract size")
    )
    step = product.step or decimal(precision.get("amount"), "step")
    least = maybe(seek(limits, "amount.min"), "least quantity")
    cost = maybe(seek(limits, "cost.min"), "least notional")
    maker, taker = fees or (decimal(market.get("maker"), "maker fee"), decimal(market.get("taker"), "taker fee"))
    return Instrument(
        symbol=symbol,
        kind=kind,
        base=str(market["base"]),
        quote=str(market["quote"]),
        settle=str(market.get("settle") or market["quote"]),
        contract_size=size,
        tick=decimal(precision.get("price"), "tick"),
        step=step,
        min_quantity=least if least is not None else step,
        min_notional=_least_notional(cost, product, kind),
        maker_fee=maker,
        taker_fee=taker,
        listed_at=moment(market["created"], "listing") if market.get("created") else None,
        expiry=moment(market.get("expiry"), "expiry") if kind.is_dated else None,
        tiers=tiers,
    )


def _least_notional(told: Decimal | None, product: Product, kind: Kind) -> Decimal:
    """Return the least notional: the venue's or the row's, whichever is more; inverse contracts have a least count."""
    known = [number for number in (told, product.min_notional) if number is not None]
    if not known and not kind.is_inverse:
        raise NumberRefused("the least notional is told neither by the venue nor by its row")
    return max(known, default=ZERO)


async def _tiers(connection: Connection, markets: Markets, reader: Reader) -> Tiers:
    found: dict[str, tuple[MaintenanceTier, ...]] = {}
    for wallet, client in connection.clients.items():
        product = connection.row.products[wallet]
        mine = [s for s, m in sorted(markets.items()) if wallet_of(_kind(m)) is wallet and not _kind(m).is_spot]
        if mine:
            raw = await _raw_tiers(client, product, mine, reader)
            for symbol in mine:
                if symbol in raw:
                    size = product.contract_size or decimal(markets[symbol].get("contractSize"), "contract size")
                    found[symbol] = maintenance_tiers(raw[symbol], size if product.tiers_in_contracts else Decimal(1))
                elif product.assumed_tiers:
                    found[symbol] = product.assumed_tiers
    return found


async def _raw_tiers(client: Any, product: Product, symbols: list[str], reader: Reader) -> dict[str, Sequence[Any]]:
    match product.tiers:
        case TiersFrom.ALL_AT_ONCE:
            answer = await reader.read(
                "maintenance tiers", lambda: client.fetch_leverage_tiers(symbols, dict(product.params))
            )
            return {symbol: tiers for symbol, tiers in answer.items() if symbol in symbols}
        case TiersFrom.EACH:
            each = await asyncio.gather(
                *(
                    reader.read(f"maintenance tiers of {one}", lambda one=one: client.fetch_market_leverage_tiers(one))  # type: ignore[misc]
                    for one in symbols
                )
            )
            return dict(zip(symbols, each, strict=True))
        case TiersFrom.MARKET:
            return {
                one: client.parse_market_leverage_tiers(client.market(one)["info"], client.market(one))
                for one in symbols
            }
        case TiersFrom.ASSUMED:
            return {}


def maintenance_tiers(told: Iterable[Mapping[str, Any]], size: Decimal) -> tuple[MaintenanceTier, ...]:
    """Return the tiers of ccxt's list, floors times `size`, the deductions such that the margin has no step.

    QUANT 4.1: deduction of a tier = that of the one before + floor × (its rate − the rate before).
    """
    pairs = [
        (
            decimal(row.get("minNotional") or 0, "tier floor") * size,
            decimal(row.get("maintenanceMarginRate"), "tier rate"),
        )
        for row in told
    ]
    return _ladder(sorted(pairs))


def at_mark(one: Instrument, product: Product, mark: Decimal) -> Instrument:
    """Return an instrument with its floors in the settlement asset at a mark, where the venue tells them in contracts.

    They are cut to two digits, so that they stand still while the price moves a little: a lower floor asks for
    more margin, never for less.
    """
    if not product.tiers_in_contracts or one.kind.is_spot:
        return one
    exact = [(tier.floor / mark if one.kind.is_inverse else tier.floor * mark, tier.rate) for tier in one.tiers]
    return replace(one, tiers=_ladder([(_two_digits(floor), rate) for floor, rate in exact]))


def _two_digits(floor: Decimal) -> Decimal:
    if not floor:
        return ZERO
    cut = floor.quantize(Decimal(1).scaleb(floor.adjusted() - 1), rounding=ROUND_DOWN)
    return Decimal(f"{cut:f}")


def _ladder(pairs: Iterable[tuple[Decimal, Decimal]]) -> tuple[MaintenanceTier, ...]:
    found: list[MaintenanceTier] = []
    for floor, rate in pairs:
        last = found[-1] if found else None
        deduction = ZERO if last is None else last.deduction + floor * (rate - last.rate)
        found.append(MaintenanceTier(floor=floor, rate=rate, deduction=max(deduction, ZERO)))
    if found and found[0].floor != ZERO:
        found[0] = replace(found[0], floor=ZERO)
    return tuple(found)


async def _fees(connection: Connection, markets: Markets, reader: Reader) -> Fees:
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for wallet, client in connection.clients.items() if connection.access.tells_fees else ():
        product = connection.row.products[wallet]
        mine = [symbol for symbol, market in sorted(markets.items()) if wallet_of(_kind(market)) is wallet]
        for symbol, fee in (await _raw_fees(client, product, mine, reader)).items():
            found[symbol] = (decimal(fee.get("maker"), "maker fee"), decimal(fee.get("taker"), "taker fee"))
    return found


async def _raw_fees(client: Any, product: Product, symbols: list[str], reader: Reader) -> dict[str, Mapping[str, Any]]:
    match product.fees:
        case FeesFrom.ALL_AT_ONCE:
            answer = await reader.read("fees", lambda: client.fetch_trading_fees(dict(product.params)))
            return {symbol: fee for symbol, fee in answer.items() if symbol in symbols}
        case FeesFrom.EACH:
            each = await asyncio.gather(
                *(
                    reader.read(f"fees of {one}", lambda one=one: client.fetch_trading_fee(one))  # type: ignore[misc]
                    for one in symbols
                )
            )
            return dict(zip(symbols, each, strict=True))
        case FeesFrom.RAW_LIST:
            return await _listed_fees(client, product, symbols, reader)
        case FeesFrom.SCHEDULE:
            return {}


async def _listed_fees(
    client: Any, product: Product, symbols: list[str], reader: Reader
) -> dict[str, Mapping[str, Any]]:
    """Return the rates of the markets wanted out of the account's raw list, by symbol."""
    raw = product.raw_fees
    if raw is None:
        raise SnapshotUnavailable("the row names no list of fees", part="fees")
    answer = await reader.read("fees", lambda: getattr(client, raw.call)(dict(raw.params)))
    by_id = {str(seek(row, raw.symbol)): row for row in rows_of(answer, raw.rows, "fees")}
    identities = {symbol: str(client.market(symbol)["id"]) for symbol in symbols}
    return {
        symbol: {"maker": seek(by_id[identity], raw.maker), "taker": seek(by_id[identity], raw.taker)}
        for symbol, identity in identities.items()
        if identity in by_id
    }
