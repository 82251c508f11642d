"""The numbers a venue gives: orders and trades from 1 upward, client ids by its own rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.instrument import Instrument, average_entry
from bot.domain.ledger import EntryKind
from bot.domain.numbers import ZERO
from bot.domain.order import Fill, Liquidity, OrderReport, OrderRequest, OrderStatus, OrderType, Sleeve
from bot.errors import NumberRefused, OrderRejected
from tests.emulator.account import EmulatedAccount
from tests.emulator.orders import NewOrder, Rules, VenueFill, VenueOrder
from tests.emulator.times import MarketClock, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class _Accepted:
    """An order that was accepted, under its number; `at` in the market's time."""

    number: int
    client_id: str
    request: NewOrder
    at: datetime


class Numbering:
    """What was accepted, by number. The simulator knows each order by a name of ours, so that ids may come again."""

    def __init__(self, account: EmulatedAccount, clock: MarketClock, rules: Rules) -> None:
        self._account = account
        self._clock = clock
        self._rules = rules
        self._orders: dict[int, _Accepted] = {}
        self._trades: dict[str, int] = {}
        self._realised: dict[str, Decimal] = {}
        self._read = 0

    def name(self, number: int) -> str:
        """Return the simulator's name of an order."""
        return f"order-{number}"

    def has(self, number: int) -> bool:
        """Whether an order of that number was accepted."""
        return number in self._orders

    def check_id(self, order: NewOrder, instruments: Mapping[str, Instrument]) -> None:
        """Raise OrderRejected `duplicate-id` for a client id that may not be used again yet."""
        own, scope = self._own(order), self._rules.client_id_scope
        if not own or scope == "none":
            return
        one = instruments.get(order.symbol)
        for other in self._orders.values():
            if other.client_id != own:
                continue
            there = instruments.get(other.request.symbol)
            same_wallet = one is not None and there is not None and one.wallet is there.wallet
            if scope == "forever" or (same_wallet and self.order(other.number).status is OrderStatus.OPEN):
                raise OrderRejected(f"client order id {own} is in use", code="duplicate-id")

    def _own(self, order: NewOrder) -> str:
        return order.client_id.lower() if self._rules.lower_cases_ids else order.client_id

    def accept(self, order: NewOrder, most: Decimal | None) -> int:
        """Place an order that takes at most `most`, if given, and return its number."""
        number = len(self._orders) + 1
        rests = order.good_till_cancelled
        report = self._account.accept(self.name(number), _request(order), rests=rests, most=most)
        self._orders[number] = _Accepted(number=number, client_id=self._own(order), request=order, at=report.at)
        self.read_ledger()
        return number

    def order(self, number: int) -> VenueOrder:
        """Return an order as it stands now."""
        self._account.look()
        known, report = self._orders[number], self._account.report(self.name(number))
        self.read_ledger()
        return VenueOrder(
            number=number,
            client_id=known.client_id,
            request=known.request,
            status=report.status,
            filled=report.filled,
            average=self._average(report),
            created_ms=to_ms(known.at + self._clock.shift),
            updated_ms=to_ms(report.at + self._clock.shift),
            fills=tuple(self._fill(known, fill) for fill in report.fills),
        )

    def orders(self, symbol: str | None) -> tuple[VenueOrder, ...]:
        """Return all orders of a symbol, or all there are, oldest first."""
        return tuple(self.order(n) for n, one in self._orders.items() if symbol in (None, one.request.symbol))

    def fill_number(self, trade_id: str) -> int | None:
        """Return the number of a trade, None for what is no trade."""
        return self._trades.get(trade_id)

    def _average(self, report: OrderReport) -> Decimal | None:
        """Return the mean price of the fills; of inverse contracts the harmonic one."""
        if not report.fills:
            return None
        one = self._account.look()[1].instruments.get(report.symbol)
        pairs = tuple((fill.quantity, fill.price) for fill in report.fills)
        return report.average_price if one is None else average_entry(one, pairs)

    def _fill(self, known: _Accepted, fill: Fill) -> VenueFill:
        return VenueFill(
            number=self._trades.setdefault(fill.trade_id, len(self._trades) + 1),
            order=known.number,
            client_id=known.client_id,
            symbol=fill.symbol,
            side=fill.side,
            quantity=fill.quantity,
            price=fill.price,
            fee=fill.fee,
            fee_asset=fill.fee_asset,
            maker=fill.liquidity is Liquidity.MAKER,
            realised=self._realised.get(fill.trade_id, ZERO),
            at_ms=to_ms(fill.at + self._clock.shift),
        )

    def read_ledger(self) -> None:
        """Number the trades of new ledger entries in their order, and note what they realised."""
        for entry in self._account.entries(self._read):
            self._read = entry.sequence
            if entry.kind in (EntryKind.FILL, EntryKind.FEE, EntryKind.REALISED) and entry.reference.startswith("o"):
                self._trades.setdefault(entry.reference, len(self._trades) + 1)
                if entry.kind is EntryKind.REALISED:
                    self._realised[entry.reference] = entry.change


def _request(order: NewOrder) -> OrderRequest:
    """Return an order in the simulator's words; raise OrderRejected for one that contradicts itself."""
    kind = OrderType.LIMIT_IOC if order.good_till_cancelled else order.type
    try:
        return OrderRequest(
            symbol=order.symbol,
            side=order.side,
            quantity=order.quantity,
            price=order.price,
            type=kind,
            reduce_only=order.reduce_only,
            sleeve=Sleeve.CORE,
            trigger=order.trigger,
        )
    except NumberRefused as error:
        raise OrderRejected(error.message, code="reduce-only") from error
