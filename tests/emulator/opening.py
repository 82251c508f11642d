"""The market and the books an emulated account begins with."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.snapshot import MarginMode, Position
from bot.simulator.account import DEFAULT_LEVERAGE, Account
from bot.simulator.market import Market
from bot.simulator.opening import FIRST_EQUITY, first_account
from bot.simulator.synthetic import USUAL_KINDS, synthetic_market
from bot.simulator.venue import VenueState
from tests.emulator.account import EmulatedAccount
from tests.emulator.listed import ListedMarket, Regrid
from tests.emulator.orders import Rules
from tests.emulator.times import BASE, MarketClock

USUAL_COINS = ("BTC", "ETH", "SOL")
QUOTE = "USDT"
MARGIN = Decimal(20_000)  # USDT
SHORT_COINS = Decimal("0.3")  # BTC
_INVERSE = USUAL_KINDS | {Kind.INVERSE_PERPETUAL}
_DATED = _INVERSE | {Kind.LINEAR_FUTURE, Kind.INVERSE_FUTURE}
# What a venue lists besides spot and linear perpetuals.
KINDS: Mapping[str, frozenset[Kind]] = {"binance": _DATED, "bybit": _DATED, "bingx": _INVERSE, "mexc": _INVERSE}


def kinds_of(venue: str) -> frozenset[Kind]:
    """Return the kinds of instrument a venue lists."""
    return KINDS.get(venue, USUAL_KINDS)


def listed_market(
    seed: int | str, coins: Collection[str], kinds: frozenset[Kind], regrid: Regrid, clock: MarketClock
) -> ListedMarket:
    """Return the venue's market: BTC, ETH and SOL, and the coins asked for."""
    names = tuple(dict.fromkeys((*USUAL_COINS, *coins)))
    return ListedMarket(synthetic_market(seed, names, quote=QUOTE, kinds=kinds), regrid, clock.shift)


def opened(market: Market, clock: MarketClock, books: str, rules: Rules) -> EmulatedAccount:
    """Return a new account: "empty", "funded" or "hedged".

    Funded: 100,000 USDT in the spot wallet, 74 % of it in coins a little out of the balanced policy's
    targets; where money cannot be moved 20,000 USDT more lie in the linear wallet. Hedged: the same with
    0.3 BTC sold short at the first mark, margined by 20,000 USDT in the linear wallet.
    """
    match books:
        case "empty":
            account = Account(balances={(WalletKind.SPOT, QUOTE): ZERO})
        case "funded" | "hedged":
            account = first_account(market, BASE, quote=QUOTE, equity=FIRST_EQUITY)
        case _:
            raise ValueError(f"books {books!r}: funded, hedged or empty")
    if books == "hedged" or (books == "funded" and not rules.transfers):
        account = replace(account, balances={**account.balances, (WalletKind.LINEAR, QUOTE): MARGIN})
    if books == "hedged":
        short = _short(market.instruments[f"BTC/{QUOTE}:{QUOTE}"], market)
        account = replace(account, positions={short.symbol: short})
    return EmulatedAccount(market, clock, VenueState(account=account, moment=BASE), account="emulated")


def _short(one: Instrument, market: Market) -> Position:
    return Position(
        symbol=one.symbol,
        quantity=-down_to_step(SHORT_COINS / one.contract_size, one.step),
        entry_price=market.quotes(BASE)[one.symbol].valuation,
        margin_mode=MarginMode.CROSS,
        leverage=DEFAULT_LEVERAGE,
    )
