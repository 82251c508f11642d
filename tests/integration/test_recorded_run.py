"""`poise run` on real history: two weeks of hourly cycles from cash, journaled, with books that close."""

import json
from pathlib import Path

import pytest

from bot.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
POLICY = ROOT / "examples" / "recorded-btc-eth.toml"


@pytest.mark.slow
def test_two_weeks_of_real_hours_close_their_books(capsys: pytest.CaptureFixture[str]) -> None:
    """From 100,000 USDT on 2023-06-01: the core is built, hedged, and every balance is explained."""
    if not (DATA / "btc_eth_1h_binance.csv.gz").exists():
        pytest.skip("../shared/data is not beside the repository")
    words = ["--policy", str(POLICY), "--data", str(DATA)]
    assert run(["run", *words, "--cash", "100000", "--until", "2023-06-15", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)["body"]
    figures = body["figures"]
    assert body["cycles"] > 330
    assert body["books"]["unexplained"] == 0
    assert body["books"]["entries"] > 100
    assert 90_000 < float(figures["end_equity"]) < 110_000
    assert float(figures["turnover"]) > 60_000
    assert float(figures["funding_received"]) > 0
    assert figures["hedge_effectiveness"] > 0.1
    assert run(["status", "--policy", str(POLICY), "--json"]) == 0
    status = json.loads(capsys.readouterr().out)["body"]
    assert 0.6 <= float(status["core_share"]) <= 0.8
    assert 0.1 < float(status["hedge_ratio"]) < 0.2
    assert status["discrepancies"] == []
    assert run(["journal", "verify"]) == 0
    assert run(["replay", "latest"]) == 0
