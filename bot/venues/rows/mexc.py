"""MEXC: a spot wallet and a contract wallet behind one host; contract orders have four sides and types in numbers.

ccxt leaves much of a contract order unread (our id, the side, the type of time in force), so the raw words are
read here. A stop is a plan order, which takes no id of ours and ends after a week: the row has none.
"""

from datetime import timedelta
from decimal import Decimal

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType, Side
from bot.domain.snapshot import MarginMode, Wallets
from bot.venues.row import (
    Access,
    BalanceFields,
    Client,
    Codes,
    FindBy,
    LedgerSource,
    MarketRead,
    PositionFields,
    Product,
    RawFind,
    RawRows,
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
HOSTS = frozenset({"api.mexc.com"})
PRIVATE = ("/api/v3/", "/api/v1/private/")
WRITES = frozenset(
    {
        "POST /api/v3/order",
        "DELETE /api/v3/order",
        "POST /api/v3/capital/transfer",
        "POST /api/v1/private/order/create",
        "POST /api/v1/private/order/cancel_with_external",
        "POST /api/v1/private/position/change_leverage",
        "POST /api/v1/private/position/change_position_mode",
    }
)
OUT = {"fromAccountType": "SPOT", "toAccountType": "FUTURES"}
BACK = {"fromAccountType": "FUTURES", "toAccountType": "SPOT"}
SWAP = {"type": "swap"}
# Each path is counted by itself, most of them twenty times in two seconds; these are the tighter ones.
PACES = {"order/create": 2, "position/change_leverage": 1}
# An order without it is taken for one of a two-way account.
ONE_WAY = {"positionMode": 2}
# Deposits that arrived, withdrawals that were neither refused nor taken back.
ARRIVED, LEFT = frozenset({"5", "12"}), frozenset({"1", "2", "3", "4", "5", "6", "7", "10"})
LISTS = ("/ticker/24hr", "/openOrders", "/allOrders", "/myTrades", "/klines", "/deposit/hisrec", "/withdraw/history")
# 400, 500, 501, 503, 504, 603 and 11444 are not here: they do not say what became of the request.
REFUSED = (
    "-1121 26 401 402 403 406 511 600 602 701 702 703 704 1000 1001 1002 "
    "1003 1004 2001 2002 2003 2004 2005 2006 2007 2008 2009 2011 2015 2018 2022 2025 "
    "2028 2029 2030 2031 2032 2033 2036 2038 3001 3002 3004 6001 6005 10007 10072 "
    "10095 10096 10097 10098 10100 10101 10102 10103 10206 10211 10222 10232 30000 30001 30002 30003 "
    "30004 30005 30010 30014 30016 30018 30019 30020 30021 30025 30027 30028 30029 30032 30041 30087 "
    "33333 60005 70011 700001 700002 700004 700005 700006 700007 700008 700013"
)


def _moved(way: dict[str, str], sign: int) -> LedgerSource:
    """Return the transfers of one way as changes of one wallet, newest first, seven days at a time."""
    return LedgerSource(
        call="spotPrivateGetCapitalTransfer",
        params=way,
        rows="rows",
        at="timestamp",
        change="amount",
        asset="asset",
        reference="tranId",
        fixed_kind=EntryKind.TRANSFER,
        sign=sign,
        only=("status", frozenset({"SUCCESS"})),
        since="startTime",
        until="endTime",
        limit="size",
        page="page",
        most=100,
        window=timedelta(days=7),
    )


def _crossed(call: str, at: str, kind: EntryKind, sign: int, words: frozenset[str]) -> LedgerSource:
    """Return what came in or went out at the chain as changes of the spot wallet."""
    return LedgerSource(
        call=call,
        rows="",
        at=at,
        change="amount",
        asset="coin",
        reference="txId" if kind is EntryKind.DEPOSIT else "id",
        fixed_kind=kind,
        sign=sign,
        only=("status", words),
        since="startTime",
        until="endTime",
        limit="limit",
        most=1000,
        newest_first=True,
        window=timedelta(days=7),
    )


ROW = VenueRow(
    name="mexc",
    title="MEXC",
    clients=(
        Client(
            ccxt_id="mexc",
            wallets=(SPOT, LINEAR),
            options={"fetchMarkets": {"types": {"spot": True, "swap": {"linear": True, "inverse": False}}}},
            paces=PACES,
        ),
    ),
    access={
        Mode.DRY_RUN: Access(
            sandbox=Sandbox.NONE,
            hosts=HOSTS,
            private=PRIVATE,
            writes=frozenset(),
            wallets=BOTH,
            purses=Wallets.SEPARATE,
            note="MEXC has no play-money side: try a policy on the simulated venue",
        ),
        Mode.LIVE: Access(
            sandbox=Sandbox.NONE,
            hosts=HOSTS,
            private=PRIVATE,
            writes=WRITES,
            wallets=BOTH,
            purses=Wallets.SEPARATE,
            note="contract orders by API need a permission of the account's own: without it each is refused with 1002",
        ),
    },
    products={
        SPOT: Product(
            told_filled="executedQty",
            kinds=(Kind.SPOT,),
            balance=BalanceFields(
                params={"type": "spot"}, rows="balances", asset="asset", total=("free", "locked"), free=("free",)
            ),
            market_reads=(MarketRead(call="fetch_tickers", everything=True, params={"type": "spot"}),),
            spellings={
                OrderType.LIMIT_IOC: Spelling(type="limit", params={"timeInForce": "IOC"}),
                OrderType.POST_ONLY: Spelling(type="limit", params={"postOnly": True}),
                OrderType.MARKET: Spelling(type="market"),
            },
            client_id="clientOrderId",
            resting=({"type": "spot"},),
            resting_each=True,
            fills=TradesSource(newest_first=True),
        ),
        LINEAR: Product(
            told_filled="dealVol",
            kinds=(Kind.LINEAR_PERPETUAL,),
            balance=BalanceFields(
                params=SWAP,
                rows="data",
                asset="currency",
                total=("equity", "-unrealized"),
                free=("availableBalance",),
                equity="equity",
            ),
            market_reads=(
                MarketRead(
                    call="fetch_tickers",
                    everything=True,
                    params=SWAP,
                    fields={"mark": "fairPrice", "index": "indexPrice", "volume": "amount24", "at_ms": "timestamp"},
                ),
                MarketRead(
                    call="funding rates",
                    raw=RawRows(path="funding_rate", section=("contract", "public"), rows="data", market="symbol"),
                    fields={"rate": "fundingRate", "interval_hours": "collectCycle", "next_ms": "nextSettleTime"},
                ),
            ),
            spellings={
                OrderType.LIMIT_IOC: Spelling(type="limit", params={"type": 3}),
                OrderType.POST_ONLY: Spelling(type="limit", params={"postOnly": True}),
                OrderType.MARKET: Spelling(type="market", params={"type": 5}),
            },
            client_id="clientOrderId",
            resting=(SWAP, {**SWAP, "trigger": True}),
            resting_most=100,
            positions=({},),
            position=PositionFields(count="holdVol", isolated_margin="im"),
            min_notional=Decimal(0),
            tiers=TiersFrom.MARKET,
            tiers_in_contracts=True,
            params=SWAP,
            order_params=ONE_WAY,
            order_margin="marginMode",
            order_leverage="leverage",
            reduce_only={"reduceOnly": True},
            find=FindBy.RAW_CALL,
            raw_find=RawFind(
                call="contractPrivateGetOrderExternalSymbolExternalOid",
                symbol="symbol",
                client_id="external_oid",
                order="data",
            ),
            raw_cancel=RawFind(
                call="contractPrivatePostOrderCancelWithExternal",
                symbol="symbol",
                client_id="externalOid",
                as_list=True,
            ),
            fills=TradesSource(page="page_num", until="end_time"),
            status={"5": "rejected"},
            told_client_id="externalOid",
            funding_page="page_num",
            side_words={"1": Side.BUY, "2": Side.BUY, "3": Side.SELL, "4": Side.SELL},
            closing_words=frozenset({"2", "4"}),
            set_up=SetUp(
                margin_mode=False,
                leverage_ways=({"positionType": 1}, {"positionType": 2}),
                leverage_mode="openType",
                mode_words={MarginMode.ISOLATED: 1, MarginMode.CROSS: 2},
            ),
        ),
    },
    codes=Codes(
        path=("code",),
        fine=frozenset({"0", "200"}),
        rejected=frozenset(REFUSED.split()),
        # No word for an id used twice is documented: in contracts the order it has is answered, in spot an
        # unknown code is unknown, and looked up.
        duplicate=frozenset(),
        absent=frozenset({"-2013", "-2011", "2040", "2041", "22222"}),
        slow_down=frozenset({"429", "510", "2037"}),
        clock=frozenset({"700003", "10073", "513"}),
        lists=LISTS,
    ),
    ledger={
        SPOT: (
            TradesSource(newest_first=True),
            _moved(OUT, -1),
            _moved(BACK, 1),
            _crossed("spotPrivateGetCapitalDepositHisrec", "insertTime", EntryKind.DEPOSIT, 1, ARRIVED),
            _crossed("spotPrivateGetCapitalWithdrawHistory", "applyTime", EntryKind.WITHDRAWAL, -1, LEFT),
        ),
        LINEAR: (
            TradesSource(profit="profit", page="page_num", until="end_time", window=timedelta(days=89)),
            _moved(OUT, 1),
            _moved(BACK, -1),
            LedgerSource(
                call="contractPrivateGetPositionFundingRecords",
                rows="data.resultList",
                at="settleTime",
                change="funding",
                fixed_asset="USDT",
                reference="id",
                fixed_kind=EntryKind.FUNDING,
                symbol="symbol",
                limit="page_size",
                page="page_num",
                most=100,
            ),
        ),
    },
    # Spot takes what is at most five seconds old, contracts what is ten.
    receive_window=timedelta(seconds=10),
    client_id_form="[A-Za-z0-9_-]{1,32}",
    client_id_scope="unknown",
    auth_marks=frozenset({"x-mexc-apikey", "apikey", "signature"}),
    transfers=TransferRow(
        names={SPOT: "spot", LINEAR: "swap"},
        find=LedgerSource(
            call="spotPrivateGetCapitalTransfer",
            params={"size": 100},
            rows="rows",
            at="timestamp",
            change="amount",
            asset="asset",
            reference="tranId",
            since="startTime",
        ),
        ways={(SPOT, LINEAR): OUT, (LINEAR, SPOT): BACK},
    ),
    requests_per_second=20,
    tier="C",
    proved="the real ccxt client against a wire-level emulator; nothing was sent to MEXC itself",
    cautions=(
        "there is no testnet and no demo: dry-run, the simulated venue, or real money",
        "contract orders by API were closed from 2022 to 2026 and are opened account by account (1002 where not)",
        "no stops: a plan order takes no id of ours, so one sent twice could not be told from one sent once",
        "what a key may do is not told: give it no right to withdraw, and bind it to an address",
        "nothing is documented of client ids used twice in spot: no order is ever sent again",
        "hedge mode is refused: ccxt would close the wrong leg there",
        "reduceOnly does not reach the wire: in one-way mode the closing sides 2 and 4 cannot open anything",
        "coin-margined contracts are left out, and their wallet's coins are shown with the linear one's",
        "maintenance tiers rise evenly in the contract list; levels of an account's own are not read",
    ),
)
