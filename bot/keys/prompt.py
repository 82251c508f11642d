"""Asking a person for a secret on the terminal, without showing it."""

import getpass
import warnings

from bot.errors import CredentialsRefused


def typed(question: str) -> str:
    """Return what a person types, which is not shown; raise CredentialsRefused where the terminal would show it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(f"{question}: ").strip()
    except getpass.GetPassWarning:
        why = "this terminal would show what you type"
    except EOFError:
        why = "nothing was typed"
    raise CredentialsRefused(f"{question}: {why}", mend="use another terminal, or a pipe")
