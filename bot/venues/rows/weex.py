"""WEEX: two hosts, spot and contracts; a contract is held in legs, amounts are coins, and money is moved by hand.

ccxt counts a contract as contractVal coins, although every amount is in coins already: the size is 1 here. The
venue tells no maintenance tiers and no least value: the row's are assumptions, stricter than what is usual.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.instrument import Kind, MaintenanceTier, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType
from bot.domain.snapshot import Wallets
from bot.venues.row import (
    Access,
    BalanceFields,
    Client,
    Codes,
    FeesFrom,
    FindBy,
    LedgerSource,
    MarketRead,
    PositionFields,
    Product,
    Sandbox,
    SetUp,
    Spelling,
    TiersFrom,
    TradesSource,
    VenueRow,
)

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR
SWAP = {"type": "swap"}
LEAST_VALUE = Decimal(5)
WRITES = frozenset(
    {
        "POST /api/v3/order",
        "DELETE /api/v3/order",
        "POST /capi/v3/order",
        "DELETE /capi/v3/order",
        "POST /capi/v3/account/leverage",
        "POST /capi/v3/account/marginType",
    }
)
LIVE = Access(
    sandbox=Sandbox.NONE,
    hosts=frozenset({"api-spot.weex.com", "api-contract.weex.com"}),
    private=("/api/v3/", "/capi/v3/"),
    writes=WRITES,
    wallets=frozenset({SPOT, LINEAR}),
    purses=Wallets.APART,
    reads_by_post=frozenset({"POST /capi/v3/account/income", "POST /api/v3/account/bills"}),
    tells_rights=False,
)


def _tiers(*steps: tuple[str, str, str]) -> tuple[MaintenanceTier, ...]:
    return tuple(
        MaintenanceTier(floor=Decimal(floor), rate=Decimal(rate), deduction=Decimal(deduction))
        for floor, rate, deduction in steps
    )


# Floor and deduction in USDT; each deduction is the one before + floor × the rise of the rate.
ASSUMED_TIERS = _tiers(
    ("0", "0.01", "0"),
    ("100000", "0.02", "1000"),
    ("500000", "0.05", "16000"),
    ("2000000", "0.1", "116000"),
    ("10000000", "0.2", "1116000"),
)
# What is refused before anything is looked at: key, time, words, numbers. −1000 and −1054 say nothing of the order.
REFUSED = (
    "-1040 -1041 -1042 -1043 -1044 -1045 -1047 -1049 -1050 -1051 -1052 -1053 -1055 -1056 -1057 -1058 "
    "-1115 -1116 -1117 -1121 -1128 -1135 -1140 -1141 -1142 -1150 -1160 -1180 -1190 -2007 -3006 -3007 -3235 -3236 -3313"
)
# ccxt takes an order filled in part for a closed one.
STATUS = {"partial_fill": "open"}


def _bills(word: str, kind: EntryKind) -> LedgerSource:
    """Return what came into the spot wallet or left it, newest first; trades are told by their own list.

    `after` and `before` are times to ccxt and numbers of bills in the venue's documents. A time is a smaller number
    than any bill's: as `after` it is right either way, as `before` it could leave everything out, and is not sent.
    """
    return LedgerSource(
        call="privatePostApiV3AccountBills",
        params={"bizType": word},
        rows="",
        at="cTime",
        change="deltaAmount",
        asset="coinName",
        reference="billId",
        fixed_kind=kind,
        since="after",
        limit="limit",
        most=100,
        newest_first=True,
    )


ROW = VenueRow(
    name="weex",
    title="WEEX",
    clients=(Client(ccxt_id="weex", wallets=(SPOT, LINEAR)),),
    access={
        Mode.DRY_RUN: replace(LIVE, writes=frozenset()),
        Mode.DEMO: Access(
            sandbox=Sandbox.PATHS,
            hosts=LIVE.hosts,
            private=("/capi/v3/sim/",),
            writes=frozenset({"POST /capi/v3/sim/order"}),
            wallets=frozenset({LINEAR}),
            purses=Wallets.APART,
            can_cancel=False,
            can_find=False,
            tells_fees=False,
            tells_rights=False,
            asset_names={"SUSDT": "USDT"},
            note="the simulated side has four calls and lists no open orders: no complete snapshot, so nothing is sent",
        ),
        Mode.LIVE: LIVE,
    },
    products={
        SPOT: Product(
            kinds=(Kind.SPOT,),
            balance=BalanceFields(
                params={"type": "spot"},
                rows="balances",
                asset="asset",
                total=("free", "locked"),
                free=("free",),
                order_margin="locked",
            ),
            market_reads=(MarketRead(call="fetch_tickers", everything=True, params={"type": "spot"}),),
            spellings={
                OrderType.LIMIT_IOC: Spelling(type="limit", params={"timeInForce": "IOC"}),
                OrderType.MARKET: Spelling(type="market"),
            },
            client_id="clientOrderId",
            resting=({"type": "spot"},),
            fills=TradesSource(newest_first=True),
            min_notional=LEAST_VALUE,
            status=STATUS,
        ),
        LINEAR: Product(
            kinds=(Kind.LINEAR_PERPETUAL,),
            balance=BalanceFields(
                params=SWAP,
                rows="",
                asset="asset",
                total=("balance",),
                free=("availableBalance",),
                position_margin="unrealizePnl",
            ),
            market_reads=(
                MarketRead(call="fetch_tickers", everything=True, params=SWAP),
                MarketRead(call="fetch_bids_asks", everything=True, params=SWAP, fields={"at_ms": "time"}),
                MarketRead(
                    call="fetch_funding_rates",
                    everything=True,
                    fields={"rate": "forecastFundingRate", "next_ms": "nextFundingTime"},
                ),
            ),
            spellings={
                OrderType.LIMIT_IOC: Spelling(type="limit", params={"timeInForce": "IOC"}),
                OrderType.POST_ONLY: Spelling(type="limit", params={"timeInForce": "POST_ONLY"}),
                OrderType.MARKET: Spelling(type="market"),
            },
            client_id="clientOrderId",
            resting=(SWAP, {**SWAP, "trigger": True}),
            resting_most=100,
            positions=({},),
            position=PositionFields(count="size", isolated_margin="isolatedMargin", legs=True),
            contract_size=Decimal(1),
            min_notional=LEAST_VALUE,
            tiers=TiersFrom.ASSUMED,
            assumed_tiers=ASSUMED_TIERS,
            fees=FeesFrom.EACH,
            reduce_only={"reduceOnly": True},
            # GET capi/v3/order takes the venue's own id only; both lists carry ours.
            find=FindBy.LISTS_TWICE,
            find_params=SWAP,
            orders_most=100,
            fills=TradesSource(params={"orderId": ""}, newest_first=True),
            status=STATUS,
            set_up=SetUp(
                position_mode=False,
                leverage_mode="marginMode",
            ),
        ),
    },
    codes=Codes(
        path=("code", "errorCode"),
        fine=frozenset({"200"}),
        rejected=frozenset(REFUSED.split()),
        duplicate=frozenset(),
        absent=frozenset({"-2200", "-3200"}),
        slow_down=frozenset({"429"}),
        clock=frozenset({"-1046"}),
        duplicate_words=("duplicate",),
        lists=(
            "/openOrders",
            "/openAlgoOrders",
            "/allOrders",
            "/order/history",
            "/myTrades",
            "/userTrades",
            "/ticker/24hr",
            "/ticker/bookTicker",
            "/premiumIndex",
            "/fundingRate",
            "/allPosition",
            "/symbolConfig",
            "/account/balance",
            "/sim/balance",
            "/klines",
            "/account/bills",
        ),
    ),
    ledger={
        SPOT: (
            TradesSource(newest_first=True, window=timedelta(days=7)),
            _bills("deposit", EntryKind.DEPOSIT),
            _bills("withdraw", EntryKind.WITHDRAWAL),
            _bills("transfer_in", EntryKind.DEPOSIT),
            _bills("transfer_out", EntryKind.WITHDRAWAL),
        ),
        LINEAR: (
            TradesSource(profit="realizedPnl", newest_first=True, window=timedelta(days=7)),
            LedgerSource(
                call="contractPrivatePostCapiV3AccountIncome",
                rows="items",
                at="time",
                change="income",
                asset="asset",
                reference="billId",
                kind="incomeType",
                kinds={
                    "deposit": EntryKind.DEPOSIT,
                    "withdraw": EntryKind.WITHDRAWAL,
                    "transfer_in": EntryKind.DEPOSIT,
                    "transfer_out": EntryKind.WITHDRAWAL,
                    "position_funding": EntryKind.FUNDING,
                    "finish_liquidate": EntryKind.LIQUIDATION,
                    "order_liquidate_fee_income": EntryKind.LIQUIDATION,
                    "order_fix_margin_amount": EntryKind.LIQUIDATION,
                    # The trades above tell of these.
                    "position_open_long": None,
                    "position_open_short": None,
                    "position_close_long": None,
                    "position_close_short": None,
                    "order_fill_fee_income": None,
                    "start_liquidate": None,
                    "margin_move_in": None,
                    "margin_move_out": None,
                },
                symbol="symbol",
                since="startTime",
                until="endTime",
                limit="limit",
                most=100,
                cursor="nextKey",
                next_cursor="nextKey",
            ),
        ),
    },
    receive_window=timedelta(seconds=30),
    client_id_form="[.A-Z:/a-z0-9_-]{1,36}",
    client_id_scope="unknown",
    auth_marks=frozenset({"access-key", "access-sign"}),
    has_passphrase=True,
    requests_per_second=10,
    tier="C",
    proved="the real ccxt client against a wire-level emulator; nothing was sent to WEEX itself",
    cautions=(
        "no request moves money between the wallets: fund both, and the plan says what to move",
        "maintenance tiers and least order values are not told: the row's are assumptions, stricter than usual ones",
        "a buy that is not reduce-only opens a long leg beside a short: such an order is not sent",
        "-1054 means both a lack of money and a fault of the venue: it is taken to be unknown, and looked up",
        "no stops, and no post-only orders in spot: neither is documented well enough to be sent once and found again",
        "nothing is documented of client ids used twice: no order is ever sent again",
        "a contract's order is looked up in the lists of orders: the venue finds one by its own id only",
        "money moved by hand between the wallets counts as leaving one and coming into the other",
        "spot bars are the newest the venue tells unasked, about a hundred: ccxt asks for no span",
        "what a key may do is not told: give it no right to withdraw, and bind it to an address",
    ),
)
