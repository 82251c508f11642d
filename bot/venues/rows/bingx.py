"""BingX: a spot and a linear wallet behind one host, ids that are taken for ever, contracts that keep them lower-cased.

Coin-margined contracts are left out: the venue lists neither what changed that wallet nor its maintenance tiers,
and no trade without its order. A stop takes no id of ours ("MARKET and LIMIT only"): the row has none.
"""

from datetime import timedelta

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
    PositionFields,
    Product,
    RawFind,
    RawTrades,
    Sandbox,
    SetUp,
    Spelling,
    TiersFrom,
    TradesSource,
    TransferRow,
    VenueRow,
)

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR
BOTH = frozenset({SPOT, LINEAR})
LIVE, PLAY = frozenset({"open-api.bingx.com"}), frozenset({"open-api-vst.bingx.com"})
SHARED = ("/openApi/swap/", "/openApi/v1/account/apiPermissions")
PRIVATE = (*SHARED, "/openApi/spot/v1/", "/openApi/api/v3/asset/transferRecord", "/openApi/api/asset/v1/transfer")
SPOT_WRITES = frozenset({"POST /openApi/spot/v1/trade/order", "POST /openApi/spot/v1/trade/cancel"})
CONTRACT_WRITES = frozenset(
    {
        "POST /openApi/swap/v2/trade/order",
        "DELETE /openApi/swap/v2/trade/order",
        "POST /openApi/swap/v2/trade/leverage",
        "POST /openApi/swap/v2/trade/marginType",
        "POST /openApi/swap/v1/positionSide/dual",
    }
)
MOVES = frozenset({"POST /openApi/api/asset/v1/transfer"})
FUND, COINS, MARGIN = "fund", "spot", "USDTMPerp"
SPELLINGS = {
    OrderType.LIMIT_IOC: Spelling(type="limit", params={"timeInForce": "IOC"}),
    OrderType.POST_ONLY: Spelling(type="limit", params={"postOnly": True}),
    OrderType.MARKET: Spelling(type="market"),
}
# Asked once for each market or way: what is more than this is refused, and after that everything for five minutes.
PACES = {
    "asset/transferRecord": 2,
    "user/commissionRate": 2,
    "maintMarginRatio": 5,
    "trade/myTrades": 5,
    "trade/fillHistory": 5,
}
# Only these prove that nothing was accepted. Not among them, for they say nothing of the outcome: 80001 and 80012
# ("service has some errors", "the system is busy" and "margin is not enough" alike), 80019 (being processed), 100410,
# 100500, 100503, 101500, 109500, 110400, 110500, 500 and 504.
REJECTED = """
400 401 403 80013 80014 80017 80020 100001 100004 100202 100204 100400 100412 100413 100414 100419 100437 100440
100490 101204 101205 101209 101211 101212 101215 101290 101400 101414 101415 101419 101424 101460 101514 101515
109400 109418 109425 110406 110407 110411 110412 110413 110425
"""
RECORD = "apiV3PrivateGetAssetTransferRecord"


def _moved(source: str, target: str, kind: EntryKind, sign: int) -> LedgerSource:
    """Return the transfers of one way as changes of one wallet: the record is told way by way, newest first."""
    return LedgerSource(
        call=RECORD,
        params={"fromAccount": source, "toAccount": target},
        rows="rows",
        at="timestamp",
        change="amount",
        asset="asset",
        reference="transferId",
        fixed_kind=kind,
        sign=sign,
        since="startTime",
        limit="pageSize",
        most=100,
        page="pageIndex",
        newest_first=True,
    )


def _crossings(wallet: str) -> tuple[LedgerSource, ...]:
    """Return what came from the funding wallet and went there: to Poise it is money from outside."""
    return (
        _moved(FUND, wallet, EntryKind.DEPOSIT, 1),
        _moved(wallet, FUND, EntryKind.WITHDRAWAL, -1),
    )


