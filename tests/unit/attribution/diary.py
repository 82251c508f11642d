"""A diary of an account: what it holds, what happens to it in a day, and what that makes to attribute."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from bot.attribution import Interval, attribute_cycle, opening_prices
from bot.domain.instrument import Instrument, WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.memory import Performance
from bot.domain.numbers import ZERO
from bot.domain.order import Fill, Liquidity, OrderReport, OrderRequest, OrderStatus, OrderType, Part, Side, Sleeve
from bot.domain.plan import Crossing
from bot.domain.record import ProfitLine, Settlement, Source
from bot.domain.sleeves import Claim, SleeveState
from bot.domain.snapshot import Balance, Position, Snapshot
from bot.simulator.account import Account, Line, apply_fill, apply_flow, apply_funding, book, fee_of
from bot.simulator.market import FundingSettlement
from tests.builders import NOON, Number, a_perpetual, a_quote, a_snapshot, a_spot, an_inverse_perpetual, d

DAY = timedelta(days=1)
SPOT_USDT, LINEAR_USDT = (WalletKind.SPOT, "USDT"), (WalletKind.LINEAR, "USDT")
LISTED = {i.symbol: i for i in (a_spot("BTC"), a_perpetual("BTC"), an_inverse_perpetual("BTC"), a_spot("USDC"))}
Prices = Mapping[str, Number]
SPOT, PERP, COIN = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"


def prices(spot: Number, perp: Number | None = None, coin: Number | None = None, **others: Number) -> dict[str, Number]:
    """Prices by symbol: BTC's spot, its linear mark and its coin-margined mark, each spot where not said."""
    named = {f"{asset}/USDT": price for asset, price in others.items()}
    return {SPOT: spot, PERP: perp or spot, COIN: coin or spot, **named}


@dataclass(repr=False)
class Diary:
    """An account at noon, and what happened to it in the day after; `then`, `decided`, `now` are prices."""

    account: Account
    then: Prices
    decided: Prices
    now: Prices
    claims: tuple[Claim, ...] = ()
    instruments: Mapping[str, Instrument] = field(default_factory=lambda: LISTED)
    entries: list[LedgerEntry] = field(default_factory=list)
    fills: list[tuple[OrderRequest, OrderReport]] = field(default_factory=list)
    crossings: tuple[Crossing, ...] = ()
    lost: Decimal = ZERO

    def __post_init__(self) -> None:
        """Leave the book as it is at noon."""
        shown = self.snapshot(self.account, self.then, 0)
        equity = worth(shown)
        opened = Performance(equity=equity, unit=d(1), peak_unit=d(1), day="2026-01-01", day_open_unit=d(1))
        self.left = Settlement(
            cycle="c1",
            at=NOON,
            epoch=self.account.sequence,
            ledger_sequence=self.account.sequence,
            performance=opened,
            discrepancies=(),
            balances=shown.balances,
            positions=shown.positions,
            prices=opening_prices(shown),
            sleeves=SleeveState(claims=self.claims),
        )

    def __repr__(self) -> str:
        """What a person needs to check a failure by hand."""
        positions = [f"{p.quantity} {p.symbol} at {p.entry_price}" for p in self.left.positions.values()]
        held = [f"{b.total} {b.asset} {b.wallet}" for b in self.left.balances]
        claims = [f"{c.sleeve} {c.quantity} {c.symbol} at {c.entry}" for c in self.claims]
        lines = [f"{e.kind} {e.change} {e.asset} {e.symbol}" for e in self.entries]
        moments = [f"{name} {dict(getattr(self, name))}" for name in ("then", "decided", "now")]
        return "\n".join(["", *held, *positions, *claims, *moments, *lines, f"{self.fills=}", f"{self.crossings=}"])

    def snapshot(self, account: Account, shown: Prices, days: int) -> Snapshot:
        """The account at some prices; a listed instrument without one has no quote."""
        at = NOON + days * DAY
        return a_snapshot(
            at=at,
            instruments=self.instruments,
            balances=tuple(
                Balance(wallet=w, asset=a, free=total, locked=ZERO) for (w, a), total in account.balances.items()
            ),
            positions=account.positions,
            quotes={symbol: a_quote(symbol, price, at=at) for symbol, price in shown.items()},
            funding={},
        )

    def trade(self, symbol: str, quantity: Number, price: Number, **order: object) -> Fill:
        """Trade a signed quantity at a price: ours unless `ours=False`, at the decision unless `early`."""
        ours, early = order.pop("ours", True), order.pop("early", False)
        instrument, size = self.instruments[symbol], abs(d(quantity))
        side = Side.BUY if d(quantity) > 0 else Side.SELL
        fee, asset = fee_of(instrument, side, size, d(price), Liquidity.TAKER)
        number = len(self.entries) + 1
        at = NOON + (DAY / 2 if early else DAY)
        fill = Fill(
            trade_id=f"t{number}",
            client_order_id=f"h{number}",
            symbol=symbol,
            side=side,
            quantity=size,
            price=d(price),
            fee=fee,
            fee_asset=asset,
            liquidity=Liquidity.TAKER,
            at=at,
        )
        self._book(apply_fill(self.account, instrument, fill))
        if ours:
            self.fills.append((an_order(symbol, side, size, **order), a_report(fill)))
        return fill

    def fund(self, symbol: str, rate: Number, mark: Number) -> None:
        """Settle funding."""
        paid = FundingSettlement(at=NOON + DAY / 3, symbol=symbol, rate=d(rate), mark=d(mark))
        self._book(apply_funding(self.account, self.instruments[symbol], paid))

    def flow(self, asset: str, amount: Number, wallet: WalletKind = WalletKind.SPOT) -> None:
        """Deposit, or withdraw an amount below zero."""
        self._book(apply_flow(self.account, NOON + DAY / 3, wallet, asset, d(amount)))

    def line(
        self, kind: EntryKind, asset: str, change: Number, wallet: WalletKind = WalletKind.SPOT, **at: str
    ) -> None:
        """Book any other line."""
        lines = [Line(kind, wallet, asset, d(change))]
        symbol, reference = at.get("symbol", ""), at.get("reference", "x")
        self._book(book(self.account, NOON + DAY / 3, lines, symbol=symbol, reference=reference))

    def _book(self, booked: tuple[Account, tuple[LedgerEntry, ...]]) -> None:
        self.account = booked[0]
        self.entries += booked[1]

    @property
    def interval(self) -> Interval:
        """What there is to attribute; `lost` USDT have vanished without a line in the ledger."""
        balances = dict(self.account.balances)
        balances[SPOT_USDT] = balances.get(SPOT_USDT, ZERO) - self.lost
        after = self.snapshot(replace(self.account, balances=balances), self.now, 1)
        return Interval(
            before=self.left,
            decided=self.snapshot(self.account, self.decided, 1),
            after=after,
            equity=worth(after),
            entries=tuple(self.entries),
            fills=tuple(self.fills),
            crossings=self.crossings,
            quote="USDT",
            stables=("USDT", "USDC"),
        )

    @property
    def lines(self) -> tuple[ProfitLine, ...]:
        """The lines."""
        return attribute_cycle(self.interval)

    @property
    def told(self) -> dict[str, Decimal]:
        """The lines as words: "core price" → amount."""
        return {f"{line.sleeve} {line.source}": line.amount for line in self.lines}

    @property
    def change(self) -> Decimal:
        """What equity changed by."""
        return self.interval.equity - self.left.performance.equity


