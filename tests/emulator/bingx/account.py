"""What BingX tells of an account: four wallets, positions with BOTH or a leg, the rights of the key."""

from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.snapshot import MarginMode, Position
from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.listing import widest_leverage
from tests.emulator.bingx.memory import memory_of
from tests.emulator.bingx.names import DEMO, LIVE, Side, chosen, listed, money, side_of, venue_id
from tests.emulator.bingx.words import answered, bare, plain, spot_answered, stamped, told
from tests.emulator.core import Core

ZERO = Decimal(0)
EXACT = 12  # decimals, as many as the income list tells
USER, SHORT_UID = "1341158271307522053", "25307298"
OPENED_MS = 1_721_088_016_688
FIRST_POSITION = 1_792_480_725_958_881_280
WALLETS = {Side.LINEAR: WalletKind.LINEAR, Side.INVERSE: WalletKind.INVERSE}
Row = dict[str, object]


def spot_balance(ask: Ask, core: Core) -> Reply:
    """Answer GET spot/v1/account/balance."""
    rows = [
        {"asset": one.asset, "free": plain(one.free), "locked": plain(one.locked)}
        for one in core.balances(WalletKind.SPOT)
    ]
    return spot_answered({"balances": [*rows, {"asset": "VST", "free": "0", "locked": "0"}]})


def funding_balance(ask: Ask, core: Core) -> Reply:
    """Answer GET fund/v1/account/balance: what lies in the wallet that neither trades nor margins anything."""
    rows = [
        {"asset": asset, "free": f"{free:.20f}", "locked": f"{0:.20f}"} for asset, free in memory_of(core).funds.items()
    ]
    return stamped(core, {"assets": rows})