ROW = VenueRow(
    name="bingx",
    title="BingX",
    clients=(Client(ccxt_id="bingx", wallets=(SPOT, LINEAR), paces=PACES),),
    access={
        Mode.DRY_RUN: Access(
            sandbox=Sandbox.NONE,
            hosts=LIVE,
            private=PRIVATE,
            writes=frozenset(),
            wallets=BOTH,
            purses=Wallets.SEPARATE,
        ),
        Mode.DEMO: Access(
            sandbox=Sandbox.ADDRESSES,
            hosts=PLAY,
            private=SHARED,
            writes=CONTRACT_WRITES,
            wallets=frozenset({LINEAR}),
            purses=Wallets.APART,
            lacks=frozenset({RECORD}),
            asset_names={"VST": "USDT"},
            note="linear contracts only, margined in VST, which is counted as USDT",
        ),
        Mode.LIVE: Access(
            sandbox=Sandbox.NONE,
            hosts=LIVE,
            private=PRIVATE,
            writes=SPOT_WRITES | CONTRACT_WRITES | MOVES,
            wallets=BOTH,
            purses=Wallets.SEPARATE,
        ),
    },
    products={
        SPOT: Product(
            kinds=(Kind.SPOT,),
            balance=BalanceFields(
                params={"type": "spot"},
                rows="data.balances",
                asset="asset",
                total=("free", "locked"),
                free=("free",),
            ),
            market_reads=(MarketRead(call="fetch_tickers", params={"type": "spot"}, everything=True),),
            spellings=SPELLINGS,
            client_id="clientOrderId",
            resting=({"type": "spot"},),
            fees=FeesFrom.EACH,
            # Our id is forgotten after two hours: the lists are looked through before an order is taken not to be.
            find=FindBy.RAW_CALL_THEN_SCAN,
            raw_find=RawFind(
                call="spotV1PrivateGetTradeQuery", symbol="symbol", client_id="clientOrderID", order="data"
            ),
            orders_most=100,
            fills=TradesSource(params={"orderId": ""}, most=500, newest_first=True),
            paid="-commission",
            status={"failed": "canceled"},
        ),
        LINEAR: Product(
            kinds=(Kind.LINEAR_PERPETUAL,),
            # freezedMargin and profit are in none of ccxt's three numbers (VENUES 3).
            balance=BalanceFields(
                params={"type": "swap", "subType": "linear"},
                rows="data",
                asset="asset",
                total=("balance",),
                free=("availableMargin",),
                equity="equity",
                position_margin="usedMargin",
                order_margin="freezedMargin",
                has_blank_rows=True,
            ),
            # Tickers have no mark, and fetch_mark_prices takes linear rows for spot ones: the mark comes with the rate.
            market_reads=(
                MarketRead(call="fetch_tickers", params={"type": "swap", "subType": "linear"}, everything=True),
                MarketRead(call="fetch_funding_rates", params={"subType": "linear"}, everything=True),
            ),
            spellings=SPELLINGS,
            client_id="clientOrderId",
            echoes_id=True,
            resting=({"type": "swap", "subType": "linear"},),
            positions=({"subType": "linear"},),
            # The margin told of an isolated position counts its profit.
            position=PositionFields(count="positionAmt", isolated_margin="margin -unrealizedProfit", signed=True),
            tiers=TiersFrom.EACH,
            fees=FeesFrom.EACH,
            reduce_only={"reduceOnly": True},
            find=FindBy.RAW_CALL,
            raw_find=RawFind(
                call="swapV2PrivateGetTradeOrder", symbol="symbol", client_id="clientOrderId", order="data.order"
            ),
            # allFillOrders tells no ids, and filledTm a clock eight hours ahead under the sign of UTC.
            raw_trades=RawTrades(
                call="swapV2PrivateGetTradeFillHistory",
                rows="data.fill_history_orders",
                params={"pageSize": 1000},
                symbol="symbol",
                since="startTs",
                until="endTs",
                order="orderId",
                at="filledTime",
                at_form="%Y-%m-%dT%H:%M:%S.%f%z",
                role="role",
                most=1000,
            ),
            paid="-commission",
            status={"failed": "canceled"},
            set_up=SetUp(leverage_ways=({"side": "BOTH"},), read_margin_mode="fetch_margin_mode"),
        ),
    },
    codes=Codes(
        path=("code",),
        fine=frozenset({"0"}),
        rejected=frozenset(REJECTED.split()),
        duplicate=frozenset({"101481", "109201"}),
        absent=frozenset({"80016", "80018", "100404", "109414", "109421"}),
        slow_down=frozenset({"429", "418"}),
        # "Rate limited" and "the current system is busy" are one code, 100410; the others say the latter only.
        busy=frozenset({"100410", "100500", "109500", "110500"}),
        # 100421 is a stale timestamp, and a symbol closed to orders by API: not executed, whichever it is.
        clock=frozenset({"100421"}),
        absent_words=("cancel fail, order not exist",),
        marker="code",
        unmarked=("/asset/transferRecord",),
    ),
    ledger={
        SPOT: (
            TradesSource(paid="-commission", most=500, newest_first=True, window=timedelta(days=7)),
            _moved(COINS, MARGIN, EntryKind.TRANSFER, -1),
            _moved(MARGIN, COINS, EntryKind.TRANSFER, 1),
            *_crossings(COINS),
        ),
        LINEAR: (
            LedgerSource(
                call="swapV2PrivateGetUserIncome",
                rows="data",
                at="time",
                change="income",
                asset="asset",
                reference="tradeId",
                other_reference="tranId",
                kind="incomeType",
                kinds={
                    "REALIZED_PNL": EntryKind.REALISED,
                    "FUNDING_FEE": EntryKind.FUNDING,
                    "TRADING_FEE": EntryKind.FEE,
                    "INSURANCE_CLEAR": EntryKind.LIQUIDATION,
                    "ADL": EntryKind.LIQUIDATION,
                    "TRIAL_FUND": EntryKind.DEPOSIT,
                    "SYSTEM_DEDUCTION": EntryKind.WITHDRAWAL,
                    "GTD_PRICE": EntryKind.FEE,
                    "TRANSFER": None,  # in the record below, which tells where from and where to
                },
                symbol="symbol",
                since="startTime",
                until="endTime",
                limit="limit",
                most=1000,
                newest_first=True,
            ),
            _moved(COINS, MARGIN, EntryKind.TRANSFER, 1),
            _moved(MARGIN, COINS, EntryKind.TRANSFER, -1),
            *_crossings(MARGIN),
        ),
    },
    receive_window=timedelta(seconds=5),
    client_id_form="[A-Za-z0-9]{1,40}",
    client_id_scope="forever",
    lower_cases_ids=True,
    auth_marks=frozenset({"x-bx-apikey", "signature"}),
    transfers=TransferRow(
        names={SPOT: "spot", LINEAR: "linear"},
        find=LedgerSource(
            call=RECORD,
            params={"pageSize": 100},
            rows="rows",
            at="timestamp",
            change="amount",
            asset="asset",
            reference="transferId",
            since="startTime",
        ),
        ways={
            (SPOT, LINEAR): {"fromAccount": COINS, "toAccount": MARGIN},
            (LINEAR, SPOT): {"fromAccount": MARGIN, "toAccount": COINS},
        },
    ),
    key_rights=KeyRights(
        call="accountV1PrivateGetAccountApiPermissions",
        withdraw="data.enableWithdrawals",
        trade="data.enableFutures",
        addresses="data.ipRestrict",
    ),
    dead_man=DeadMan.ACCOUNT,
    requests_per_second=5,
    tier="B",
    proved="the real ccxt client against a wire-level emulator; nothing was sent to BingX itself",
    cautions=(
        "no stops: a stop takes no id of ours, so one sent twice could not be told from one sent once",
        "spot finds an order by our id for two hours only; after that the lists of orders are looked through",
        "coin-margined contracts are left out: no list of what changed that wallet, no maintenance tiers",
        "a transfer carries no id of ours: it is known by coin, amount, way and time",
        "80012 means both a lack of margin and a fault of the venue: it is taken to be unknown, and looked up",
        "money from the standard-futures and coin-margined accounts is not in the ledger: the books say so by a gap",
        "ids of ours are sent as clientOrderID (ccxt) where the documents write clientOrderId: the echo is checked",
    ),
)
