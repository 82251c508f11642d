"""whatif: what could happen to some coins, or to the whole book, and what would be done then."""

import re
from decimal import Decimal
from typing import Annotated

import typer

from bot.cli import options
from bot.cli.options import Account, Home, Json, PolicyPath
from bot.errors import SettingsRefused

WHATIF_HELP = """Show what price moves and other shocks would do, and the plan after them.

\b
Moves:    poise whatif --move=-20%,20% --hedge 0,50
A crash:  poise whatif --crash 2022-06
Others:   poise whatif --funding=-0.05% --days 7
          poise whatif --basis=2%
          poise whatif --outage 8h --move=-20%

Example: poise whatif --spot BTC=10@70000 --move=-10000,+10000 --hedge 0,50
"""
USUAL_MOVES = "-30%,-14.2857%,14.2857%,30%"
USUAL_DAYS = "7"
TIME = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)([hd]?)")
HOURS_A_DAY = 24
LONGEST_HOURS = 24 * 365

Move = tuple[Decimal, bool]
Spot = Annotated[
    str | None,
    typer.Option("--spot", help="Coins and price, such as BTC=10@70000; without it, your book.", show_default=False),
]
Moves = Annotated[
    str | None,
    typer.Option(
        "--move", help=f"Price moves: in quote currency, or in per cent with % ({USUAL_MOVES}).", show_default=False
    ),
]
Margin = Annotated[
    str | None,
    typer.Option("--margin", help="Instead: margin in money, or % of coins and margin.", show_default=False),
]


def whatif(
    home: Home = None,
    account: Account = None,
    policy: PolicyPath = None,
    spot: Spot = None,
    move: Moves = None,
    hedge: Annotated[str, typer.Option("--hedge", help="Hedge ratios in per cent.")] = "0,15,50,100",
    leverage: Annotated[str, typer.Option("--leverage", help="Notional over collateral of the short.")] = "2",
    margin: Margin = None,
    crash: Annotated[
        str | None,
        typer.Option("--crash", help="2020-03-12, 2021-05-19, 2022-06 or 2022-11 on your book.", show_default=False),
    ] = None,
    funding: Annotated[
        str | None,
        typer.Option("--funding", help="Funding per 8 h: -0.05%, or a fraction; longs pay +.", show_default=False),
    ] = None,
    days: Annotated[str, typer.Option("--days", help="How long that funding lasts.")] = USUAL_DAYS,
    basis: Annotated[
        str | None,
        typer.Option("--basis", help="Contracts move this far from their coins: 2% or 0.02.", show_default=False),
    ] = None,
    outage: Annotated[
        str | None, typer.Option("--outage", help="Nothing can be done for so long: 8h or 2d.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> int:
    """Show price moves against hedge ratios, or a shock on the whole book."""
    from bot.cli import whatif_command

    chosen = options.settings(home, policy, account=account)
    asked = whatif_command.Asked(
        crash=crash,
        moves=() if move is None else _moves("--move", move),
        funding=None if funding is None else _share("--funding", funding),
        days=options.amount("--days", days),
        basis=None if basis is None else _share("--basis", basis),
        hours=None if outage is None else _hours(outage),
    )
    if asked.is_shock:
        if spot is not None:
            raise SettingsRefused(
                "--spot stands alone: crashes and other shocks are of a whole book", mend="leave it out"
            )
        return whatif_command.show_shocks(chosen, asked, as_json=as_json)
    ratios = tuple(number / 100 for number in options.numbers("--hedge", hedge))
    if any(not 0 <= ratio <= 1 for ratio in ratios):
        raise SettingsRefused(f"--hedge is {hedge[:40]!r}: per cent from 0 to 100", mend="poise whatif --hedge 0,50")
    size = options.amount("--leverage", leverage)
    terms = (ratios, size, None if margin is None else _moves("--margin", margin)[0])
    return whatif_command.show(chosen, spot, asked.moves or _moves("--move", USUAL_MOVES), terms, as_json=as_json)


def _moves(option: str, text: str) -> tuple[Move, ...]:
    """Return each number and whether it was written in per cent."""
    parts = [part.strip() for part in text.split(",")]
    return tuple((options.numbers(option, part)[0], part.endswith("%")) for part in parts)


def _share(option: str, text: str) -> Decimal:
    """Return a fraction, below 1 in size, from 2% or 0.02."""
    number = options.numbers(option, text)[0]
    if "," in text or abs(number) >= 1:
        raise SettingsRefused(f"{option} is {text[:40]!r}: one share is meant, below 100%", mend=f"{option}=2%")
    return number


def _hours(text: str) -> Decimal:
    """Return hours from 8h, 2d or 8."""
    found = TIME.fullmatch(text.strip().lower())
    hours = Decimal(found[1]) * (HOURS_A_DAY if found[2] == "d" else 1) if found else Decimal(0)
    if not 0 < hours <= LONGEST_HOURS:
        raise SettingsRefused(f"--outage is {text[:40]!r}: hours or days up to a year are meant", mend="--outage 8h")
    return hours
