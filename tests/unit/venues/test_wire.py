"""The session everything leaves by: whom it trusts, and what it reads of the environment, which is nothing."""

import ssl
from pathlib import Path

import pytest

from bot.venues.wire import trusted


def test_no_secret_of_a_connection_is_written_wherever_the_environment_names_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSLKEYLOGFILE is what people set to look into traffic: with it Python's own default writes the keys there."""
    file = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(file))
    context = trusted()
    assert context.keylog_filename is None
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert len(context.get_ca_certs()) > 100
    assert not file.exists()
