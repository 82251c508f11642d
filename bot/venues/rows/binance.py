"""Binance: three products with a wallet, a host and a ccxt class each; an id is only taken while its order rests."""

from collections.abc import Mapping
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
    KeyRights,
    LedgerSource,
    MarketRead,
    PositionFields,
    Product,
    Sandbox,
    SetUp,
    Spelling,
    TradesSource,
    TransferRow,
    VenueRow,
)

SPOT, LINEAR, INVERSE = WalletKind.SPOT, WalletKind.LINEAR, WalletKind.INVERSE
ALL = frozenset({SPOT, LINEAR, INVERSE})
LIVE_HOSTS = frozenset({"api.binance.com", "fapi.binance.com", "dapi.binance.com"})
DEMO_HOSTS = frozenset({"demo-api.binance.com", "demo-fapi.binance.com", "demo-dapi.binance.com"})
PRIVATE = ("/api/v3/", "/sapi/v1/", "/fapi/", "/dapi/")
SPOT_WRITES = frozenset({"POST /api/v3/order", "DELETE /api/v3/order"})
CONTRACT_WRITES = frozenset(
    f"{asked.partition(' ')[0]} /{root}/v1/{asked.partition(' ')[2]}"
    for root in ("fapi", "dapi")
    for asked in (
        "POST order",
        "DELETE order",
        "POST algoOrder",
        "DELETE algoOrder",
        "POST leverage",
        "POST marginType",
        "POST positionSide/dual",
    )
)
# The demo side and the spot testnet have no /sapi/ at all.
WALLET_CALLS = frozenset(
    {
        "sapiGetAssetTransfer",
        "sapiGetCapitalDepositHisrec",
        "sapiGetCapitalWithdrawHistory",
        "sapiGetAssetAssetDividend",
    }
)
# Nor has demo the data side of the futures; ccxt's `has` does not say so.
DATA_CALLS = frozenset({"fetchOpenInterestHistory"})


def _client(ccxt_id: str, wallet: WalletKind) -> Client:
    """Return one of the three clients: it reads only its own markets, and asks for orders without a symbol."""
    return Client(
        ccxt_id=ccxt_id,
        wallets=(wallet,),
        options={
            "fetchMarkets": {"types": [wallet.value]},
            "fetchCurrencies": False,
            "fetchMargins": False,
            "fetchOpenOrders": {"warnWithoutSymbol": False},
            "recvWindow": 5000,
        },
        window_ms=60_000,
    )


def _income(call: str) -> LedgerSource:
    """Return a futures wallet's list of changes: received is positive."""
    return LedgerSource(
        call=call,
        params={},
        rows="",
        at="time",
        change="income",
        asset="asset",
        reference="tradeId",
        other_reference="tranId",
        kind="incomeType",
        kinds=INCOME,
        symbol="symbol",
        since="startTime",
        until="endTime",
        limit="limit",
        most=1000,
    )


def _moved(way: str, sign: int) -> LedgerSource:
    """Return the transfers of one way as changes of the spot wallet."""
    return LedgerSource(
        call="sapiGetAssetTransfer",
        params={"type": way},
        rows="rows",
        at="timestamp",
        change="amount",
        asset="asset",
        reference="tranId",
        fixed_kind=EntryKind.TRANSFER,
        sign=sign,
        since="startTime",
        limit="size",
        most=100,
        newest_first=True,
        page="current",
    )


