"""What Bybit tells of the unified account: one purse in all coins, positions, margin mode, rights of the key."""

from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.snapshot import MarginMode, Position
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.memory import memory_of
from tests.emulator.bybit.names import Category, category_of, chosen, venue_id
from tests.emulator.bybit.words import answered, listed_answer, plain, refused, told
from tests.emulator.core import Core, VenueOrder

ZERO = Decimal(0)
DOLLARS = frozenset({"USD", "USDT", "USDC"})
UID = 24_617_703


def wallet_balance(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/account/wallet-balance: only UNIFIED exists here; the totals are in USD."""
    if ask.params.get("accountType") != "UNIFIED":
        raise refused(core, 10001, "accountType only support UNIFIED.")
    wanted = {coin for coin in ask.params.get("coin", "").split(",") if coin}
    coins = [coin for coin in _assets(core) if not wanted or coin in wanted]
    rows = {coin: _coin_row(core, coin) for coin in coins}
    totals = {
        name: sum((Decimal(str(row[field])) * dollars(core, coin) for coin, row in rows.items()), ZERO)
        for name, field in (
            ("equity", "equity"),
            ("wallet", "walletBalance"),
            ("profit", "unrealisedPnl"),
            ("initial", "totalPositionIM"),
            ("orders", "totalOrderIM"),
            ("maintenance", "totalPositionMM"),
        )
    }
    margin, initial = totals["wallet"] + totals["profit"], totals["initial"] + totals["orders"]
    body = {
        "totalEquity": told(totals["equity"]),
        "accountIMRate": told(initial / margin) if margin > 0 else "0",
        "totalMarginBalance": told(margin),
        "totalInitialMargin": told(initial),
        "accountType": "UNIFIED",
        "totalAvailableBalance": told(margin - initial),
        "accountMMRate": told(totals["maintenance"] / margin) if margin > 0 else "0",
        "totalPerpUPL": told(totals["profit"]),
        "totalWalletBalance": told(totals["wallet"]),
        "accountLTV": "0",
        "totalMaintenanceMargin": told(totals["maintenance"]),
        "coin": list(rows.values()),
    }
    return answered(core, {"list": [body]})


def funding_balance(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/asset/transfer/query-account-coins-balance: what lies in the FUND wallet."""
    rows = [
        {"coin": coin, "walletBalance": plain(amount), "transferBalance": plain(amount), "bonus": "0"}
        for coin, amount in memory_of(core).funds.items()
    ]
    result = {"memberId": str(UID), "accountType": ask.params.get("accountType", ""), "balance": rows}
    return answered(core, result, message="success")


def held(core: Core, coin: str) -> Decimal:
    """Return all of a coin in the one purse, without unrealised profit."""
    return sum((one.total for wallet in WalletKind for one in core.balances(wallet) if one.asset == coin), ZERO)


def _assets(core: Core) -> list[str]:
    return sorted({one.asset for wallet in WalletKind for one in core.balances(wallet) if one.total})


def dollars(core: Core, coin: str) -> Decimal:
    """Return what one coin is worth in USD, 0 for a coin the venue gives no collateral value."""
    if coin in DOLLARS:
        return Decimal(1)
    for one in core.instruments.values():
        if one.kind.is_spot and one.base == coin and one.quote in DOLLARS and one.symbol in core.quotes():
            return core.quotes()[one.symbol].mid
    return ZERO


def _coin_row(core: Core, coin: str) -> dict[str, object]:
    """Return a coin of the purse: its wallet balance excludes unrealised profit, its equity counts it."""
    balance = held(core, coin)
    margined = [one for one in core.instruments.values() if not one.kind.is_spot and one.settle == coin]
    positions = core.positions()
    open_ones = [one for one in margined if one.symbol in positions]
    profit = sum((core.unrealised(one.symbol) for one in open_ones), ZERO)
    initial = sum((initial_margin(core, one, positions[one.symbol]) for one in open_ones), ZERO)
    kept = {one.wallet for one in margined}
    maintenance = sum((core.maintenance(wallet, coin) for wallet in kept), ZERO)
    return {
        "availableToBorrow": "",
        "bonus": "0",
        "accruedInterest": "0",
        "availableToWithdraw": "",
        "totalOrderIM": told(_order_margin(core, coin)),
        "equity": told(balance + profit),
        "totalPositionMM": told(maintenance),
        "usdValue": told((balance + profit) * dollars(core, coin)),
        "spotHedgingQty": "0",
        "unrealisedPnl": told(profit),
        "collateralSwitch": True,
        "borrowAmount": "0.000000000000000000",
        "totalPositionIM": told(initial),
        "walletBalance": told(balance, 12),
        "cumRealisedPnl": "0",
        "locked": told(_spot_locked(core, coin)),
        "marginCollateral": True,
        "coin": coin,
    }


def initial_margin(core: Core, one: Instrument, position: Position) -> Decimal:
    """Return notional at the mark ÷ leverage, in the settlement coin."""
    return one.settlement_notional(position.quantity, core.quotes()[one.symbol].valuation) / position.leverage


def _resting(core: Core) -> list[tuple[Instrument, VenueOrder]]:
    return [(core.instruments[order.request.symbol], order) for order in core.open_orders(None)]


def _spot_locked(core: Core, coin: str) -> Decimal:
    """Return what resting spot orders hold of a coin."""
    locked = ZERO
    for one, order in _resting(core):
        request, left = order.request, order.request.quantity - order.filled
        if one.kind.is_spot and request.price is not None:
            asset, amount = (one.quote, left * request.price) if request.side.sign > 0 else (one.base, left)
            locked += amount if asset == coin else ZERO
    return locked


def _order_margin(core: Core, coin: str) -> Decimal:
    """Return the initial margin of resting contract orders that may open something."""
    margin = ZERO
    for one, order in _resting(core):
        price = order.request.price
        if not one.kind.is_spot and one.settle == coin and price is not None and not order.request.reduce_only:
            left = order.request.quantity - order.filled
            margin += one.settlement_notional(left, price) / core.leverage(one.symbol)
    return margin


def position_list(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/position/list: a symbol asked for is told even when empty, else only open positions."""
    category = category_of(core, ask.params)
    if category is Category.SPOT:
        raise refused(core, 10001, "params error: Category is invalid")
    if category is Category.LINEAR and not {"symbol", "settleCoin", "baseCoin"} & set(ask.params):
        raise refused(core, 10001, "Missing some parameters that must be filled in, symbol or settleCoin")
    positions = core.positions()
    rows: list[dict[str, object]] = []
    for one in chosen(core, ask.params):
        held = positions.get(one.symbol)
        if held is not None:
            rows.append(_position_row(core, one, held))
        elif ask.params.get("symbol"):
            rows += [_empty_row(core, one, leg) for leg in ((1, 2) if core.hedge_mode else (0,))]
    return listed_answer(core, category, rows)


def _leg(core: Core, held: Position) -> int:
    """Return 0 in one-way mode, else 1 for the long and 2 for the short leg."""
    if not core.hedge_mode:
        return 0
    return 1 if held.quantity > 0 else 2


def _empty_row(core: Core, one: Instrument, leg: int) -> dict[str, object]:
    quote = core.quotes()[one.symbol]
    return {
        "positionIdx": leg,
        "riskId": 1,
        "riskLimitValue": plain(one.tiers[1].floor if len(one.tiers) > 1 else Decimal(1_000_000)),
        "symbol": venue_id(one),
        "side": "",
        "size": "0",
        "avgPrice": "0",
        "positionValue": "",
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": 0,
        "adlRankIndicator": 0,
        "leverage": plain(core.leverage(one.symbol)),
        "positionBalance": "0",
        "markPrice": plain(quote.valuation),
        "liqPrice": "",
        "bustPrice": "",
        "positionMM": "",
        "positionIM": "",
        "tpslMode": "Full",
        "takeProfit": "",
        "stopLoss": "",
        "trailingStop": "0",
        "unrealisedPnl": "",
        "curRealisedPnl": "0",
        "cumRealisedPnl": "0",
        "seq": -1,
        "isReduceOnly": False,
        "mmrSysUpdateTime": "",
        "leverageSysUpdatedTime": "",
        "sessionAvgPrice": "",
        "createdTime": "0",
        "updatedTime": str(core.now_ms()),
    }


def _position_row(core: Core, one: Instrument, held: Position) -> dict[str, object]:
    """Return an open position: value at the entry, margins at the mark, all in the settlement coin."""
    mark = core.quotes()[one.symbol].valuation
    tiers, notional = one.tiers, one.settlement_notional(held.quantity, mark)
    tier = [tier for tier in tiers if tier.floor <= notional][-1]
    margin = initial_margin(core, one, held)
    return {
        **_empty_row(core, one, _leg(core, held)),
        "side": "Buy" if held.quantity > 0 else "Sell",
        "size": plain(abs(held.quantity)),
        "avgPrice": told(held.entry_price, 12),
        "positionValue": told(one.settlement_notional(held.quantity, held.entry_price)),
        "leverage": plain(held.leverage),
        "positionBalance": told(margin if held.isolated_margin is None else held.isolated_margin),
        "positionMM": told(notional * tier.rate - tier.deduction),
        "positionIM": told(margin),
        "unrealisedPnl": told(core.unrealised(one.symbol)),
        "seq": core.now_ms(),
        "createdTime": str(core.now_ms()),
    }


def account_mode(core: Core) -> MarginMode:
    """Return the margin mode of the whole account: isolated as soon as one contract is."""
    modes = {core.margin_mode(one.symbol) for one in core.instruments.values() if not one.kind.is_spot}
    return MarginMode.ISOLATED if MarginMode.ISOLATED in modes else MarginMode.CROSS


def account_info(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/account/info: unifiedMarginStatus 6 is the unified account 2.0 Pro."""
    memory = memory_of(core)
    window = memory.silence_seconds
    word = "ISOLATED_MARGIN" if account_mode(core) is MarginMode.ISOLATED else "REGULAR_MARGIN"
    return answered(
        core,
        {
            "marginMode": memory.mode_word or word,
            "updatedTime": str(core.now_ms()),
            "unifiedMarginStatus": 6,
            "dcpStatus": "OFF" if window is None else "ON",
            "timeWindow": window or 0,
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        },
    )


def key_rights(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/user/query-api: a key that trades, cannot withdraw, and is bound to one address."""
    memory = memory_of(core)
    wallet = ["AccountTransfer", *(["Withdraw"] if memory.may_withdraw else [])]
    return answered(
        core,
        {
            "id": "13770661",
            "note": "emulated",
            "apiKey": core.secrets.key,
            "readOnly": 0,
            "secret": "",
            "permissions": {
                "ContractTrade": ["Order", "Position"],
                "Spot": ["SpotTrade"],
                "Wallet": wallet,
                "Options": ["OptionsTrade"],
                "Derivatives": ["DerivativesTrade"],
                "CopyTrading": [],
                "BlockTrade": [],
                "Exchange": [],
                "NFT": [],
                "Affiliate": [],
            },
            "ips": list(memory.bound_addresses),
            "type": 1,
            "deadlineDay": 66,
            "expiredAt": "2099-12-22T07:20:25Z",
            "createdAt": "2022-10-16T02:24:40Z",
            "unified": 0,
            "uta": 1,
            "userID": UID,
            "inviterID": 0,
            "vipLevel": "No VIP",
            "mktMakerLevel": "0",
            "affiliateID": 0,
            "rsaPublicKey": "",
            "isMaster": True,
            "parentUid": "0",
            "kycLevel": "LEVEL_DEFAULT",
            "kycRegion": "",
        },
        message="",
    )
