"""The examples on real history: what docs/examples.md shows is what they print, and says what it should."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vectors import SHARED

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "examples.md"
DATA = SHARED / "data"
BLOCK = re.compile(r"<!-- (?P<command>[^>]*) -->\n```\n(?P<printed>.*?)```\n", re.DOTALL)
BLOCKS = {block["command"]: block["printed"] for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
CYCLE = re.compile(r"\bc[a-z2-7]{6}\b")

CRISES = "python examples/half_hedge_crises.py FOLDER"
CARRY = "python examples/cash_and_carry.py FOLDER"
FUNDING = "python examples/funding_by_year.py FOLDER"
INVERSE = "python examples/inverse_hedge.py FOLDER"
SQUEEZE = "python examples/squeeze_alerts.py FOLDER"


def printed(command: str) -> str:
    """What a command of the page prints, in a home of its own."""
    program, *words = command.replace("FOLDER", str(DATA)).split()
    start = [sys.executable, "-m", "bot"] if program == "poise" else [sys.executable, "-W", "error"]
    done = subprocess.run([*start, *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def unnamed(page: str) -> str:
    """A page without the names of its cycles, which follow every word of a policy."""
    return CYCLE.sub("cycle", page)


def rows(command: str) -> list[list[str]]:
    """The words of each line the page shows for a command."""
    return [line.split() for line in BLOCKS[command].splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("command", BLOCKS)
def test_the_page_shows_what_the_example_prints(command: str) -> None:
    """`EXAMPLES=write pytest tests/integration/test_examples.py` brings the page up to date."""
    if not DATA.is_dir():
        pytest.skip("../shared/data is not beside the repository")
    told = printed(command)
    if os.environ.get("EXAMPLES") == "write":
        opening = f"<!-- {command} -->\n```\n"
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(text.replace(f"{opening}{BLOCKS[command]}```", f"{opening}{told}```"), encoding="utf-8")
    else:
        assert unnamed(told) == unnamed(BLOCKS[command])


def test_every_example_is_on_the_page() -> None:
    """Scripts and policies that need recorded history; those that do not are run by `make examples`."""
    shown = " ".join(BLOCKS)
    needing = {path for path in (ROOT / "examples").iterdir() if "FOLDER" in path.read_text(encoding="utf-8")}
    assert {path.name for path in needing if f"examples/{path.name}" not in shown} <= {"recorded-btc-eth.toml"}


def test_no_short_of_any_crisis_was_liquidated_and_each_halved_the_loss() -> None:
    """Four months, daily and four-hourly; the hedged fall is between 0.4 and 0.6 of the bare one."""
    lines = [line for line in rows(CRISES) if line[0][0] == "2"]
    assert [tuple(line[:2]) for line in lines] == [
        (month, bars) for month in ("2020-03", "2021-05", "2022-06", "2022-11") for bars in ("1d", "4h")
    ]
    for line in lines:
        bare, hedged = (float(word.rstrip("%")) for word in line[4:6])
        assert 0.4 < hedged / bare < 0.6
        assert line[-1] == "never"


def test_the_gross_figures_of_cash_and_carry_are_the_known_ones() -> None:
    """+2.31 % on BTC-240329 and +7.20 % on BTC-240628, both entered 24 hours after listing."""
    gross = {line[0]: line[3] for line in rows(CARRY)[2:]}
    assert (gross["BTC-240329"], gross["BTC-240628"]) == ("+2.31%", "+7.20%")
    assert len(gross) == 8


def test_every_contract_earned_something_net_but_no_more_than_gross() -> None:
    """On both legs' capital, which is more than the coin's price."""
    for line in rows(CARRY)[2:]:
        basis, net = float(line[1].rstrip("%")), float(line[6].rstrip("%"))
        assert 0 < net < basis


def test_shorts_of_bitcoin_were_paid_what_the_record_says() -> None:
    """+30.6 % in 2021 and +4.2 % in 2022."""
    paid = {(line[0], line[1]): line[3] for line in rows(FUNDING)[1:]}
    assert (paid["BTC/USDT:USDT", "2021"], paid["BTC/USDT:USDT", "2022"]) == ("+30.6%", "+4.2%")


def test_a_dollar_made_of_bitcoin_holds_within_one_per_cent_and_half_a_hedge_halves_the_fall() -> None:
    """From November 2021 to October 2022 bitcoin fell by 72 %."""
    lines = rows(INVERSE)
    bare, half, full = (float(word.rstrip("%")) for word in lines[-2][2:5])
    assert 0.45 < half / bare < 0.55
    assert full > -1
    low, high = (float(word.rstrip("%")) for word in (lines[-1][3], lines[-1][5]))
    assert -1 < low <= 0 <= high < 1


def test_a_squeeze_alert_names_its_day_and_its_percentiles() -> None:
    """Open interest above nine tenths of its past, funding below all but a tenth; each day once for a coin."""
    alerts = [line for line in BLOCKS[SQUEEZE].splitlines() if line.startswith("  202")]
    for line in alerts:
        interest, funding = (int(share) for share in re.findall(r"than in (\d+)%", line))
        assert interest >= 90
        assert funding <= 10
    assert 10 < len(alerts) < 40


def test_the_bot_carries_two_contracts_one_after_the_other_with_closed_books() -> None:
    """March is delivered, June is left early: two entries, no loss, and every balance explained."""
    page = next(text for command, text in BLOCKS.items() if "carry-btc" in command)
    assert page.count("5 of 5 steps done") == 2
    assert "explain every balance exactly" in page
    assert float(re.findall(r"Return +([+-][\d.]+)%", page)[0]) > 0
