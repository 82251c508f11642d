"""The switch as a file: latched, strictest wins, and halted whenever it cannot be read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.control import FileControl
from bot.domain.memory import TradingState
from bot.errors import SettingsRefused

STATES = [TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED]


def test_no_file_means_active(tmp_path: Path) -> None:
    """A fresh home trades."""
    assert FileControl(tmp_path / "switch.json").state() == (TradingState.ACTIVE, "")


def test_a_latched_state_is_seen_by_another_reader(tmp_path: Path) -> None:
    """With its reason, whatever letters that has."""
    FileControl(tmp_path / "switch.json").restrict(TradingState.HALTED, 'tax "year"\n终')
    assert FileControl(tmp_path / "switch.json").state() == (TradingState.HALTED, 'tax "year"\n终')


@given(some.lists(some.sampled_from(STATES), max_size=6))
def test_the_strictest_state_stays(tmp_path_factory: pytest.TempPathFactory, asked: list[TradingState]) -> None:
    """In whatever order they are asked for; none loosens."""
    control = FileControl(tmp_path_factory.mktemp("home") / "switch.json")
    for state in asked:
        control.restrict(state, "why")
    assert control.state()[0] == max([TradingState.ACTIVE, *asked], key=STATES.index)


def test_release_forgets(tmp_path: Path) -> None:
    """Also when there is nothing to forget."""
    control = FileControl(tmp_path / "switch.json")
    control.restrict(TradingState.REDUCING, "why")
    control.release()
    control.release()
    assert control.state()[0] is TradingState.ACTIVE


@given(some.binary(max_size=200))
def test_no_bytes_but_a_switch_of_ours_let_trading_go_on(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Unknown is no."""
    file = tmp_path_factory.mktemp("home") / "switch.json"
    file.write_bytes(content)
    state, reason = FileControl(file).state()
    assert state is TradingState.HALTED
    assert "switch" in reason


def test_a_folder_in_its_place_means_halted_and_is_not_taken_away(tmp_path: Path) -> None:
    """A person must look."""
    (tmp_path / "switch.json").mkdir()
    control = FileControl(tmp_path / "switch.json")
    assert control.state()[0] is TradingState.HALTED
    with pytest.raises(SettingsRefused, match="stays halted"):
        control.release()


def test_a_switch_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A folder has the name it is written under."""
    (tmp_path / "switch.new").mkdir()
    with pytest.raises(SettingsRefused, match="cannot be written"):
        FileControl(tmp_path / "switch.json").restrict(TradingState.HALTED, "why")
