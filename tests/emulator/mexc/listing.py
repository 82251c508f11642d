"""What MEXC lists: spot exchangeInfo, contract detail, the clock, and the fees of the account."""

from decimal import ROUND_HALF_UP, Decimal

from bot.domain.instrument import Instrument
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core
from tests.emulator.mexc.names import (
    bare,
    contract_of,
    contracts,
    is_linear,
    places,
    plain,
    spot_listed,
    spot_of,
    venue_id,
)

MOST_CONTRACTS = 1_000_000
HIGHEST_LEVERAGE = 125


def ping(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/ping."""
    return Reply(body={})


def spot_time(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/time."""
    return Reply(body={"serverTime": core.now_ms()})


def contract_time(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/ping: the contract clock."""
    return Reply(body={"success": True, "code": 0, "data": core.now_ms()})


def exchange_info(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/exchangeInfo."""
    name = ask.params.get("symbol", "")
    listed = (spot_of(core, name),) if name else spot_listed(core)
    return Reply(
        body={
            "timezone": "CST",
            "serverTime": core.now_ms(),
            "rateLimits": [],
            "exchangeFilters": [],
            "symbols": [_spot_row(one) for one in listed],
        }
    )


def _spot_row(one: Instrument) -> dict[str, object]:
    return {
        "symbol": venue_id(one),
        "status": "1",
        "baseAsset": one.base,
        "baseAssetPrecision": places(one.step),
        "quoteAsset": one.quote,
        "quotePrecision": places(one.tick),
        "quoteAssetPrecision": places(one.tick),
        "baseCommissionPrecision": places(one.step),
        "quoteCommissionPrecision": places(one.tick),
        "orderTypes": ["LIMIT", "MARKET", "LIMIT_MAKER"],
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "quoteAmountPrecision": plain(one.min_notional),
        "baseSizePrecision": plain(one.min_quantity),
        "permissions": ["SPOT"],
        "filters": [],
        "maxQuoteAmount": "2000000",
        "makerCommission": plain(one.maker_fee),
        "takerCommission": plain(one.taker_fee),
        "quoteAmountPrecisionMarket": plain(one.min_notional),
        "maxQuoteAmountMarket": "100000",
        "fullName": one.base,
        "tradeSideType": 1,
    }


def contract_detail(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/detail: a list, or one contract where a symbol is named."""
    name = ask.params.get("symbol", "")
    if name:
        return Reply(body={"success": True, "code": 0, "data": _contract_row(core, contract_of(core, name))})
    return Reply(body={"success": True, "code": 0, "data": [_contract_row(core, one) for one in contracts(core)]})


def tier_width(core: Core, one: Instrument) -> Decimal:
    """Return the contracts in one risk level: the second tier's floor at the mark now, in whole contracts."""
    mark = core.quotes()[one.symbol].valuation
    floor = one.tiers[1].floor
    exact = floor / (one.contract_size * mark) if is_linear(one) else floor * mark / one.contract_size
    return exact.to_integral_value(ROUND_HALF_UP)


def _contract_row(core: Core, one: Instrument) -> dict[str, object]:
    first, rise = one.tiers[0].rate, one.tiers[1].rate - one.tiers[0].rate
    width = tier_width(core, one)
    return {
        "symbol": venue_id(one),
        "displayName": venue_id(one),
        "displayNameEn": venue_id(one),
        "positionOpenType": 3,
        "baseCoin": one.base,
        "quoteCoin": one.quote,
        "settleCoin": one.settle,
        "contractSize": bare(one.contract_size),
        "minLeverage": 1,
        "maxLeverage": HIGHEST_LEVERAGE,
        "priceScale": places(one.tick),
        "volScale": 0,
        "amountScale": 4,
        "priceUnit": bare(one.tick),
        "volUnit": bare(one.step),
        "minVol": bare(one.min_quantity),
        "maxVol": bare(width * len(one.tiers)),
        "bidLimitPriceRate": 0.1,
        "askLimitPriceRate": 0.1,
        "takerFeeRate": bare(one.taker_fee),
        "makerFeeRate": bare(one.maker_fee),
        "maintenanceMarginRate": bare(first),
        "initialMarginRate": bare(first * 2),
        "riskBaseVol": bare(width),
        "riskIncrVol": bare(width),
        "riskIncrMmr": bare(rise),
        "riskIncrImr": bare(rise * 2),
        "riskLevelLimit": len(one.tiers),
        "priceCoefficientVariation": 0.1,
        "indexOrigin": ["Binance", "Huobi"],
        "state": 0,
        "isNew": False,
        "isHot": True,
        "isHidden": False,
        "apiAllowed": True,
    }


def spot_fee(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/tradeFee."""
    one = spot_of(core, ask.params.get("symbol", ""))
    fees = {"makerCommission": bare(one.maker_fee), "takerCommission": bare(one.taker_fee)}
    return Reply(body={"data": fees, "code": 0, "msg": "success", "timestamp": core.now_ms()})


def contract_fee(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/account/tiered_fee_rate."""
    one = contract_of(core, ask.params.get("symbol", ""))
    fees = {
        "level": 0,
        "dealAmount": 0,
        "walletBalance": 0,
        "makerFee": bare(one.maker_fee),
        "takerFee": bare(one.taker_fee),
        "makerFeeDiscount": 1,
        "takerFeeDiscount": 1,
    }
    return Reply(body={"success": True, "code": 0, "data": fees})
