"""A period from its settlements: what changed, whose it was, and what the coins alone would have done."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.instrument import Kind
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.rules import CarryRules, TacticalRules
from bot.domain.sleeves import Claim, SleeveState
from bot.report.attribution import by_sleeve, summed, total_of
from bot.report.look import look_of
from bot.report.performance import PerformanceTrack
from bot.report.period import flow_between
from bot.report.returns import money_weighted
from tests.builders import NOON, a_policy, d
from tests.unit.report.pages import a_record, balanced, the_policy
from tests.unit.report.periods import a_line, a_look, a_period, settled, wavy

DAY = timedelta(days=1)


def test_every_day_has_its_change_and_its_lines_sum_to_it() -> None:
    """100 to 110 to 104: the core +10 and −6, the hedge half of it the other way, funding 1 a day."""
    period = a_period(settled([100, 110, 104], funding=1))
    assert [(day.day, day.change, day.equity) for day in period.days] == [
        (date(2026, 1, 2), 6, 206),
        (date(2026, 1, 3), -2, 204),
    ]
    for day in period.days:
        assert sum(line.amount for line in day.lines) == day.change
    assert [(line.sleeve, line.source, line.amount) for line in period.lines] == [
        ("core", "price", 4),
        ("hedge", "price", -2),
        ("hedge", "funding", 2),
    ]
    assert (period.unattributed, period.unexplained, period.quiet_days) == (0, 0, 0)


def test_the_unhedged_holding_moves_by_the_coins_alone() -> None:
    """10 of 200 is 5 % where the hedged book made 2.5 %."""
    period = a_period(settled([100, 110]))
    assert period.unhedged_return == pytest.approx(0.05)
    assert period.unhedged_profit == 10
    assert period.figures.total_return == pytest.approx(0.025)
    assert period.points[-1].unit == pytest.approx(1.025)


def test_coins_that_carry_holds_are_not_the_unhedged_core() -> None:
    """Half the coin is claimed: half the gain."""
    claim = Claim(
        sleeve=a_line("carry", "price", 1).sleeve,
        rule="r",
        symbol="BTC/USDT",
        quantity=d("0.5"),
        entry=d(100),
        opened_at=NOON,
    )
    found = [replace(one, sleeves=SleeveState(claims=(claim,))) for one in settled([100, 110])]
    assert a_period(found).unhedged_profit == 5


def test_a_deposit_is_no_profit_and_weighs_from_when_it_came() -> None:
    """400 come in after the loss and before the gain: the money did better than the time."""
    period = a_period(settled([100, 80, 100], flows={1: 400}))
    assert period.figures.total_return == pytest.approx(0.95 * (600 / 590) - 1)
    assert period.money_weighted is not None
    assert period.money_weighted == pytest.approx(0, abs=1e-9)
    assert total_of(period.lines) == 400
    assert period.figures.max_drawdown == pytest.approx(-0.05)


def test_a_flow_is_what_the_unit_leaves_out() -> None:
    """The inverse of how the unit was reckoned."""
    before, now = settled([100, 110], flows={1: d("12.5")})
    assert flow_between(before, now) == d("12.5")


def test_days_without_a_cycle_are_counted_and_their_change_is_the_next_days() -> None:
    """Three days' pause after the second settlement."""
    found = settled([100, 110, 104])
    late = [*found[:2], replace(found[2], at=found[2].at + 3 * DAY)]
    period = a_period(late)
    assert [day.day.day for day in period.days] == [2, 6]
    assert period.quiet_days == 3


def test_two_cycles_of_a_day_are_one_day() -> None:
    """Their lines are summed."""
    found = settled([100, 110, 104])
    again = [*found[:2], replace(found[2], at=found[1].at + DAY / 4)]
    (day,) = a_period(again).days
    assert (day.change, day.equity) == (2, 202)
    assert [line.amount for line in day.lines] == [4, -2]


def test_settlements_of_one_moment_are_one_point_and_keep_all_funding() -> None:
    """A first cycle opens its books and settles them at one moment."""
    found = settled([100, 110, 104], funding=1)
    same = [*found[:2], replace(found[2], at=found[1].at)]
    first, last = a_period(same).points
    assert (first.equity, last.equity, last.funding_received) == (200, 204, 2)


def test_old_settlements_are_not_attributed_and_say_so() -> None:
    """No prices: no unhedged holding, no tracking error, and the change stands apart."""
    period = a_period(settled([100, 110], attributed=False))
    assert (period.unattributed, period.lines) == (5, ())
    assert (period.unhedged_return, period.unhedged_profit) == (None, None)
    assert (period.figures.tracking_error, period.figures.slippage) == (None, None)
    mixed = a_period([*settled([100, 110], attributed=False), *settled([100, 110, 120])[2:]])
    assert mixed.unattributed == 5
    assert total_of(mixed.lines) == 5


def test_what_was_paid_is_told_at_the_prices_of_its_time() -> None:
    """Where every cycle is attributed, fees, slippage and funding are those of the lines."""
    found = settled([100, 110], funding=1)
    lines = (
        *found[1].profits,
        a_line("core", "fees", -2),
        a_line("core", "slippage", -3),
        a_line("carry", "funding", -4),
    )
    figures = a_period([found[0], replace(found[1], profits=lines)]).figures
    assert (figures.fees, figures.slippage) == (2, 3)
    assert (figures.funding_received, figures.funding_paid) == (1, 4)


