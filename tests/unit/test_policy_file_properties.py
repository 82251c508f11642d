"""Laws of reading: whatever the text, a policy or PolicyRefused; whatever the answers, a file that reads."""

from decimal import Decimal
from pathlib import Path

from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.errors import PolicyRefused
from bot.policy_file import parse_policy
from bot.policy_file.answers import MARGINS, Answers, policy_text
from bot.policy_file.core import scaled
from bot.policy_file.lines import locate

BALANCED = (Path(__file__).parents[2] / "policies" / "balanced.toml").read_text(encoding="utf-8")
WHOLE = (Path(__file__).parents[2] / "policies" / "whole-book.toml").read_text(encoding="utf-8")
VALUES = [
    *("0", "-1", "1e30", "nan", "inf", "0.5", "200", "true", '""', '"long"', '"BTC"', "[]", "[1, 2]", "{}", "[{}]"),
    *('["BTC", 1]', "[[]]", "{ low = 0, target = 1, high = 2 }", '"\\u0000"', "1979-05-27", '"cheapest"'),
]
CODE_LINES = [line for line in BALANCED.split("\n") if line and not line.startswith("#")]
PIECES = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    '"""',
    "=",
    ",",
    ".",
    "\\",
    "nan",
    "-inf",
    "1e400",
    "true",
    "\x00",
    "-",
    "9" * 30,
]
CENTS = st.integers(1, 99).map(lambda cents: Decimal(cents) / 100)
ANY_NUMBER = st.decimals(allow_nan=True, allow_infinity=True)


def faults_of(text: str) -> tuple[str, ...]:
    """Return the faults of a text, none when it reads; anything but PolicyRefused is raised."""
    try:
        parse_policy(text, "mine.toml")
    except PolicyRefused as error:
        return error.faults or ("a refusal without a fault\n",)
    return ()


def printable(faults: tuple[str, ...]) -> bool:
    """Whether each fault is one line of a sane length without control characters."""
    return all(fault.isprintable() and len(fault) < 1500 for fault in faults)


@given(st.text(max_size=400))
@example("\ud800 = 1")
@example('"\\ud800" = 1')
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is in the file."""
    assert printable(faults_of(text))


@given(st.integers(0, len(BALANCED)), st.integers(0, 30), st.one_of(st.sampled_from(PIECES), st.text(max_size=8)))
def test_a_policy_with_a_stretch_replaced_is_read_or_refused(start: int, length: int, piece: str) -> None:
    """A slip of the keyboard anywhere."""
    assert printable(faults_of(BALANCED[:start] + piece + BALANCED[start + length :]))


@given(st.integers(0, len(WHOLE)), st.integers(0, 30), st.one_of(st.sampled_from(PIECES), st.text(max_size=8)))
def test_a_policy_of_every_sleeve_with_a_stretch_replaced_is_read_or_refused(
    start: int, length: int, piece: str
) -> None:
    """Lists of tables, words and flags too."""
    assert printable(faults_of(WHOLE[:start] + piece + WHOLE[start + length :]))


@given(st.data())
def test_a_policy_of_every_sleeve_with_a_value_replaced_is_read_or_refused(data: st.DataObject) -> None:
    """Right keys with anything behind them."""
    lines = WHOLE.split("\n")
    places = [number for number, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    number = data.draw(st.sampled_from(places))
    key = lines[number].split("=")[0]
    lines[number] = f"{key}= {data.draw(st.sampled_from(VALUES))}"
    assert printable(faults_of("\n".join(lines)))


@given(st.lists(st.sampled_from(CODE_LINES), max_size=60))
def test_the_lines_of_a_policy_in_any_order_are_read_or_refused(lines: list[str]) -> None:
    """Keys under the wrong heading, twice, or not at all."""
    assert printable(faults_of("\n".join(lines)))


@given(st.dictionaries(st.text("ABCXYZ", min_size=1, max_size=4), CENTS, min_size=1, max_size=8))
def test_scaled_shares_sum_to_exactly_one(shares: dict[str, Decimal]) -> None:
    """The line a message offers must be accepted when it is copied."""
    result = scaled(shares)
    assert sum(result.values()) == 1
    assert all(share > 0 for share in result.values())


@st.composite
def good_answers(draw: st.DrawFn) -> Answers:
    """Answers whose core and hedge fit into the equity and its limits."""
    low, target, high = sorted(draw(st.tuples(CENTS, CENTS, CENTS)))
    assets = scaled(draw(st.dictionaries(st.text("ABCXYZ0", min_size=1, max_size=5), CENTS, min_size=1, max_size=8)))
    ratio = draw(st.one_of(st.just(Decimal(0)), CENTS))
    margin = draw(st.sampled_from(sorted(MARGINS)))
    leverage = MARGINS[margin][1]
    highest = min(Decimal(1), ratio + Decimal("0.05")) if ratio else ratio
    assume(high * (1 + highest / leverage) <= 1)
    assume(target * ratio / leverage <= Decimal("0.2"))
    return Answers(
        assets=assets,
        core=(low, target, high),
        margin=margin,
        hedge_ratio=ratio,
        profile=draw(st.sampled_from(["retail", "small-fund"])),
        cron=draw(st.sampled_from(["5 0,8,16 * * *", "0 0 * * *", "*/15 * * * 1-5"])),
        quote=draw(st.sampled_from(["USDT", "USDC", "EUR"])),
    )


@given(good_answers())
def test_good_answers_always_make_a_policy_that_says_the_same(answers: Answers) -> None:
    """What init writes is what was answered."""
    policy = parse_policy(policy_text(answers), "mine.toml")
    assert policy.core.assets == answers.assets
    assert (policy.core.band.low, policy.core.band.target, policy.core.band.high) == answers.core
    assert policy.hedge_ratio(next(iter(answers.assets))).target == answers.hedge_ratio
    assert policy.schedule.cron == answers.cron


@given(st.text(), st.text(), st.text(), st.dictionaries(st.text(max_size=30), ANY_NUMBER), ANY_NUMBER, ANY_NUMBER)
def test_any_answers_make_a_policy_or_are_refused(
    name: str, quote: str, cron: str, assets: dict[str, Decimal], edge: Decimal, ratio: Decimal
) -> None:
    """Answers are text from outside."""
    answers = Answers(
        name=name, quote=quote, cron=cron, assets=assets, core=(edge, edge, edge), hedge_ratio=ratio, profile=cron
    )
    try:
        text = policy_text(answers)
    except PolicyRefused as error:
        faults = error.faults
    else:
        faults = faults_of(text)
        assert not faults
    assert printable(faults)


@given(st.integers(0, len(BALANCED)), st.text(max_size=20))
def test_finding_lines_never_fails_and_never_leaves_the_text(cut: int, piece: str) -> None:
    """A missing place is never an error."""
    text = BALANCED[:cut] + piece + BALANCED[cut:]
    assert all(1 <= line <= text.count("\n") + 1 for line in locate(text).values())
