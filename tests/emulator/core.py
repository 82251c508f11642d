"""The account and the market behind an emulated venue: neutral, in Decimals, every time as the outside sees it."""

from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import OrderStatus, OrderType, TransferRequest
from bot.domain.snapshot import Balance, Candle, FundingRate, MarginMode, Position, Quote
from bot.errors import OrderRejected
from tests.emulator.account import EmulatedAccount
from tests.emulator.listed import ListedMarket, told_expiry
from tests.emulator.numbering import Numbering
from tests.emulator.orders import NewOrder, Rules, Secrets, VenueFill, VenueOrder, VenueTransfer
from tests.emulator.past import Past
from tests.emulator.pool import Pool
from tests.emulator.times import MarketClock, to_ms

_Result = TypeVar("_Result")
__all__ = ["Core", "NewOrder", "Rules", "Secrets", "VenueFill", "VenueOrder", "VenueTransfer"]


class Core:
    """One account at one venue. Handlers read and change it; nothing in it waits."""

    def __init__(
        self, venue: str, market: ListedMarket, clock: MarketClock, account: EmulatedAccount, rules: Rules
    ) -> None:
        self.venue = venue
        self.secrets = Secrets()
        self.rules = rules
        self.visible_after_ms = rules.visible_after_ms
        self._market = market
        self._clock = clock
        self._first_shift = clock.shift  # a dated contract keeps its name and expiry, whatever passes in the market
        self._account = account
        self._known = Numbering(account, clock, rules)
        self._past = Past(market, clock)
        self._pool = Pool(account, market, pooled=rules.pooled)
        self._transfers: list[VenueTransfer] = []
        self._names: dict[str, int] = {}  # of transfers: the simulator's id → our number
        self._thin: dict[str, Decimal] = {}
        self._is_hedge = False
        # The market's prices, what is added to their time, and they as told outside.
        self._shown: tuple[Mapping[str, Quote], timedelta, Mapping[str, Quote]] = ({}, clock.shift, {})
        self._listed: tuple[Mapping[str, Instrument], dict[str, Instrument]] = ({}, {})

    # ── the market ──

    def now_ms(self) -> int:
        """Return this moment, milliseconds UTC."""
        return to_ms(self._clock.outside())

    def live(self, passed: timedelta) -> None:
        """Let time pass in the market only: funding is paid, prices move, and all that was is longer ago."""
        self._clock.live(passed)
        self._pool.level()

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """What is listed now, by unified symbol, in the venue's order units."""
        listed = self._account.look()[1].instruments
        if listed.keys() != self._listed[0].keys():
            self._listed = (listed, {symbol: self._told(one) for symbol, one in listed.items()})
        return self._listed[1]

    def _told(self, one: Instrument) -> Instrument:
        if one.expiry is None:
            return one
        begun = None if one.listed_at is None else one.listed_at + self._first_shift
        return replace(one, expiry=told_expiry(one.expiry, self._first_shift), listed_at=begun)

    def quotes(self) -> Mapping[str, Quote]:
        """Return the prices now."""
        _, scene = self._account.look()
        shift = self._clock.shift
        if scene.quotes is not self._shown[0] or shift != self._shown[1]:
            told = {symbol: replace(quote, at=quote.at + shift) for symbol, quote in scene.quotes.items()}
            self._shown = (scene.quotes, shift, told)
        return self._shown[2]

    def funding(self) -> Mapping[str, FundingRate]:
        """Return every perpetual's rate as known now, and when it is paid."""
        rates = self._market.funding(self._clock.now())
        return {symbol: replace(rate, next_at=rate.next_at + self._clock.shift) for symbol, rate in rates.items()}

    def past_funding(self, symbol: str) -> tuple[tuple[int, Decimal], ...]:
        """Return settled rates of three months: milliseconds and rate, oldest first."""
        return self._past.settled(symbol)

    def candles(self, symbol: str, seconds: int, since_ms: int, limit: int) -> tuple[Candle, ...]:
        """Return bars, oldest first, the unfinished one last: from `since_ms`, or with 0 the newest `limit`."""
        price = self.quotes()[symbol].last
        one = self._market.instruments[symbol]
        return self._past.candles(one, seconds, since_ms, limit, price)

    # ── the account ──

    def balances(self, wallet: WalletKind) -> tuple[Balance, ...]:
        """Return what a wallet holds, unrealised profit excluded.

        A pooled venue shows quote money in the linear wallet and coins in the spot wallet, whatever margins what.
        """
        self._pool.level()
        return self._pool.balances(wallet)

    def unrealised(self, symbol: str) -> Decimal:
        """Return a position's profit at the mark, in its settlement asset; zero without one."""
        return self._account.unrealised(symbol)

    def positions(self) -> Mapping[str, Position]:
        """Return the open positions by symbol; long and short of one contract are netted in either mode."""
        return self._account.look()[0].positions

    def wallet_equity(self, wallet: WalletKind, asset: str) -> Decimal:
        """Return balance and unrealised profit of one asset of a wallet; where purses are pooled, of all of it."""
        wallets = self._pool.wallets(wallet)
        cash = sum((b.total for b in self._account.balances() if b.asset == asset and b.wallet in wallets), ZERO)
        settled = ((symbol, self._market.instruments[symbol]) for symbol in self.positions())
        margined = (s for s, one in settled if one.settle == asset and one.wallet in wallets)
        return cash + sum((self.unrealised(symbol) for symbol in margined), ZERO)

    def maintenance(self, wallet: WalletKind, asset: str) -> Decimal:
        """Return the maintenance margin of the positions a wallet margins in an asset."""
        return self._account.maintenance((wallet, asset))

    def leverage(self, symbol: str) -> Decimal:
        """Return the leverage set for a contract."""
        return self._account.margin(symbol).leverage

    def set_leverage(self, symbol: str, leverage: Decimal) -> None:
        """Set a contract's leverage, its position's too; raise OrderRejected when the margin would not do."""
        self._account.set_margin(symbol, replace(self._account.margin(symbol), leverage=leverage))

    def margin_mode(self, symbol: str) -> MarginMode:
        """Return the margin mode set for a contract."""
        return self._account.margin(symbol).mode

    def set_margin_mode(self, symbol: str, mode: MarginMode) -> None:
        """Set a contract's margin mode; raise OrderRejected (position-open, orders-open) while it is in use."""
        self._account.set_margin(symbol, replace(self._account.margin(symbol), mode=mode))

    @property
    def hedge_mode(self) -> bool:
        """Whether the account is set to long and short legs: a flag only, positions are netted all the same."""
        return self._is_hedge

    def set_hedge_mode(self, wanted: bool) -> None:
        """Set the flag; whether it may be changed is for the venue to say."""
        self._is_hedge = wanted

    # ── orders ──

    def thin(self, symbol: str, quantity: Decimal) -> None:
        """Let the next order of a symbol that takes from the book fill at most `quantity`."""
        self._thin[symbol] = quantity

    def place(self, order: NewOrder) -> VenueOrder:
        """Place an order; raise OrderRejected with the simulator's code, `duplicate-id` for an id in use."""
        self._known.check_id(order, self._account.look()[1].instruments)
        self._pool.level()
        one = self._market.instruments.get(order.symbol)
        if one is not None and one.kind.is_spot:
            self._pool.gather(WalletKind.SPOT, one.base, one.quote)
        takes = order.type in (OrderType.LIMIT_IOC, OrderType.MARKET)
        try:
            number = self._known.accept(order, self._thin.get(order.symbol) if takes else None)
        finally:
            self._pool.level()
        if takes:
            self._thin.pop(order.symbol, None)
        return self._known.order(number)

    def fill(self, number: int, quantity: Decimal) -> VenueOrder:
        """Let somebody meet a resting order: `quantity` of it fills at its price, as maker."""
        self._account.fill_resting(self._known.name(number), quantity)
        self._pool.level()
        return self._known.order(number)

    def cancel(self, number: int) -> VenueOrder:
        """Cancel an order and return what it became; one that rests no more stays as it is."""
        order = self._known.order(number)
        done(self._account.cancel(self._known.name(number), order.request.symbol))
        self._pool.level()
        return self._known.order(number)

    def order(self, number: int) -> VenueOrder | None:
        """Return an order by its number, None when there is none."""
        self._pool.level()
        return self._known.order(number) if self._known.has(number) else None

    def by_client_id(self, client_id: str, symbol: str) -> VenueOrder | None:
        """Return the newest order of a client id in a symbol, None when there is none."""
        own = client_id.lower() if self.rules.lower_cases_ids else client_id
        found = (one for one in reversed(self._all(symbol)) if one.client_id == own)
        return next(found, None)

    def open_orders(self, symbol: str | None = None) -> tuple[VenueOrder, ...]:
        """Return what rests, oldest first."""
        return tuple(one for one in self._all(symbol) if one.status is OrderStatus.OPEN)

    def orders(self, symbol: str, since_ms: int = 0) -> tuple[VenueOrder, ...]:
        """Return the orders created since a moment, oldest first; one just closed is not among them yet."""
        shown = self.now_ms() - self.visible_after_ms
        return tuple(
            one
            for one in self._all(symbol)
            if one.created_ms >= since_ms and (one.status is OrderStatus.OPEN or one.updated_ms <= shown)
        )

    def fills(self, symbol: str | None = None, since_ms: int = 0) -> tuple[VenueFill, ...]:
        """Return the trades since a moment by their numbers, oldest first."""
        found = (fill for order in self._all(symbol) for fill in order.fills if fill.at_ms >= since_ms)
        return tuple(sorted(found, key=lambda fill: fill.number))

    def _all(self, symbol: str | None) -> tuple[VenueOrder, ...]:
        self._pool.level()
        return self._known.orders(symbol)

    # ── money ──

    def transfer(self, request: TransferRequest, reference: str) -> VenueTransfer:
        """Move money between own wallets; raise OrderRejected, `duplicate-id` for a reference made before."""
        if reference and any(one.reference == reference for one in self._transfers):
            raise OrderRejected(f"transfer id {reference} was used before", code="duplicate-id")
        if not self.rules.transfers:
            raise OrderRejected("this venue moves no money between wallets", code="unknown-wallet")
        number = len(self._transfers) + 1
        name = f"transfer-{number}"
        self._pool.gather(request.source, request.asset)
        try:
            made = done(self._account.transfer(name, request))
        finally:
            self._pool.level()
        self._names[name] = number
        told = VenueTransfer(
            number=number, reference=reference, request=request, at_ms=to_ms(made.at + self._clock.shift)
        )
        self._transfers.append(told)
        return told

    def transfers(self, since_ms: int = 0) -> tuple[VenueTransfer, ...]:
        """Return the transfers since a moment, oldest first."""
        return tuple(one for one in self._transfers if one.at_ms >= since_ms)

    def flow(self, asset: str, amount: Decimal, wallet: WalletKind = WalletKind.SPOT) -> None:
        """Bring coins in from outside (above zero) or take them out; raise OrderRejected when they are not free."""
        self._pool.gather(wallet, asset)
        try:
            if amount < 0:
                self._account.withdraw(wallet, asset, -amount)
            else:
                self._account.deposit(wallet, asset, amount)
        finally:
            self._pool.level()

    def ledger(self, since_ms: int = 0) -> tuple[LedgerEntry, ...]:
        """Return the changes of balances since a moment; a trade or transfer is referred to by its number."""
        self._pool.level()
        entries = done(self._account.ledger(0))
        self._known.read_ledger()
        told = (self._entry(entry) for entry in entries)
        return tuple(entry for entry in told if to_ms(entry.at) >= since_ms)

    def _entry(self, entry: LedgerEntry) -> LedgerEntry:
        reference = self._known.fill_number(entry.reference) or self._names.get(entry.reference)
        told = entry.reference if reference is None else str(reference)
        return self._pool.told(replace(entry, at=entry.at + self._clock.shift, reference=told))


def done(call: Coroutine[Any, Any, _Result]) -> _Result:
    """Return the result of a call of the simulator, none of which ever waits."""
    try:
        call.send(None)
    except StopIteration as ended:
        result: _Result = ended.value
        return result
    raise RuntimeError("the simulator waited")
