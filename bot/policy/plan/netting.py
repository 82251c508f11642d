"""The sleeves' wishes in one instrument become one order; what cancels out changes its sleeve without one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.order import FINEST, Part, Side, Sleeve, cut_parts
from bot.domain.plan import Crossing
from bot.policy.plan.wants import Want

UNCLAIMED = frozenset({Sleeve.CORE, Sleeve.HEDGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Netted:
    """What all sleeves together want of one instrument: signed quantity in order units, and whose it is.

    `sleeve` is the one that wants most. `leaves` is True when every wish makes a claim smaller.
    """

    symbol: str
    asset: str
    quantity: Decimal
    sleeve: Sleeve
    parts: tuple[Part, ...]
    reason: str
    leaves: bool

    @property
    def side(self) -> Side:
        """The side of the order."""
        return Side.BUY if self.quantity > 0 else Side.SELL


def net(wants: Iterable[Want]) -> dict[str, Netted]:
    """Return the netted wish for each instrument, in the order in which they were first wanted."""
    by_symbol: dict[str, list[Want]] = {}
    for want in wants:
        by_symbol.setdefault(want.symbol, []).append(want)
    return {symbol: _netted(same) for symbol, same in by_symbol.items()}


def _netted(wants: list[Want]) -> Netted:
    leading = max(wants, key=lambda want: abs(want.quantity))
    parts = tuple(Part(sleeve=want.sleeve, rule=want.rule, quantity=want.quantity) for want in wants)
    return Netted(
        symbol=leading.symbol,
        asset=leading.asset,
        quantity=sum((want.quantity for want in wants), ZERO),
        sleeve=leading.sleeve,
        parts=parts,
        reason="; ".join(_reason(want, alone=len(wants) == 1) for want in wants),
        leaves=all(want.leaves for want in wants),
    )


def _reason(want: Want, *, alone: bool) -> str:
    return want.reason if alone else f"{want.sleeve} {want.quantity:+f}: {want.reason}"


def parts_of(netted: Netted, size: Decimal) -> tuple[Part, ...]:
    """Return the parts of an order of `size` (unsigned) cut from a netted wish, each in proportion, summing exactly.

    Empty where all of it belongs to the sleeve and nobody has to claim it.
    """
    if len(netted.parts) == 1 and netted.sleeve in UNCLAIMED:
        return ()
    return cut_parts(netted.parts, size * netted.side.sign)


def crossed(netted: Netted, price: Decimal) -> Crossing | None:
    """Return what changes its sleeve when no order is placed: buyers and sellers met at the smaller of the two.

    None where all wish the same way.
    """
    bought = sum((part.quantity for part in netted.parts if part.quantity > 0), ZERO)
    sold = -sum((part.quantity for part in netted.parts if part.quantity < 0), ZERO)
    met = min(bought, sold)
    if not met:
        return None
    shares: Mapping[bool, Decimal] = {True: met / bought, False: met / sold}
    parts = [
        Part(sleeve=p.sleeve, rule=p.rule, quantity=(p.quantity * shares[p.quantity > 0]).quantize(FINEST))
        for p in netted.parts[:-1]
    ]
    last = netted.parts[-1]
    rest = -sum((part.quantity for part in parts), ZERO)
    return Crossing(
        symbol=netted.symbol,
        price=price,
        parts=(*parts, Part(sleeve=last.sleeve, rule=last.rule, quantity=rest)),
    )
