"""Reading the sleeves of a policy file: what is read, with which defaults, and what it is said to mean."""

from pathlib import Path

from bot.domain.instrument import Kind
from bot.domain.order import Side, Sleeve
from bot.domain.policy import Policy
from bot.domain.rules import RatioTrigger, SignalKind, Sizing
from bot.policy.hedge.thin_margin import coin_distance
from bot.policy_file import load_policy, parse_policy
from bot.policy_file.describe import describe
from bot.policy_file.lines import locate
from tests.builders import d

POLICIES = Path(__file__).parents[3] / "policies"
BALANCED = (POLICIES / "balanced.toml").read_text(encoding="utf-8")
HEDGE_END = "leverage = { low = 1.5, target = 2, high = 3 }"
CROSS_RULE = "name = 'x'\nsignal = 'ema-cross'\nasset = 'BTC'\nfast = 20\nslow = 50\nstop = 0.1\n"


def shipped(name: str) -> Policy:
    """Return a shipped policy."""
    return load_policy(POLICIES / f"{name}.toml")


def said(name: str) -> str:
    """Return what a shipped policy is said to mean."""
    return "\n".join(describe(shipped(name)))


def with_hedge(lines: str) -> Policy:
    """Return balanced with more keys below [hedge]."""
    return parse_policy(BALANCED.replace(HEDGE_END, f"{HEDGE_END}\n{lines}"), "mine.toml")


def with_sections(text: str) -> Policy:
    """Return balanced with sections added at its end."""
    return parse_policy(f"{BALANCED}\n{text}", "mine.toml")


def meaning(policy: Policy) -> str:
    """Return what a policy is said to mean."""
    return "\n".join(describe(policy))


def test_a_plain_policy_has_no_other_sleeve_and_says_nothing_of_them() -> None:
    """What is not asked for is not there."""
    policy = shipped("balanced")
    assert (policy.carry, policy.tactical, policy.sweep) == (None, None, None)
    assert policy.hedge is not None
    assert (policy.hedge.rules, policy.hedge.choices, policy.hedge.cross) == ((), (), None)
    for word in ("Carry", "Tactical", "Sweep", "WARNING", "Rule "):
        assert word not in said("balanced")


def test_the_cheapest_of_several_contracts_prefers_the_first() -> None:
    """Instrument is where to look first, choices what is compared."""
    hedge = shipped("whole-book").hedge
    assert hedge is not None
    assert hedge.instrument is Kind.LINEAR_PERPETUAL
    assert hedge.choices == (Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE)
    assert "in the cheapest over 30 days of linear-perpetual, linear-future contracts" in said("whole-book")
    assert "rolled 7 days before its expiry" in said("whole-book")


def test_one_kind_named_is_no_choice() -> None:
    """Every kind of contract may be named."""
    for kind in (Kind.LINEAR_FUTURE, Kind.INVERSE_FUTURE, Kind.INVERSE_PERPETUAL):
        text = BALANCED.replace('instrument = "linear-perpetual"', f'instrument = "{kind}"')
        hedge = parse_policy(text, "mine.toml").hedge
        assert hedge is not None
        assert (hedge.instrument, hedge.choices) == (kind, ())


def test_ratio_rules_are_read_in_their_order_with_the_usual_days() -> None:
    """200 days for the trend, as everybody looks at; the others as QUANT does."""
    hedge = shipped("whole-book").hedge
    assert hedge is not None
    assert [rule.trigger for rule in hedge.rules] == list(RatioTrigger)
    first = hedge.rules[0]
    assert (first.name, first.days, first.enter, first.leave, first.ratio) == (
        "below-trend",
        200,
        d("0.02"),
        0,
        d("0.4"),
    )
    rule = "[[hedge.rules]]\nname = 'a'\ntrigger = 'drawdown'\nenter = 0.2\nleave = 0.1\nratio = 0.2\n"
    policy = with_hedge(rule)
    assert policy.hedge is not None
    assert policy.hedge.rules[0].days == 90


