"""Bybit's unified account: one purse behind spot and linear contracts, ids that are taken for ever."""

from datetime import timedelta
from decimal import Decimal

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType
from bot.domain.snapshot import Wallets
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
    Product,
    Sandbox,
    SetUp,
    Spelling,
    TiersFrom,
    VenueRow,
)

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR
PURSE = BalanceFields(
    params={"type": "unified"},
    rows="result.list.0.coin",
    asset="coin",
    total=("walletBalance",),
    free=("walletBalance", "-locked", "-totalPositionIM", "-totalOrderIM"),
    equity="equity",
)
WRITES = frozenset(
    {
        "POST /v5/order/create",
        "POST /v5/order/cancel",
        "POST /v5/position/set-leverage",
        "POST /v5/position/switch-mode",
        "POST /v5/account/set-margin-mode",
    }
)
DRY_RUN = Access(
    sandbox=Sandbox.NONE,
    hosts=frozenset({"api.bybit.com"}),
    private=("/v5/",),
    writes=frozenset(),
    wallets=frozenset({SPOT, LINEAR}),
    purses=Wallets.POOLED,
)
SPOT_PRICES = MarketRead(call="fetch_tickers", params={"type": "spot"}, fields={"volume": "turnover24h"})
CONTRACT_PRICES = MarketRead(
    call="fetch_tickers",
    params={"type": "swap", "subType": "linear"},
    fields={
        "mark": "markPrice",
        "index": "indexPrice",
        "volume": "turnover24h",
        "rate": "fundingRate",
        "next_ms": "nextFundingTime",
        "interval_hours": "fundingIntervalHour",
    },
)
LIMIT_IOC = Spelling(type="limit", params={"timeInForce": "IOC"})
POST_ONLY = Spelling(type="limit", params={"postOnly": True})
STATUS = {"partiallyfilledcanceled": "canceled", "deactivated": "canceled"}

