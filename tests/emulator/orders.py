"""Orders, trades and transfers as a venue numbers and keeps them, in integer milliseconds UTC."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.order import OrderStatus, OrderType, Side, TransferRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one venue does with ids and purses.

    `client_id_scope`: "open" (an id is free again when its order rests no more; one for each wallet),
    "forever", or "none". `pooled`: one purse behind spot and contracts. `transfers`: whether money can be
    moved between wallets at all. `visible_after_ms`: a closed order shows in the history only so long
    after its last change.
    """

    client_id_scope: str = "open"
    lower_cases_ids: bool = False
    pooled: bool = False
    transfers: bool = True
    visible_after_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The key of the emulated account: made up, and good for nothing else."""

    key: str = "emulated-key"
    secret: str = "emulated-secret"
    passphrase: str = "emulated-passphrase"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as it was sent; `quantity` in order units, `price` None for a market order or a stop.

    `good_till_cancelled` is a plain limit: what it can take it takes at once, what is left rests. It goes
    with `type` LIMIT_IOC. `trigger` is the mark price a stop waits for.
    """

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal | None
    type: OrderType
    good_till_cancelled: bool = False
    reduce_only: bool = False
    trigger: Decimal | None = None
    client_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFill:
    """One trade: `number` is its id, `order` that of its order, `fee` positive when paid.

    `realised` is the profit of the contracts it closed, in the settlement asset, zero when it opened.
    """

    number: int
    order: int
    client_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    realised: Decimal
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """What the venue knows of an order. `average` is the mean price of its fills, None without any."""

    number: int
    client_id: str
    request: NewOrder
    status: OrderStatus
    filled: Decimal
    average: Decimal | None
    created_ms: int
    updated_ms: int
    fills: tuple[VenueFill, ...]

    @property
    def left(self) -> Decimal:
        """What has not been filled, in order units."""
        return max(self.request.quantity - self.filled, ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTransfer:
    """One transfer that was made; `reference` is the id it was sent with, "" when the venue takes none."""

    number: int
    reference: str
    request: TransferRequest
    at_ms: int
