"""What the simulated venue lists, and by which rules: modelled, in one table, for any coin."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.instrument import Instrument, Kind, MaintenanceTier
from bot.domain.numbers import down_to_step
from bot.simulator.market import Liquidity

SPOT_FEE = Decimal("0.001")
MAKER_FEE = Decimal("0.0002")
TAKER_FEE = Decimal("0.0005")
MIN_NOTIONAL = Decimal(5)
LISTED_AT = datetime(2020, 1, 1, tzinfo=UTC)
STABLE = frozenset({"USDT", "USDC", "FDUSD", "TUSD", "DAI", "USDE", "BUSD", "USD"})
DEEP = ("BTC", "ETH")


def ladder(*steps: tuple[int | Decimal, str]) -> tuple[MaintenanceTier, ...]:
    """Return maintenance tiers from (floor, rate) pairs, with the deductions that leave no jump at a floor.

    deduction_n = floor_n × (rate_n − rate_n−1) + deduction_n−1 (QUANT 4.1); floors in the settlement asset.
    """
    tiers: list[MaintenanceTier] = []
    for floor, text in steps:
        rate, deduction = Decimal(text), Decimal(0)
        if tiers:
            deduction = floor * (rate - tiers[-1].rate) + tiers[-1].deduction
        tiers.append(MaintenanceTier(floor=Decimal(floor), rate=rate, deduction=deduction))
    return tuple(tiers)


_Steps = tuple[tuple[int, str], ...]

# The published BTCUSDT ladder, used for the two deep coins; the others get a steeper one. Quote currency.
_DEEP_STEPS: _Steps = (
    (0, "0.004"),
    (50_000, "0.005"),
    (600_000, "0.0065"),
    (3_000_000, "0.01"),
    (12_000_000, "0.02"),
    (70_000_000, "0.025"),
    (100_000_000, "0.05"),
    (230_000_000, "0.1"),
    (480_000_000, "0.125"),
    (600_000_000, "0.15"),
    (800_000_000, "0.25"),
    (1_200_000_000, "0.5"),
)
_OTHER_STEPS: _Steps = (
    (0, "0.01"),
    (50_000, "0.015"),
    (250_000, "0.025"),
    (1_000_000, "0.05"),
    (5_000_000, "0.1"),
    (10_000_000, "0.125"),
    (20_000_000, "0.25"),
    (50_000_000, "0.5"),
)
DEEP_LADDER = ladder(*_DEEP_STEPS)
OTHER_LADDER = ladder(*_OTHER_STEPS)
_COIN_FLOOR = Decimal("0.01")  # floors of coin-margined tiers are whole hundredths of a coin

# Spot tick and step, perpetual tick and step; other coins get theirs from their price.
_GRIDS = {
    "BTC": ("0.01", "0.00001", "0.1", "0.001"),
    "ETH": ("0.01", "0.0001", "0.01", "0.001"),
    "SOL": ("0.01", "0.001", "0.01", "0.01"),
}
_DEPTHS = {"BTC": (5_000_000, 20_000_000), "ETH": (3_000_000, 12_000_000), "SOL": (1_000_000, 4_000_000)}
_OTHER_DEPTHS = (300_000, 1_000_000)
_VOLUME_PER_DEPTH = 200
# How much thinner a book is than that of the linear perpetual.
_THINNER = {Kind.INVERSE_PERPETUAL: 4, Kind.LINEAR_FUTURE: 10, Kind.INVERSE_FUTURE: 20}
# Quote currency a coin-margined contract stands for.
_FACES = {"BTC": Decimal(100)}
_OTHER_FACE = Decimal(10)


def _power(exponent: int) -> Decimal:
    return Decimal(1).scaleb(exponent)


def grid(asset: str, price: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return spot tick, spot step, contract tick and contract step of a coin trading near `price`.

    Ticks show five digits of the price; a step is worth about 0.01 to 0.1 of the quote currency in
    spot, 1 to 10 in contracts. All are powers of ten.
    """
    if asset in _GRIDS:
        spot_tick, spot_step, tick, step = (Decimal(text) for text in _GRIDS[asset])
        return spot_tick, spot_step, tick, step
    size = price.adjusted()
    tick = _power(min(size - 4, 0))
    return tick, _power(-size - 2), tick, _power(-size)