INCOME: Mapping[str, EntryKind | None] = {
    "TRANSFER": EntryKind.TRANSFER,
    "REALIZED_PNL": EntryKind.REALISED,
    "COMMISSION": EntryKind.FEE,
    "FUNDING_FEE": EntryKind.FUNDING,
    "INSURANCE_CLEAR": EntryKind.LIQUIDATION,
    "DELIVERED_SETTELMENT": EntryKind.DELIVERY,
    "COMMISSION_REBATE": EntryKind.FEE,
    "API_REBATE": EntryKind.FEE,
    "REFERRAL_KICKBACK": EntryKind.FEE,
    "FEE_RETURN": EntryKind.FEE,
    "POSITION_LIMIT_INCREASE_FEE": EntryKind.FEE,
    "AUTO_EXCHANGE": EntryKind.FILL,
    "BFUSD_REWARD": EntryKind.INTEREST,
    "WELCOME_BONUS": EntryKind.DEPOSIT,
    "CONTEST_REWARD": EntryKind.DEPOSIT,
    "INTERNAL_TRANSFER": EntryKind.DEPOSIT,
    "CROSS_COLLATERAL_TRANSFER": EntryKind.DEPOSIT,
    "STRATEGY_UMFUTURES_TRANSFER": EntryKind.DEPOSIT,
    "COIN_SWAP_DEPOSIT": EntryKind.DEPOSIT,
    "COIN_SWAP_WITHDRAW": EntryKind.WITHDRAWAL,
}
MARGIN = BalanceFields(
    params={},
    rows="assets",
    asset="asset",
    total=("walletBalance",),
    free=("walletBalance", "-initialMargin"),
    equity="marginBalance",
    maintenance="maintMargin",
    position_margin="positionInitialMargin",
    order_margin="openOrderInitialMargin",
)
LIMIT_IOC = Spelling(type="limit", params={"timeInForce": "IOC"})
POST_ONLY = Spelling(type="limit", params={"postOnly": True})
SPOT_SPELLINGS = {
    OrderType.LIMIT_IOC: LIMIT_IOC,
    OrderType.POST_ONLY: POST_ONLY,
    OrderType.MARKET: Spelling(type="market"),
}
CONTRACT_SPELLINGS = {
    **SPOT_SPELLINGS,
    OrderType.STOP: Spelling(type="market", params={"workingType": "MARK_PRICE"}, trigger="triggerPrice"),
}
# Asked without symbols: ccxt refuses perpetuals and dated contracts in one call. Only contracts with another
# interval than eight hours are listed with one.
CONTRACT_READS = (
    MarketRead(call="fetch_bids_asks", everything=True),
    MarketRead(call="fetch_tickers", everything=True),
    MarketRead(call="fetch_funding_rates", everything=True, fields={"mark": "markPrice", "index": "indexPrice"}),
    MarketRead(call="fetch_funding_intervals", everything=True, otherwise={"interval_hours": Decimal(8)}),
)


def _contracts(kinds: tuple[Kind, ...], *, leverage_call: str) -> Product:
    return Product(
        kinds=kinds,
        balance=MARGIN,
        market_reads=CONTRACT_READS,
        spellings=CONTRACT_SPELLINGS,
        client_id="clientOrderId",
        resting=({}, {"trigger": True}),
        positions=({},),
        position=PositionFields(count="positionAmt", isolated_margin="isolatedWallet", leverage_call=leverage_call),
        fees=FeesFrom.EACH,
        reduce_only={"reduceOnly": True},
        stop_find_params={"trigger": True},
        stop_became="actualOrderId",
        told_filled="executedQty",
        fills=TradesSource(most=1000),
        set_up=SetUp(),
    )