ROW = VenueRow(
    name="bybit",
    title="Bybit",
    clients=(
        Client(
            ccxt_id="bybit",
            wallets=(SPOT, LINEAR),
            options={
                "fetchMarkets": {"types": ["spot", "linear"]},
                "enableUnifiedMargin": False,
                "enableUnifiedAccount": True,
                "unifiedMarginStatus": 6,
            },
        ),
    ),
    access={
        Mode.DRY_RUN: DRY_RUN,
        Mode.TESTNET: Access(
            sandbox=Sandbox.ADDRESSES,
            hosts=frozenset({"api-testnet.bybit.com"}),
            private=("/v5/",),
            writes=WRITES,
            wallets=frozenset({SPOT, LINEAR}),
            purses=Wallets.POOLED,
        ),
        Mode.DEMO: Access(
            sandbox=Sandbox.DEMO,
            hosts=frozenset({"api-demo.bybit.com"}),
            private=("/v5/",),
            writes=WRITES,
            wallets=frozenset({SPOT, LINEAR}),
            purses=Wallets.POOLED,
            tells_fees=False,
            note="the demo side tells no fee rates and keeps orders for 7 days",
        ),
        Mode.LIVE: Access(
            sandbox=Sandbox.NONE,
            hosts=frozenset({"api.bybit.com"}),
            private=("/v5/",),
            writes=WRITES,
            wallets=frozenset({SPOT, LINEAR}),
            purses=Wallets.POOLED,
        ),
    },
    products={
        SPOT: Product(
            kinds=(Kind.SPOT,),
            balance=PURSE,
            market_reads=(SPOT_PRICES,),
            spellings={
                OrderType.LIMIT_IOC: LIMIT_IOC,
                OrderType.POST_ONLY: POST_ONLY,
                OrderType.MARKET: Spelling(type="market"),
            },
            client_id="clientOrderId",
            resting=({"type": "spot"},),
            fees=FeesFrom.ALL_AT_ONCE,
            params={"type": "spot"},
            find=FindBy.OPEN_THEN_CLOSED,
            find_params={"type": "spot"},
            cancel_client_id="orderLinkId",
            trades={"orderId": ""},
            status=STATUS,
        ),
        LINEAR: Product(
            kinds=(Kind.LINEAR_PERPETUAL,),
            balance=PURSE,
            market_reads=(CONTRACT_PRICES,),
            spellings={
                OrderType.LIMIT_IOC: LIMIT_IOC,
                OrderType.POST_ONLY: POST_ONLY,
                OrderType.MARKET: Spelling(type="market"),
                OrderType.STOP: Spelling(type="market", params={"triggerBy": "MarkPrice"}, trigger="triggerPrice"),
            },
            client_id="clientOrderId",
            resting=({"type": "swap", "subType": "linear", "settleCoin": "USDT"},),
            positions=({"type": "swap", "subType": "linear", "settleCoin": "USDT"},),
            contract_size=Decimal(1),
            tiers=TiersFrom.EACH,
            fees=FeesFrom.ALL_AT_ONCE,
            params={"type": "swap", "subType": "linear"},
            reduce_only={"reduceOnly": True},
            find=FindBy.OPEN_THEN_CLOSED,
            find_params={"type": "swap", "subType": "linear"},
            cancel_client_id="orderLinkId",
            trades={"orderId": ""},
            status=STATUS,
            set_up=SetUp(
                position_mode_by_symbol=True,
                read_position_mode=False,
                read_leverage="fetch_leverage",
            ),
        ),
    },
    codes=Codes(
        path=("retCode",),
        fine=frozenset({"0"}),
        rejected=frozenset(
            {
                "10001",
                "10003",
                "10004",
                "10005",
                "110003",
                "110004",
                "110007",
                "110012",
                "110017",
                "110093",
                "110094",
                "110065",
                "170121",
                "170130",
                "170131",
                "170132",
                "170133",
                "170137",
                "170140",
                "170136",
                "33004",
            }
        ),
        duplicate=frozenset({"110072", "170141"}),
        absent=frozenset({"110001", "170213"}),
        slow_down=frozenset({"10006", "10018"}),
        clock=frozenset({"10002"}),
        no_change=frozenset({"110043", "110025", "110026"}),
        marker="retCode",
    ),
    ledger={
        LINEAR: (
            LedgerSource(
                call="privateGetV5AccountTransactionLog",
                params={"accountType": "UNIFIED"},
                rows="result.list",
                at="transactionTime",
                change="",
                asset="currency",
                reference="tradeId",
                kind="type",
                kinds={
                    "TRADE": EntryKind.REALISED,
                    "SETTLEMENT": EntryKind.FUNDING,
                    "TRANSFER_IN": EntryKind.DEPOSIT,
                    "TRANSFER_OUT": EntryKind.WITHDRAWAL,
                    "DELIVERY": EntryKind.DELIVERY,
                    "LIQUIDATION": EntryKind.LIQUIDATION,
                    "INTEREST": EntryKind.INTEREST,
                },
                symbol="symbol",
                splits=(
                    ("cashFlow", EntryKind.REALISED, 1),
                    ("funding", EntryKind.FUNDING, 1),
                    ("fee", EntryKind.FEE, -1),
                ),
                since="startTime",
                until="endTime",
                limit="limit",
                most=50,
                cursor="cursor",
                next_cursor="result.nextPageCursor",
                window=timedelta(days=7),
            ),
        ),
    },
    receive_window=timedelta(seconds=5),
    client_id_form="[A-Za-z0-9_-]{1,36}",
    client_id_scope="forever",
    auth_marks=frozenset({"x-bapi-api-key", "x-bapi-sign"}),
    key_rights=KeyRights(
        call="privateGetV5UserQueryApi",
        withdraw="result.permissions.Wallet",
        withdraw_word="Withdraw",
        trade="result.readOnly",
        addresses="result.ips",
        expires="result.expiredAt",
    ),
    dead_man=DeadMan.STREAM_ONLY,
    requests_per_second=10,
    tier="A",
    proved="wire-level emulator",
)
