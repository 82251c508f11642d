"""One coin and one contract of the projected book, with what each adds to the running totals.

A line is made anew when its quantity changes, so that the totals change by the difference of two
lines and never have to be summed again.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import MaintenanceTier
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Sleeve
from bot.risk.margin import maintenance_margin, tier_number


class CoinLine(NamedTuple):
    """One coin. Coins but `price` (quote currency per coin), `value` and `worst` (quote currency).

    `core` is spot, held elsewhere and the coin-margined wallet's balance; `contracts` are signed, a
    coin-margined one with its unrealised profit, so that neither moves with price (QUANT 2.4). Of these
    carry claims `carry` of the spot and `carry_contracts` of the contracts, `claimed` counts tactical's
    too. `buying` and `selling` are what orders in flight would add and take; `spot_selling` and
    `short_opening` the parts of `selling` that are spot sales and new shorts. `worst` is the larger
    |delta| either way without the overlay's claims, which have a wall of their own (I9).
    """

    asset: str
    price: Decimal
    spot: Decimal
    core: Decimal
    contracts: Decimal
    buying: Decimal
    selling: Decimal
    spot_selling: Decimal
    short_opening: Decimal
    value: Decimal
    worst: Decimal
    carry: Decimal = ZERO
    claimed: Decimal = ZERO
    carry_contracts: Decimal = ZERO

    @property
    def delta(self) -> Decimal:
        """Coins of exposure: core and signed contracts."""
        return self.core + self.contracts

    @property
    def short(self) -> Decimal:
        """Coins the hedge sells short when every order in flight fills against us; claimed contracts are not its."""
        return max(self.short_opening + self.claimed - self.contracts, ZERO)

    @property
    def carried(self) -> Decimal:
        """Spot coins that are carry's: what it claims, as far as it is held."""
        return min(max(self.carry, ZERO), max(self.spot, ZERO))

    @property
    def hedgeable(self) -> Decimal:
        """Coins a short may stand against: the core less carry's spot, pending spot sales counted as done."""
        return self.core - self.carried - self.spot_selling

    @property
    def unhedged(self) -> Decimal:
        """Signed coins of carry that one leg holds and the other does not."""
        return self.carry + self.carry_contracts

    def claimed_by(self, sleeve: Sleeve, coins: Decimal, *, is_spot: bool) -> "CoinLine":
        """Return the line after a sleeve's claim on its spot or its contracts changed by signed coins."""
        if is_spot:
            return self._replace(carry=self.carry + coins)
        carry = coins if sleeve is Sleeve.CARRY else ZERO
        line = self._replace(claimed=self.claimed + coins, carry_contracts=self.carry_contracts + carry)
        return line.traded()

    def traded(self, *, spot: Decimal = ZERO, contracts: Decimal = ZERO, margin: Decimal = ZERO) -> "CoinLine":
        """Return the line after signed coins of spot, of contracts and of the coin-margined balance were added."""
        core, held = self.core + spot + margin, self.contracts + contracts
        delta = core + held
        own = delta - (self.claimed - self.carry_contracts)
        worst = abs(own)
        if self.buying or self.selling:
            worst = max(abs(own + self.buying), abs(own - self.selling))
        return CoinLine(
            self.asset,
            self.price,
            self.spot + spot,
            core,
            held,
            self.buying,
            self.selling,
            self.spot_selling,
            self.short_opening,
            delta * self.price,
            worst * self.price,
            self.carry,
            self.claimed,
            self.carry_contracts,
        )


def coin_line(asset: str, price: Decimal, *, spot: Decimal, other: Decimal, contracts: Decimal) -> CoinLine:
    """Return a coin's line with nothing in flight; `other` is core held elsewhere or as margin."""
    value = (spot + other + contracts) * price
    return CoinLine(asset, price, spot, spot + other, contracts, ZERO, ZERO, ZERO, ZERO, value, abs(value))


class Contract(NamedTuple):
    """What does not change of a linear contract while a plan is judged.

    `size` is coins per contract, `unit` its value at the mark, `leverage` the venue's setting or the
    highest allowed where nothing is held, `daily_funding` the fraction a long pays per day, `probe`
    the move against the position its need is reckoned at.
    """

    symbol: str
    base: str
    size: Decimal
    mark: Decimal
    unit: Decimal
    tiers: Sequence[MaintenanceTier]
    leverage: Decimal
    daily_funding: Decimal
    probe: Decimal


class ContractLine(NamedTuple):
    """One linear contract. Quantities in contracts, money in quote currency.

    `isolated` is the position's own margin, None when it shares the wallet. `worst` figures count
    orders in flight that may open, `short` their side. `need` is the loss and added margin of a
    `probe` move against it.
    `leaves_tier` is the rise at which its notional reaches the next tier, None in the highest.
    """

    contract: Contract
    quantity: Decimal
    entry: Decimal
    isolated: Decimal | None
    buying: Decimal
    selling: Decimal
    notional: Decimal
    gross: Decimal
    profit: Decimal
    maintenance: Decimal
    bend: Decimal
    tier: int
    leaves_tier: Decimal | None
    worst_gross: Decimal
    worst_maintenance: Decimal
    short: bool
    need: Decimal

    @property
    def is_flat(self) -> bool:
        """Whether nothing is held and nothing in flight may open."""
        return not (self.quantity or self.buying or self.selling)


def contract_line(
    contract: Contract,
    quantity: Decimal,
    entry: Decimal,
    *,
    isolated: Decimal | None = None,
    flight: tuple[Decimal, Decimal] = (ZERO, ZERO),
) -> ContractLine:
    """Return a contract's line; `flight` is what orders in flight would buy and sell, in contracts."""
    buying, selling = flight
    tiers = contract.tiers
    notional = quantity * contract.unit
    gross = abs(notional)
    tier = tier_number(tiers, gross)
    rate = tiers[tier].rate
    maintenance = gross * rate - tiers[tier].deduction
    worst = max(quantity + buying, quantity - selling, key=abs) if buying or selling else quantity
    worst_gross = abs(worst * contract.unit)
    worst_maintenance = maintenance if worst == quantity else maintenance_margin(tiers, worst_gross)
    stressed = worst_gross * (ONE + contract.probe if worst < 0 else max(ONE - contract.probe, ZERO))
    return ContractLine(
        contract,
        quantity,
        entry,
        isolated,
        buying,
        selling,
        notional,
        gross,
        quantity * contract.size * (contract.mark - entry),
        maintenance,
        notional - gross * rate,
        tier,
        tiers[tier + 1].floor / gross - ONE if gross and tier + 1 < len(tiers) else None,
        worst_gross,
        worst_maintenance,
        worst < 0,
        abs(stressed - worst_gross) + maintenance_margin(tiers, stressed) - worst_maintenance,
    )
