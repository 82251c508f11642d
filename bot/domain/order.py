"""Orders as asked for, as the venue tells of them, and the fills that came of them."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.errors import NumberRefused


class Sleeve(StrEnum):
    """The part of the book an order, a holding or a profit belongs to."""

    CORE = "core"
    HEDGE = "hedge"
    TACTICAL = "tactical"
    CARRY = "carry"
    RESERVE = "reserve"


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, −1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order meets the book. A market order never carries a price (VENUES 0.1).

    A stop waits at the venue until the mark reaches its trigger, then meets the book as a market order.
    """

    LIMIT_IOC = "limit-ioc"
    POST_ONLY = "post-only"
    MARKET = "market"
    STOP = "stop"


class Liquidity(StrEnum):
    """Whether a fill took from the book or made it."""

    MAKER = "maker"
    TAKER = "taker"


class OrderStatus(StrEnum):
    """What the venue says of an order."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        """Whether nothing more can come of it."""
        return self is not OrderStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The share of one order that belongs to a sleeve's rule: signed, in order units."""

    sleeve: Sleeve
    rule: str
    quantity: Decimal


FINEST = Decimal("0.000000000001")


def cut_parts(parts: tuple[Part, ...], signed: Decimal) -> tuple[Part, ...]:
    """Return the parts of `signed` order units, in proportion and summing to it exactly; the last takes the rest."""
    if not parts:
        return ()
    share = signed / sum((part.quantity for part in parts), ZERO)
    cut = [replace(part, quantity=(part.quantity * share).quantize(FINEST)) for part in parts[:-1]]
    rest = signed - sum((part.quantity for part in cut), ZERO)
    return (*cut, replace(parts[-1], quantity=rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """An order as the planner wants it: positive quantity in order units, limit price or None for market.

    `trigger` is a stop's mark price, None for every other type. `parts` sum to the signed quantity and say
    which sleeves an order of several serves; without parts all of it belongs to `sleeve`.
    """

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal | None
    type: OrderType
    reduce_only: bool
    sleeve: Sleeve
    trigger: Decimal | None = None
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a stop that could open something, a trigger on anything else, and parts that do not sum up."""
        is_stop = self.type is OrderType.STOP
        if is_stop != (self.trigger is not None) or (is_stop and not self.reduce_only):
            raise NumberRefused(f"{self.symbol}: a stop has a trigger and is reduce-only, nothing else has a trigger")
        if self.parts and sum((part.quantity for part in self.parts), ZERO) != self.signed_quantity:
            raise NumberRefused(f"{self.symbol}: the parts of an order must sum to its quantity {self.signed_quantity}")

    @property
    def signed_quantity(self) -> Decimal:
        """The quantity with the side's sign."""
        return self.quantity * self.side.sign

    def cut_to(self, quantity: Decimal) -> "OrderRequest":
        """Return the same order for a smaller quantity, its parts in proportion."""
        return replace(self, quantity=quantity, parts=cut_parts(self.parts, quantity * self.side.sign))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest:
    """Move `amount` of `asset` between two wallets of the same account."""

    asset: str
    amount: Decimal
    source: WalletKind
    target: WalletKind
    sleeve: Sleeve = Sleeve.RESERVE


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """Take back an order that rests at the venue."""

    client_order_id: str
    symbol: str
    sleeve: Sleeve


Leg = OrderRequest | TransferRequest | CancelRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One trade of one order. `fee` is in `fee_asset`, positive when paid, negative for a rebate."""

    trade_id: str
    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    liquidity: Liquidity
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """What the venue told of one order; `fills` are all fills known so far."""

    client_order_id: str
    venue_order_id: str
    symbol: str
    status: OrderStatus
    ordered: Decimal
    fills: tuple[Fill, ...]
    at: datetime
    code: str = ""

    @property
    def filled(self) -> Decimal:
        """The filled quantity in order units."""
        return sum((fill.quantity for fill in self.fills), ZERO)

    @property
    def average_price(self) -> Decimal | None:
        """The mean fill price weighted by quantity; None when nothing was filled."""
        filled = self.filled
        if not filled:
            return None
        return sum((fill.quantity * fill.price for fill in self.fills), ZERO) / filled


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order resting at the venue now; `remaining` is its unfilled quantity, `price` a stop's trigger."""

    client_order_id: str
    symbol: str
    side: Side
    remaining: Decimal
    price: Decimal
    reduce_only: bool
    type: OrderType = OrderType.POST_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReport:
    """What became of a transfer between own wallets."""

    transfer_id: str
    request: TransferRequest
    at: datetime
