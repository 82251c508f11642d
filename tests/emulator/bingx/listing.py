"""What BingX lists: spot symbols, linear and coin-margined contracts, tiers, fee rates, and its clock."""

from bot.domain.instrument import Instrument
from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.names import Side, chosen, find, listed, side_of, venue_id
from tests.emulator.bingx.words import answered, bare, decimals, plain, spot_answered
from tests.emulator.core import Core

WIDEST_LEVERAGE = 100
LARGEST = 500_000_000


def server_time(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/server/time and spot/v1/server/time."""
    return answered({"serverTime": core.now_ms()})


def spot_symbols(ask: Ask, core: Core) -> Reply:
    """Answer GET spot/v1/common/symbols."""
    return spot_answered({"symbols": [_spot_row(one) for one in chosen(core, Side.SPOT, ask.params.get("symbol", ""))]})


def _spot_row(one: Instrument) -> dict[str, object]:
    return {
        "symbol": venue_id(one),
        "minQty": bare(one.min_quantity),
        "maxQty": 18_266_375.6,
        "minNotional": bare(one.min_notional),
        "maxNotional": LARGEST,
        "status": 1,
        "tickSize": bare(one.tick),
        "stepSize": bare(one.step),
        "apiStateSell": True,
        "apiStateBuy": True,
        "timeOnline": 0,
        "offTime": 0,
        "maintainTime": 0,
        "displayName": venue_id(one),
    }


def contracts(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/quote/contracts: quantities in coins."""
    return answered([_linear_row(n, one) for n, one in enumerate(listed(core, Side.LINEAR), start=100)])


def _linear_row(number: int, one: Instrument) -> dict[str, object]:
    return {
        "contractId": str(number),
        "symbol": venue_id(one),
        "size": "0",
        "quantityPrecision": decimals(one.step),
        "pricePrecision": decimals(one.tick),
        "feeRate": bare(one.taker_fee),
        "makerFeeRate": bare(one.maker_fee),
        "takerFeeRate": bare(one.taker_fee),
        "tradeMinLimit": 0,
        "tradeMinQuantity": bare(one.min_quantity),
        "tradeMinUSDT": bare(one.min_notional),
        "maxLongLeverage": widest_leverage(one),
        "maxShortLeverage": widest_leverage(one),
        "currency": one.settle,
        "asset": one.base,
        "status": 1,
        "apiStateOpen": "true",
        "apiStateClose": "true",
        "ensureTrigger": True,
        "triggerFeeRate": "0.00050000",
        "brokerState": False,
        "launchTime": 0,
        "maintainTime": 0,
        "offTime": 0,
    }


def coin_contracts(ask: Ask, core: Core) -> Reply:
    """Answer GET cswap/v1/market/contracts: `minTickSize` is the face in USD, quantities are contracts."""
    rows = [
        {
            "symbol": venue_id(one),
            "pricePrecision": decimals(one.tick),
            "minTickSize": plain(one.contract_size),
            "minTradeValue": plain(one.min_notional),
            "minQty": f"{one.min_quantity:.8f}",
            "status": 1,
            "timeOnline": 1_713_175_200_000,
        }
        for one in listed(core, Side.INVERSE)
    ]
    return answered(rows, timestamp=core.now_ms())


def widest_leverage(one: Instrument) -> int:
    """Return the largest leverage of the first tier: half its maintenance rate is left as room."""
    return max(min(int(1 / (2 * one.tiers[0].rate)), WIDEST_LEVERAGE), 1)


def tiers(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v1/maintMarginRatio of one symbol: values in USDT, rates as fractions, the deduction beside."""
    one = find(core, Side.LINEAR, ask.params.get("symbol", ""))
    floors = [tier.floor for tier in one.tiers]
    caps = [*floors[1:], floors[-1] * 10 + 1_000_000]
    rows = [
        {
            "tier": f"Tier {number}",
            "symbol": venue_id(one),
            "minPositionVal": plain(tier.floor),
            "maxPositionVal": plain(cap),
            "maintMarginRatio": f"{tier.rate:.6f}",
            "maintAmount": f"{tier.deduction:.6f}",
        }
        for number, (tier, cap) in enumerate(zip(one.tiers, caps, strict=True), start=1)
    ]
    return answered(rows, timestamp=core.now_ms())


def fee_rates(ask: Ask, core: Core) -> Reply:
    """Answer GET of the three commissionRate paths: numbers in spot and linear, text in coin-margined contracts."""
    side = side_of(ask.path)
    if side is Side.SPOT:
        one = find(core, side, ask.params.get("symbol", ""))
        return spot_answered({"takerCommissionRate": bare(one.taker_fee), "makerCommissionRate": bare(one.maker_fee)})
    one = listed(core, side)[0]
    if side is Side.INVERSE:
        rates = {"takerCommissionRate": plain(one.taker_fee), "makerCommissionRate": plain(one.maker_fee)}
        return answered(rates, timestamp=core.now_ms())
    commission = {"takerCommissionRate": bare(one.taker_fee), "makerCommissionRate": bare(one.maker_fee)}
    return answered({"commission": commission})
