"""What a row of venue data may say: one value per venue, and every difference between venues is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.instrument import Kind, MaintenanceTier, WalletKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType, Side
from bot.domain.snapshot import MarginMode, Wallets
from bot.venues.row_reads import (
    BalanceFields,
    LedgerSource,
    MarketRead,
    Params,
    PositionFields,
    RawFees,
    RawFind,
    RawRows,
    RawTrades,
    Spelling,
    TradesSource,
)

__all__ = [
    "Access",
    "BalanceFields",
    "Client",
    "Codes",
    "DeadMan",
    "FeesFrom",
    "FindBy",
    "KeyRights",
    "LedgerSource",
    "MarketRead",
    "Params",
    "PositionFields",
    "Product",
    "RawFees",
    "RawFind",
    "RawRows",
    "RawTrades",
    "Sandbox",
    "SetUp",
    "Spelling",
    "TiersFrom",
    "TradesSource",
    "TransferRow",
    "VenueRow",
]


class Sandbox(StrEnum):
    """How a venue's play-money side is reached, and so how it is proved."""

    NONE = "none"
    ADDRESSES = "addresses"
    DEMO = "demo"
    HEADER = "header"
    PATHS = "paths"


class FindBy(StrEnum):
    """How an order is looked up by our id."""

    CLIENT_ID = "client-id"
    OPEN_THEN_CLOSED = "open-then-closed"
    RAW_CALL = "raw-call"
    RAW_CALL_THEN_SCAN = "raw-call-then-scan"
    LISTS_TWICE = "lists-twice"


class TiersFrom(StrEnum):
    """Where the maintenance tiers are read."""

    ALL_AT_ONCE = "all-at-once"
    EACH = "each"
    MARKET = "market"
    ASSUMED = "assumed"


class FeesFrom(StrEnum):
    """Where the account's fee rates are read; the schedule is what ccxt's market says."""

    ALL_AT_ONCE = "all-at-once"
    EACH = "each"
    RAW_LIST = "raw-list"
    SCHEDULE = "schedule"


