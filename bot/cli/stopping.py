"""Ctrl-C, SIGTERM and a closed terminal: the step in hand is finished, nothing further is sent."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bot.domain.memory import TradingState
from bot.loop import Stop
from bot.planning import Parts
from bot.ports import Control


@dataclass(frozen=True, slots=True)
class StoppableControl:
    """The person's switch, and halted once a stop was asked for."""

    control: Control
    stop: Stop

    def state(self) -> tuple[TradingState, str]:
        """Return the switch's state, or halted after a signal."""
        if self.stop.asked:
            return TradingState.HALTED, "you asked to stop"
        return self.control.state()

    def restrict(self, state: TradingState, reason: str) -> None:
        """Latch a stricter state."""
        self.control.restrict(state, reason)


@contextmanager
def stoppable(parts: Parts) -> Iterator[tuple[Parts, Stop]]:
    """Yield parts that stop between steps on SIGINT, SIGTERM or SIGHUP; a second signal ends at once."""
    loop, stop = asyncio.get_running_loop(), Stop()
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    signals = [number for number in wanted if signal.getsignal(number) is not signal.SIG_IGN]  # nohup stays

    def ask(number: signal.Signals) -> None:
        stop.ask()
        loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, ask, number)
    try:
        yield replace(parts, control=StoppableControl(parts.control, stop)), stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
