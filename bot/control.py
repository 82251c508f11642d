"""The switch a person holds, as a small file: pause, kill and halt work without journal, venue or policy."""

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.memory import TradingState
from bot.errors import SettingsRefused

_STRICTNESS = {TradingState.ACTIVE: 0, TradingState.REDUCING: 1, TradingState.HALTED: 2}


class FileControl:
    """A latched state in one file; no file means active. An unreadable file means halted: unknown is no."""

    def __init__(self, path: Path) -> None:
        """Watch `path`; it need not exist."""
        self.path = path

    def state(self) -> tuple[TradingState, str]:
        """Return what may be done now, and why."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return TradingState.ACTIVE, ""
        except OSError as error:
            return TradingState.HALTED, f"the switch {self.path} cannot be read ({error.strerror})"
        except UnicodeDecodeError:
            return TradingState.HALTED, f"the switch {self.path} is no text"
        try:
            switch = json.loads(text)
            return TradingState(switch["state"]), str(switch["reason"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return TradingState.HALTED, f"the switch {self.path} is not readable as JSON"

    def restrict(self, state: TradingState, reason: str) -> None:
        """Latch `state` unless a stricter one is latched already."""
        now, _ = self.state()
        if _STRICTNESS[state] <= _STRICTNESS[now]:
            return
        text = json.dumps({"state": state, "reason": reason, "at": datetime.now(UTC).isoformat()})  # noqa: TID251  a switch thrown by a person carries the wall clock
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(self.path)
        except OSError as error:
            raise SettingsRefused(
                f"the switch {self.path} cannot be written: {error.strerror}",
                mend="free disk space, then try again",
            ) from error

    def release(self) -> None:
        """Forget the latched state: a person says trading may go on."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise SettingsRefused(
                f"the switch {self.path} cannot be taken away: {error.strerror}; trading stays halted",
                mend=f"look at it, and remove it by hand: ls -ld {self.path}",
            ) from error
