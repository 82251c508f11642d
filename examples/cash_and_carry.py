"""Cash and carry on eight real quarterly contracts: what was locked in, what came out, and the margin it took.

A coin is bought and its dated contract sold 24 hours after it can first be traded, both are held until
delivery. Usage: python examples/cash_and_carry.py [FOLDER OF RECORDED HISTORY]
"""

import sys
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.domain.instrument import Instrument, Kind
from bot.policy.carry.formulas import DAYS_A_YEAR, CarryTerms, cash_and_carry, pair_capital, simple_basis
from bot.risk.margin import maintenance_margin
from bot.simulator.recorded import RecordedMarket, recorded_market
from bot.simulator.recorded_wanted import USUAL_KINDS, Wanted

DATA = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data"
DAY = timedelta(days=1)
LEVERAGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One coin bought, one contract sold: prices in USDT a coin, days held.

    `last` is the contract's last trade, `delivered` the settlement price, `highest` the highest price of
    the contract on the way, `need` what the short needed in its wallet there: its loss and maintenance.
    """

    contract: Instrument
    spot: Decimal
    future: Decimal
    days: Decimal
    spot_at_end: Decimal
    last: Decimal
    highest: Decimal
    need: Decimal

    @property
    def terms(self) -> CarryTerms:
        """The simulated venue's fees, and half the contract's value as margin."""
        fee = self.contract.taker_fee
        return CarryTerms(spot_fee=Decimal("0.001"), contract_fee=fee, margin=Decimal(1) / LEVERAGE)

    @property
    def gross(self) -> Decimal:
        """What both legs earned without fees, closed at their last trades, a fraction of the spot price."""
        return (self.future - self.spot - (self.last - self.spot_at_end)) / self.spot

    @property
    def net(self) -> Decimal:
        """What both legs earned after every fee, the contract delivered at spot, a fraction of both legs' capital."""
        fees = self.terms.spot_fee * (self.spot + self.spot_at_end)
        fees += self.terms.contract_fee * (self.future + self.spot_at_end)
        return (self.future - self.spot - fees) / pair_capital(self.spot, self.future, self.terms)


def held(market: RecordedMarket, contract: Instrument) -> Pair:
    """Return the pair of one contract, entered a day after its first close, held until it is delivered."""
    assert contract.listed_at is not None
    assert contract.expiry is not None
    entered, spot = contract.listed_at + DAY, f"{contract.base}/{contract.quote}"
    quotes = market.quotes(entered)
    future = quotes[contract.symbol].valuation
    steps = list(market.path(entered, contract.expiry))
    highest = max(step.spans[contract.symbol].high for step in steps)
    return Pair(
        contract=contract,
        spot=quotes[spot].last,
        future=future,
        days=Decimal((contract.expiry - entered) // timedelta(hours=1)) / 24,
        spot_at_end=market.settlement_price(contract.symbol, contract.expiry),
        last=steps[-1].spans[contract.symbol].last,
        highest=highest,
        need=highest - future + maintenance_margin(contract.tiers, highest),
    )


def main() -> None:
    """Print a line for each contract, in order of delivery."""
    wanted = Wanted(assets=("BTC", "ETH"), kinds=USUAL_KINDS | {Kind.LINEAR_FUTURE})
    market = recorded_market(DATA, wanted)
    dated = [one for one in market.instruments.values() if one.expiry is not None]
    print("            basis   days    gross   net on both legs' capital    highest   margin needed")
    print("            a year  held            planned   came out  a year   price     of the entry")
    for contract in sorted(dated, key=lambda one: (one.expiry, one.symbol)):
        pair = held(market, contract)
        planned = cash_and_carry(pair.spot, pair.future, pair.days, pair.terms)
        name = contract.symbol.replace("/USDT:USDT", "")
        print(
            f"{name}  {simple_basis(pair.spot, pair.future, pair.days):5.2%}  {pair.days:4.0f}  {pair.gross:+7.2%}"
            f"  {planned.period_return:+8.2%}  {pair.net:+8.2%}  {pair.net * DAYS_A_YEAR / pair.days:+6.2%}"
            f"  {pair.highest:9,.2f}  {pair.need / pair.future:7.1%}"
        )


if __name__ == "__main__":
    if DATA.is_dir():
        main()
    else:
        print(f"no recorded history in {DATA}: name its folder")
