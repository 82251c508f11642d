"""Which account, which venue, which money: said on every screen, and typed before real money moves."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from bot.errors import SettingsRefused

if TYPE_CHECKING:
    from bot.settings import Settings

MONEY = {
    "dry-run": "the real account, looked at only: nothing can be sent",
    "testnet": "play money on the venue's test network",
    "demo": "play money on the venue's demo side",
    "live": "REAL MONEY",
}


def mode_of(chosen: "Settings") -> str:
    """Return the mode a command works in, in the words of the account's file; simulated without an account."""
    if chosen.real is None:
        return "simulated"
    from bot.accounts import read_account
    from bot.real_account import allowed_mode

    return allowed_mode(read_account(chosen.real.home, chosen.real.name), chosen.real).value


def told_and_confirmed(chosen: "Settings", *, as_json: bool) -> "Settings":
    """Say on stderr which account is meant, and return the settings with the account's name as a person typed it.

    Only --live asks, and only on a terminal; what was given with --confirm is not asked again.
    """
    if chosen.real is None:
        return chosen
    from bot.accounts import read_account
    from bot.real_account import allowed_mode

    account = read_account(chosen.real.home, chosen.real.name)
    if chosen.real.live and not chosen.real.confirmed:
        if as_json or not sys.stdin.isatty():
            raise SettingsRefused(
                "real money needs the account's name typed, and there is nobody to ask", mend="--confirm NAME"
            )
        typed = typer.prompt("This is real money. Type the account's name", err=True)
        chosen = replace(chosen, real=replace(chosen.real, confirmed=str(typed).strip()))
    assert chosen.real is not None
    mode = allowed_mode(account, chosen.real)
    if not as_json:
        typer.echo(f"Account {account.name} at {account.venue}, {mode}: {MONEY[mode]}.\n", err=True)
    return chosen