def test_ratio_rules_are_said_with_their_numbers() -> None:
    """Funding lowers the ratio, the others raise it."""
    words = said("whole-book")
    assert "Rule below-trend: when the close is 2 % below its 200-day EMA, hedge at least 40 %" in words
    assert "Rule too-dear: when shorts have paid 15 % a year over 30 days, hedge at most 10 %" in words
    assert "by at most 10 % of the core's coins a day" in words


def test_a_rule_of_a_coin_with_a_lower_target_of_its_own_may_be_below_the_general_one() -> None:
    """It moves that coin at least: ETH is hedged 5 %, the rule asks for 10 %."""
    policy = with_hedge(
        "assets = { ETH = { low = 0, target = 0.05, high = 0.1 } }\n"
        "[[hedge.rules]]\nname = 'a'\ntrigger = 'trend'\nenter = 0.2\nleave = 0.1\nratio = 0.1\n"
    )
    assert policy.hedge is not None
    assert len(policy.hedge.rules) == 1


def test_a_coin_may_be_hedged_with_another() -> None:
    """Beta from 0.5 to 2 and an effectiveness of 0.4 when nothing else is said (QUANT 2.3)."""
    policy = with_hedge('[hedge.cross]\nagainst = { SOL = "BTC" }')
    assert policy.hedge is not None
    cross = policy.hedge.cross
    assert cross is not None
    assert dict(cross.against) == {"SOL": "BTC"}
    assert (cross.days, cross.beta_low, cross.beta_high, cross.min_effectiveness) == (90, d("0.5"), 2, d("0.4"))
    assert "SOL with BTC; beta of 90 days, kept within 0.5 and 2, nothing below an effectiveness of 40 %" in meaning(
        policy
    )


def test_a_written_beta_is_taken() -> None:
    """The lower one first."""
    policy = with_hedge('[hedge.cross]\nagainst = { SOL = "ETH" }\nbeta = [0.8, 1.5]')
    assert policy.hedge is not None
    assert policy.hedge.cross is not None
    assert (policy.hedge.cross.beta_low, policy.hedge.cross.beta_high) == (d("0.8"), d("1.5"))


def test_carry_has_the_defaults_of_quant_9() -> None:
    """6 % a year on both legs, 10 days, leverage 2."""
    carry = with_sections("[carry]\nbudget = 0.05\nassets = ['BTC']").carry
    assert carry is not None
    assert (carry.enter_apr, carry.leave_apr, carry.min_days) == (d("0.06"), d("0.02"), 10)
    assert (carry.horizon_days, carry.funding_days, carry.min_paid_share, carry.leverage) == (30, 30, d("0.8"), 2)
    assert carry.kinds == (Kind.LINEAR_FUTURE, Kind.LINEAR_PERPETUAL)


def test_the_carry_policy_writes_out_its_defaults() -> None:
    """So that a reader sees each number with its reason."""
    short = "[carry]\nbudget = 0.45\nassets = ['BTC', 'ETH']"
    text = (POLICIES / "carry.toml").read_text(encoding="utf-8")
    start, end = text.index("[carry]"), text.index("# --- The reserve")
    assert parse_policy(text[:start] + short + "\n" + text[end:], "mine.toml") == shipped("carry")


def test_a_policy_with_carry_and_no_hedge_does_not_claim_to_hold_coins_only() -> None:
    """It sells contracts too."""
    assert "Hedge: none.\n" in said("carry")
    assert "Carry: at most 45 % of equity, for both legs, in BTC, ETH" in said("carry")


