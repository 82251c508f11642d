"""OKX's unified account, as a sixth venue: written from documents and ccxt's source, and not proved."""

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
BOTH = frozenset({SPOT, LINEAR})
HOSTS = frozenset({"www.okx.com"})
SIMULATED = "x-simulated-trading"  # production and demo share the host: only this header tells them apart
WRITES = frozenset(
    {
        "POST /api/v5/trade/order",
        "POST /api/v5/trade/cancel-order",
        "POST /api/v5/account/set-leverage",
        "POST /api/v5/account/set-position-mode",
    }
)
PURSE = BalanceFields(
    params={},
    rows="data.0.details",
    asset="ccy",
    total=("cashBal",),
    free=("availBal",),
    equity="eq",
    maintenance="mmr",
)
SPELLINGS = {
    OrderType.LIMIT_IOC: Spelling(type="limit", params={"timeInForce": "IOC"}),
    OrderType.POST_ONLY: Spelling(type="limit", params={"postOnly": True}),
    OrderType.MARKET: Spelling(type="market"),
}


def _access(sandbox: Sandbox, writes: frozenset[str], *, demo: bool, note: str = "") -> Access:
    """Return a mode: the demo header must be on every signed request of demo, and on none of the others."""
    return Access(
        sandbox=sandbox,
        hosts=HOSTS,
        private=("/api/v5/",),
        writes=writes,
        wallets=BOTH,
        purses=Wallets.POOLED,
        headers={SIMULATED: "1"} if demo else {},
        without=frozenset() if demo else frozenset({SIMULATED}),
        note=note,
    )


ROW = VenueRow(
    name="okx",
    title="OKX",
    clients=(Client(ccxt_id="okx", wallets=(SPOT, LINEAR), options={"fetchMarkets": {"types": ["spot", "swap"]}}),),
    access={
        Mode.DRY_RUN: _access(Sandbox.NONE, frozenset(), demo=False),
        Mode.DEMO: _access(Sandbox.HEADER, WRITES, demo=True, note="the host is the live one: a header proves it"),
        Mode.LIVE: _access(Sandbox.NONE, WRITES, demo=False),
    },
    products={
        SPOT: Product(
            kinds=(Kind.SPOT,),
            balance=PURSE,
            market_reads=(MarketRead(call="fetch_tickers", everything=True, params={"type": "spot"}),),
            spellings=SPELLINGS,
            client_id="clientOrderId",
            echoes_id=True,
            resting=({"type": "spot", "instType": "SPOT"},),
            resting_most=100,
            min_notional=Decimal(1),
            fees=FeesFrom.EACH,
            fills=TradesSource(newest_first=True),
            status={"live": "open", "mmp_canceled": "canceled"},
        ),
        LINEAR: Product(
            kinds=(Kind.LINEAR_PERPETUAL,),
            balance=PURSE,
            market_reads=(
                MarketRead(call="fetch_tickers", everything=True, params={"type": "swap"}),
                MarketRead(call="fetch_mark_prices", everything=True, params={"type": "swap"}),
                MarketRead(call="fetch_funding_rates"),
            ),
            spellings=SPELLINGS,
            client_id="clientOrderId",
            echoes_id=True,
            resting=({"type": "swap", "instType": "SWAP"},),
            resting_most=100,
            positions=({"instType": "SWAP"},),
            position=PositionFields(count="pos", isolated_margin="margin"),
            min_notional=Decimal(1),
            tiers=TiersFrom.EACH,
            tiers_in_contracts=True,
            fees=FeesFrom.EACH,
            order_margin="marginMode",
            reduce_only={"reduceOnly": True},
            fills=TradesSource(newest_first=True),
            status={"live": "open", "mmp_canceled": "canceled"},
            set_up=SetUp(
                margin_mode=False,
                leverage_mode="mgnMode",
                leverage_by_mode=True,
                mode_words={MarginMode.CROSS: "cross", MarginMode.ISOLATED: "isolated"},
            ),
        ),
    },
    codes=Codes(
        path=("data.0.sCode", "code"),
        fine=frozenset({"0"}),
        # 50001, 50004, 50005, 50013 and 50026 are not here: they do not say what became of a request.
        rejected=frozenset(
            {
                "50002",
                "50006",
                "50007",
                "50008",
                "50009",
                "50014",
                "50015",
                "50016",
                "50101",
                "50103",
                "50104",
                "50105",
                "50106",
                "50107",
                "50110",
                "50111",
                "50113",
                "50114",
                "50119",
                "51000",
                "51001",
                "51004",
                "51005",
                "51006",
                "51007",
                "51008",
                "51009",
                "51010",
                "51015",
                "51020",
                "51100",
                "51101",
                "51102",
                "51119",
                "51120",
                "51121",
                "51122",
                "51127",
                "51131",
                "51169",
                "51205",
                "58350",
                "59000",
            }
        ),
        duplicate=frozenset({"51016"}),
        absent=frozenset({"51400", "51401", "51402", "51603"}),
        slow_down=frozenset({"50011", "50061"}),
        clock=frozenset({"50102", "50112"}),
        marker="code",
    ),
    ledger={
        LINEAR: (
            LedgerSource(
                call="privateGetAccountBills",
                rows="data",
                at="ts",
                change="balChg",
                asset="ccy",
                reference="billId",
                kind="type",
                kinds={
                    "1": EntryKind.DEPOSIT,
                    "2": EntryKind.FILL,
                    "3": EntryKind.DELIVERY,
                    "5": EntryKind.LIQUIDATION,
                    "7": EntryKind.INTEREST,
                    "8": EntryKind.FUNDING,
                    "9": EntryKind.LIQUIDATION,
                },
                symbol="instId",
                since="begin",
                until="end",
                limit="limit",
                most=100,
                cursor="after",
                next_cursor="data.99.billId",
                newest_first=True,
                window=timedelta(days=7),
            ),
        ),
    },
    receive_window=timedelta(seconds=30),
    client_id_form="[A-Za-z0-9]{1,32}",
    client_id_scope="unknown",
    auth_marks=frozenset({"ok-access-key", "ok-access-sign"}),
    dead_man=DeadMan.NONE,
    has_passphrase=True,
    requests_per_second=5,
    tier="C",
    proved="not proved: there is no emulator of it",
    cautions=(
        "not proved: plan in dry-run, and trade in demo before anything else",
        "its stops are not written down: it takes none",
        "its ledger tells a trade's fee and profit in one change, and only of seven days",
        "the rights of a key are told as one text, which Poise does not read: look at the venue's page",
    ),
)
