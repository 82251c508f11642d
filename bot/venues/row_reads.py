"""What a row says of how things are read and spelled: where a number stands in the venue's own answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.snapshot import MarginMode

Params = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceFields:
    """A wallet's balances, read from the raw answer of fetch_balance(params), since ccxt's totals lie.

    `total` and `free` are terms to be summed ("equity", "-unrealizedProfit"). The total excludes unrealised
    profit. `only` keeps those assets (empty: all); `expected` is False where no row at all means no money.
    `has_blank_rows`: a coin never held is listed with empty texts.
    `uid` leads to the account's own number in the same answer, where there is one. `position_margin` and
    `order_margin` are what positions and resting orders hold (or the open profit of the former): an empty list of
    them beside such a number is a lie.
    """

    params: Params
    rows: str
    asset: str
    total: tuple[str, ...]
    free: tuple[str, ...]
    equity: str = ""
    maintenance: str = ""
    position_margin: str = ""
    order_margin: str = ""
    uid: str = ""
    asset_names: Mapping[str, str] = field(default_factory=dict)
    has_blank_rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """A public list of the venue's that ccxt has no call for: its path and section, its rows, their market id."""

    path: str
    section: tuple[str, str]
    rows: str
    market: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRead:
    """One unified call that tells prices: its name, whether it wants one symbol at a time, and what it tells.

    With `raw` the venue's own list is asked instead, in one request for all, and `call` is its name for people.

    `fields` are read from the raw `info` where ccxt drops or misreads them: bid, ask, last, mark, index,
    volume (quote currency), rate, next_ms, interval_hours, at_ms. `scale` multiplies a raw field. Of a call that
    is one request for a whole category, `everything` is asked and what is wanted is picked. `otherwise` is what
    the venue's documents say of a symbol that its answer does not list.
    """

    call: str
    each: bool = False
    everything: bool = False
    params: Params = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    scale: Mapping[str, Decimal] = field(default_factory=dict)
    otherwise: Mapping[str, Decimal] = field(default_factory=dict)
    raw: RawRows | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFees:
    """A raw list of the account's fee rates: ccxt's method, where the rows are, and a row's market id and rates."""

    call: str
    params: Params
    rows: str
    symbol: str
    maker: str
    taker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How an order type is asked of create_order: ccxt's type and parameters. None: the venue has no such order.

    `trigger` names the parameter of a stop's trigger price.
    """

    type: str
    params: Params = field(default_factory=dict)
    trigger: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFind:
    """A raw call by our id: ccxt's method, the names of its parameters, where the order is in the answer.

    `as_list` is for a call that takes a list of such orders: one of them is sent.
    """

    call: str
    symbol: str
    client_id: str
    order: str = ""
    as_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTrades:
    """A raw list of the account's trades in one market, where ccxt's call tells no ids or wrong times.

    ccxt's method, the names of its parameters (times in milliseconds, the order's id), where the rows are, the
    field and form of a trade's time, and the field that says "maker" or "taker". Rows are otherwise read by ccxt.
    A page of `most` rows is refused: there may be more.
    """

    call: str
    rows: str
    symbol: str
    since: str
    until: str
    order: str
    at: str
    at_form: str
    role: str
    params: Params = field(default_factory=dict)
    most: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFields:
    """What positions say beyond ccxt, read from `info`: margin of an isolated one, as terms; "" takes ccxt's own.

    `count` leads to the raw count, since ccxt tells one of its own where the venue did not.
    Where the margin mode is the whole account's and positions do not tell it, `mode_call` is the raw call that
    does, `mode` leads to it, and `mode_words` are the venue's for it.
    `signed`: a one-way position has the side "both", and a short is counted below zero; elsewhere "both" is no side.
    """

    isolated_margin: str = ""
    count: str = ""
    leverage_call: str = ""
    mode_call: str = ""
    mode: str = ""
    mode_words: Mapping[str, MarginMode] = field(default_factory=dict)
    legs: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSource:
    """One raw list of balance changes: ccxt's method, where the rows are, and how a row is read.

    `kinds` maps the venue's words in the field `kind` to ours (two fields, "category type", make one word of two);
    a word that is missing is refused, None is passed over because another list says the same. Without `kinds`,
    `fixed_kind` is meant. `sign` is −1 where what was paid counts as positive. `splits` are further changes in the
    same row: (field, kind, sign). `since` and `until` name the time parameters, in milliseconds; `each` the
    parameter that takes one market id at a time. A full page of `most` rows is followed by the next: by time
    (backwards where the newest come first; without `until` such a page is refused), by the parameter `cursor` where
    `next_cursor` leads to its value, or by the number in the parameter `page`. `window` is the longest span the
    venue tells at once. Where one list tells of several products under the same market ids, `wallets` maps the
    words of the field `product` to the wallet meant.
    `at_form` is the form of a time that is written out, in UTC; `other_reference` stands in where `reference` is
    empty; of the rows only those count whose field `only[0]` is one of the words `only[1]`.
    """

    call: str
    rows: str
    at: str
    change: str
    reference: str
    asset: str = ""
    fixed_asset: str = ""
    params: Params = field(default_factory=dict)
    kind: str = ""
    kinds: Mapping[str, EntryKind | None] = field(default_factory=dict)
    fixed_kind: EntryKind | None = None
    symbol: str = ""
    product: str = ""
    wallets: Mapping[str, WalletKind] = field(default_factory=dict)
    sign: int = 1
    splits: tuple[tuple[str, EntryKind, int], ...] = ()
    since: str = ""
    until: str = ""
    each: str = ""
    limit: str = ""
    most: int = 100
    cursor: str = ""
    next_cursor: str = ""
    page: str = ""
    newest_first: bool = False
    window: timedelta | None = None
    at_form: str = ""
    other_reference: str = ""
    only: tuple[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradesSource:
    """The account's trades as balance changes, one market at a time through fetch_my_trades(params).

    Spot: coins and money exchanged, and the fee. Contracts: the realised profit at `profit` in the raw row, and
    the fee; "" where another list tells of it. `paid` is that of a Product. Pages are told as those of a
    LedgerSource; `until` names the end of a window. Where ccxt itself follows the pages, `most` is 0.
    """

    params: Params = field(default_factory=dict)
    profit: str = ""
    paid: str = ""
    fees: bool = True
    most: int = 100
    page: str = ""
    newest_first: bool = False
    until: str = "until"
    window: timedelta | None = None
