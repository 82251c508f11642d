"""Words to build values with in tests: say what matters, the rest is ordinary and checkable by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind, MaintenanceTier, WalletKind
from bot.domain.memory import Memory, TradingState
from bot.domain.order import Sleeve
from bot.domain.policy import Band, CoreRules, HedgeRules, Limits, Policy, ReserveRules, Schedule
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Balance, FundingRate, MarginMode, Position, Quote, Snapshot

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
Number = Decimal | int | str


def d(number: Number) -> Decimal:
    """Return a Decimal from a text or a whole number."""
    return Decimal(number)


# The published BTCUSDT ladder of vectors.json: floor, rate, deduction.
LADDER = tuple(
    MaintenanceTier(floor=d(floor), rate=d(rate), deduction=d(deduction))
    for floor, rate, deduction in (
        (0, "0.004", 0),
        (50_000, "0.005", 50),
        (600_000, "0.0065", 950),
        (3_000_000, "0.01", 11_450),
        (12_000_000, "0.02", 131_450),
        (70_000_000, "0.025", 481_450),
        (100_000_000, "0.05", 2_981_450),
        (230_000_000, "0.1", 14_481_450),
        (480_000_000, "0.125", 26_481_450),
        (600_000_000, "0.15", 41_481_450),
        (800_000_000, "0.25", 121_481_450),
        (1_200_000_000, "0.5", 421_481_450),
    )
)


def a_spot(asset: str = "BTC", **changes: Any) -> Instrument:
    """A spot market against USDT: step 0.00001, minimum 5 USDT, 10 bp fees."""
    fields: dict[str, Any] = {
        "symbol": f"{asset}/USDT",
        "kind": Kind.SPOT,
        "base": asset,
        "quote": "USDT",
        "settle": "USDT",
        "contract_size": d(1),
        "tick": d("0.01"),
        "step": d("0.00001"),
        "min_quantity": d("0.00001"),
        "min_notional": d(5),
        "maker_fee": d("0.001"),
        "taker_fee": d("0.001"),
    }
    return Instrument(**(fields | changes))


def a_perpetual(asset: str = "BTC", **changes: Any) -> Instrument:
    """A linear perpetual of one coin per contract: step 0.001, minimum 5 USDT, fees 2 and 5 bp."""
    fields: dict[str, Any] = {
        "symbol": f"{asset}/USDT:USDT",
        "kind": Kind.LINEAR_PERPETUAL,
        "base": asset,
        "quote": "USDT",
        "settle": "USDT",
        "contract_size": d(1),
        "tick": d("0.1"),
        "step": d("0.001"),
        "min_quantity": d("0.001"),
        "min_notional": d(5),
        "maker_fee": d("0.0002"),
        "taker_fee": d("0.0005"),
        "tiers": LADDER,
    }
    return Instrument(**(fields | changes))


def an_inverse_perpetual(asset: str = "BTC", face: Number = 100, **changes: Any) -> Instrument:
    """A coin-margined perpetual of 100 USD a contract, settled in the coin."""
    fields: dict[str, Any] = {
        "symbol": f"{asset}/USD:{asset}",
        "kind": Kind.INVERSE_PERPETUAL,
        "quote": "USD",
        "settle": asset,
        "contract_size": d(face),
        "step": d(1),
        "min_quantity": d(1),
        "min_notional": d(0),
        "tiers": (MaintenanceTier(floor=d(0), rate=d("0.005"), deduction=d(0)),),
    }
    return a_perpetual(asset, **(fields | changes))


def a_quote(symbol: str, price: Number, *, at: datetime = NOON, spread: Number = "0.0002", **changes: Any) -> Quote:
    """A quote around `price` with a relative spread of 2 bp, deep and busy; mark and index equal for contracts."""
    middle, half = d(price), d(price) * d(spread) / 2
    contract = ":" in symbol
    fields: dict[str, Any] = {
        "symbol": symbol,
        "bid": middle - half,
        "ask": middle + half,
        "last": middle,
        "at": at,
        "mark": middle if contract else None,
        "index": middle if contract else None,
        "bid_depth": d(5_000_000),
        "ask_depth": d(5_000_000),
        "volume_24h": d(1_000_000_000),
    }
    return Quote(**(fields | changes))


def a_short(asset: str, coins: Number, *, entry: Number, leverage: Number = 2, **changes: Any) -> Position:
    """A cross short of `coins` on the linear perpetual."""
    fields: dict[str, Any] = {
        "symbol": f"{asset}/USDT:USDT",
        "quantity": -d(coins),
        "entry_price": d(entry),
        "margin_mode": MarginMode.CROSS,
        "leverage": d(leverage),
    }
    return Position(**(fields | changes))


def a_long(asset: str, coins: Number, *, entry: Number, **changes: Any) -> Position:
    """A cross long of `coins` on the linear perpetual."""
    return a_short(asset, coins, entry=entry, **({"quantity": d(coins)} | changes))


def a_snapshot(
    *,
    spot: Mapping[str, Number] | None = None,
    price: Mapping[str, Number] | None = None,
    futures_usdt: Number = 0,
    shorts: tuple[Position, ...] = (),
    at: datetime = NOON,
    **changes: Any,
) -> Snapshot:
    """A complete snapshot: `spot` coins by asset (USDT too), `price` by asset, a linear wallet, positions.

    Every priced asset has a spot market and a linear perpetual at the same price, funding +1 bp per 8 h.
    """
    prices = {asset: d(number) for asset, number in (price or {"BTC": 70_000}).items()}
    instruments = {i.symbol: i for asset in prices for i in (a_spot(asset), a_perpetual(asset))}
    balances = [
        Balance(wallet=WalletKind.SPOT, asset=asset, free=d(coins), locked=d(0))
        for asset, coins in (spot or {}).items()
    ]
    balances.append(Balance(wallet=WalletKind.LINEAR, asset="USDT", free=d(futures_usdt), locked=d(0)))
    fields: dict[str, Any] = {
        "venue": "sim",
        "account": "sim-test",
        "taken_at": at,
        "epoch": 0,
        "clock_offset_seconds": d(0),
        "instruments": instruments,
        "balances": tuple(balances),
        "positions": {position.symbol: position for position in shorts},
        "open_orders": (),
        "quotes": {symbol: a_quote(symbol, prices[i.base], at=at) for symbol, i in instruments.items()},
        "funding": {
            symbol: FundingRate(symbol=symbol, rate=d("0.0001"), interval_hours=d(8), next_at=at + timedelta(hours=4))
            for symbol, i in instruments.items()
            if not i.kind.is_spot
        },
    }
    return Snapshot(**(fields | changes))


def a_band(low: Number, target: Number, high: Number) -> Band:
    """A band from three numbers."""
    return Band(low=d(low), target=d(target), high=d(high))


def wide_limits(**changes: Any) -> Limits:
    """Limits so wide that only the one a test narrows can bite."""
    fields: dict[str, Any] = {
        "min_volume_24h": d(0),
        "max_order_value": d(10**12),
        "max_order_share": d(10),
        "max_order_volume_share": d(1),
        "max_order_depth_share": d(10),
        "price_collar": d("0.05"),
        "max_price_jump": d("0.5"),
        "jump_window_seconds": 60,
        "max_quote_age_seconds": d(60),
        "max_mark_index_gap": d("0.1"),
        "max_spread": d("0.05"),
        "max_exposure_over_band": d(10),
        "max_gross_leverage": d(10),
        "max_leverage_setting": d(10),
        "max_hedge_ratio": d(1),
        "min_liquidation_distance": d(0),
        "max_futures_margin_share": d(1),
        "max_open_order_share": d(10),
        "max_open_orders_per_symbol": 100,
        "max_open_orders": 1000,
        "max_repeats": 1000,
        "repeat_window_minutes": 15,
        "max_orders_per_minute": 10_000,
        "max_orders_per_hour": 100_000,
        "max_orders_per_day": 1_000_000,
        "duplicate_window_seconds": 0,
        "max_unresolved": 100,
        "max_daily_turnover": d(100),
        "max_daily_loss": d(1),
        "max_drawdown": d(1),
        "unexplained_value": d(20),
        "unexplained_share": d("0.005"),
        "max_snapshot_age_seconds": d(60),
        "plan_ttl_seconds": d(60),
        "max_plan_price_drift": d("0.005"),
        "approval_above": d(100),
        "max_slippage": d("0.05"),
        "max_cost_share": d(1),
        "min_funding_apr": d(-10),
        "min_days_to_expiry": d(3),
        "min_days_since_listing": d(0),
        "max_peg_gap": d("0.05"),
        "max_daily_transfer": d(10),
        "max_clock_offset_seconds": d(1),
    }
    return Limits(**(fields | changes))


def a_policy(
    *,
    assets: Mapping[str, Number] | None = None,
    core: tuple[Number, Number, Number] = ("0.6", "0.7", "0.8"),
    hedge: tuple[Number, Number, Number] | None = ("0", "0.15", "0.2"),
    limits: Limits | None = None,
    **changes: Any,
) -> Policy:
    """A policy of BTC 60 / ETH 40 with a 15 % hedge, 10 % minimum reserve and wide limits."""
    rules: dict[str, Any] = {
        "band": a_band(*core),
        "assets": {a: d(s) for a, s in (assets or {"BTC": "0.6", "ETH": "0.4"}).items()},
        "half_widths": {},
        "risk_aversion": d(3),
        "destination": d("0.75"),
        "never_sell": {},
        "held_elsewhere": {},
    }
    hedge_rules = hedge and HedgeRules(
        ratio=a_band(*hedge),
        overrides={},
        instrument=Kind.LINEAR_PERPETUAL,
        outer=d("0.01"),
        inner=d("0.005"),
        leverage=a_band("1.5", 2, 3),
    )
    fields: dict[str, Any] = {
        "name": "test",
        "quote": "USDT",
        "core": CoreRules(**(rules | changes.pop("rules", {}))),
        "hedge": hedge_rules or None,
        "reserve": ReserveRules(minimum=d("0.1"), assets=("USDT",)),
        "schedule": Schedule(cron="0 0 * * *", poll_seconds=None, cooldown_hours=d(0)),
        "limits": limits or wide_limits(),
    }
    return Policy(**(fields | changes))


def a_memory(**changes: Any) -> Memory:
    """The memory of a first cycle: active, nothing sent, nothing unresolved."""
    fields: dict[str, Any] = {
        "state": TradingState.ACTIVE,
        "state_reason": "",
        "sent": (),
        "transferred": d(0),
        "unresolved": (),
        "last_prices": {},
        "performance": None,
        "epoch": -1,
        "ledger_sequence": -1,
        "attended": False,
    }
    return Memory(**(fields | changes))


def a_claim(sleeve: Sleeve, symbol: str, quantity: Number, **changes: Any) -> Claim:
    """A claim on what is held of a symbol, entered at 70,000 a day before noon, of the rule "rule"."""
    fields: dict[str, Any] = {
        "sleeve": sleeve,
        "rule": "rule",
        "symbol": symbol,
        "quantity": d(quantity),
        "entry": d(70_000),
        "opened_at": NOON - timedelta(days=1),
    }
    return Claim(**(fields | changes))


def own_id(name: str) -> str:
    """Return an order id of the form of ours, with a name in it that a reader can tell."""
    return f"h{name}".ljust(25, "0")