def test_a_tactical_rule_has_defaults_for_all_but_what_it_is_about() -> None:
    """QUANT 5 and 9: volatility 20 %, a quarter of Kelly, half a per cent at a stop."""
    tactical = with_sections(f"[tactical]\nbudget = 0.02\n[[tactical.rules]]\n{CROSS_RULE}").tactical
    assert tactical is not None
    assert (tactical.budget, tactical.shock, tactical.max_notional) == (d("0.02"), d("0.25"), d("0.15"))
    rule = tactical.rules[0]
    assert (rule.signal, rule.side, rule.instrument) == (SignalKind.EMA_CROSS, Side.BUY, Kind.LINEAR_PERPETUAL)
    assert (rule.periods, rule.bar_hours, rule.funding_floor, rule.take_profit) == ((20, 50), 24, None, None)
    assert (rule.expiry_hours, rule.cooldown_hours, rule.alert_only) == (720, 24, False)
    assert (rule.sizing, rule.risk, rule.volatility) == (Sizing.VOLATILITY, d("0.005"), d("0.2"))
    assert (rule.kelly_fraction, rule.expected_return) == (d("0.25"), d("0.3"))


def test_a_squeeze_only_alerts_until_somebody_says_otherwise() -> None:
    """Too rare to be proved: QUANT 5."""
    squeeze = (
        "[tactical]\nbudget = 0.02\n[[tactical.rules]]\nname = 'x'\nsignal = 'short-squeeze'\nasset = 'BTC'\n"
        "change = 3\nlook_back = 90\nstop = 0.1\n"
    )
    quiet, loud = with_sections(squeeze).tactical, with_sections(f"{squeeze}alert_only = false").tactical
    assert quiet is not None
    assert loud is not None
    assert (quiet.rules[0].alert_only, loud.rules[0].alert_only) == (True, False)
    assert quiet.rules[0].periods == (3, 90)
    assert "it trades nothing" in meaning(with_sections(squeeze))
    assert "lowest 10 %, sized for a volatility of 20 % a year" in meaning(
        with_sections(f"{squeeze}alert_only = false")
    )


def test_the_three_tactical_rules_of_the_whole_book() -> None:
    """A long with funding, a short, and an alert."""
    tactical = shipped("whole-book").tactical
    assert tactical is not None
    assert [rule.name for rule in tactical.rules] == ["btc-trend", "eth-cross", "btc-squeeze"]
    assert [rule.side for rule in tactical.rules] == [Side.BUY, Side.SELL, Side.BUY]
    assert [rule.alert_only for rule in tactical.rules] == [False, False, True]
    words = said("whole-book")
    assert "funding is above 0.01 % per 8 h" in words
    assert "sells ETH linear-perpetual when the EMA of 20 24 h bars is below that of 50" in words
    assert "positions of at most 8 % together" in words


def test_a_short_asks_for_funding_below_minus_the_floor() -> None:
    """The floor is mirrored: shorts are wanted where shorts pay."""
    rule = "name = 'x'\nsignal = 'price-over-ema'\nasset = 'BTC'\nema = 200\nstop = 0.1\nside = 'short'\n"
    rule += "funding_above = 0.0001"
    words = meaning(with_sections(f"[tactical]\nbudget = 0.02\n[[tactical.rules]]\n{rule}"))
    assert "the close is below the EMA of 200 24 h bars and funding is below -0.01 % per 8 h" in words


def test_what_the_shock_leaves_is_less_than_the_largest_position() -> None:
    """2 % of budget over a shock of 25 % is 8 %, whatever max_notional allows."""
    assert "at most 8 % together" in meaning(
        with_sections(f"[tactical]\nbudget = 0.02\n[[tactical.rules]]\n{CROSS_RULE}")
    )


def test_a_sweep_has_defaults_for_everything() -> None:
    """A heading is enough."""
    sweep = with_sections("[sweep]").sweep
    assert sweep is not None
    assert (sweep.to, sweep.advise_only) == (Sleeve.RESERVE, False)
    assert (sweep.floor, sweep.minimum, sweep.max_daily) == (d("0.01"), d("0.005"), d("0.025"))
    assert sweep.min_survival == d("0.3")
    assert "moves to the reserve" in meaning(with_sections("[sweep]"))


