"""Two commands that only look: what carry would earn, and which hedge is cheapest."""

import shlex

import pytest

from tests.shell import poise, process, well

PAGES = (("carry", "scan"), ("hedge", "compare"), ("hedge", "compare", "--coins", "5", "--horizon", "400"))


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_a_page_fits_a_terminal_and_a_pipe(words: tuple[str, ...]) -> None:
    """80 columns, no codes."""
    told = process(*words)
    assert told.code == 0
    assert "\x1b" not in told.said
    assert max(map(len, told.out.splitlines())) <= 80


@pytest.mark.parametrize("command", ["carry scan", "hedge compare"])
def test_the_example_of_the_help_page_runs(command: str) -> None:
    """As printed, from the repository."""
    page = well(*command.split(), "--help").out
    assert "--json" in page
    assert max(map(len, page.splitlines())) <= 80
    example = page.partition("Example: poise ")[2].partition("\n")[0]
    assert example.startswith(command)
    assert process(*shlex.split(example)).code == 0
    assert command.split()[1] in well(command.split(maxsplit=1)[0]).out


def test_carry_scan_tells_every_pair_as_data() -> None:
    """Without carry in the policy by the usual rules; nothing is entered without a month of funding."""
    body = well("carry", "scan", "--json").body
    assert body["of_policy"] is False
    pairs = {one["contract"]: one for one in body["opportunities"]}
    assert pairs["BTC/USDT:USDT"]["spot"] == "BTC/USDT"
    assert all(one["enters"] is (not one["why_not"]) for one in pairs.values())
    assert body["rules"]["leverage"] == "2"


def test_hedge_compare_takes_coin_size_and_horizon() -> None:
    """And without them the core's largest coin, all of it, and the policy's horizon."""
    body = well("hedge", "compare", "--asset", "eth", "--coins", "5", "--horizon", "10", "--json").body
    assert body["need"] == {"asset": "ETH", "coins": "5", "horizon_days": "10"}
    assert {one["kind"] for one in body["options"]} >= {"linear-perpetual", "spot"}
    usual = well("hedge", "compare", "--json").body
    assert usual["need"]["asset"] == "BTC"
    assert usual["need"]["horizon_days"] == "30"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--asset", "NOPE"), "no market for it in USDT"),
        (("--coins", "many"), "which is no number"),
        (("--horizon", "-3"), "above zero"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_mend(words: tuple[str, ...], says: str) -> None:
    """The option is named."""
    told = poise("hedge", "compare", *words)
    assert told.code != 0
    assert words[0] in told.err
    assert says in told.err


def test_without_coins_of_its_own_one_coin_is_compared() -> None:
    """A new account of money alone."""
    body = well("plan", "--cash", "100000", "--json").document
    assert body["ok"] is True
    assert well("hedge", "compare", "--json").body["need"]["coins"] == "1"