ROW = VenueRow(
    name="binance",
    title="Binance",
    clients=(_client("binance", SPOT), _client("binanceusdm", LINEAR), _client("binancecoinm", INVERSE)),
    access={
        Mode.DRY_RUN: Access(
            sandbox=Sandbox.NONE,
            hosts=LIVE_HOSTS,
            private=PRIVATE,
            writes=frozenset(),
            wallets=ALL,
            purses=Wallets.SEPARATE,
        ),
        Mode.TESTNET: Access(
            sandbox=Sandbox.ADDRESSES,
            hosts=frozenset({"testnet.binance.vision"}),
            private=("/api/v3/",),
            writes=SPOT_WRITES,
            wallets=frozenset({SPOT}),
            purses=Wallets.APART,
            tells_fees=False,
            tells_rights=False,
            lacks=WALLET_CALLS,
            note="spot only: the futures testnet is closed to private calls, use demo; its ledger tells trades only",
        ),
        Mode.DEMO: Access(
            sandbox=Sandbox.DEMO,
            hosts=DEMO_HOSTS,
            private=("/api/v3/", "/fapi/", "/dapi/"),
            writes=SPOT_WRITES | CONTRACT_WRITES,
            wallets=ALL,
            purses=Wallets.APART,
            tells_fees=False,
            tells_rights=False,
            lacks=WALLET_CALLS | DATA_CALLS,
            note="prices of its own; no transfers: fund each wallet; spot ledger of trades only; no past open interest",
        ),
        Mode.LIVE: Access(
            sandbox=Sandbox.NONE,
            hosts=LIVE_HOSTS,
            private=PRIVATE,
            writes=SPOT_WRITES | CONTRACT_WRITES | {"POST /sapi/v1/asset/transfer"},
            wallets=ALL,
            purses=Wallets.SEPARATE,
        ),
    },
    products={
        SPOT: Product(
            kinds=(Kind.SPOT,),
            told_filled="executedQty",
            balance=BalanceFields(
                params={},
                rows="balances",
                asset="asset",
                total=("free", "locked"),
                free=("free",),
                order_margin="locked",
                uid="uid",
            ),
            market_reads=(MarketRead(call="fetch_tickers"),),
            spellings=SPOT_SPELLINGS,
            client_id="clientOrderId",
            fees=FeesFrom.ALL_AT_ONCE,
            fills=TradesSource(most=1000),
        ),
        LINEAR: _contracts((Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE), leverage_call="fetch_leverages"),
        INVERSE: _contracts((Kind.INVERSE_PERPETUAL, Kind.INVERSE_FUTURE), leverage_call=""),
    },
    codes=Codes(
        path=("code",),
        fine=frozenset({"200", "0"}),
        # -1001, -1006, -1007 and -1008 are not here: what became of the request is not said.
        rejected=frozenset(
            {
                "-1002",
                "-1013",
                "-1014",
                "-1020",
                "-1022",
                "-1100",
                "-1101",
                "-1102",
                "-1103",
                "-1104",
                "-1105",
                "-1106",
                "-1111",
                "-1112",
                "-1114",
                "-1115",
                "-1116",
                "-1117",
                "-1121",
                "-1128",
                "-1130",
                "-1131",
                "-2010",
                "-2014",
                "-2015",
                "-2018",
                "-2019",
                "-2020",
                "-2021",
                "-2022",
                "-2023",
                "-2024",
                "-2025",
                "-2026",
                "-2027",
                "-2028",
                "-4001",
                "-4003",
                "-4004",
                "-4005",
                "-4013",
                "-4014",
                "-4015",
                "-4016",
                "-4023",
                "-4024",
                "-4028",
                "-4044",
                "-4046",
                "-4047",
                "-4048",
                "-4059",
                "-4061",
                "-4067",
                "-4068",
                "-4108",
                "-4118",
                "-4120",
                "-4131",
                "-4161",
                "-4164",
                "-4183",
                "-4184",
                "-5001",
                "-5002",
                "-5011",
                "-5013",
                "-5021",
                "-5022",
                "-9000",
            }
        ),
        duplicate=frozenset({"-4116"}),
        duplicate_words=("duplicate order sent",),
        absent=frozenset({"-2011", "-2013"}),
        slow_down=frozenset({"-1003", "-1015", "-1034", "-4200"}),
        clock=frozenset({"-1021"}),
        no_change=frozenset({"-4046", "-4059"}),
        lists=(
            "/ticker/24hr",
            "/ticker/bookTicker",
            "/premiumIndex",
            "/fundingInfo",
            "/fundingRate",
            "/klines",
            "/openInterestHist",
            "/leverageBracket",
            "/symbolConfig",
            "/positionRisk",
            "/openOrders",
            "/openAlgoOrders",
            "/myTrades",
            "/userTrades",
            "/income",
            "/asset/tradeFee",
            "/deposit/hisrec",
            "/withdraw/history",
        ),
    ),
    ledger={
        SPOT: (
            TradesSource(most=1000, window=timedelta(hours=24)),
            _moved("MAIN_UMFUTURE", -1),
            _moved("UMFUTURE_MAIN", 1),
            _moved("MAIN_CMFUTURE", -1),
            _moved("CMFUTURE_MAIN", 1),
            LedgerSource(
                call="sapiGetCapitalDepositHisrec",
                rows="",
                at="insertTime",
                change="amount",
                asset="coin",
                reference="id",
                fixed_kind=EntryKind.DEPOSIT,
                only=("status", frozenset({"1", "6"})),
                since="startTime",
                until="endTime",
                limit="limit",
                most=1000,
                newest_first=True,
                window=timedelta(days=89),
            ),
            LedgerSource(
                call="sapiGetCapitalWithdrawHistory",
                rows="",
                at="applyTime",
                at_form="%Y-%m-%d %H:%M:%S",
                change="amount",
                asset="coin",
                reference="id",
                fixed_kind=EntryKind.WITHDRAWAL,
                sign=-1,
                splits=(("transactionFee", EntryKind.FEE, -1),),
                only=("status", frozenset({"0", "2", "4", "6"})),
                since="startTime",
                until="endTime",
                limit="limit",
                most=1000,
                newest_first=True,
                window=timedelta(days=89),
            ),
            LedgerSource(
                call="sapiGetAssetAssetDividend",
                rows="rows",
                at="divTime",
                change="amount",
                asset="asset",
                reference="tranId",
                fixed_kind=EntryKind.INTEREST,
                since="startTime",
                until="endTime",
                limit="limit",
                most=500,
                newest_first=True,
                window=timedelta(days=89),
            ),
        ),
        LINEAR: (_income("fapiPrivateGetIncome"),),
        INVERSE: (_income("dapiPrivateGetIncome"),),
    },
    receive_window=timedelta(seconds=5),
    client_id_form="[.A-Z:/a-z0-9_-]{1,36}",
    client_id_scope="open",
    auth_marks=frozenset({"x-mbx-apikey", "signature"}),
    transfers=TransferRow(
        names={SPOT: "spot", LINEAR: "linear", INVERSE: "inverse"},
        find=_moved("", 1),
        ways={
            (SPOT, LINEAR): {"type": "MAIN_UMFUTURE"},
            (LINEAR, SPOT): {"type": "UMFUTURE_MAIN"},
            (SPOT, INVERSE): {"type": "MAIN_CMFUTURE"},
            (INVERSE, SPOT): {"type": "CMFUTURE_MAIN"},
        },
    ),
    key_rights=KeyRights(
        call="sapiGetAccountApiRestrictions",
        withdraw="enableWithdrawals",
        trade="enableSpotAndMarginTrading",
        addresses="ipRestrict",
        expires="tradingAuthorityExpirationTime",
    ),
    dead_man=DeadMan.PER_SYMBOL,
    money=frozenset({"USDT", "USDC"}),
    requests_per_second=20,
    tier="A",
    proved="wire-level emulator",
    cautions=(
        "an id is taken only while its order rests: a filled one bought again would be bought twice",
        "a transfer carries no id of ours: it is known by coin, amount, way and time",
        "spot changes outside trades, transfers, deposits, withdrawals and rewards (conversions, dust, savings) "
        "are not in its ledger",
        "fees paid in BNB come from the spot or futures wallet's BNB",
        "portfolio margin, hedge mode and multi-asset margin are refused or not looked at",
    ),
)
