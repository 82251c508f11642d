"""keys: put an account's API keys away, see where they are, change them. No key is ever an argument."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode, printable
from bot.cli.options import Home, Json
from bot.errors import CredentialsRefused, SettingsRefused

if TYPE_CHECKING:
    from bot.keys.credentials import Credentials
    from bot.keys.listing import Kept

ADD_HELP = """Put an account's API key away: asked for without echo, or read line by line from a pipe.

Lines of a pipe: the key, the secret, with --with-passphrase the venue's passphrase, and for the key store its
own passphrase where no file names it.

Example: poise keys add bybit-test
"""
LIST_HELP = """List which accounts have keys, where, and which are used. Nothing is unsealed.

Example: poise keys list
"""
CHECK_HELP = """Open an account's keys and say where they came from. The venue is asked by `poise doctor`.

Example: poise keys check bybit-test
"""
ROTATE_HELP = """Change an account's keys: the old ones are kept until --finish, and --abort goes back to them.

With --passphrase, and no account, the key store is sealed again under a new passphrase.

Example: poise keys rotate bybit-test
"""
REMOVE_HELP = """Forget an account's keys, in every store that has them.

Example: poise keys remove bybit-test
"""
Name = Annotated[str, typer.Argument(help="The account's name.")]
WithPassphrase = Annotated[
    bool, typer.Option("--with-passphrase", help="The venue gave a passphrase as well: OKX, WEEX.")
]


def add(
    account: Name,
    home: Home = None,
    into: Annotated[str, typer.Option("--into", help="keystore (encrypted), file (mode 600) or keyring.")] = "keystore",
    with_passphrase: WithPassphrase = False,
    force: Annotated[bool, typer.Option("--force", help="Write over keys that are there.")] = False,
    as_json: Json = False,
) -> int:
    """Put keys away."""
    from dataclasses import replace

    from bot.keys.holding import KEYSTORE, Store, check_free, keep, stores_with
    from bot.simulator.clock import WallClock

    root = options.root(home)
    store = Store(into=into, home=root, environ=os.environ)
    check_free(account, store, force=force)
    found = _asked(with_passphrase=with_passphrase)
    if into == KEYSTORE:
        store = replace(store, phrase=_phrase(root))
    where = keep(account, found, store, WallClock().now(), force=force)
    first = stores_with(account, root, os.environ)[0]
    shadowed = first != into
    if as_json:
        told = {"account": account, "where": where, "fingerprint": found.fingerprint, "used": not shadowed}
        return _document("keys-add", told)
    typer.echo(f"kept: key {found.fingerprint} for {account} in {printable(where)}")
    if shadowed:
        typer.echo(f"note: not used, since {printable(replace(store, into=first).named(account))} is asked first")
    typer.echo(f"Next:  poise doctor --account {account}")
    return ExitCode.DONE


def listed(home: Home = None, as_json: Json = False) -> int:
    """List what is kept."""
    from bot.accounts import account_names
    from bot.canonical import to_plain
    from bot.keys.listing import listed as kept_keys

    root = options.root(home)
    found = kept_keys(root, os.environ, account_names(root))
    if as_json:
        return _document("keys", {"keys": [to_plain(one) for one in found]})
    if not found:
        typer.echo("No keys are kept here.\nNext:  poise keys add NAME")
    for one in found:
        typer.echo(printable(_row(one)))
    return ExitCode.DONE


def _row(one: "Kept") -> str:
    """Return one place as a line, and further lines for what is to be said of it."""
    key = "REFUSED" if one.trouble else one.fingerprint or "sealed"
    since = f", since {one.since[:10]}" if one.since else ""
    notes = [] if one.used or one.trouble else ["not used: the one above is asked first"]
    notes += [f"being changed: poise keys rotate {one.account} --finish, or --abort"] if one.rotating else []
    notes += [one.trouble] if one.trouble else []
    return "\n".join([f"{one.account:<20} {key:<8} {one.where}{since}", *(f"{'':<30}{note}" for note in notes)])


def check(account: Name, home: Home = None, as_json: Json = False) -> int:
    """Open an account's keys."""
    from bot.keys.sources import find_credentials

    found = find_credentials(account, options.root(home), os.environ, _secret)
    keys = found.credentials
    if as_json:
        told = {"account": account, "where": found.where, "fingerprint": keys.fingerprint}
        return _document("keys-check", {**told, "passphrase": keys.passphrase is not None})
    more = " with a passphrase" if keys.passphrase is not None else ""
    typer.echo(printable(f"{account}: key {keys.fingerprint}{more} from {found.where}"))
    typer.echo(f"{_guarded(found.where)} The venue was not asked.")
    typer.echo(f"Next:  poise doctor --account {account}")
    typer.echo("       asks whether it works, may trade, may withdraw, and from which addresses")
    return ExitCode.DONE


def _guarded(where: str) -> str:
    """Return who could read keys in a place."""
    from bot.keys.environment import ENVIRONMENT
    from bot.keys.sources import KEY_STORE, KEYRING

    guarded = {
        ENVIRONMENT: "Whatever runs as this user can read it there.",
        KEY_STORE: "The store opens, and it is readable by its owner only.",
        KEYRING: "The system's keyring guards it.",
    }
    mine = "The file is yours, and readable by its owner only."
    return guarded.get(where, mine if where.startswith("the key file") else "Who may read it, the service decides.")


