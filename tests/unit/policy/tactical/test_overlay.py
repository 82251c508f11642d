"""The overlay as a whole: who enters, who leaves, what is only said, and that the wall comes first."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.instrument import Kind
from bot.domain.memory import Memory
from bot.domain.order import Side, Sleeve
from bot.domain.policy import Policy
from bot.domain.reading import Reading
from bot.domain.rules import TacticalRule
from bot.domain.sleeves import Rest
from bot.domain.snapshot import MarginMode, Snapshot, Wallets
from bot.policy.tactical.overlay import TacticalWishes, wanted_tactical
from tests.builders import NOON, a_memory, a_policy, a_quote, a_short, a_snapshot, an_inverse_perpetual, d
from tests.overlay import (
    PERPETUAL,
    a_free_market,
    a_price_rule,
    a_squeeze_rule,
    a_tactical_claim,
    a_tactical_rule,
    an_overlay,
    readings_of,
    remembering,
)

CROSS = a_tactical_rule()
OVER = readings_of(CROSS, "0.01")
UNDER = readings_of(CROSS, "-0.01")


def wishes(policy: Policy, memory: Memory, snapshot: Snapshot | None = None, equity: int = 100_000) -> TacticalWishes:
    """What the overlay of a book of 100,000 wants, bitcoin at 50,000 unless said."""
    return wanted_tactical(policy, snapshot or a_free_market(), memory, Decimal(equity))


def entered(rule: TacticalRule, readings: tuple[Reading, ...], snapshot: Snapshot | None = None) -> TacticalWishes:
    """What an overlay of one rule that holds nothing wants."""
    return wishes(an_overlay(rule), remembering(readings=readings), snapshot)


def texts(wanted: TacticalWishes) -> list[str]:
    """What is only said."""
    return [advice.text for advice in wanted.advice]


def test_a_policy_without_the_sleeve_wants_nothing() -> None:
    """No rules, no claims: nothing, and nothing is said."""
    nothing = TacticalWishes(wants=(), stops=(), advice=())
    assert wishes(a_policy(), a_memory()) == nothing
    assert wishes(an_overlay(), a_memory()) == nothing


def test_a_signal_that_is_on_is_entered_with_its_reason() -> None:
    """2,000 of wall over 12,000 a coin are 0.166; 500 at the stop 0.2: the wall bounds it."""
    wanted = entered(CROSS, OVER)
    (want,) = wanted.wants
    assert (want.sleeve, want.rule, want.asset, want.symbol) == (Sleeve.TACTICAL, "cross", "BTC", PERPETUAL)
    assert (want.quantity, want.leaves) == (d("0.166"), False)
    assert want.reason == (
        "cross: EMA(20) is 1.00% over EMA(50) at the close of 2026-01-01 00:00 UTC; long, sized by 2000.00 left of the "
        "overlay's budget if the price jumps 20% past the stop; stop 5.0% away, at most 415.00 USDT lost there; "
        "its stop is not checked against a liquidation of its own: it has no margin of its own"
    )
    assert (wanted.stops, wanted.advice) == ((), ())


def test_an_entry_brings_its_stop_with_it() -> None:
    """From the mark it is expected at, 5 % below 50,000, though the order may pay 1 % more; one for what is entered."""
    policy = an_overlay(CROSS, limits={"max_slippage": d("0.01")})
    wanted = wishes(policy, remembering(readings=OVER))
    (stop,), (want,) = wanted.entry_stops, wanted.wants
    assert (stop.rule, stop.symbol, stop.trigger) == ("cross", PERPETUAL, d(47_500))
    assert stop.quantity == -want.quantity
    assert wishes(policy, remembering(readings=UNDER)).entry_stops == ()


def test_a_sale_is_entered_short() -> None:
    """Under its slow average, 13,000 a coin: 0.153."""
    (want,) = entered(a_tactical_rule(side=Side.SELL), UNDER).wants
    assert want.quantity == d("-0.153")
    assert "; short, sized by" in want.reason


def test_a_coin_margined_rule_trades_contracts_of_the_coin() -> None:
    """The face of all it may hold is 8,333: 83 contracts of 100."""
    symbol = "BTC/USD:BTC"
    rule = a_tactical_rule(instrument=Kind.INVERSE_PERPETUAL)
    plain = a_snapshot(price={"BTC": 50_000})
    snapshot = replace(
        plain,
        instruments={**plain.instruments, symbol: an_inverse_perpetual(taker_fee=d(0))},
        quotes={**plain.quotes, symbol: a_quote(symbol, 50_000)},
    )
    (want,) = entered(rule, OVER, snapshot).wants
    assert (want.symbol, want.quantity) == (symbol, 83)
    pooled = entered(rule, OVER, replace(snapshot, wallets=Wallets.POOLED))
    assert pooled.wants == ()
    assert "BTC/USD:BTC is margined in coins, which one purse does not set aside" in texts(pooled)[0]


def test_a_signal_that_is_off_enters_nothing_and_says_nothing() -> None:
    """That is the ordinary day."""
    assert entered(CROSS, UNDER) == TacticalWishes(wants=(), stops=(), advice=())


def test_a_rule_that_holds_something_does_not_enter_again() -> None:
    """It keeps its claim and the stop that guards it; dust of a claim stands in nobody's way."""
    kept = wishes(an_overlay(CROSS), remembering(a_tactical_claim("0.1"), readings=OVER))
    assert (kept.wants, kept.advice) == ((), ())
    assert [(stop.trigger, stop.quantity) for stop in kept.stops] == [(d(47_500), d("-0.1"))]
    dust = wishes(an_overlay(CROSS), remembering(a_tactical_claim("0.0004"), readings=OVER))
    assert [want.quantity for want in dust.wants] == [d("0.166")]


