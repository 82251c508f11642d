"""Every test of keys has a keyring of its own: nobody's real one is asked."""

from collections.abc import Iterator

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from tests.unit.keys.rings import RememberingRing


@pytest.fixture(autouse=True)
def no_ring() -> Iterator[None]:
    """Let the keyring library find no keyring that works, as on a server."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


@pytest.fixture
def ring(no_ring: None) -> RememberingRing:
    """Return a keyring that works, behind the real library."""
    found = RememberingRing()
    keyring.set_keyring(found)
    return found
