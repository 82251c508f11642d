"""Where the book is, where it should be, and how far apart the two are."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.policy import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetExposure:
    """One coin of the book; every figure in coins but `price` (quote currency per coin).

    `margin_coins` is the coin-margined wallet's equity, unrealised profit counted; `contract_coins`
    the signed contracts at their current price.
    """

    asset: str
    price: Decimal
    spot_coins: Decimal
    elsewhere_coins: Decimal
    margin_coins: Decimal
    contract_coins: Decimal

    @property
    def core_coins(self) -> Decimal:
        """Coins of the core: owned here, held elsewhere, and the coin-margined wallet's equity."""
        return self.spot_coins + self.elsewhere_coins + self.margin_coins

    @property
    def core_value(self) -> Decimal:
        """The core's coins in quote currency."""
        return self.core_coins * self.price

    @property
    def delta_coins(self) -> Decimal:
        """True delta: core coins plus signed contracts. It does not move with price (QUANT 2.4)."""
        return self.core_coins + self.contract_coins

    @property
    def short_coins(self) -> Decimal:
        """Coins sold short by contracts, zero when they are long."""
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
    """What one core asset should be. `share` and `half_width` are shares of the core."""

    asset: str
    share: Decimal
    half_width: Decimal
    value: Decimal
    hedge_ratio: Band
    hedge_coins: Decimal


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
