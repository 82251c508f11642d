"""What of a venue is looked at: the coins, quote currency and kinds of contract a policy names, and what is held."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.errors import NumberRefused

MOST_HELD = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a policy names. Contracts of every expiry listed are looked at where dated kinds are meant."""

    coins: tuple[str, ...]
    quote: str
    kinds: frozenset[Kind]


def wallet_of(kind: Kind) -> WalletKind:
    """Return the wallet a kind is traded from."""
    if kind.is_spot:
        return WalletKind.SPOT
    return WalletKind.INVERSE if kind.is_inverse else WalletKind.LINEAR


def market_kind(market: Mapping[str, Any]) -> Kind | None:
    """Return what a ccxt market is, None for what Poise does not trade (options, margin, other settlements)."""
    if market.get("spot"):
        return Kind.SPOT
    if not market.get("contract") or market.get("option"):
        return None
    dated = bool(market.get("future"))
    if market.get("linear"):
        return Kind.LINEAR_FUTURE if dated else Kind.LINEAR_PERPETUAL
    if market.get("inverse"):
        return Kind.INVERSE_FUTURE if dated else Kind.INVERSE_PERPETUAL
    return None


def symbol_of(client: Any, identity: str, wallet: WalletKind) -> str:
    """Return the unified symbol of a market id in a wallet, empty for one that is not listed.

    Some venues give a spot market and a contract the same id.
    """
    listed = client.markets_by_id.get(identity) or []
    kinds = ((market_kind(market), str(market["symbol"])) for market in listed)
    return next((symbol for kind, symbol in kinds if kind is not None and wallet_of(kind) is wallet), "")


def is_wanted(market: Mapping[str, Any], scope: Scope) -> bool:
    """Whether a policy looks at a market: one of its coins, of its kinds, against its quote currency."""
    kind = market_kind(market)
    if (
        kind is None
        or kind not in scope.kinds
        or market.get("base") not in scope.coins
        or market.get("active") is False
    ):
        return False
    if kind.is_inverse:
        return bool(market.get("settle") == market.get("base"))
    return bool(market.get("quote") == scope.quote and (kind.is_spot or market.get("settle") == scope.quote))


def held_spot(coins: Iterable[str], scope: Scope, instruments: Mapping[str, Instrument]) -> tuple[str, ...]:
    """Return the spot markets of coins that are held and not in the scope, so that they can be valued.

    Raises NumberRefused for more of them than can be read with care.
    """
    found = [f"{coin}/{scope.quote}" for coin in sorted(set(coins)) if coin != scope.quote]
    missing = [symbol for symbol in found if symbol not in instruments]
    if len(missing) > MOST_HELD:
        raise NumberRefused(
            f"the account holds {len(missing)} coins the policy does not name; at most {MOST_HELD} are valued"
        )
    return tuple(missing)
