"""An account at a real venue, opened in the one mode that all its switches allow."""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from bot.accounts import Account, read_account
from bot.domain.instrument import Kind
from bot.domain.mode import Mode
from bot.domain.policy import Policy
from bot.errors import SettingsRefused
from bot.keys.prompt import typed
from bot.keys.sources import Found, find_credentials
from bot.policy.named import policy_coins, policy_kinds
from bot.ports import Clock
from bot.settings import RealAccount
from bot.venues import wire as wire_module
from bot.venues.connect import Login, connect
from bot.venues.dry_run import DryRunGateway
from bot.venues.gateway import Gateway
from bot.venues.row import VenueRow
from bot.venues.rows import row_of
from bot.venues.scope import Scope
from bot.venues.setup import WantedSetting

QUOTE = "USDT"
Ask = Callable[[str], str]


def allowed_mode(account: Account, real: RealAccount) -> Mode:
    """Return what may be done: what the file says, except that live needs the flag and the typed name as well.

    Without the flag a live account is looked at in dry-run. Raises SettingsRefused where the switches disagree.
    """
    if account.mode is not Mode.LIVE:
        if real.live:
            raise SettingsRefused(
                f"--live is given, and the file of {account.name} says {account.mode}",
                mend='leave --live away, or write mode = "live" there yourself',
            )
        return account.mode
    if not real.live:
        return Mode.DRY_RUN
    if real.confirmed != account.name:
        raise SettingsRefused(
            f"real money needs the account's name typed: {real.confirmed[:40]!r} is not {account.name!r}",
            mend=f"--confirm {account.name}",
        )
    return Mode.LIVE


def scope_of(policy: Policy | None, kinds: frozenset[Kind]) -> Scope:
    """Return what of the venue is looked at for a policy; without one only what is held."""
    if policy is None:
        return Scope(coins=(), quote=QUOTE, kinds=frozenset())
    return Scope(coins=policy_coins(policy), quote=policy.quote, kinds=policy_kinds(policy) | kinds)


def refuse_unseen_money(row: VenueRow, policy: Policy | None) -> None:
    """Raise SettingsRefused where contracts settled in the policy's money could be opened and not be seen again."""
    if policy is not None and policy.quote not in row.money:
        raise SettingsRefused(
            f"the policy counts in {policy.quote}, and at {row.title} only positions in "
            f"{', '.join(sorted(row.money))} are looked at",
            mend=f'quote = "{max(row.money)}" in the policy',
        )


def found_keys(real: RealAccount, ask: Ask | None = None) -> Found:
    """Return an account's keys and where they were; `ask` asks a person for the key store's passphrase."""
    return find_credentials(real.name, real.home, os.environ, ask or asked_on_terminal())


def asked_on_terminal() -> Ask | None:
    """Return how to ask a person for a passphrase, None where nobody sits at a terminal."""
    return typed if sys.stdin.isatty() else None


@asynccontextmanager
async def opened_gateway(
    real: RealAccount, policy: Policy | None, kinds: frozenset[Kind], clock: Clock, keys: Found | None = None
) -> AsyncIterator[Gateway]:
    """Yield the account as an Exchange: one that sends where the switches allow it, else one that only looks."""
    account = read_account(real.home, real.name)
    mode, row = allowed_mode(account, real), row_of(account.venue)
    refuse_unseen_money(row, policy)
    found = (keys or found_keys(real)).credentials
    login = Login(key=found.key, secret=found.secret, passphrase=found.passphrase or "")
    setting = WantedSetting(margin_mode=account.margin, leverage=account.leverage)
    kind = DryRunGateway if mode is Mode.DRY_RUN else Gateway
    async with AsyncExitStack() as opened:
        wire = wire_module.open_wire()
        opened.push_async_callback(wire.close)
        connection = connect(row, mode, login, clock, wire)
        opened.push_async_callback(connection.close)
        yield kind(connection, scope_of(policy, kinds), clock, account.name, setting)