def worth(shown: Snapshot) -> Decimal:
    """The equity of a snapshot, in USDT: reckoned here on its own, to check the code by."""
    known = {symbol: quote.valuation for symbol, quote in shown.quotes.items()} | {"USDT/USDT": d(1)}
    total = sum((b.total * known.get(f"{b.asset}/USDT", ZERO) for b in shown.balances), ZERO)
    for symbol, position in shown.positions.items():
        one = shown.instruments[symbol]
        profit = one.profit(position.quantity, position.entry_price, known[symbol])
        total += profit * known[f"{one.settle}/USDT"]
    return total


def an_order(symbol: str, side: Side, size: Decimal, **changes: object) -> OrderRequest:
    """An order of a size: the core's for spot, the hedge's for contracts, or of several parts."""
    parts = changes.get("parts", ())
    assert isinstance(parts, tuple)
    total = abs(sum((part.quantity for part in parts), ZERO))
    return OrderRequest(
        symbol=symbol,
        side=side,
        quantity=total or size,
        price=None,
        type=OrderType.MARKET,
        reduce_only=False,
        sleeve=Sleeve(str(changes.get("sleeve", "hedge" if ":" in symbol else "core"))),
        parts=parts,
    )


def a_report(*fills: Fill) -> OrderReport:
    """The venue's report of fills."""
    return OrderReport(
        client_order_id=fills[0].client_order_id,
        venue_order_id="1",
        symbol=fills[0].symbol,
        status=OrderStatus.FILLED,
        ordered=sum((fill.quantity for fill in fills), ZERO),
        fills=fills,
        at=fills[0].at,
    )


def a_part(sleeve: str, quantity: Number, rule: str = "") -> Part:
    """A part of an order."""
    return Part(sleeve=Sleeve(sleeve), rule=rule, quantity=d(quantity))


def a_claim(sleeve: str, symbol: str, quantity: Number, entry: Number) -> Claim:
    """A claim on a part of what is held."""
    return Claim(
        sleeve=Sleeve(sleeve), rule="r", symbol=symbol, quantity=d(quantity), entry=d(entry), opened_at=NOON - DAY
    )


def an_account(
    usdt: Number = 0, btc: Number = 0, margin: Number = 0, coins: Number = 0, positions: tuple[Position, ...] = ()
) -> Account:
    """Money and BTC in the spot wallet, money and BTC in the futures wallets, contracts."""
    balances = {
        SPOT_USDT: d(usdt),
        (WalletKind.SPOT, "BTC"): d(btc),
        LINEAR_USDT: d(margin),
        (WalletKind.INVERSE, "BTC"): d(coins),
    }
    held = {purse: total for purse, total in balances.items() if total}
    return Account(balances=held, positions={p.symbol: p for p in positions})


def amount_of(lines: tuple[ProfitLine, ...], source: Source) -> Decimal:
    """The sum of a source."""
    return sum((line.amount for line in lines if line.source is source), ZERO)