def test_a_sweep_may_be_only_said() -> None:
    """For keys that cannot transfer."""
    policy = with_sections("[sweep]\nto = 'core'\ntransfers = 'advise'")
    assert policy.sweep is not None
    assert (policy.sweep.to, policy.sweep.advise_only) == (Sleeve.CORE, True)
    assert "is said, not moved, to the core" in meaning(policy)


def test_coin_margin_needs_no_room_beside_the_core() -> None:
    """0.92 + 0.05 + 0.253 would be 1.223; the 0.253 are coins of the core."""
    assert shipped("inverse-hedge").core.band.high == d("0.92")
    assert "at most 25.3 %, in coins of the core" in said("inverse-hedge")


def test_a_coin_margined_short_has_more_room_and_none_is_needed_at_one() -> None:
    """0.995 / (1 − 1/2) − 1 = 99 %; at leverage 1 it is a synthetic dollar (QUANT 2.4)."""
    assert coin_distance(d(2)) == d("0.99")
    assert coin_distance(d(1)) is None
    text = (POLICIES / "inverse-hedge.toml").read_text(encoding="utf-8")
    still = text.replace(
        "leverage = { low = 1, target = 2, high = 3 }", "leverage = { low = 0.5, target = 1, high = 1 }"
    )
    words = meaning(
        parse_policy(still.replace("max_futures_margin_share = 0.30", "max_futures_margin_share = 0.5"), "x")
    )
    assert "At leverage 1 no rally would liquidate the shorts." in words


def test_the_small_start_warns_of_half_a_hedge_on_five_per_cent() -> None:
    """0.5 × 0.92 / 0.05 = 9.2; (1 + 1/9.2) / 1.005 − 1 = 10.3 %: the article's own margin dies at +10 %."""
    words = said("start-small")
    assert (
        "WARNING: 5 % of equity as margin for a 50 % hedge is leverage 9.2: liquidated by a rally of about 10.3 %."
        in words
    )
    assert "WARNING: collateral is moved by you alone." in words
    assert shipped("start-small").limits.max_futures_margin_share == d("0.05")


def test_a_hedge_whose_highest_ratio_outgrows_its_margin_is_warned_of() -> None:
    """20 % of a core of 80 % on 6 % of margin is 2.7: liquidated at (1 + 1/2.667)/1.005 − 1 = 36.8 %."""
    policy = with_sections("max_futures_margin_share = 0.06")
    assert "6 % of equity as margin for a 20 % hedge is leverage 2.7: liquidated by a rally of about 36.8 %" in meaning(
        policy
    )


def test_no_margin_at_all_is_said_plainly() -> None:
    """A hedge of nothing needs none; one that may grow cannot."""
    text = BALANCED.replace("target = 0.15", "target = 0")
    words = meaning(parse_policy(f"{text}\nmax_futures_margin_share = 0", "mine.toml"))
    assert "WARNING: with no margin in futures wallets no hedge of 20 % can be opened." in words


def test_collateral_that_is_only_advised_at_no_risk_needs_no_warning() -> None:
    """A coin-margined short at leverage 1 or less survives every rally."""
    text = (POLICIES / "inverse-hedge.toml").read_text(encoding="utf-8")
    text = text.replace(
        "leverage = { low = 1, target = 2, high = 3 }",
        'leverage = { low = 0.5, target = 1, high = 1 }\ntransfers = "advise"',
    )
    text = text.replace("max_futures_margin_share = 0.30", "max_futures_margin_share = 0.5")
    assert "WARNING" not in meaning(parse_policy(text, "mine.toml"))


def test_the_entries_of_lists_of_tables_have_lines_of_their_own() -> None:
    """The second rule's fault must not point at the first."""
    places = locate("[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n")
    assert places[("a", "b", "1", "c")] == 2
    assert places[("a", "b", "2")] == 3
    assert places[("a", "b", "2", "c")] == 4
