"""The page of all limits, made from the controls themselves: docs/limits.md.

`python -m bot.report.limits_page` prints it; a test keeps the file equal to it.
"""

import sys
from collections.abc import Iterable

from bot.risk.case import Standing
from bot.risk.checks import CONTROLS
from bot.risk.checks.control import Control

HEAD = """# Limits

<!-- Made by `python -m bot.report.limits_page` from bot/risk/checks. Do not edit by hand. -->

Every proposal passes every control below before an order is sent. A denial carries the code, the limit,
what is allowed and what would be. Codes never change. What cannot be known or is no finite number is denied
with code `DATA`: unknown is no.

The names stand in a policy's `[limits]`. *Retail* is meant for accounts below about 100,000 USD, *fund* for
0.1 to 10 million. *Holds* says which proposals must pass:

- **all**: every one.
- **orders that may open**: all but reduce-only orders within their position and transfers into the futures wallet.
- **what adds risk**: all but those and proposals that let neither the exposure to a coin nor gross futures
  notional grow, nor push a hedge over its bound.

A book that is over a limit of exposure, leverage, hedge or liquidation distance already may still be
improved: only what makes it worse is denied.

| code | limit | unit | denies | holds for | retail | fund | source |
|---|---|---|---|---|---|---|---|
"""

TAIL = """
Not denials but cautions, shown with the plan:

| code | limit | what is said |
|---|---|---|
| RC28 | `min_funding_apr` | a short is opened where its yearly funding is worse (retail −30%, fund −20%) or not known |
| RC29 | `min_days_since_listing` | a market is traded whose listing date the venue does not give |
| DATA | | the book cannot be measured; then every proposal is denied too |

Before a saved plan is applied, it is compared with the account as it is then:

| code | limit | what makes a plan stale |
|---|---|---|
| RC23 | `max_snapshot_age_seconds` | the new observation is older (retail 15, fund 10) |
| RC24 | `plan_ttl_seconds` | the plan is older (retail 60, fund 30) |
| RC24 | `max_plan_price_drift` | a price it trades at moved further (retail 0.5%, fund 0.25%) |
| RC24 | | account, account events, balances, positions, open orders or instrument rules changed |
"""

HOLDS = {None: "all", Standing.PROTECTS: "orders that may open", Standing.REDUCES: "what adds risk"}


def limits_page() -> str:
    """Return the page as Markdown."""
    return HEAD + "".join(_rows()) + TAIL


def _rows() -> Iterable[str]:
    for control in CONTROLS:
        cells = (
            control.code,
            _names(control),
            control.unit or "-",
            control.refuses,
            HOLDS[control.spares],
            control.retail,
            control.fund,
            control.source,
        )
        yield f"| {' | '.join(cells)} |\n"


def _names(control: Control[object]) -> str:
    return ", ".join(f"`{name}`" for name in control.limits) or "-"


if __name__ == "__main__":
    sys.stdout.write(limits_page())
