"""keys: put an account's API keys away, see where they are, change them. No key is ever an argument."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode, printable
from bot.cli.options import Home, Json
from bot.errors import CredentialsRefused

if TYPE_CHECKING:
    from bot.keys.credentials import Credentials

ADD_HELP = """Put an account's API key away: asked for without echo, or read line by line from a pipe.

Lines of a pipe: the key, the secret, with --with-passphrase the venue's passphrase, and for the key store its
own passphrase where no file names it.

Example: poise keys add bybit-test
"""
LIST_HELP = """List which accounts have keys, and where. Nothing is unsealed.

Example: poise keys list
"""
CHECK_HELP = """Open an account's keys and say where they came from. The venue is asked by `poise doctor`.

Example: poise keys check bybit-test
"""
ROTATE_HELP = """Change an account's keys: the old ones are kept until --finish, and --abort goes back to them.

Example: poise keys rotate bybit-test
"""
REMOVE_HELP = """Forget an account's keys, wherever Poise can write.

Example: poise keys remove bybit-test
"""
Name = Annotated[str, typer.Argument(help="The account's name.")]


def add(
    account: Name,
    home: Home = None,
    into: Annotated[str, typer.Option("--into", help="keystore (encrypted), file (mode 600) or keyring.")] = "keystore",
    with_passphrase: Annotated[bool, typer.Option("--with-passphrase", help="The venue wants one: OKX, WEEX.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over keys that are there.")] = False,
    as_json: Json = False,
) -> int:
    """Put keys away."""
    from bot.accounts import account_folder
    from bot.keys.holding import KEYSTORE, Store, keep
    from bot.report.envelope import envelope
    from bot.simulator.clock import WallClock

    root = _root(home)
    account_folder(root, account)
    found = _asked(with_passphrase=with_passphrase)
    phrase = _phrase(root, new=True) if into == KEYSTORE else ""
    store = Store(into=into, home=root, environ=os.environ, phrase=phrase)
    where = keep(account, found, store, WallClock().now(), force=force)
    if as_json:
        typer.echo(envelope("keys", {"account": account, "where": where, "fingerprint": found.fingerprint}))
    else:
        typer.echo(
            f"kept: {found.fingerprint} for {account} in {printable(where)}\nNext:  poise doctor --account {account}"
        )
    return ExitCode.DONE


def listed(home: Home = None, as_json: Json = False) -> int:
    """List what is kept."""
    from bot.accounts import account_names
    from bot.canonical import to_plain
    from bot.keys.holding import listed as kept_keys
    from bot.report.envelope import envelope

    root = _root(home)
    found = kept_keys(root, os.environ, account_names(root))
    if as_json:
        typer.echo(envelope("keys", {"keys": [to_plain(one) for one in found]}))
        return ExitCode.DONE
    if not found:
        typer.echo("No keys are kept here.\nNext:  poise keys add NAME")
    for one in found:
        more = " · being changed: --finish or --abort" if one.rotating else ""
        typer.echo(printable(f"{one.account:<20} {one.fingerprint or 'sealed':<8} {one.where} {one.since}{more}"))
    return ExitCode.DONE


def check(account: Name, home: Home = None, as_json: Json = False) -> int:
    """Open an account's keys."""
    from bot.keys.sources import find_credentials
    from bot.report.envelope import envelope

    found = find_credentials(account, _root(home), os.environ, ask)
    keys = found.credentials
    if as_json:
        told = {"account": account, "where": found.where, "fingerprint": keys.fingerprint}
        typer.echo(envelope("keys-check", {**told, "passphrase": keys.passphrase is not None}))
    else:
        typer.echo(printable(f"{account}: key {keys.fingerprint} from {found.where}"))
        typer.echo(f"Next:  poise doctor --account {account}   asks the venue what this key may do")
    return ExitCode.DONE


def rotate(
    account: Annotated[str | None, typer.Argument(help="The account's name.")] = None,
    home: Home = None,
    finish: Annotated[bool, typer.Option("--finish", help="The new keys work: forget the old ones.")] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Go back to the old keys.")] = False,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Change the key store's own passphrase.")] = False,
    with_passphrase: Annotated[bool, typer.Option("--with-passphrase", help="The venue wants one: OKX, WEEX.")] = False,
) -> int:
    """Change keys."""
    from bot.keys import holding
    from bot.simulator.clock import WallClock

    root = _root(home)
    if passphrase:
        old = _phrase(root, new=False)
        count = holding.change_phrase(root, old, _secret("New passphrase of the key store"))
        typer.echo(f"{count} accounts are sealed under the new passphrase")
        return ExitCode.DONE
    if account is None:
        raise CredentialsRefused("whose keys are to be changed is not said", mend="poise keys rotate NAME")
    if finish or abort:
        (holding.finish if finish else holding.abort)(account, root)
        typer.echo(f"{account}: {'the old keys are forgotten' if finish else 'the old keys are back'}")
        return ExitCode.DONE
    found = _asked(with_passphrase=with_passphrase)
    holding.rotate(account, found, root, _phrase(root, new=False), WallClock().now())
    typer.echo(f"{account}: {found.fingerprint} is in use, the old keys are kept")
    typer.echo(f"Next:  poise doctor --account {account}   ·   poise keys rotate {account} --finish   (or --abort)")
    return ExitCode.DONE


def remove(account: Name, home: Home = None) -> int:
    """Forget keys."""
    from bot.keys.holding import forget

    gone = forget(account, _root(home), os.environ)
    typer.echo(printable(f"{account}: gone from {', '.join(gone)}. Delete the key at the venue as well."))
    return ExitCode.DONE


def ask(question: str) -> str:
    """Return what a person types without echo; a pipe's next line where there is no terminal."""
    return _secret(question)


def _root(home: Path | None) -> Path:
    return options.settings(home).switch.parent


def _asked(*, with_passphrase: bool) -> "Credentials":
    from bot.keys.credentials import Credentials

    key, secret = _secret("API key"), _secret("Secret")
    return Credentials(key=key, secret=secret, passphrase=_secret("Passphrase") if with_passphrase else None)


def _phrase(root: Path, *, new: bool) -> str:
    """Return the key store's passphrase; a new store's is asked for twice on a terminal."""
    from bot.keys.keystore import store_path
    from bot.keys.sources import passphrase

    begins = new and not store_path(root).exists()
    found = passphrase(os.environ, ask)
    typed = begins and sys.stdin.isatty() and not os.environ.get("POISE_KEYSTORE_PASSPHRASE_FILE")
    if typed and _secret("The same again") != found:
        raise CredentialsRefused("the two passphrases differ: nothing was kept", mend="poise keys add NAME")
    return found


def _secret(question: str) -> str:
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(f"{question}: ").strip()
    line = sys.stdin.readline()
    if not line:
        raise CredentialsRefused(
            f"{question}: there is nobody to ask, and no line left to read", mend="poise keys add NAME"
        )
    return line.strip()