def test_a_rule_that_rests_enters_nothing_until_its_rest_is_over() -> None:
    """The rest of another rule is not its own."""

    def rested(rule: str, hours: int) -> int:
        rest = Rest(rule=rule, until=NOON + timedelta(hours=hours))
        return len(wishes(an_overlay(CROSS), remembering(readings=OVER, rests=(rest,))).wants)

    assert [rested("cross", 1), rested("cross", 0), rested("other", 1)] == [0, 1, 1]


def test_an_alert_is_said_and_never_traded() -> None:
    """The squeeze by default: its numbers while it is on, silence while it is off, the gap when there is one."""
    squeeze = a_squeeze_rule()
    on = entered(squeeze, readings_of(squeeze, "0.95", "0.05"))
    assert on.wants == ()
    assert on.advice[0].subject == "squeeze"
    assert texts(on)[0].startswith("squeeze: alert, nothing is traded: open interest grew faster than in 95%")
    assert entered(squeeze, readings_of(squeeze, "0.5", "0.05")).advice == ()
    assert "is unavailable: a gap of 3 days" in texts(entered(squeeze, readings_of(squeeze, None, "0.05")))[0]


def test_an_alert_that_was_traded_once_is_still_left() -> None:
    """Its claim is stopped like any other."""
    squeeze = a_squeeze_rule()
    memory = remembering(a_tactical_claim("0.1", rule="squeeze"), readings=readings_of(squeeze, "0.1", "0.5"))
    assert len(wishes(an_overlay(squeeze), memory, a_free_market(47_000)).wants) == 1


def test_what_cannot_be_read_is_not_traded_on() -> None:
    """A signal, a volatility, a contract without a mark: each is said with what is missing."""
    gap = texts(entered(CROSS, readings_of(CROSS, None)))
    assert gap == ["cross: nothing is entered, ema-cross of BTC is unavailable: a gap of 3 days"]
    wild = texts(entered(CROSS, readings_of(CROSS, "0.01", volatility=None)))
    assert wild[0].startswith("cross: nothing is entered, the volatility of BTC is unavailable (EMA(20) is")
    market = a_free_market()
    bare = {name: one for name, one in market.instruments.items() if name != PERPETUAL}
    markless = {**market.quotes, PERPETUAL: a_quote(PERPETUAL, 50_000, mark=None)}
    for snapshot in (
        replace(market, instruments=bare),
        replace(market, quotes={}),
        replace(market, quotes=markless),
    ):
        assert "BTC/USDT:USDT is not listed with a mark price" in texts(entered(CROSS, OVER, snapshot))[0]


def test_too_little_to_trade_is_said_with_the_bound_that_made_it_so() -> None:
    """A book of 100 may lose 50 cents at the stop: no order of that size is taken."""
    wanted = wishes(an_overlay(CROSS), remembering(readings=OVER), equity=100)
    assert wanted.wants == ()
    assert texts(wanted)[0].startswith(
        "cross: nothing is entered, 0.000 of BTC/USDT:USDT is below what the venue takes: 2.00 left of the overlay's"
    )


def test_a_stop_beyond_a_liquidation_of_its_own_is_not_relied_on() -> None:
    """An isolated position at 20x would be gone before the stop of 5 %."""
    lone = replace(
        a_short("BTC", "0.1", entry=50_000, leverage=20), margin_mode=MarginMode.ISOLATED, isolated_margin=d(250)
    )
    wanted = entered(CROSS, OVER, a_free_market(50_000, lone))
    assert wanted.wants == ()
    assert "maintenance margins inside the liquidation at 20x" in texts(wanted)[0]


def test_a_position_is_left_whole_when_its_rule_says_so() -> None:
    """Under its average: 0.1 are sold; the stop rests until they are gone, and the rule does not enter meanwhile."""
    wanted = wishes(an_overlay(CROSS), remembering(a_tactical_claim("0.1"), readings=UNDER))
    (want,) = wanted.wants
    assert (want.quantity, want.leaves) == (d("-0.1"), True)
    assert want.reason.startswith("cross: its signal is off, EMA(20) is 1.00% under EMA(50)")
    assert len(wanted.stops) == 1


