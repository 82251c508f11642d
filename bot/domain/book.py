"""Where the book is, where it should be, and how far apart the two are."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.policy import Band
from bot.domain.sleeves import RatioState


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetExposure:
    """One coin of the book; every figure in coins but `price` (quote currency per coin).

    `margin_coins` is the coin-margined wallet's balance. Contracts are signed coins at their current
    price, a coin-margined one with its unrealised profit, so that a held position's coins do not move
    with price (QUANT 2.4). `spot_coins` and `contract_coins` are what no sleeve claims: core and hedge.
    `carry_coins` is spot held for carry, `carry_contracts` and `tactical_contracts` are claimed contracts.
    """

    asset: str
    price: Decimal
    spot_coins: Decimal
    elsewhere_coins: Decimal
    margin_coins: Decimal
    contract_coins: Decimal
    carry_coins: Decimal = ZERO
    carry_contracts: Decimal = ZERO
    tactical_contracts: Decimal = ZERO

    @property
    def core_coins(self) -> Decimal:
        """Coins of the core: owned here, held elsewhere, and in the coin-margined wallet."""
        return self.spot_coins + self.elsewhere_coins + self.margin_coins

    @property
    def core_value(self) -> Decimal:
        """The core's coins in quote currency."""
        return self.core_coins * self.price

    @property
    def delta_coins(self) -> Decimal:
        """True delta: all coins plus all signed contracts. It does not move with price (QUANT 2.4)."""
        claimed = self.carry_coins + self.carry_contracts + self.tactical_contracts
        return self.core_coins + self.contract_coins + claimed

    @property
    def short_coins(self) -> Decimal:
        """Coins sold short by the hedge's contracts, zero when they are long."""
        return max(-self.contract_coins, Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The book measured, in quote currency.

    `equity` counts coins held elsewhere; `account_equity` only what the venue holds, and is what
    margin and order limits are reckoned on. `reserve_value` is stablecoins in the spot wallet,
    `spendable` the part of it that is free. `futures_equity` includes unrealised profit.
    `unpriced` names assets with a balance and no price: counted as nothing, reported, never traded.
    """

    equity: Decimal
    account_equity: Decimal
    core_value: Decimal
    reserve_value: Decimal
    spendable: Decimal
    futures_equity: Decimal
    gross_notional: Decimal
    assets: Mapping[str, AssetExposure]
    unpriced: tuple[str, ...]

    @property
    def core_share(self) -> Decimal:
        """The core as a share of equity."""
        return self.core_value / self.equity


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetTarget:
    """What one core asset should be. `share` and `half_width` are shares of the core.

    `ratio_state` is what a rule-driven hedge ratio has come to, None where no rule drives it.
    """

    asset: str
    share: Decimal
    half_width: Decimal
    value: Decimal
    hedge_ratio: Band
    hedge_coins: Decimal
    ratio_state: RatioState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the book should be, in quote currency. `core_value` is the inner level when the band was left."""

    core_value: Decimal
    assets: Mapping[str, AssetTarget]
    reserve_minimum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetDrift:
    """One asset against its target: shares of the core before any trade, and the hedge in coins.

    `drift` is share − target share; `hedge_drift` the short coins held minus those wanted.
    """

    asset: str
    share: Decimal
    drift: Decimal
    outside: bool
    hedge_ratio: Decimal
    hedge_drift: Decimal
    hedge_outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The book against its targets: `core` is actual − target as a share of equity, absolute."""

    core: Decimal
    core_outside: bool
    assets: Mapping[str, AssetDrift]
