"""What Binance tells of the account: three wallets, positions, leverage and rights of the key."""

from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.snapshot import Balance, MarginMode, Position
from tests.emulator.asks import Ask, Reply
from tests.emulator.binance.names import Product, chosen, exact, listed, plain, product_of, venue_id
from tests.emulator.core import Core

ZERO = Decimal(0)
UID = 354_937_868


def spot_account(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/account."""
    rows = [
        {"asset": one.asset, "free": exact(one.free), "locked": exact(one.locked)}
        for one in core.balances(WalletKind.SPOT)
    ]
    if ask.params.get("omitZeroBalances") == "true":
        rows = [row for row in rows if Decimal(row["free"]) + Decimal(row["locked"])]
    return Reply(
        body={
            "makerCommission": 10,
            "takerCommission": 10,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": {"maker": "0.00100000", "taker": "0.00100000", "buyer": "0", "seller": "0"},
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": core.now_ms(),
            "accountType": "SPOT",
            "balances": rows,
            "permissions": ["SPOT"],
            "uid": UID,
        }
    )


def _asset_row(core: Core, one: Balance) -> dict[str, object]:
    """Return a futures wallet's row: the wallet balance excludes unrealised profit, the margin balance counts it."""
    equity = core.wallet_equity(one.wallet, one.asset)
    profit, isolated = equity - one.total, _isolated(core, one.wallet, one.asset)
    resting = (one.locked - _entered(core, one.wallet, one.asset)).quantize(Decimal("1E-8"))
    movable = max(equity - one.locked, ZERO)
    return {
        "asset": one.asset,
        "walletBalance": exact(one.total),
        "unrealizedProfit": exact(profit),
        "marginBalance": exact(equity),
        "maintMargin": exact(core.maintenance(one.wallet, one.asset)),
        "initialMargin": exact(one.locked),
        "positionInitialMargin": exact(one.locked - resting),
        "openOrderInitialMargin": exact(resting),
        "crossWalletBalance": exact(one.total - isolated),
        "crossUnPnl": exact(profit),
        "availableBalance": exact(movable),
        "maxWithdrawAmount": exact(min(movable, max(one.free, ZERO))),
        "updateTime": core.now_ms(),
    }


def _settled_in(core: Core, wallet: WalletKind, asset: str) -> list[tuple[Instrument, Position]]:
    held = ((core.instruments[symbol], position) for symbol, position in core.positions().items())
    return [(one, position) for one, position in held if one.wallet is wallet and one.settle == asset]


def _isolated(core: Core, wallet: WalletKind, asset: str) -> Decimal:
    return sum((held.isolated_margin or ZERO for _, held in _settled_in(core, wallet, asset)), ZERO)


def _entered(core: Core, wallet: WalletKind, asset: str) -> Decimal:
    return sum((_margin(one, held) for one, held in _settled_in(core, wallet, asset)), ZERO)


def _margin(one: Instrument, held: Position) -> Decimal:
    """Return the margin a position holds, reckoned at its entry; an isolated one holds what it was given."""
    if held.isolated_margin is not None:
        return held.isolated_margin
    return one.settlement_notional(held.quantity, held.entry_price) / held.leverage


def linear_account(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi/v3/account: totals over the assets (all at par), asset rows and open position rows."""
    rows = [_asset_row(core, one) for one in core.balances(WalletKind.LINEAR)]
    totals = {
        f"total{name[0].upper()}{name[1:]}": exact(sum((Decimal(str(row[name])) for row in rows), ZERO))
        for name in (
            "initialMargin",
            "maintMargin",
            "walletBalance",
            "unrealizedProfit",
            "marginBalance",
            "positionInitialMargin",
            "openOrderInitialMargin",
            "crossWalletBalance",
            "crossUnPnl",
        )
    }
    free = {name: exact(sum((Decimal(str(r[name])) for r in rows), ZERO)) for name in _FREE}
    held = [_held_row(core, *pair) for row in rows for pair in _settled_in(core, WalletKind.LINEAR, str(row["asset"]))]
    return Reply(body={**totals, **free, "assets": rows, "positions": held})


_FREE = ("availableBalance", "maxWithdrawAmount")


def _held_row(core: Core, one: Instrument, held: Position) -> dict[str, object]:
    mark = core.quotes()[one.symbol].valuation
    return {
        "symbol": venue_id(one),
        "positionSide": "BOTH",
        "positionAmt": plain(held.quantity),
        "unrealizedProfit": exact(core.unrealised(one.symbol)),
        "isolatedMargin": exact(held.isolated_margin or ZERO),
        "notional": exact(one.notional(held.quantity, mark)),
        "isolatedWallet": exact(held.isolated_margin or ZERO),
        "initialMargin": exact(_margin(one, held)),
        "maintMargin": exact(_needed(one, held, mark)),
        "updateTime": core.now_ms(),
    }


def _needed(one: Instrument, held: Position, mark: Decimal) -> Decimal:
    """Return a position's maintenance margin in the settlement asset."""
    size = one.settlement_notional(held.quantity, mark)
    tier = [step for step in one.tiers if step.floor <= size][-1]
    return size * tier.rate - tier.deduction


def inverse_account(ask: Ask, core: Core) -> Reply:
    """Answer GET dapi/v1/account: asset rows, and a row for every contract with leverage and margin mode."""
    rows = [_asset_row(core, one) for one in core.balances(WalletKind.INVERSE)]
    return Reply(
        body={
            "assets": rows,
            "positions": [_coin_row(core, one) for one in listed(core, Product.INVERSE)],
            "canDeposit": True,
            "canTrade": True,
            "canWithdraw": True,
            "feeTier": 0,
            "updateTime": core.now_ms(),
        }
    )


def _coin_row(core: Core, one: Instrument) -> dict[str, object]:
    held = core.positions().get(one.symbol)
    margin = ZERO if held is None else _margin(one, held)
    mark = core.quotes()[one.symbol].valuation
    return {
        "symbol": venue_id(one),
        "positionAmt": "0" if held is None else plain(held.quantity),
        "initialMargin": exact(margin),
        "maintMargin": "0" if held is None else exact(_needed(one, held, mark)),
        "unrealizedProfit": exact(ZERO if held is None else core.unrealised(one.symbol)),
        "positionInitialMargin": exact(margin),
        "openOrderInitialMargin": "0",
        "leverage": plain(core.leverage(one.symbol)),
        "isolated": core.margin_mode(one.symbol) is MarginMode.ISOLATED,
        "positionSide": "BOTH",
        "entryPrice": "0.0" if held is None else exact(held.entry_price),
        "breakEvenPrice": "0.0" if held is None else exact(held.entry_price),
        "notionalValue": "0" if held is None else exact(one.coins(held.quantity, mark)),
        "isolatedWallet": "0" if held is None else exact(held.isolated_margin or ZERO),
        "maxQty": "50",
        "updateTime": 0 if held is None else core.now_ms(),
    }


def position_risk(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi/v3 and dapi/v1 positionRisk: USD-M tells open positions only, COIN-M every contract."""
    product = product_of(ask)
    wanted = chosen(core, product, ask.params)
    if product is Product.INVERSE:
        return Reply(body=[_coin_risk(core, one) for one in wanted])
    held = core.positions()
    return Reply(body=[_risk(core, one, held[one.symbol]) for one in wanted if one.symbol in held])


def _risk(core: Core, one: Instrument, held: Position) -> dict[str, object]:
    """Return a USD-M row of version 3: there is no leverage and no margin type in it."""
    row = _held_row(core, one, held)
    mark = core.quotes()[one.symbol].valuation
    own = row.pop("unrealizedProfit")
    return {
        **row,
        "entryPrice": exact(held.entry_price),
        "breakEvenPrice": exact(held.entry_price),
        "markPrice": exact(mark),
        "unRealizedProfit": own,
        "liquidationPrice": "0",
        "marginAsset": one.settle,
        "positionInitialMargin": row["initialMargin"],
        "openOrderInitialMargin": "0",
        "adl": 1,
        "bidNotional": "0",
        "askNotional": "0",
    }


def _coin_risk(core: Core, one: Instrument) -> dict[str, object]:
    row = _coin_row(core, one)
    is_isolated, own = row.pop("isolated"), row.pop("unrealizedProfit")
    held = core.positions().get(one.symbol)
    margin = None if held is None else held.isolated_margin
    return {
        **row,
        "markPrice": exact(core.quotes()[one.symbol].valuation) if held is not None else "0.00000000",
        "unRealizedProfit": own,
        "liquidationPrice": "0",
        "marginType": "isolated" if is_isolated else "cross",
        "isolatedMargin": exact(margin or ZERO),
        "isAutoAddMargin": "false",
    }


def symbol_config(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi/v1/symbolConfig: leverage and margin type of every contract, or of one."""
    return Reply(
        body=[
            {
                "symbol": venue_id(one),
                "marginType": "ISOLATED" if core.margin_mode(one.symbol) is MarginMode.ISOLATED else "CROSSED",
                "isAutoAddMargin": False,
                "leverage": int(core.leverage(one.symbol)),
                "maxNotionalValue": "1000000",
            }
            for one in chosen(core, Product.LINEAR, ask.params)
        ]
    )


def account_config(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi/v1/accountConfig."""
    return Reply(
        body={
            "feeTier": 0,
            "canTrade": True,
            "canDeposit": True,
            "canWithdraw": True,
            "dualSidePosition": core.hedge_mode,
            "updateTime": 0,
            "multiAssetsMargin": False,
            "tradeGroupId": -1,
        }
    )


def key_rights(ask: Ask, core: Core) -> Reply:
    """Answer GET sapi/v1/account/apiRestrictions."""
    return Reply(
        body={
            "ipRestrict": True,
            "createTime": 1_698_645_219_000,
            "enableInternalTransfer": False,
            "enableFutures": True,
            "enablePortfolioMarginTrading": False,
            "enableVanillaOptions": False,
            "permitsUniversalTransfer": True,
            "enableReading": True,
            "enableSpotAndMarginTrading": True,
            "enableWithdrawals": False,
            "enableMargin": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
        }
    )