def rotate(
    account: Annotated[str | None, typer.Argument(help="The account's name.")] = None,
    home: Home = None,
    finish: Annotated[bool, typer.Option("--finish", help="The new keys work: forget the old ones.")] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Go back to the old keys.")] = False,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Change the key store's own passphrase.")] = False,
    with_passphrase: WithPassphrase = False,
    as_json: Json = False,
) -> int:
    """Change keys."""
    if sum((finish, abort, passphrase)) > 1:
        raise SettingsRefused("--finish, --abort and --passphrase are three things", mend="one of them")
    if passphrase:
        if account is not None:
            raise SettingsRefused(
                "the key store has one passphrase for all its accounts", mend="poise keys rotate --passphrase"
            )
        return _rephrased(options.root(home), as_json=as_json)
    if account is None:
        raise SettingsRefused("whose keys are to be changed is not said", mend="poise keys rotate NAME")
    if finish or abort:
        return _settled(account, options.root(home), abort=abort, as_json=as_json)
    return _rotated(account, options.root(home), with_passphrase=with_passphrase, as_json=as_json)


def _rephrased(root: Path, *, as_json: bool) -> int:
    from bot.keys.holding import change_phrase

    old = _phrase(root)
    count = change_phrase(root, old, _twice("New passphrase of the key store"))
    if as_json:
        return _document("keys-rotate", {"sealed_again": count})
    typer.echo(f"{count} {'account is' if count == 1 else 'accounts are'} sealed under the new passphrase")
    typer.echo("Backups of the key store still open with the old one.")
    return ExitCode.DONE


def _settled(account: str, root: Path, *, abort: bool, as_json: bool) -> int:
    from bot.keys import holding
    from bot.simulator.clock import WallClock

    store = holding.Store(into=holding.store_of(account, root, os.environ), home=root, environ=os.environ)
    if abort:
        holding.abort(account, store, WallClock().now())
    else:
        holding.finish(account, store)
    if as_json:
        return _document("keys-rotate", {"account": account, "kept": "old" if abort else "new"})
    typer.echo(f"{account}: {'the old keys are back' if abort else 'the old keys are forgotten'}")
    typer.echo(f"Delete the {'new' if abort else 'old'} key at the venue as well.")
    return ExitCode.DONE


def _rotated(account: str, root: Path, *, with_passphrase: bool, as_json: bool) -> int:
    from dataclasses import replace

    from bot.keys import holding
    from bot.simulator.clock import WallClock

    store = holding.Store(into=holding.store_of(account, root, os.environ), home=root, environ=os.environ)
    found = _asked(with_passphrase=with_passphrase)
    if store.into == holding.KEYSTORE:
        store = replace(store, phrase=_phrase(root))
    holding.rotate(account, found, store, WallClock().now())
    if as_json:
        return _document("keys-rotate", {"account": account, "fingerprint": found.fingerprint, "kept": "both"})
    typer.echo(f"{account}: key {found.fingerprint} is in use, the old one is kept")
    typer.echo(f"Next:  poise doctor --account {account}")
    typer.echo(f"       poise keys rotate {account} --finish   (or --abort)")
    return ExitCode.DONE


def remove(account: Name, home: Home = None, as_json: Json = False) -> int:
    """Forget keys."""
    from bot.keys.holding import forget

    gone = forget(account, options.root(home), os.environ)
    if as_json:
        return _document("keys-remove", {"account": account, "gone": gone})
    typer.echo(printable(f"{account}: gone from {', '.join(gone)}.\nDelete the key at the venue as well."))
    return ExitCode.DONE


def _document(kind: str, body: dict[str, object]) -> int:
    from bot.report.envelope import envelope

    typer.echo(envelope(kind, body))
    return ExitCode.DONE


def _asked(*, with_passphrase: bool) -> "Credentials":
    from bot.keys.credentials import Credentials

    key, secret = _secret("API key"), _secret("Secret")
    return Credentials(
        key=key, secret=secret, passphrase=_secret("The venue's passphrase") if with_passphrase else None
    )


def _phrase(root: Path) -> str:
    """Return the key store's passphrase; that of a store which begins is typed twice."""
    from bot.keys.environment import given_passphrase
    from bot.keys.keystore import entries, store_path
    from bot.keys.sources import QUESTION

    given = given_passphrase(os.environ)
    if given is not None:
        return given
    return _secret(QUESTION) if entries(store_path(root)) else _twice(QUESTION)


def _twice(question: str) -> str:
    """Return a new passphrase; on a terminal, where nobody sees a slip, it is typed twice."""
    found = _secret(question)
    if sys.stdin.isatty() and _secret("The same again") != found:
        raise CredentialsRefused("the two passphrases differ: nothing was kept", mend="the same command again")
    return found


def _secret(question: str) -> str:
    """Return what a person types without echo; a pipe's next line where there is no terminal."""
    if sys.stdin.isatty():
        from bot.keys.prompt import typed

        return typed(question)
    line = sys.stdin.readline()
    if not line:
        raise CredentialsRefused(
            f"{question}: there is nobody to ask, and no line left to read", mend="a terminal, or a pipe with the lines"
        )
    return line.strip()
