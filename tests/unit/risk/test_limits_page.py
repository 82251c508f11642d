"""The page of limits says what the controls do."""

from dataclasses import fields
from pathlib import Path

from bot.domain.policy import Limits
from bot.report.limits_page import limits_page
from bot.risk.checks import CONTROLS

PAGE = Path(__file__).parents[3] / "docs" / "limits.md"
SHOWN_ELSEWHERE = {
    "unexplained_value",  # RC22: reconciling halts on it, after the trade
    "unexplained_share",
    "max_snapshot_age_seconds",  # RC23, RC24: freshness
    "plan_ttl_seconds",
    "max_plan_price_drift",
    "min_funding_apr",  # RC28: a caution
}


def test_the_page_is_the_one_the_controls_make() -> None:
    """`python -m bot.report.limits_page > docs/limits.md` when this fails."""
    assert PAGE.read_text(encoding="utf-8") == limits_page()


def test_every_limit_has_its_control() -> None:
    """No number in a policy's [limits] is without effect, and no control reads one that is not there."""
    names = {field.name for field in fields(Limits)}
    checked = {name for control in CONTROLS for name in control.limits}
    assert checked | SHOWN_ELSEWHERE == names
    assert checked & SHOWN_ELSEWHERE == set()


def test_codes_never_change() -> None:
    """The published codes; a new control adds one, none is renamed or taken away."""
    assert sorted({control.code for control in CONTROLS}) == [
        "BK01",
        "BK02",
        "BK03",
        "BK04",
        "BK05",
        "BK06",
        "RC03",
        "RC04",
        "RC05",
        "RC06",
        "RC07",
        "RC08",
        "RC09",
        "RC10",
        "RC11",
        "RC12",
        "RC13",
        "RC14",
        "RC15",
        "RC16",
        "RC17",
        "RC18",
        "RC19",
        "RC20",
        "RC21",
        "RC25",
        "RC26",
        "RC27",
        "RC29",
        "RC30",
        "RC32",
        "RC37",
        "RC39",
        "RC41",
        "RC42",
        "RC43",
        "RC44",
        "STATE",
    ]
