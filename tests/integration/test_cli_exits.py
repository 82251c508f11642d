"""The exit codes a script may rely on, each by what a person does to get it, and that nothing is sent on the way."""

from pathlib import Path

import pytest

from bot.cli.exits import ExitCode
from tests.shell import ROOT, orders_sent, poise, process, talk, well

BALANCED = ROOT / "policies" / "balanced.toml"


def a_policy(tmp_path: Path, *changes: tuple[str, str], shipped: str = "balanced") -> str:
    """A shipped policy with words of it replaced."""
    text = (ROOT / "policies" / f"{shipped}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = tmp_path / "changed.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


TIGHT = ("max_order_value       = 25_000", "min_volume_24h = 1_000_000_000_000")


def test_0_done_and_2_changes_pending() -> None:
    """Pending changes are an exit code of their own only when asked for."""
    assert poise("plan").code == 0
    assert poise("plan", "--detailed-exitcode").code == 2
    well("apply", "latest", "--yes")
    assert poise("plan", "--detailed-exitcode").code == 0


def test_0_a_plan_without_changes_applies_to_nothing() -> None:
    """It says so; there is nothing to ask."""
    well("plan")
    well("apply", "latest", "--yes")
    well("plan")
    sent = orders_sent()
    assert "changes nothing" in well("apply", "latest").out
    assert orders_sent() == sent


def test_1_applied_twice() -> None:
    """The second time is refused, and sends nothing."""
    well("plan")
    well("apply", "latest", "--yes")
    sent = orders_sent()
    told = poise("apply", "latest", "--yes")
    assert told.code == 1
    assert "was applied already" in told.err
    assert orders_sent() == sent


def test_1_a_cycle_is_no_plan() -> None:
    """What a run did cannot be applied."""
    well("run", "--cycles", "1")
    name = well("history", "--json").body["cycles"][0]["cycle"]
    told = poise("apply", name, "--yes")
    assert told.code == 1
    assert "not a plan" in told.err


def test_3_everything_refused_by_the_gate(tmp_path: Path) -> None:
    """A volume no market has: every purchase is denied, in the plan and when it is applied."""
    tight = a_policy(tmp_path, TIGHT, shipped="core-only")
    told = poise("plan", "--policy", tight, "--cash", "100000")
    assert told.code == 3
    assert "RC03 min_volume_24h" in told.out
    told = poise("apply", "latest", "--yes", "--policy", tight)
    assert told.code == 3
    assert "denied all of it" in told.err
    assert orders_sent() == 0


def test_4_the_journal_cannot_be_written(home: Path) -> None:
    """A folder is in its place: named, and nothing is planned."""
    (home / "journal.db").mkdir()
    for words in (("plan",), ("apply", "latest", "--yes"), ("run", "--cycles", "1"), ("history",)):
        told = poise(*words)
        assert told.code == 4, words
        assert "journal.db" in told.err


def test_6_the_world_moved_between_plan_and_apply() -> None:
    """A cycle ran: the plan is stale, and each difference is named."""
    well("plan")
    plan = well("history", "--json").body["cycles"][0]["cycle"]
    well("run", "--cycles", "1")
    sent = orders_sent()
    told = poise("apply", plan, "--yes")
    assert told.code == 6
    assert "the plan is stale" in told.err
    assert "USDT balance changed 26329" in told.err
    assert orders_sent() == sent


def test_6_the_policy_was_changed_after_the_plan(tmp_path: Path) -> None:
    """Even a comment: what was approved is not what would be done."""
    changed = a_policy(tmp_path)
    well("plan", "--policy", changed)
    Path(changed).write_text(BALANCED.read_text() + "# a second thought\n")
    told = poise("apply", "latest", "--yes", "--policy", changed)
    assert told.code == 6
    assert "policy file was changed" in told.err
    assert orders_sent() == 0


@pytest.mark.parametrize("deed", ["pause", "kill"])
def test_7_paused_or_killed(deed: str) -> None:
    """Apply refuses; a run waits, sends nothing and says so."""
    well("plan")
    well(deed, "--reason", "tax year ends")
    told = poise("apply", "latest", "--yes")
    assert told.code == 7
    assert "tax year ends" in told.err
    told = poise("run", "--cycles", "2")
    assert told.code == 7
    assert told.out.count("halted: ") == 2
    assert orders_sent() == 0
    well("resume")
    well("plan")
    well("apply", "latest", "--yes")


@pytest.mark.parametrize(
    "words",
    [
        ("pln",),
        ("plan", "--sed", "3"),
        ("apply",),
        ("plan", "extra"),
        ("plan", "--seed", "x"),
        ("plan", "--seed"),
        ("run", "--cycles", "0"),
        ("history", "--limit", "0"),
        ("journal", "verfy"),
        ("journal", "backup"),
        ("--nonsense",),
    ],
)
def test_64_wrong_usage(words: tuple[str, ...]) -> None:
    """One line of error, and the help page that is meant."""
    told = poise(*words)
    assert told.code == 64
    assert told.err.startswith("error: ")
    assert told.err.splitlines()[-1].startswith("help:  poise")


def test_64_says_which_command_may_be_meant() -> None:
    """The command pln is plan, and --sed is --seed."""
    assert "Did you mean 'plan'" in poise("pln").err
    assert "--seed" in poise("plan", "--sed", "3").err
    assert "help:  poise plan --help" in poise("plan", "--sed", "3").err


def test_64_nobody_to_ask() -> None:
    """Off a terminal `apply` needs --yes, and names the whole command."""
    well("plan")
    told = process("apply", "latest", stdin="yes\n")
    assert told.code == 64
    assert "nobody to ask" in told.err
    assert "--yes" in told.err
    assert orders_sent() == 0


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("plan", "--policy", "nowhere.toml"), "nowhere.toml"),
        (("plan", "--policy", "/"), "folder"),
        (("plan", "--data", "nowhere"), "nowhere"),
        (("plan", "--cash", "-1"), "--cash"),
        (("plan", "--cash", ""), "--cash"),
        (("plan", "--from", "31.12.2023"), "--from"),
        (("run", "--until", "2020-01-01"), "--until 2020-01-01T00:00 is past"),
        (("whatif", "--spot", "BTC"), "--spot"),
        (("whatif", "--spot", "BTC=1.2.3@5"), "--spot"),
        (("whatif", "--hedge", "150"), "--hedge"),
        (("whatif", "--leverage", "0"), "--leverage"),
        (("whatif", "--move=,"), "--move"),
        (("whatif", "--move=-10000"), "per cent"),
        (("journal", "export", "out", "--format", "xml"), "--format"),
        (("check", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_65_bad_policy_or_setting(words: tuple[str, ...], names: str) -> None:
    """The error names what is wrong; the mend follows."""
    told = poise(*words)
    assert told.code == 65
    assert names in told.err
    assert "help:  " in told.err


def test_65_a_home_cannot_change_its_market() -> None:
    """Another seed, recorded data, money or a beginning need another home."""
    well("plan")
    for words in (("--seed", "8"), ("--data", str(ROOT)), ("--cash", "1000"), ("--from", "2024-01-01")):
        told = poise("plan", *words)
        assert told.code == 65, words
        assert words[0] in told.err
        assert "--home" in told.err


def test_a_fault_is_said_once() -> None:
    """A policy that is not there is one line, not two."""
    assert poise("plan", "--policy", "nowhere.toml").err.count("there is no file") == 1


def test_130_the_answer_is_no() -> None:
    """Anything but yes; nothing is placed."""
    well("plan")
    told = talk(("apply", "latest"), ("place them", "no"))
    assert told.code == 130
    assert "6 steps on sim" in told.out
    assert "you did not say yes" in told.out
    assert orders_sent() == 0


def test_130_control_c_at_the_question() -> None:
    """One press is enough."""
    well("plan")
    told = talk(("apply", "latest"), ("place them", "^C"))
    assert told.code == 130
    assert "nothing further was sent" in told.out
    assert orders_sent() == 0


def test_0_the_answer_is_yes() -> None:
    """Then it is done, one line for each step."""
    well("plan")
    told = talk(("apply", "latest"), ("place them", "yes"))
    assert told.code == 0
    assert "6/6 sell 10.02 SOL perp" in told.out
    assert orders_sent() == 5


def test_unknown_and_ambiguous_names() -> None:
    """Named back, with where to find the right one."""
    well("plan")
    well("run", "--cycles", "3")
    told = poise("apply", "nosuchplan", "--yes")
    assert told.code != 0
    assert "'nosuchplan'" in told.err
    told = poise("explain", "c")
    assert told.code != 0
    assert "begins more than one" in told.err
    assert orders_sent() == 0 or "poise history" in told.err


def test_every_code_has_its_number() -> None:
    """As UX and the runbook say; they never change."""
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 6, 7, 64, 65, 130]
