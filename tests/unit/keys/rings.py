"""Keyrings for the real `keyring` library: one that remembers, one that forgets, one that breaks."""

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class RememberingRing(KeyringBackend):
    """Keeps what it is given while the test runs."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what was kept."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        del self.kept[service, username]


class ForgetfulRing(RememberingRing):
    """Takes everything and keeps nothing, as the library's own null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Drop it."""


class StubbornRing(RememberingRing):
    """Lets nothing go."""

    def delete_password(self, service: str, username: str) -> None:
        """Refuse."""
        raise PasswordDeleteError("no")


class BrokenRing(RememberingRing):
    """Fails as a desktop's own library may: with an error of its own, which quotes what it was given."""

    def get_password(self, service: str, username: str) -> str | None:
        """Fail."""
        raise ConnectionError(f"no bus for {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail, and tell."""
        raise ConnectionError(f"no bus for {password}")
