"""Bybit's unified account: one purse behind spot and linear contracts, and ids of ours that are taken for ever."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType
from bot.domain.snapshot import MarginMode, Wallets
from bot.venues.row import (
    Access,
    BalanceFields,
    Client,
    Codes,
    DeadMan,
    FeesFrom,
    FindBy,
    KeyRights,
    LedgerSource,
    MarketRead,
    PositionFields,
    Product,
    RawFees,
    Sandbox,
    SetUp,
    Spelling,
    TiersFrom,
    TradesSource,
    VenueRow,
)

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR
MOST_ORDERS = 50  # the most one page of resting orders can have
IN_SPOT = {"type": "spot"}
IN_LINEAR = {"type": "swap", "subType": "linear"}

LIVE = Access(
    sandbox=Sandbox.NONE,
    hosts=frozenset({"api.bybit.com"}),
    private=("/v5/account/", "/v5/position/", "/v5/order/", "/v5/execution/", "/v5/user/query-api"),
    writes=frozenset(
        {
            "POST /v5/order/create",
            "POST /v5/order/cancel",
            "POST /v5/position/set-leverage",
            "POST /v5/position/switch-mode",
            "POST /v5/account/set-margin-mode",
        }
    ),
    wallets=frozenset({SPOT, LINEAR}),
    purses=Wallets.POOLED,
)
PURSE = BalanceFields(
    params={"type": "unified"},
    rows="result.list.0.coin",
    asset="coin",
    total=("walletBalance",),
    free=("walletBalance", "-locked", "-totalPositionIM", "-totalOrderIM"),
    equity="equity",
    maintenance="totalPositionMM",
)
SPOT_PRICES = MarketRead(call="fetch_tickers", everything=True, params=IN_SPOT, fields={"volume": "turnover24h"})
LINEAR_PRICES = MarketRead(
    call="fetch_tickers",
    # Perpetuals and dated contracts are one list, and ccxt takes no mixed list of symbols.
    everything=True,
    params=IN_LINEAR,
    fields={
        "mark": "markPrice",
        "index": "indexPrice",
        "volume": "turnover24h",
        "rate": "fundingRate",
        "next_ms": "nextFundingTime",
        "interval_hours": "fundingIntervalHour",
    },
)
SPELLINGS = {
    OrderType.LIMIT_IOC: Spelling(type="limit", params={"timeInForce": "IOC"}),
    OrderType.POST_ONLY: Spelling(type="limit", params={"postOnly": True}),
    OrderType.MARKET: Spelling(type="market"),
}
# ccxt turns stopLossPrice into the trigger with the direction that fits the side.
STOP = Spelling(type="market", params={"triggerBy": "MarkPrice"}, trigger="stopLossPrice")
FEES = RawFees(
    call="privateGetV5AccountFeeRate",
    params={"category": "spot"},
    rows="result.list",
    symbol="symbol",
    maker="makerFeeRate",
    taker="takerFeeRate",
)
# An order of many fills has them on several pages; ccxt follows them where asked to, and repeats nothing itself.
FILLS = TradesSource(params={"orderId": "", "paginate": True, "maxRetries": 0}, most=0)

LOG = LedgerSource(
    call="privateGetV5AccountTransactionLog",
    params={"accountType": "UNIFIED"},
    rows="result.list",
    at="transactionTime",
    change="cashFlow",
    asset="currency",
    reference="tradeId",
    kind="category type",
    kinds={
        "spot TRADE": EntryKind.FILL,
        "linear TRADE": EntryKind.REALISED,
        "linear SETTLEMENT": EntryKind.FUNDING,
        "linear DELIVERY": EntryKind.DELIVERY,
        "linear LIQUIDATION": EntryKind.LIQUIDATION,
        "linear ADL": EntryKind.REALISED,
        "inverse TRADE": EntryKind.REALISED,
        "inverse SETTLEMENT": EntryKind.FUNDING,
        "inverse DELIVERY": EntryKind.DELIVERY,
        "inverse LIQUIDATION": EntryKind.LIQUIDATION,
        "inverse ADL": EntryKind.REALISED,
        "TRANSFER_IN": EntryKind.DEPOSIT,
        "TRANSFER_OUT": EntryKind.WITHDRAWAL,
        "INTEREST": EntryKind.INTEREST,
        "FEE_REFUND": EntryKind.FEE,
    },
    symbol="symbol",
    product="category",
    wallets={"spot": SPOT, "inverse": WalletKind.INVERSE},
    splits=(("funding", EntryKind.FUNDING, 1), ("fee", EntryKind.FEE, -1)),
    since="startTime",
    until="endTime",
    limit="limit",
    most=50,
    cursor="cursor",
    next_cursor="result.nextPageCursor",
    window=timedelta(days=7),
)

# Leverage, position mode, margin mode "not modified": refused, since it stands so already.
NO_CHANGE = frozenset({"110043", "110025", "110026"})
# What proves that nothing was accepted. Not here: 10000, 10016, 10019, 170007, 170146 and all that nobody knows.
REJECTED = frozenset(
    (
        # The request itself: parameters, key, signature, rights, address, not for demo trading.
        *("10001", "10003", "10004", "10005", "10010", "10024", "10027", "10028", "10029", "10032", "33004"),
        # Contracts: price, balance, risk limits, reduce-only, modes, margin, minimum, trigger.
        *("110003", "110004", "110006", "110007", "110009", "110011", "110012", "110013", "110016", "110017"),
        *("110020", "110021", "110023", "110024", "110028", "110029", "110032", "110036", "110040", "110042"),
        *("110044", "110045", "110046", "110051", "110052", "110053", "110062", "110065", "110067", "110090"),
        *("110092", "110093", "110094", "3400045"),
        # Spot: symbol, parameters, balance, price, size, value, post-only.
        *("170115", "170116", "170117", "170121", "170124", "170130", "170131", "170132", "170133", "170134"),
        *("170135", "170136", "170137", "170140", "170210", "170217", "170218"),
    )
)

ROW = VenueRow(
    name="bybit",
    title="Bybit",
    clients=(
        Client(
            ccxt_id="bybit",
            wallets=(SPOT, LINEAR),
            options={
                "fetchMarkets": {"types": ["spot", "linear"]},
                # A unified account 2.0: said beforehand, or ccxt asks twice before the first private call.
                "enableUnifiedMargin": False,
                "enableUnifiedAccount": True,
                "unifiedMarginStatus": 6,
            },
            window_ms=60_000,
        ),
    ),
    access={
        Mode.DRY_RUN: replace(LIVE, writes=frozenset()),
        Mode.TESTNET: replace(LIVE, sandbox=Sandbox.ADDRESSES, hosts=frozenset({"api-testnet.bybit.com"})),
        Mode.DEMO: replace(
            LIVE,
            sandbox=Sandbox.DEMO,
            hosts=frozenset({"api-demo.bybit.com"}),
            tells_fees=False,
            tells_rights=False,
            note="the demo side tells neither fee rates nor the rights of a key, and keeps orders for 7 days",
        ),
        Mode.LIVE: LIVE,
    },
    products={
        SPOT: Product(
            told_filled="cumExecQty",
            kinds=(Kind.SPOT,),
            balance=PURSE,
            market_reads=(SPOT_PRICES,),
            spellings=SPELLINGS,
            client_id="clientOrderId",
            resting=({**IN_SPOT, "limit": MOST_ORDERS},),
            resting_most=MOST_ORDERS,
            fees=FeesFrom.RAW_LIST,
            raw_fees=FEES,
            find=FindBy.OPEN_THEN_CLOSED,
            cancel_client_id="orderLinkId",
            fills=FILLS,
        ),
        LINEAR: Product(
            told_filled="cumExecQty",
            kinds=(Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE),
            balance=PURSE,
            market_reads=(LINEAR_PRICES,),
            spellings={**SPELLINGS, OrderType.STOP: STOP},
            client_id="clientOrderId",
            resting=({**IN_LINEAR, "settleCoin": "USDT", "limit": MOST_ORDERS},),
            resting_most=MOST_ORDERS,
            positions=({**IN_LINEAR, "settleCoin": "USDT"},),
            position=PositionFields(
                isolated_margin="positionBalance",
                count="size",
                mode_call="privateGetV5AccountInfo",
                mode="result.marginMode",
                mode_words={"REGULAR_MARGIN": MarginMode.CROSS, "ISOLATED_MARGIN": MarginMode.ISOLATED},
            ),
            contract_size=Decimal(1),
            tiers=TiersFrom.EACH,
            fees=FeesFrom.RAW_LIST,
            raw_fees=replace(FEES, params={"category": "linear"}),
            reduce_only={"reduceOnly": True},
            find=FindBy.OPEN_THEN_CLOSED,
            cancel_client_id="orderLinkId",
            fills=FILLS,
            set_up=SetUp(
                position_mode_by_symbol=True,
                margin_mode_of_account=True,
                read_position_mode=False,
                read_leverage="fetch_position",
                read_margin_mode="fetch_margin_mode",
            ),
        ),
    },
    codes=Codes(
        path=("retCode",),
        fine=frozenset({"0"}),
        rejected=REJECTED | NO_CHANGE,
        duplicate=frozenset({"110072", "170141"}),
        absent=frozenset({"110001", "170213"}),
        slow_down=frozenset({"10006", "10018", "10429"}),
        clock=frozenset({"10002"}),
        no_change=NO_CHANGE,
        marker="retCode",
    ),
    ledger={LINEAR: (LOG,)},
    receive_window=timedelta(seconds=5),
    client_id_form="[A-Za-z0-9_-]{1,36}",
    client_id_scope="forever",
    auth_marks=frozenset({"x-bapi-api-key", "x-bapi-sign"}),
    key_rights=KeyRights(
        call="privateGetV5UserQueryApi",
        withdraw="result.permissions.Wallet",
        withdraw_word="Withdraw",
        trade="result.readOnly",
        trade_words=("0",),
        addresses="result.ips",
        expires="result.expiredAt",
    ),
    dead_man=DeadMan.STREAM_ONLY,
    requests_per_second=10,
    tier="A",
    proved="wire-level emulator",
    cautions=(
        "Inverse contracts are left out: their margin is the coins of the same purse that spot counts as holdings.",
        "The margin mode is the whole account's; it is changed only while no USDT contract is open or asked for.",
        "Cancel-on-silence watches a private stream and protects no client of the REST interface.",
        "More than 50 resting orders of one product are not one answer: the snapshot is refused.",
    ),
)