def test_nothing_and_one_settlement_have_no_days() -> None:
    """And no return on money that had no time."""
    for found in ([], settled([100])):
        period = a_period(found)
        assert (period.days, period.lines, period.money_weighted) == ((), (), None)
        assert len(period.points) == len(found)
    assert a_period(settled([100])).points[0].unit == 1


def test_a_cycle_without_a_look_keeps_the_weights_before_it() -> None:
    """The benchmark is what the policy wanted last."""
    found = settled([100, 110, 121])
    whole = a_period(found, {one.cycle: a_look() for one in found})
    first = a_period(found, {"c0": a_look()})
    assert first.figures.tracking_error == whole.figures.tracking_error
    assert [point.look is None for point in first.points] == [False, True, True]


def test_the_look_of_a_decision_is_measured_before_its_trades() -> None:
    """The balanced book: 70 % in coins, hedged by 15 %, within SOL's eight digits."""
    policy = the_policy()
    look = look_of(a_record(balanced()).decision, policy)
    assert look.core_share == pytest.approx(d("0.7"))
    assert look.core_band == policy.core.band
    assert look.hedge_ratio == pytest.approx(d("0.15"))
    assert (look.hedge_band.low, look.hedge_band.target, look.hedge_band.high) == (0, d("0.15"), d("0.2"))
    assert look.runway is not None
    assert look.runway > 0
    assert look.weights["BTC"] == pytest.approx(d("0.7") * d("0.5") * d("0.85"))


def test_the_other_sleeves_are_measured_against_their_edges() -> None:
    """0.05 BTC of overlay and 0.1 BTC of carry at twice, of 100,000 USDT; a policy without them has the reserve."""
    decision = a_record(balanced()).decision
    btc = replace(decision.exposure.assets["BTC"], tactical_contracts=d("-0.05"), carry_coins=d("0.1"))
    seen = replace(decision, exposure=replace(decision.exposure, equity=d(100_000), assets={"BTC": btc}))
    uses = look_of(seen, whole_policy()).uses
    assert (uses[Sleeve.TACTICAL].share, uses[Sleeve.TACTICAL].edge) == (d("0.035"), d("0.1"))
    assert (uses[Sleeve.CARRY].share, uses[Sleeve.CARRY].edge) == (d("0.105"), d("0.25"))
    assert (uses[Sleeve.RESERVE].share, uses[Sleeve.RESERVE].most) == (d("0.2475"), False)
    assert set(look_of(seen, the_policy()).uses) == {Sleeve.RESERVE}


def whole_policy() -> Policy:
    """The policy with carry at twice, a quarter of equity, and an overlay of a tenth."""
    carry = CarryRules(
        budget=d("0.25"),
        assets=("BTC",),
        kinds=(Kind.LINEAR_PERPETUAL,),
        enter_apr=d("0.1"),
        leave_apr=d("0.02"),
        min_days=d(7),
        horizon_days=d(30),
        funding_days=30,
        min_paid_share=d("0.6"),
        leverage=d(2),
    )
    overlay = TacticalRules(budget=d("0.02"), shock=d("0.2"), max_notional=d("0.1"), rules=())
    return replace(the_policy(), carry=carry, tactical=overlay)


def test_without_a_core_there_is_no_ratio() -> None:
    """Nothing to divide by."""
    record = a_record(balanced())
    empty = replace(record.decision.exposure, core_value=ZERO)
    assert look_of(replace(record.decision, exposure=empty), a_policy()).hedge_ratio is None


def test_lines_are_summed_by_sleeve_and_source() -> None:
    """In the order of sleeves, then sources."""
    lines = [a_line("hedge", "fees", -1), a_line("core", "price", 2), a_line("hedge", "fees", -3)]
    assert summed(lines) == (a_line("core", "price", 2), a_line("hedge", "fees", -4))
    assert by_sleeve(lines) == {"core": 2, "hedge": -4}
    assert total_of(lines, a_line("hedge", "fees", 0).source) == -4
    assert total_of(lines) == -2


def test_the_deepest_point_of_a_wavy_period_is_its_drawdown() -> None:
    """The points and the figures are of one series."""
    period = wavy()
    assert min(point.drawdown for point in period.points) == pytest.approx(period.figures.max_drawdown)


def test_money_weighted_is_the_rate_that_makes_the_flows_come_out() -> None:
    """100 and 100 more half-way make 221: 100 (1+r) + 100 √(1+r) = 221 at 1+r = 1.1025… squared."""
    assert money_weighted(100, 110, []) == pytest.approx(0.1)
    rate = money_weighted(100, 221, [(0.5, 100)])
    assert rate is not None
    assert 100 * (1 + rate) + 100 * (1 + rate) ** 0.5 == pytest.approx(221)
    assert money_weighted(100, 0.5, [(0.5, -90)]) is not None


def test_a_rate_that_does_not_exist_is_unknown() -> None:
    """More was taken out than ever came in, and something is left."""
    assert money_weighted(100, 50, [(1.0, -200)]) is None


def test_the_track_is_given_by_the_caller() -> None:
    """Trades and turnover come from the journal's fills."""
    track = PerformanceTrack(turnover=d(500), trades=3)
    figures = a_period(settled([100, 110]), track=track).figures
    assert (figures.turnover, figures.trades) == (500, 3)
