"""A trial: the projected book after one more proposal, laid over the book without changing it."""

from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import CancelRequest, OrderRequest, OrderType, Side, TransferRequest
from bot.errors import SnapshotUnavailable
from bot.risk.coin_wallet import CoinWallet, coin_wallet, inverse_filled, inverse_line
from bot.risk.lines import CoinLine, ContractLine, contract_line
from bot.risk.market import Trade
from bot.risk.projection import Book, Way, held_in
from bot.risk.stakes import CLAIMING, Share, Stake, StakeKey, all_claimed, parts_by_rule, stake_after, stake_of


class Shortfall(NamedTuple):
    """A leg that cannot be paid: what it takes and what is free."""

    asset: str
    needed: Decimal
    free: Decimal


class Reduction(NamedTuple):
    """A reduce-only leg, the signed contracts held when its turn comes, and what other stops would close of them."""

    order: OrderRequest
    held: Decimal
    stopped: Decimal = ZERO

    @property
    def holds(self) -> bool:
        """Whether it makes a position smaller and does not turn it."""
        against = self.held * self.order.side.sign < 0
        return against and self.order.quantity + self.stopped <= abs(self.held)


class Trial:
    """The book after one more proposal, laid over the book without changing it.

    `coins`, `lines`, `wallets`, `free`, `stakes`, `stopped` and `cancelled` are what changes; `shares` is
    what its orders change of claims, `claimed_only` whether all of them belong to claiming sleeves.
    """

    __slots__ = (
        "book",
        "cancelled",
        "claimed_only",
        "coins",
        "free",
        "lines",
        "orders",
        "reductions",
        "shares",
        "shortfalls",
        "stakes",
        "stopped",
        "totals",
        "trades",
        "wallets",
    )

    def __init__(self, book: Book) -> None:
        self.book = book
        self.totals = book.totals.copy()
        self.coins: dict[str, CoinLine] = {}
        self.lines: dict[str, ContractLine] = {}
        self.wallets: dict[str, CoinWallet] = {}
        self.free: dict[str, Decimal] = {}
        self.stakes: dict[StakeKey, Stake] = {}
        self.stopped: dict[Way, Decimal] = {}
        self.cancelled: set[str] = set()
        self.claimed_only = True
        self.trades: list[Trade] = []
        self.shares: list[Share] = []
        self.shortfalls: list[Shortfall] = []
        self.reductions: list[Reduction] = []

    def coin(self, asset: str) -> CoinLine:
        """Return the coin's line; raise SnapshotUnavailable when the book cannot tell its price."""
        line = self.coins.get(asset) or self.book.coins.get(asset)
        if line is None:
            raise SnapshotUnavailable(f"{asset} has no price", part=f"{asset} price")
        return line

    def line(self, symbol: str) -> ContractLine | None:
        """Return the linear contract's line, None where nothing is held."""
        return self.lines.get(symbol) or self.book.lines.get(symbol)

    def wallet(self, asset: str) -> CoinWallet:
        """Return a coin's wallet, an empty one where it never held anything."""
        wallet = self.wallets.get(asset) or self.book.wallets.get(asset)
        return wallet or coin_wallet(asset, self.coin(asset).price, ZERO, ZERO, {})

    def held(self, symbol: str) -> Decimal:
        """Return the signed contracts held of either kind, zero where none are."""
        line = self.lines.get(symbol)
        if line is not None:
            return line.quantity
        contract = self.book.inverse.get(symbol)
        if contract is not None and contract.asset in self.wallets:
            return held_in(self.wallets, contract)
        return self.book.held(symbol)

    def free_of(self, asset: str) -> Decimal:
        """Return the free coins of the spot wallet."""
        free = self.free.get(asset)
        return self.book.free.get(asset, ZERO) if free is None else free

    def trade(self, trade: Trade) -> None:
        """Fill one order at its expected price, its fee paid; a stop only waits."""
        order, totals = trade.order, self.totals
        self.trades.append(trade)
        totals.orders += 1
        if order.type is OrderType.STOP:
            self._wait(order)
            return
        kind = trade.market.instrument.kind
        if kind.is_spot:
            self._trade_spot(trade)
        elif kind.is_inverse:
            self._trade_inverse(trade)
        else:
            self._trade_contract(trade)
        self._share(trade)
        totals.turnover += trade.value
        if trade.rests:
            totals.resting += trade.value

    def move(self, transfer: TransferRequest) -> None:
        """Carry out one transfer between the spot wallet and a futures wallet."""
        totals, amount, asset = self.totals, transfer.amount, transfer.asset
        inverse = WalletKind.INVERSE in (transfer.source, transfer.target)
        into = transfer.source is WalletKind.SPOT
        wallet = self.wallet(asset) if inverse else None
        free = totals.purse if wallet is None else wallet.free
        self._check_free(asset, amount, self.free_of(asset) if into else free)
        signed = amount if into else -amount
        self.free[asset] = self.free_of(asset) - signed
        if wallet is None:
            totals.reserve -= signed if asset in self.book.stables else ZERO
            totals.wallet += signed
            totals.purse += signed
            totals.moved += amount
            return
        coin = self.coin(asset)
        self._replace_wallet(wallet, wallet.moved(signed))
        self._replace_coin(coin, coin.traded(spot=-signed, margin=signed))
        totals.equity -= signed * coin.price  # the wallet counts what spot counted
        totals.moved += amount * coin.price

    def cancel(self, leg: CancelRequest) -> None:
        """Take back a resting stop; any other order goes on counting as in flight, since it may fill first."""
        stop = self.book.stops.get(leg.client_order_id)
        if stop is None or leg.client_order_id in self.cancelled:
            return
        self.cancelled.add(leg.client_order_id)
        self.stopped[stop.way] = self._stopped(stop.way) - stop.quantity

    def _wait(self, order: OrderRequest) -> None:
        way = (order.symbol, order.side)
        others = self._stopped(way)
        self.reductions.append(Reduction(order, self.held(order.symbol), others))
        self.stopped[way] = others + order.quantity

    def _stopped(self, way: Way) -> Decimal:
        return self.stopped.get(way, self.book.stopped.get(way, ZERO))

    def _trade_spot(self, trade: Trade) -> None:
        order, instrument, totals = trade.order, trade.market.instrument, self.totals
        coin = self.coin(instrument.base)
        cost = order.quantity * trade.price
        if order.side is Side.BUY:
            self._check_free(instrument.quote, trade.locked, self.free_of(instrument.quote))
            paid, coins = -cost - trade.fee, order.quantity
        else:
            self._check_free(instrument.base, order.quantity, self.free_of(instrument.base))
            paid, coins = cost - trade.fee, -order.quantity
        self.free[instrument.base] = self.free_of(instrument.base) + coins
        self.free[instrument.quote] = self.free_of(instrument.quote) + paid
        self._replace_coin(coin, coin.traded(spot=coins))
        totals.reserve += paid
        totals.equity += paid + coins * coin.price

    def _check_free(self, asset: str, needed: Decimal, free: Decimal) -> None:
        if needed > free:
            self.shortfalls.append(Shortfall(asset, needed, free))

    def _replace_coin(self, old: CoinLine, new: CoinLine) -> None:
        self.totals.swap_coin(old, new)
        self.coins[new.asset] = new

    def _replace_wallet(self, old: CoinWallet, new: CoinWallet) -> None:
        self.totals.swap_wallet(old, new)
        self.wallets[new.asset] = new

    def _trade_contract(self, trade: Trade) -> None:
        order, totals = trade.order, self.totals
        contract = self.book.contracts[order.symbol]
        old = self.line(order.symbol) or contract_line(contract, ZERO, contract.mark)
        if order.reduce_only:
            self.reductions.append(Reduction(order, old.quantity))
        coin = self.coin(contract.base)
        before = totals.initial
        new, realised = filled(old, order.signed_quantity, trade.price)
        totals.drop(old)
        totals.count(new)
        self.lines[order.symbol] = new
        gain = realised - trade.fee
        totals.wallet += gain
        totals.equity += gain
        totals.purse += gain - (totals.initial - before)
        self._replace_coin(coin, coin.traded(contracts=order.signed_quantity * contract.size))

    def _trade_inverse(self, trade: Trade) -> None:
        """Fill a coin-margined order: its fee and profit are coins of its wallet."""
        order = trade.order
        contract = self.book.inverse[order.symbol]
        wallet, coin = self.wallet(contract.asset), self.coin(contract.asset)
        old = wallet.lines.get(order.symbol) or inverse_line(contract, ZERO, contract.mark)
        if order.reduce_only:
            self.reductions.append(Reduction(order, old.quantity))
        new, realised = inverse_filled(old, order.signed_quantity, trade.price)
        gain = realised - trade.fee / trade.price
        self._replace_wallet(wallet, wallet.holding(new, balance=gain, free=gain - (new.initial - old.initial)))
        self._replace_coin(coin, coin.traded(contracts=new.coins - old.coins, margin=gain))

    def _share(self, trade: Trade) -> None:
        """Change the claims the order's parts belong to."""
        order, instrument = trade.order, trade.market.instrument
        self.claimed_only = self.claimed_only and all_claimed(order)
        known = {} if order.parts or order.sleeve not in CLAIMING else {**self.book.stakes, **self.stakes}
        for key, signed in parts_by_rule(order, known):
            self._claim(key, signed, trade.price, instrument, trade.market.reference)

    def _claim(
        self, key: StakeKey, signed: Decimal, price: Decimal, instrument: Instrument, reference: Decimal
    ) -> None:
        old = self.stakes.get(key) or self.book.stakes.get(key)
        terms = self.book.terms
        new = stake_after(
            old or stake_of(instrument, ZERO, entry=price, reference=reference, terms=terms), signed, price, terms
        )
        self.totals.swap_stake(key[0], old, new)
        self.stakes[key] = new
        coins = new.coins - (old.coins if old else ZERO)
        self.shares.append(Share(*key, signed, old.quantity if old else ZERO, coins))
        line = self.coin(instrument.base)
        self._replace_coin(line, line.claimed_by(key[0], coins, is_spot=instrument.kind.is_spot))


def filled(line: ContractLine, signed: Decimal, price: Decimal) -> tuple[ContractLine, Decimal]:
    """Return the line after `signed` contracts traded at `price`, and the profit realised.

    Opening averages the entry price by quantity; closing leaves it and realises
    closed × size × (price − entry). An isolated margin grows by notional ÷ leverage and shrinks in
    proportion.
    """
    contract, held, after = line.contract, line.quantity, line.quantity + signed
    closed = ZERO if held * signed >= 0 else min(abs(held), abs(signed))
    opened = abs(signed) - closed
    realised = closed * contract.size * (price - line.entry) * (1 if held > 0 else -1)
    entry = line.entry
    if opened:
        kept = abs(held) - closed
        entry = (kept * line.entry + opened * price) / abs(after)
    isolated = line.isolated
    if isolated is not None:
        isolated = isolated * (abs(held) - closed) / abs(held) if closed else isolated
        isolated += opened * contract.size * price / contract.leverage
    new = contract_line(contract, after, entry, isolated=isolated, flight=(line.buying, line.selling))
    return new, realised
