"""Reading policy files: what is accepted, what is refused, and that nothing hostile is printed."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.canonical import from_text, to_text
from bot.domain.policy import Policy
from bot.errors import PolicyRefused
from bot.policy_file import load_policy, parse_policy
from tests.builders import a_band, d

POLICIES = Path(__file__).parents[2] / "policies"
SHIPPED = sorted(POLICIES.glob("*.toml"))
BALANCED = (POLICIES / "balanced.toml").read_text(encoding="utf-8")
HOSTILE = [
    "line\nbreak",
    "'; DROP TABLE intents; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "\x00\x07\x7f",
    "x" * 10_000,
]


def refusal_of(text: str) -> PolicyRefused:
    """Return the refusal that parsing `text` raises."""
    with pytest.raises(PolicyRefused) as caught:
        parse_policy(text, "mine.toml")
    return caught.value


def edited(old: str, new: str) -> str:
    """Return balanced.toml with one edit."""
    assert old in BALANCED
    return BALANCED.replace(old, new)


def toml(text: str) -> str:
    """Return a TOML string in which every character is escaped, so that any text can be written."""
    return '"' + "".join(f"\\U{ord(sign):08x}" for sign in text) + '"'


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_policy_loads_and_survives_its_canonical_text(path: Path) -> None:
    """What is shipped must work, and the journal stores the canonical text."""
    policy = load_policy(path)
    assert policy.name == path.stem
    assert from_text(Policy, to_text(policy)) == policy


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_policy_fits_eighty_columns(path: Path) -> None:
    """People read these files in a terminal."""
    assert all(len(line) <= 80 for line in path.read_text(encoding="utf-8").splitlines())


def test_every_shipped_policy_has_its_line_in_the_docs() -> None:
    """Nobody finds a file that is not named."""
    page = (POLICIES.parent / "docs" / "policy-files.md").read_text(encoding="utf-8")
    assert len(SHIPPED) == 7
    assert [path.stem for path in SHIPPED if f"`policies/{path.name}`" not in page] == []


def test_balanced_is_the_article() -> None:
    """Core 60/70/80 %, 50/30/20, a hedge of 0/15/20 %."""
    policy = load_policy(POLICIES / "balanced.toml")
    assert policy.core.band == a_band("0.6", "0.7", "0.8")
    assert policy.core.assets == {"BTC": d("0.5"), "ETH": d("0.3"), "SOL": d("0.2")}
    assert policy.hedge_ratio("BTC") == a_band(0, "0.15", "0.2")
    assert policy.limits.max_order_value == 25_000
    assert policy.limits.max_drawdown == d("0.15")


def test_without_a_hedge_section_there_is_no_hedge() -> None:
    """An absent section is a choice, not a gap to fill."""
    assert load_policy(POLICIES / "core-only.toml").hedge is None


def test_stated_defaults_are_filled_in() -> None:
    """Only risk_aversion, destination, outer, inner and leverage have one."""
    text = edited("risk_aversion = 3 ", "").replace("destination   = 0.75 ", "")
    text = text.replace("outer = 0.01\ninner = 0.005", "").replace("leverage = { low = 1.5, target = 2, high = 3 }", "")
    assert parse_policy(text, "mine.toml") == parse_policy(BALANCED, "mine.toml")


def test_numbers_are_exact_decimals_and_whole_numbers_are_taken() -> None:
    """0.1 is a tenth, 3 is a Decimal, a count is an int."""
    policy = parse_policy(edited("destination   = 0.75", "destination = 0.1"), "mine.toml")
    assert policy.core.destination == Decimal("0.1")
    assert isinstance(policy.core.risk_aversion, Decimal)
    assert isinstance(policy.limits.max_open_orders, int)


def test_a_half_width_for_all_and_another_for_one() -> None:
    """Saying "optimal" for one coin takes it out of the general number."""
    text = edited('half_width = "optimal"', 'half_width = 0.05\nhalf_widths = { ETH = 0.04, SOL = "optimal" }')
    assert parse_policy(text, "mine.toml").core.half_widths == {"BTC": d("0.05"), "ETH": d("0.04")}


def test_coins_that_are_kept_and_hedges_of_single_coins() -> None:
    """Optional tables, inline or dotted."""
    text = edited("# never_sell", "never_sell").replace("# held_elsewhere", "held_elsewhere")
    text = text.replace("outer = 0.01", "outer = 0.01\nassets.ETH = { low = 0, target = 0, high = 0 }")
    policy = parse_policy(text, "mine.toml")
    assert policy.core.never_sell == {"BTC": d("0.5")}
    assert policy.core.held_elsewhere == {"BTC": d(1)}
    assert policy.hedge_ratio("ETH") == a_band(0, 0, 0)


def test_a_small_fund_has_its_own_limits() -> None:
    """The second column of RELIABILITY section 5."""
    text = BALANCED[: BALANCED.index("[limits]")] + '[limits]\nprofile = "small-fund"\n'
    limits = parse_policy(text, "mine.toml").limits
    assert (limits.max_order_value, limits.max_spread, limits.max_orders_per_day) == (50_000, d("0.0025"), 2000)


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    """Nobody should mend one fault only to meet the next."""
    text = edited("high = 0.80", "high = 80").replace("outer = 0.01", "outer = true")
    text = text.replace('profile = "retail"', 'profile = "none"').replace("5 0,8,16 * * *", "later")
    text = text.replace("minimum = 0.05 ", "minimum = 7 ")
    faults = refusal_of(text).faults
    lines = [int(fault.split(":")[1]) for fault in faults]
    assert len(faults) == 5
    assert lines == sorted(lines)


def test_faults_between_sections_show_beside_a_fault_in_another() -> None:
    """A bad schedule does not hide that the shares do not fit."""
    text = edited("minimum = 0.05 ", "minimum = 0.5 ").replace("5 0,8,16 * * *", "later")
    faults = refusal_of(text).faults
    assert "leaves no room" in faults[0]
    assert "schedule.cron" in faults[1]


def test_the_message_counts_and_the_mend_names_a_command() -> None:
    """One fault is not 1 faults."""
    error = refusal_of(edited("SOL = 0.20", "SOL = 0.25"))
    assert error.message == "mine.toml has 1 fault"
    assert error.mend == "mend the file, then: poise check mine.toml"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "place",
    ["SOL = 0.20", '"balanced" ', 'quote = "USDT"', "[reserve]", '["USDT"]', '"linear-perpetual"', '"retail"'],
)
def test_a_hostile_name_is_escaped_and_shortened_wherever_it_stands(name: str, place: str) -> None:
    """No control character reaches a terminal, no 10 kB name fills it."""
    key = {"SOL = 0.20": f"{toml(name)} = 0.20", "[reserve]": f"[{toml(name)}]\n[reserve]"}
    new = key.get(place, place.replace("USDT", "@").replace("balanced", "@").replace("retail", "@"))
    new = new.replace("linear-perpetual", "@").replace('"@"', toml(name))
    error = refusal_of(edited(place, new))
    printed = "\n".join(error.faults)
    assert all(fault.isprintable() for fault in error.faults)
    assert "x" * 41 not in printed
    assert all(len(fault) < 600 for fault in error.faults)


def test_a_hostile_file_name_is_escaped() -> None:
    """The name of the file is from outside as well."""
    with pytest.raises(PolicyRefused) as caught:
        parse_policy("", "a\x1b[2J\nb" + "x" * 500)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200


def test_thousands_of_unknown_keys_are_told_in_a_few_lines() -> None:
    """Twenty are named, the rest is counted."""
    text = BALANCED + "".join(f"key{n} = 1\n" for n in range(5000))
    faults = refusal_of(text).faults
    assert len(faults) == 21
    assert any("holds 4980 more unknown keys" in fault for fault in faults)


def test_windows_line_ends_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    """Notepad writes both."""
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + BALANCED.replace("\n", "\r\n").encode())
    assert load_policy(path) == load_policy(POLICIES / "balanced.toml")
    assert parse_policy("\ufeff" + BALANCED, "mine.toml") == load_policy(path)


@pytest.mark.parametrize("digits", ["0x" + "f" * 9000, "9" * 9000, "9" * 40])
def test_an_endless_whole_number_is_refused(digits: str) -> None:
    """Python refuses to print or to read such a number; the message must not."""
    assert len(refusal_of(edited("cooldown_hours = 6", f"cooldown_hours = {digits}")).faults) == 1


def test_a_text_nested_beyond_reason_is_refused() -> None:
    """Tomllib runs out of stack."""
    assert "nested too deeply" in refusal_of("a = " + "[" * 9000).faults[0]


def test_an_endless_line_is_refused() -> None:
    """Tomllib is quadratic in the parts of a dotted key."""
    assert "longer than 20000 characters" in refusal_of("# " + "x" * 20_001).faults[0]


def test_a_text_above_one_megabyte_is_refused() -> None:
    """The same bound as for files."""
    assert "larger than 1 MB" in refusal_of("#\n" * 600_000).faults[0]


class TestFilesThatCannotBeRead:
    """Each failure to read says what to do."""

    def test_a_missing_file_suggests_the_one_that_is_meant(self) -> None:
        """A typo in the path."""
        with pytest.raises(PolicyRefused, match="there is no file") as caught:
            load_policy(POLICIES / "balancd.toml")
        assert caught.value.mend == f"did you mean {POLICIES / 'balanced.toml'}?"

    def test_a_missing_file_like_no_other_suggests_init(self, tmp_path: Path) -> None:
        """Not even the folder is there."""
        with pytest.raises(PolicyRefused) as caught:
            load_policy(tmp_path / "no" / "such.toml")
        assert "poise init" in caught.value.mend

    def test_a_folder_is_no_policy(self, tmp_path: Path) -> None:
        """`--policy policies` is a likely slip."""
        with pytest.raises(PolicyRefused, match="is a folder, not a policy file"):
            load_policy(tmp_path)

    def test_text_in_another_encoding_is_refused(self, tmp_path: Path) -> None:
        """PowerShell's > writes UTF-16."""
        path = tmp_path / "mine.toml"
        path.write_bytes(BALANCED.encode("utf-16"))
        with pytest.raises(PolicyRefused, match="is not UTF-8 text") as caught:
            load_policy(path)
        assert "save it as UTF-8" in caught.value.mend

    def test_a_large_file_is_not_read(self, tmp_path: Path) -> None:
        """Somebody named the database."""
        path = tmp_path / "mine.toml"
        path.write_bytes(b"#" * 1_000_001)
        with pytest.raises(PolicyRefused, match="larger than 1 MB"):
            load_policy(path)

    def test_a_name_no_file_can_have_is_refused(self) -> None:
        """The system refuses a NUL with a ValueError."""
        with pytest.raises(PolicyRefused, match="cannot be read"):
            load_policy("a\x00b.toml")

    def test_a_name_too_long_for_a_file_is_refused(self) -> None:
        """The system refuses it with an OSError."""
        with pytest.raises(PolicyRefused, match="cannot be read"):
            load_policy("x" * 5000)
