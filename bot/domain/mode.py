"""The modes an account can be in, from play money to real money."""

from enum import StrEnum


class Mode(StrEnum):
    """Where orders go. Dry-run reads a real account and can send nothing; testnet and demo are play money."""

    SIMULATED = "simulated"
    DRY_RUN = "dry-run"
    TESTNET = "testnet"
    DEMO = "demo"
    LIVE = "live"
