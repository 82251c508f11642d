"""What a policy is said to mean, where its keys stand, and what init writes."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.policy import Limits
from bot.errors import PolicyRefused
from bot.policy.hedge.thin_margin import liquidation_distance
from bot.policy_file import load_policy, parse_policy
from bot.policy_file.answers import Answers, policy_text
from bot.policy_file.carry import CARRY_KEYS
from bot.policy_file.core import KEYS
from bot.policy_file.describe import describe
from bot.policy_file.faults import bound, figure, percent, quoted, shown
from bot.policy_file.feasible import highest_leverage
from bot.policy_file.hedge import HEDGE_KEYS
from bot.policy_file.limits import PROFILES, ROWS, allowed_limit, profile_defaults
from bot.policy_file.lines import locate
from bot.policy_file.ratio_rules import CROSS_KEYS
from bot.policy_file.ratio_rules import RULE_KEYS as RATIO_RULE_KEYS
from bot.policy_file.sections import RESERVE_KEYS, SCHEDULE_KEYS, TOP_KEYS
from bot.policy_file.sweep import SWEEP_KEYS
from bot.policy_file.tactical import RULE_KEYS as TACTICAL_RULE_KEYS
from bot.policy_file.tactical import TACTICAL_KEYS
from tests.builders import d

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"


def sentences(name: str) -> str:
    """Return the description of a shipped policy."""
    return "\n".join(describe(load_policy(POLICIES / f"{name}.toml")))


def test_balanced_is_described_with_its_bands() -> None:
    """QUANT 1.2: 3.97, 3.53 and 2.95 points at 10 bp."""
    said = sentences("balanced")
    assert "Core: 60–80 % of equity, aim 70 %." in said
    assert "BTC: 50 % of the core, band 46.0–54.0 % (optimal at 10 bp fees)." in said
    assert "SOL: 20 % of the core, band 17.1–22.9 %" in said
    assert "about 5.2 % of equity as collateral, at most 8 %" in said
    assert "At 00:05, 08:05, and 16:05 every day" in said


def test_a_leverage_at_which_shorts_may_not_grow_is_said() -> None:
    """(1 + 1/3) / 1.005 − 1 = 32.7 %, below the limit of 40 %."""
    assert "At leverage 3 that is 32.7 %, nearer than the limit of 40 %" in sentences("balanced")
    text = policy_text(Answers(margin="ample"))
    assert not [said for said in describe(parse_policy(text, "mine.toml")) if "nearer" in said]


def test_core_only_says_that_there_is_no_hedge() -> None:
    """Silence could be an omission."""
    assert "Hedge: none" in sentences("core-only")


def test_half_hedge_says_the_whole_core() -> None:
    """0.50 × 0.70 / 2 = 17.5 %; 0.52 × 0.78 / 2 = 20.28 %."""
    said = sentences("half-hedge")
    assert "BTC: the whole core." in said
    assert "about 17.5 % of equity as collateral, at most 20.3 %" in said


def test_everything_optional_is_described() -> None:
    """What a file says is never left out."""
    text = (POLICIES / "balanced.toml").read_text(encoding="utf-8")
    for commented in ("never_sell", "held_elsewhere", "poll_seconds"):
        text = text.replace(f"# {commented}", commented)
    text = text.replace("destination   = 0.75", "destination = 0").replace(
        'half_width = "optimal"', "half_width = 0.05"
    )
    text = text.replace("outer = 0.01", "outer = 0.01\nassets.ETH = { low = 0, target = 0, high = 0 }")
    said = "\n".join(describe(parse_policy(text, "mine.toml")))
    assert "Trades go back to the target itself." in said
    assert "BTC: 50 % of the core, band 45.0–55.0 % (as written)." in said
    assert "Never sold: 0.5 BTC." in said
    assert "Held elsewhere, counted but not traded: 1 BTC." in said
    assert "every 300 s" in said
    assert "Hedge of ETH: 0–0 %, aim 0 %, of its coins." in said


def test_liquidation_of_a_short_at_twice_its_collateral_is_49_percent_away() -> None:
    """1.5 / 1.005 − 1."""
    assert percent(liquidation_distance(d(2))) == "49.3 %"
    assert highest_leverage(d("0.40")) == d("2.4")
    assert liquidation_distance(highest_leverage(d("0.40"))) >= d("0.40")


def test_keys_are_found_in_tables_inline_tables_lists_and_after_strings() -> None:
    """All the ways TOML has to write a key."""
    text = 'a = 1 # b = 2\n"c d".e = """x\ny = 1\n"""\n[f]\ng = [\n  { h = 1 },\n]\nk = { l = { m = 2 } }\n[[n]]\np = 1'
    places = locate(text)
    assert places[("a",)] == 1
    assert places[("c d", "e")] == 2
    assert places[("f", "g")] == 6
    assert places[("f", "k", "l", "m")] == 9
    assert places[("f", "g", "1", "h")] == 7
    assert places[("n", "1", "p")] == 11
    assert ("b",) not in places
    assert ("y",) not in places


def test_finding_lines_stops_quietly_at_anything_unexpected() -> None:
    """It is only asked about texts tomllib accepts, and survives others."""
    assert locate("a = 1\n] 2\nb = 3") == {("a",): 1}
    assert locate("a = [1, =") == {("a",): 1}
    assert locate("a = { ] }") == {("a",): 1}
    assert ("a",) in locate("a = " + "[" * 9000)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "true"),
        (False, "false"),
        (10**40, "a whole number of more than 30 digits"),
        (d("NaN"), "NaN"),
        ('a"b', 'the text "a\\"b"'),
        ([1, 2], "a list of 2"),
        ({}, "a section"),
    ],
)
def test_values_are_shown_in_words(value: object, words: str) -> None:
    """Never a raw repr."""
    assert shown(value) == words


def test_long_texts_are_shown_shortened() -> None:
    """Forty characters say enough."""
    assert quoted("x" * 50) == '"' + "x" * 40 + '…" (50 characters)'


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0.7", "0.70"),
        ("0.125", "0.125"),
        ("25000", "25000"),
        ("1", "1.00"),
        ("0", "0.00"),
        ("2.5", "2.50"),
        ("1E+3", "1000"),
    ],
)
def test_figures_are_written_as_people_write_shares(number: str, words: str) -> None:
    """Two decimals, no exponent."""
    assert figure(d(number)) == words


def test_bounds_are_written_short() -> None:
    """From 0 to 1, not from 0.00 to 1.00."""
    assert (bound(d("1.0")), bound(d("0.50")), bound(d("1E+2"))) == ("1", "0.5", "100")


def test_every_limit_has_a_default_in_each_profile_and_within_its_own_bounds() -> None:
    """A limit without a default would be a limit without effect."""
    assert set(ROWS) == set(Limits.__annotations__)
    for profile in PROFILES:
        for name, default in profile_defaults(profile).items():
            assert allowed_limit(name, profile).holds(default), name


def test_every_key_is_documented() -> None:
    """The page and the table hold the same defaults."""
    page = (ROOT / "docs" / "policy-files.md").read_text(encoding="utf-8")
    sleeves = (*CARRY_KEYS, *TACTICAL_KEYS, *TACTICAL_RULE_KEYS, *SWEEP_KEYS, *RATIO_RULE_KEYS, *CROSS_KEYS)
    for key in (*TOP_KEYS, *KEYS, *HEDGE_KEYS, *RESERVE_KEYS, *SCHEDULE_KEYS, *sleeves, "profile"):
        assert f"`{key}`" in page or f"[{key}]" in page or f".{key}]]" in page or f".{key}]" in page, key
    for name, row in ROWS.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
        assert line.endswith(f"| {row.low} – {row.high} | {row.retail} | {row.small_fund} |"), name


class TestAnswers:
    """What `poise init` writes."""

    def test_the_written_policy_is_the_one_answered(self) -> None:
        """A hedge may run five points above its target."""
        text = policy_text(Answers(name="hodl", hedge_ratio=d("0.5"), core=(d("0.5"), d("0.6"), d("0.7"))))
        policy = parse_policy(text, "hodl.toml")
        assert policy.name == "hodl"
        assert policy.hedge_ratio("BTC").high == d("0.55")
        assert policy.reserve.minimum == d("0.05")

    def test_no_hedge_is_written_without_a_section(self) -> None:
        """A ratio of 0 is no hedge."""
        text = policy_text(Answers(hedge_ratio=Decimal(0)))
        assert "\n[hedge]" not in text
        assert parse_policy(text, "x").hedge is None

    def test_the_reserve_shrinks_to_what_is_left(self) -> None:
        """97 % of core leaves 3 %."""
        text = policy_text(Answers(hedge_ratio=Decimal(0), core=(d("0.9"), d("0.95"), d("0.97"))))
        assert parse_policy(text, "x").reserve.minimum == d("0.03")

    def test_the_lines_are_short_enough_to_read(self) -> None:
        """People read this file in a terminal."""
        assert all(len(line) <= 80 for line in policy_text(Answers()).splitlines())

    def test_wrong_answers_are_told_all_at_once(self) -> None:
        """Without line numbers of a file nobody has seen."""
        answers = Answers(name='a"\n', margin="thin", hedge_ratio=d(15), assets={"btc": d("NaN")})
        with pytest.raises(PolicyRefused) as caught:
            policy_text(answers)
        printed = "\n".join(caught.value.faults)
        assert 'name is the text "a\\"\\n"' in printed
        assert 'futures margin is the text "thin"; allowed: "ample", "lean", "usual"' in printed
        assert "15 looks like a percentage: write 0.15" in printed
        assert "write BTC" in printed
        assert caught.value.mend == "answer those questions again: poise init"