def linear_balance(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v3/user/balance: USDT, and USDC with empty texts, since this account never had any.

    In the simulated environment the money is called VST.
    """
    row = {"userId": USER, **_wallet_row(core, Side.LINEAR, "USDT")}
    if ask.host == DEMO:
        return answered([{**row, "asset": money(ask, "USDT")}])
    blank = dict.fromkeys(row, "")
    rows = [row, {**blank, "asset": "USDC", "realisedProfit": "0", "shortUid": SHORT_UID}]
    return answered(memory_of(core).instead.get("balances", rows))


def coin_balance(ask: Ask, core: Core) -> Reply:
    """Answer GET cswap/v1/user/balance: one row a coin."""
    held = {one.asset for one in core.balances(WalletKind.INVERSE)}
    coins = sorted({one.settle for one in listed(core, Side.INVERSE)} & held)
    rows = [_wallet_row(core, Side.INVERSE, coin) for coin in coins]
    for row in rows:
        row.pop("realisedProfit")
    return answered(rows, timestamp=core.now_ms())


def _wallet_row(core: Core, side: Side, asset: str) -> Row:
    """Return a margin wallet: equity counts unrealised profit, balance does not.

    What is available of a linear wallet is balance + a loss that is not realised yet − used − frozen, so that
    profit lends no margin; of a coin-margined one it is equity − used − frozen.
    """
    wallet = WALLETS[side]
    balance = sum((one.total for one in core.balances(wallet) if one.asset == asset), ZERO)
    equity = core.wallet_equity(wallet, asset)
    profit, used, frozen = equity - balance, _used(core, side, asset), _frozen(core, side, asset)
    counted = equity if side is Side.INVERSE else balance + min(profit, ZERO)
    return {
        "asset": asset,
        "balance": told(balance, EXACT),
        "equity": told(equity, EXACT),
        "unrealizedProfit": told(profit, EXACT),
        "realisedProfit": "0",
        "availableMargin": told(counted - used - frozen, EXACT),
        "usedMargin": told(used, EXACT),
        "freezedMargin": told(frozen, EXACT),
        "shortUid": SHORT_UID,
    }


def _used(core: Core, side: Side, asset: str) -> Decimal:
    margined = {one.symbol: one for one in listed(core, side) if one.settle == asset}
    held = core.positions()
    return sum((initial_margin(core, margined[s], one) for s, one in held.items() if s in margined), ZERO)


def _frozen(core: Core, side: Side, asset: str) -> Decimal:
    """Return the margin of resting orders that may open something."""
    margin = ZERO
    for one in listed(core, side):
        for order in core.open_orders(one.symbol) if one.settle == asset else ():
            price = order.request.price
            if price is not None and not order.request.reduce_only:
                margin += one.settlement_notional(order.left, price) / core.leverage(one.symbol)
    return margin


def initial_margin(core: Core, one: Instrument, position: Position) -> Decimal:
    """Return notional at the mark ÷ leverage, in the settlement coin, of a long or a short alike."""
    value = one.settlement_notional(position.quantity, core.quotes()[one.symbol].valuation)
    return abs(value) / position.leverage


def positions(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/user/positions and cswap/v1/user/positions: open ones only."""
    side, held = side_of(ask.path), core.positions()
    rows = []
    for number, one in enumerate(chosen(core, side, ask.params.get("symbol", ""))):
        if one.symbol in held:
            rows.append(_position_row(core, side, one, number))
    if side is Side.INVERSE:
        return answered(rows, timestamp=core.now_ms())
    return answered(memory_of(core).instead.get("positions", rows))


def _position_row(core: Core, side: Side, one: Instrument, number: int) -> Row:
    """Return an open position: in one-way mode its side is BOTH and a short is counted below zero."""
    held, mark = core.positions()[one.symbol], core.quotes()[one.symbol].valuation
    leg = ("LONG" if held.quantity > 0 else "SHORT") if core.hedge_mode else "BOTH"
    amount = abs(held.quantity) if core.hedge_mode else held.quantity
    profit, initial = core.unrealised(one.symbol), initial_margin(core, one, held)
    kept = initial if held.isolated_margin is None else held.isolated_margin
    risk = core.maintenance(WALLETS[side], one.settle) / max(core.wallet_equity(WALLETS[side], one.settle), one.tick)
    row: Row = {
        "positionId": str(FIRST_POSITION + number),
        "symbol": venue_id(one),
        "currency": one.settle,
        "positionAmt": plain(amount),
        "availableAmt": plain(amount),
        "positionSide": leg,
        "isolated": held.margin_mode is MarginMode.ISOLATED,
        "avgPrice": plain(held.entry_price),
        "initialMargin": told(initial),
        "margin": told(kept + profit),
        "leverage": int(held.leverage),
        "unrealizedProfit": told(profit),
        "realisedProfit": "0.0000",
        "liquidationPrice": 0,
        "pnlRatio": told(profit / initial, 4),
        "maxMarginReduction": "0.0000",
        "riskRate": told(risk, 6),
        "markPrice": plain(mark),
        "positionValue": told(abs(one.settlement_notional(held.quantity, mark))),
        "onlyOnePosition": not core.hedge_mode,
        "createTime": OPENED_MS,
        "updateTime": core.now_ms(),
    }
    if side is Side.INVERSE:
        for name in ("currency", "margin", "pnlRatio", "realisedProfit", "positionValue", "onlyOnePosition"):
            row.pop(name)
    return row


def leverage(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/trade/leverage and cswap/v1/trade/leverage: long and short leg alike."""
    side = side_of(ask.path)
    one = chosen(core, side, ask.params.get("symbol", ""))[0]
    return answered(leverage_row(core, side, one), **({"timestamp": core.now_ms()} if side is Side.INVERSE else {}))


def leverage_row(core: Core, side: Side, one: Instrument) -> Row:
    """Return the leverage of both legs of a contract and its widest."""
    now, widest = int(core.leverage(one.symbol)), widest_leverage(one)
    row: Row = {
        "longLeverage": now,
        "shortLeverage": now,
        "maxLongLeverage": widest,
        "maxShortLeverage": widest,
        "availableLongVol": "4000000",
        "availableShortVol": "4000000",
    }
    if side is Side.INVERSE:
        return {"symbol": venue_id(one), **row}
    values = ("availableLongVal", "availableShortVal", "maxPositionLongVal", "maxPositionShortVal")
    return {**row, **dict.fromkeys(values, "0.0")}


def key_rights(ask: Ask, core: Core) -> Reply:
    """Answer GET v1/account/apiPermissions: what the key may do, and whether it is bound to addresses."""
    memory = memory_of(core)
    return stamped(
        core,
        {
            "ipRestrict": memory.is_bound,
            "createTime": 1_702_289_687_211,
            "enableReading": True,
            "enableSpotAndMarginTrading": ask.host != DEMO,
            "enableWithdrawals": memory.may_withdraw,
            "enableInternalTransfer": False,
            "enableFutures": True,
            "permitsUniversalTransfer": ask.host in ("", LIVE),
            "enableVanillaOptions": False,
        },
    )


def key_list(ask: Ask, core: Core) -> Reply:
    """Answer GET account/v1/apiKey/query: rights as numbers (1 spot, 2 read, 3 contracts, 4 transfer, 5 withdraw)."""
    memory = memory_of(core)
    row = {
        "apiKey": "em*******ey",
        "note": "note****",
        "permissions": [1, 2, 3, 4, *([5] if memory.may_withdraw else [])],
        "ipAddresses": ["127.0.0.1"] if memory.is_bound else [""],
        "status": 0,
        "createTime": 1_702_289_687_211,
        "updateTime": 1_702_289_687_000,
    }
    return stamped(core, {"apiInfos": [row]})


def uid(ask: Ask, core: Core) -> Reply:
    """Answer GET account/v1/uid."""
    return stamped(core, {"uid": bare(Decimal(16_844_999))})
