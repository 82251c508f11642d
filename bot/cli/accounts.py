"""accounts: which accounts at real venues there are, each with its venue, its mode and how contracts are held."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode, printable
from bot.cli.options import Home, Json
from bot.errors import SettingsRefused

if TYPE_CHECKING:
    from bot.domain.mode import Mode
    from bot.domain.snapshot import MarginMode

ADD_HELP = """Set up an account at a real venue. No key is asked for here: poise keys add NAME.

The mode is dry-run unless another is named: the account is read, and nothing can be sent.

Example: poise accounts add bybit-test --venue bybit --mode testnet
"""
LIST_HELP = """List the accounts that are set up.

Example: poise accounts list
"""
Name = Annotated[str, typer.Argument(help="The account's name: small letters, digits and hyphens.")]


def add(
    name: Name,
    venue: Annotated[str, typer.Option("--venue", help="binance, bybit, bingx, weex, mexc or okx.")],
    mode: Annotated[str, typer.Option("--mode", help="dry-run, testnet, demo or live.")] = "dry-run",
    margin: Annotated[str, typer.Option("--margin", help="How contracts are held: cross or isolated.")] = "cross",
    leverage: Annotated[str, typer.Option("--leverage", help="Leverage set at the venue, 1 to 10.")] = "3",
    home: Home = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing account.")] = False,
    as_json: Json = False,
) -> int:
    """Set up an account."""
    from bot.accounts import Account, write_account
    from bot.accounts import leverage as checked_leverage
    from bot.report.envelope import envelope
    from bot.venues.connect import access_of
    from bot.venues.rows import row_of

    row = row_of(venue)
    account = Account(
        name=name,
        venue=venue,
        mode=_mode(mode),
        margin=_margin(margin),
        leverage=checked_leverage(leverage, "--leverage"),
    )
    access = access_of(row, account.mode)
    path = write_account(options.root(home), account, force=force)
    if as_json:
        typer.echo(envelope("account", {"name": name, "venue": venue, "mode": str(account.mode), "file": str(path)}))
        return ExitCode.DONE
    typer.echo(f"written: {printable(str(path))}")
    if access.note:
        typer.echo(f"note: {access.note}")
    typer.echo(f"Next:  poise keys add {name}   ·   poise doctor --account {name}")
    return ExitCode.DONE


def listed(home: Home = None, as_json: Json = False) -> int:
    """List the accounts."""
    from bot.accounts import account_names, read_account
    from bot.report.envelope import envelope

    root = options.root(home)
    found = [read_account(root, name) for name in account_names(root)]
    if as_json:
        rows = [
            {
                "name": one.name,
                "venue": one.venue,
                "mode": str(one.mode),
                "margin": str(one.margin),
                "leverage": f"{one.leverage:f}",
            }
            for one in found
        ]
        typer.echo(envelope("accounts", {"accounts": rows}))
        return ExitCode.DONE
    if not found:
        typer.echo("No account is set up: Poise works on its simulated venue.")
        typer.echo("Next:  poise accounts add bybit-test --venue bybit --mode testnet")
    for one in found:
        typer.echo(f"{one.name:<20} {one.venue:<8} {one.mode:<8} {one.margin} {one.leverage:f}x")
    return ExitCode.DONE


def _mode(text: str) -> "Mode":
    from bot.domain.mode import Mode

    try:
        found = Mode(text)
    except ValueError:
        found = Mode.SIMULATED
    if found is Mode.SIMULATED:
        raise SettingsRefused(f"--mode {text[:20]!r} is no mode", mend="dry-run, testnet, demo or live")
    return found


def _margin(text: str) -> "MarginMode":
    from bot.domain.snapshot import MarginMode

    try:
        return MarginMode(text)
    except ValueError:
        raise SettingsRefused(f"--margin {text[:20]!r} is no way to hold contracts", mend="cross or isolated") from None