def test_a_position_whose_signal_is_unavailable_is_kept_by_its_stop_and_that_is_said() -> None:
    """Nothing is sold for a gap in the bars."""
    wanted = wishes(an_overlay(CROSS), remembering(a_tactical_claim("0.1"), readings=readings_of(CROSS, None)))
    assert wanted.wants == ()
    assert texts(wanted) == [
        "cross: kept by its stop and expiry alone, ema-cross of BTC is unavailable: a gap of 3 days"
    ]


def test_claims_outlive_neither_their_rule_nor_their_sleeve() -> None:
    """Without a rule of that name, or without the sleeve, everything is left."""
    memory = remembering(a_tactical_claim("0.1", rule="old"))
    for policy in (an_overlay(CROSS), a_policy()):
        (want,) = wishes(policy, memory).wants
        assert (want.quantity, want.reason) == (d("-0.1"), "the policy has no tactical rule old")


def test_rules_share_one_wall_in_their_order() -> None:
    """The first takes 0.15 of the 2,000 (1,800), the second what 200 carry: 0.016; the third gets nothing."""
    first = replace(CROSS, risk=d("0.00375"))
    second, third = replace(CROSS, name="second"), replace(CROSS, name="third")
    wanted = wishes(an_overlay(first, second, third), remembering(readings=OVER))
    assert [(want.rule, want.quantity) for want in wanted.wants] == [("cross", d("0.15")), ("second", d("0.016"))]
    assert texts(wanted)[0].startswith(
        "third: nothing is entered, 0.000 of BTC/USDT:USDT is below what the venue takes"
    )


def test_what_is_held_narrows_the_largest_size() -> None:
    """15,000 in all, 10,000 held from far below: 5,000 are left, 0.1."""
    other = replace(a_price_rule(funding_floor=None, take_profit=None), name="other")
    policy = an_overlay(CROSS, other, budget=d("0.2"))
    held = a_tactical_claim("0.2", entry=49_000, rule="other")
    memory = remembering(held, readings=(*OVER, *readings_of(other, "0.01")))
    (want,) = wishes(policy, memory).wants
    assert want.quantity == d("0.1")
    assert "5000.00 left of the overlay's largest size" in want.reason


def test_closed_losses_narrow_the_wall_and_closed_profits_do_not_widen_it() -> None:
    """1,400 lost leave 600: 0.05; 5,000 earned leave the 2,000."""
    lost = wishes(an_overlay(CROSS), remembering(readings=OVER, result=-1_400))
    assert lost.wants[0].quantity == d("0.05")
    won = wishes(an_overlay(CROSS), remembering(readings=OVER, result=5_000))
    assert won.wants[0].quantity == d("0.166")


def test_when_a_shock_would_break_the_wall_the_position_goes() -> None:
    """0.1 could lose 1,000 in a shock: with 999 left it is closed, before its stop."""
    memory = remembering(a_tactical_claim("0.1"), readings=OVER, result=-1_001)
    (want,) = wishes(an_overlay(CROSS), memory).wants
    assert want.leaves
    assert want.reason == "a move of 20% could carry the overlay through its wall, 999.00 USDT are left of it"
    kept = remembering(a_tactical_claim("0.1"), readings=OVER, result=-1_000)
    assert wishes(an_overlay(CROSS), kept).wants == ()


def test_when_nothing_is_left_all_is_closed_nothing_opened_and_it_is_said() -> None:
    """1,900 lost by closed trades and 100 by the open one: the wall is reached."""
    memory = remembering(a_tactical_claim("0.1", entry=51_000, rule="other"), readings=OVER, result=-1_900)
    other = replace(CROSS, name="other")
    wanted = wishes(an_overlay(CROSS, other), memory)
    assert [want.leaves for want in wanted.wants] == [True]
    assert texts(wanted) == [
        "the overlay has used up its budget of 2000.00 USDT: 1900.00 lost by closed trades, 100.00 by open ones; "
        "all is closed and nothing is opened"
    ]
    assert wanted.advice[0].value == 0


def test_dust_is_not_wished_away() -> None:
    """Less than a step of an unknown rule: no order could end it."""
    assert wishes(an_overlay(CROSS), remembering(a_tactical_claim("0.0004", rule="old"), readings=UNDER)).wants == ()


def test_an_alert_speaks_even_when_the_budget_is_used_up() -> None:
    """Only trading stops."""
    squeeze = a_squeeze_rule()
    memory = remembering(readings=readings_of(squeeze, "0.95", "0.05"), result=-2_000)
    assert len(wishes(an_overlay(squeeze), memory).advice) == 2
