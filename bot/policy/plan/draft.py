"""The plan while it is being written: markets at hand, proposals numbered, what is left out and why."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.instrument import Instrument
from bot.domain.memory import Memory
from bot.domain.numbers import ZERO
from bot.domain.order import CancelRequest, Leg, OrderRequest, OrderType, Sleeve, TransferRequest
from bot.domain.plan import Advice, Crossing, Plan, Proposal, Skipped
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.plan.steps import Market, expected_cost


@dataclass(slots=True)
class Draft:
    """A plan under way, and what it is drafted from."""

    policy: Policy
    snapshot: Snapshot
    exposure: Exposure
    memory: Memory
    proposals: list[Proposal] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    advice: list[Advice] = field(default_factory=list)
    markets: dict[str, Market] = field(default_factory=dict)

    def market(self, symbol: str) -> Market:
        """Return one instrument with its quote and limits, made once."""
        found = self.markets.get(symbol)
        if found is None:
            found = self.markets[symbol] = Market(
                instrument=self.snapshot.instruments[symbol],
                quote=self.snapshot.quotes[symbol],
                limits=self.policy.limits,
                account_equity=self.exposure.account_equity,
            )
        return found

    def worth(self, symbol: str, quantity: Decimal) -> Decimal:
        """Return the signed value of a quantity at the reference price, in quote currency."""
        market = self.market(symbol)
        return market.instrument.notional(quantity, market.quote.valuation)

    def propose(self, sleeve: Sleeve, asset: str, reason: str, *legs: Leg, value: Decimal | None = None) -> None:
        """Add a proposal; its value is that of its orders, or `value` where it is told (transfers)."""
        worth, cost = value or ZERO, ZERO
        for leg in legs:
            if isinstance(leg, OrderRequest) and leg.type is not OrderType.STOP:  # a stop trades nothing now
                market = self.market(leg.symbol)
                worth += abs(market.instrument.notional(leg.quantity, market.quote.valuation))
                cost += expected_cost(market, leg.quantity, leg.side)
        self.proposals.append(
            Proposal(
                number=len(self.proposals) + 1,
                sleeve=sleeve,
                asset=asset,
                reason=reason,
                legs=legs,
                value=worth,
                cost=cost,
                deviation=worth,
            )
        )

    def transfer(self, leg: TransferRequest, reason: str, value: Decimal) -> None:
        """Add a transfer worth `value` in quote currency."""
        self.propose(leg.sleeve, leg.asset, reason, leg, value=value)

    def cancel(self, leg: CancelRequest, asset: str, reason: str) -> None:
        """Add the taking back of a resting order."""
        self.propose(leg.sleeve, asset, reason, leg)

    def skip(self, sleeve: Sleeve, asset: str, reason: str, value: Decimal) -> None:
        """Note a trade that was wanted and left out."""
        self.skipped.append(Skipped(sleeve=sleeve, asset=asset, reason=reason, value=abs(value)))

    def resting(self, sleeve: Sleeve, asset: str) -> bool:
        """Whether the asset traded in this sleeve within the cool-down."""
        rest = timedelta(seconds=int(self.policy.schedule.cooldown_hours * 3600))
        return any(
            sent.sleeve is sleeve and sent.asset == asset and sent.filled and self.snapshot.taken_at - sent.at < rest
            for sent in self.memory.sent
        )

    def dust(self, instrument: Instrument, value: Decimal) -> str:
        """Return the words for a trade too small for the venue."""
        quote = self.policy.quote
        return (
            f"{abs(value):.2f} {quote} of {instrument.symbol} is below what the venue takes "
            f"(step {instrument.step}, minimum {instrument.min_quantity} or {instrument.min_notional} {quote})"
        )

    def plan(self) -> Plan:
        """Return the plan as it stands."""
        return Plan(
            proposals=tuple(self.proposals),
            skipped=tuple(self.skipped),
            crossings=tuple(self.crossings),
            advice=tuple(self.advice),
        )