class DeadMan(StrEnum):
    """What cancels orders at the venue when we fall silent."""

    NONE = "none"
    PER_SYMBOL = "per symbol, by a raw call"
    ACCOUNT = "account-wide"
    STREAM_ONLY = "only for a private stream: protects no REST client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What may be asked of a venue in one mode; everything else never leaves.

    `hosts` are all hosts a request may go to; `private` the beginnings of paths that signed requests may
    have; `writes` "METHOD path" of the requests that change something, a path ending in * is a beginning. A
    request that is neither GET nor listed in `reads_by_post` is a write. `headers` must be on every signed
    request with that value, `without` on none. `wallets` are the products that work there; where a mode does
    not tell the account's fees, the schedule is taken. `lacks` is what it does not have although ccxt offers it: raw
    calls of the ledger, and calls for the past by their names in ccxt's `has`.
    `asset_names` are our names of what the mode's play money is called.
    """

    sandbox: Sandbox
    hosts: frozenset[str]
    private: tuple[str, ...]
    writes: frozenset[str]
    wallets: frozenset[WalletKind]
    purses: Wallets
    reads_by_post: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    can_cancel: bool = True
    can_find: bool = True
    tells_fees: bool = True
    lacks: frozenset[str] = frozenset()
    tells_rights: bool = True
    asset_names: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One ccxt instance: its class, the wallets it serves, and options set on it.

    `window_ms`: the venue counts a request's weight over so long, so that many may leave together; 0 spaces them out.
    `paces` are requests a second by ccxt's name of a path, where the venue counts each path by itself.
    """

    ccxt_id: str
    wallets: tuple[WalletKind, ...]
    options: Params = field(default_factory=dict)
    window_ms: int = 60_000
    paces: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """How a product's contracts are brought to one-way mode, a margin mode and a leverage, and read back.

    The three flags say whether ccxt can set it; `read_position_mode` and `read_leverage` (the name of ccxt's
    call) whether it can be read. `leverage_ways` are the parameters of each request that is needed, one for a
    long and one for a short leg where the venue keeps two; `leverage_mode` names the parameter that says cross
    or isolated, in the venue's own `mode_words` where it has some; without `margin_mode` it is set for the mode's
    sake too. `leverage_by_mode`: there is one for cross and one for isolated, and the read must name the mode meant.
    `read_margin_mode` is ccxt's call for a margin mode that comes with neither. `params` go with every call.
    `margin_mode_of_account`: it is that of all contracts at once, and is left alone while any is open or asked for.
    """

    position_mode: bool = True
    position_mode_by_symbol: bool = False
    read_position_mode: bool = True
    margin_mode: bool = True
    margin_mode_with_leverage: bool = False
    margin_mode_of_account: bool = False
    leverage_ways: tuple[Params, ...] = ({},)
    leverage_mode: str = ""
    leverage_by_mode: bool = False
    mode_words: Mapping[MarginMode, object] = field(default_factory=dict)
    read_leverage: str = "fetch_leverage"
    read_margin_mode: str = ""
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One kind of wallet at a venue with all that is traded from it.

    `contract_size` overrides ccxt's where that lies. `step` and `min_notional` override what the market does
    not tell. `resting` are the parameters of every fetch_open_orders that must be asked, `resting_most` how many
    orders one such list can have, 0 where it has all. `reduce_only` is the
    parameter that says so; `fills` tells how fetch_my_trades is asked for those of one order, whose id
    goes where its `params` have an empty "orderId". `order_margin` and
    `order_leverage` name the parameters of an order that must bring margin mode and leverage with it.

    `orders_most` is how many of the newest closed orders are asked for where an order is looked up in lists: one that
    is not among so many may be older.

    A stop that fired is another order: `stop_became` leads to that order's id in the stop's own row.
    `echoes_id`: what create_order answers has our id, and an order taken without it is not taken for ours.
    `raw_trades` is read instead of fetch_my_trades; `paid` is the raw term of a trade's fee ("-commission") where
    ccxt drops its sign, so that a rebate stays one.

    `status` are the venue's own words (`status` or `state` of the raw order, in small letters) that ccxt misreads or
    does not know, in ours. Where ccxt does not pass on what the raw order says, `told_client_id` leads to our id in
    it, `told_filled` to what of it is filled, `side_words` are the raw words (or numbers) of its `side` that buy or
    sell, and `closing_words` those that can only reduce.

    `funding_page` is the parameter of a page's number where past funding is told newest first, whatever the start.
    """

    kinds: tuple[Kind, ...]
    balance: BalanceFields
    market_reads: tuple[MarketRead, ...]
    spellings: Mapping[OrderType, Spelling]
    client_id: str
    echoes_id: bool = False
    resting: tuple[Params, ...] = ({},)
    resting_each: bool = False
    resting_most: int = 0
    positions: tuple[Params, ...] = ()
    position: PositionFields = field(default_factory=PositionFields)
    contract_size: Decimal | None = None
    step: Decimal | None = None
    min_notional: Decimal | None = None
    tiers: TiersFrom = TiersFrom.ALL_AT_ONCE
    tiers_in_contracts: bool = False
    assumed_tiers: tuple[MaintenanceTier, ...] = ()
    fees: FeesFrom = FeesFrom.SCHEDULE
    raw_fees: RawFees | None = None
    params: Params = field(default_factory=dict)
    order_params: Params = field(default_factory=dict)
    order_margin: str = ""
    order_leverage: str = ""
    reduce_only: Params | None = None
    find: FindBy = FindBy.CLIENT_ID
    find_params: Params = field(default_factory=dict)
    raw_find: RawFind | None = None
    stop_find_params: Params | None = None
    stop_became: str = ""
    cancel_client_id: str = "clientOrderId"
    raw_cancel: RawFind | None = None
    orders_most: int = 0
    fills: TradesSource = field(default_factory=TradesSource)
    raw_trades: RawTrades | None = None
    paid: str = ""
    status: Mapping[str, str] = field(default_factory=dict)
    told_client_id: str = ""
    told_filled: str = ""
    side_words: Mapping[str, Side] = field(default_factory=dict)
    closing_words: frozenset[str] = frozenset()
    set_up: SetUp | None = None
    book_levels: int = 50
    funding_page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The venue's words. `path` leads to the code in an answer ("retCode"; several: the first that is there).

    Only a code in `rejected` proves that nothing was accepted; `duplicate` means that an order of that id is
    there; `absent` that an order looked up is not; `slow_down` that the venue wants fewer requests, and did not do
    this one; `busy` that it could not answer now: a read may be asked again, of a write it proves nothing. `fine`
    are codes of success. `marker` must be in every answer that is a dictionary, "" where there is none; answers
    to paths ending in one of `unmarked` have it not.
    """

    path: tuple[str, ...]
    fine: frozenset[str]
    rejected: frozenset[str]
    duplicate: frozenset[str]
    absent: frozenset[str]
    slow_down: frozenset[str]
    busy: frozenset[str] = frozenset()
    clock: frozenset[str] = frozenset()
    no_change: frozenset[str] = frozenset()
    duplicate_words: tuple[str, ...] = ()
    absent_words: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    marker: str = ""
    unmarked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """How money moves between own wallets: ccxt's names of the wallets, and how a transfer is found again.

    `reference` is the parameter that carries our id, "" where the venue takes none; then a transfer is known by
    asset, amount, way and time. `find` reads the history, with the parameters of `ways` for its way; where all
    ways are in one list, `from_field` and `to_field` lead to the wallets, called by `told_names`.
    """

    names: Mapping[WalletKind, str]
    reference: str = ""
    find: LedgerSource | None = None
    ways: Mapping[tuple[WalletKind, WalletKind], Params] = field(default_factory=dict)
    from_field: str = ""
    to_field: str = ""
    told_names: Mapping[WalletKind, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """A raw call that tells what a key may do: where it says withdraw, trade, and the addresses it is bound to.

    `withdraw_word` is the word in a list that means withdrawal, "" where a flag says it; `trade_words` mean yes.
    """

    call: str
    params: Params = field(default_factory=dict)
    withdraw: str = ""
    withdraw_word: str = ""
    trade: str = ""
    trade_words: tuple[str, ...] = ("True", "true", "1")
    addresses: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRow:
    """All of one venue.

    `client_id_form` is what the venue takes, `client_id_scope` how long an id is taken: "open", "forever",
    or "unknown". `receive_window` is how long after sending a request may still be accepted. `money` are the quote
    currencies in which every position and resting order is seen. `proved` says how the row was proved, in words for
    docs/venues.md; `cautions` what it cannot.
    """

    name: str
    title: str
    clients: tuple[Client, ...]
    access: Mapping[Mode, Access]
    products: Mapping[WalletKind, Product]
    codes: Codes
    ledger: Mapping[WalletKind, tuple[LedgerSource | TradesSource, ...]]
    receive_window: timedelta
    client_id_form: str
    client_id_scope: str
    auth_marks: frozenset[str]
    lower_cases_ids: bool = False
    transfers: TransferRow | None = None
    key_rights: KeyRights | None = None
    dead_man: DeadMan = DeadMan.NONE
    has_passphrase: bool = False
    money: frozenset[str] = frozenset({"USDT"})
    requests_per_second: int = 10
    tier: str = "C"
    proved: str = ""
    cautions: tuple[str, ...] = ()