def spot_market(asset: str, quote: str, price: Decimal) -> Instrument:
    """Return the rules of the spot market of `asset` in `quote`."""
    tick, step, _, _ = grid(asset, price)
    return Instrument(
        symbol=f"{asset}/{quote}",
        kind=Kind.SPOT,
        base=asset,
        quote=quote,
        settle=quote,
        contract_size=Decimal(1),
        tick=tick,
        step=step,
        min_quantity=step,
        min_notional=MIN_NOTIONAL,
        maker_fee=SPOT_FEE,
        taker_fee=SPOT_FEE,
        listed_at=LISTED_AT,
    )


def perpetual(asset: str, quote: str, price: Decimal) -> Instrument:
    """Return the rules of the linear perpetual of `asset`, one coin a contract, settled in `quote`."""
    return _linear(asset, quote, price, Kind.LINEAR_PERPETUAL)


def inverse_perpetual(asset: str, price: Decimal) -> Instrument:
    """Return the rules of the perpetual of `asset` against USD, margined and settled in the coin.

    A contract is 100 USD of BTC or 10 USD of any other coin; orders are whole contracts.
    """
    return _inverse(asset, price, Kind.INVERSE_PERPETUAL)


def dated_future(
    kind: Kind, asset: str, quote: str, price: Decimal, *, listed_at: datetime, expiry: datetime
) -> Instrument:
    """Return the rules of a linear or coin-margined future delivered at `expiry`; its symbol ends in the day."""
    rules = _inverse(asset, price, kind, expiry) if kind.is_inverse else _linear(asset, quote, price, kind, expiry)
    return replace(rules, listed_at=listed_at)


def _linear(asset: str, quote: str, price: Decimal, kind: Kind, expiry: datetime | None = None) -> Instrument:
    _, _, tick, step = grid(asset, price)
    return Instrument(
        symbol=f"{asset}/{quote}:{quote}{_day(expiry)}",
        kind=kind,
        base=asset,
        quote=quote,
        settle=quote,
        contract_size=Decimal(1),
        tick=tick,
        step=step,
        min_quantity=step,
        min_notional=MIN_NOTIONAL,
        maker_fee=MAKER_FEE,
        taker_fee=TAKER_FEE,
        listed_at=LISTED_AT,
        expiry=expiry,
        tiers=DEEP_LADDER if asset in DEEP else OTHER_LADDER,
    )


def _inverse(asset: str, price: Decimal, kind: Kind, expiry: datetime | None = None) -> Instrument:
    return Instrument(
        symbol=f"{asset}/USD:{asset}{_day(expiry)}",
        kind=kind,
        base=asset,
        quote="USD",
        settle=asset,
        contract_size=_FACES.get(asset, _OTHER_FACE),
        tick=grid(asset, price)[2],
        step=Decimal(1),
        min_quantity=Decimal(1),
        min_notional=Decimal(0),
        maker_fee=MAKER_FEE,
        taker_fee=TAKER_FEE,
        listed_at=LISTED_AT,
        expiry=expiry,
        tiers=coin_ladder(asset, price),
    )


def coin_ladder(asset: str, price: Decimal) -> tuple[MaintenanceTier, ...]:
    """Return the tiers of coin-margined contracts: the linear ones with their floors in coins at `price`."""
    steps = _DEEP_STEPS if asset in DEEP else _OTHER_STEPS
    return ladder(*((down_to_step(floor / price, _COIN_FLOOR), rate) for floor, rate in steps))


def _day(expiry: datetime | None) -> str:
    return "" if expiry is None else f"-{expiry:%y%m%d}"


def liquidity(instrument: Instrument, spread_bp: Decimal) -> Liquidity:
    """Return the modelled liquidity of an instrument with a spread of `spread_bp` basis points."""
    spot, contract = _DEPTHS.get(instrument.base, _OTHER_DEPTHS)
    depth = Decimal(spot if instrument.kind.is_spot else contract) / _THINNER.get(instrument.kind, 1)
    return Liquidity(spread=spread_bp / 10_000, depth=depth, volume_24h=depth * _VOLUME_PER_DEPTH)
