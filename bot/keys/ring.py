"""The operating system's own store of secrets, where there is one."""

import json

from bot.errors import CredentialsRefused
from bot.keys.credentials import Credentials, from_parts, parts_of

SERVICE = "poise"


def read_ring(account: str) -> Credentials | None:
    """Return what the keyring has for an account; None where it has nothing, or is not there at all."""
    try:
        import keyring  # noqa: PLC0415 - an extra
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        told = keyring.get_password(SERVICE, account)
    except KeyringError:
        return None
    try:
        return None if told is None else from_parts(json.loads(told), "the keyring")
    except ValueError:
        raise CredentialsRefused(
            f"the keyring's entry for {account} is damaged", mend=f"poise keys add {account}"
        ) from None


def write_ring(account: str, credentials: Credentials) -> None:
    """Put an account's credentials into the keyring; raise CredentialsRefused where there is none that works."""
    try:
        import keyring  # noqa: PLC0415
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        raise CredentialsRefused(
            "keyring is not installed", mend="pip install 'poise[keyring]', or --into keystore"
        ) from None
    try:
        keyring.set_password(SERVICE, account, json.dumps(parts_of(credentials)))
    except KeyringError as error:
        what = type(error).__name__
        raise CredentialsRefused(f"the keyring took nothing ({what})", mend="--into keystore") from None


def forget_ring(account: str) -> bool:
    """Take an account out of the keyring; return whether it was there."""
    if read_ring(account) is None:
        return False
    import keyring  # noqa: PLC0415

    keyring.delete_password(SERVICE, account)
    return True
