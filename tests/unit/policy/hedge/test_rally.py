"""What a rally does to the hedge is said with the cost of closing and of keeping it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import Kind
from bot.domain.order import Sleeve
from bot.domain.plan import Advice
from bot.domain.sleeves import Claim
from bot.domain.snapshot import FundingRate, Snapshot
from bot.policy.hedge.rally import hedge_costs, rally_advice
from tests.builders import NOON, a_claim, a_perpetual, a_policy, a_quote, a_short, a_snapshot, an_inverse_perpetual, d

PERPETUAL = "BTC/USDT:USDT"


def a_hurt_hedge(price: int = 70_000, **changes: Any) -> Snapshot:
    """Half of 2 BTC sold short at 60,000."""
    return a_snapshot(
        spot={"BTC": 2}, price={"BTC": price}, futures_usdt=40_000, shorts=(a_short("BTC", 1, entry=60_000),), **changes
    )


def said(snapshot: Snapshot, *claims: Claim, equity: int = 170_000, survives: str | None = "0.25") -> Advice | None:
    """What is advised on a book of 170,000."""
    rise = None if survives is None else Decimal(survives)
    return rally_advice(a_policy(), snapshot, claims, equity=d(equity), survives=lambda: rise)


def test_a_hurt_hedge_says_what_closing_and_keeping_it_cost() -> None:
    """1 BTC short from 60,000 to 70,000: 10,000 lost; closing 35 of fees and 7 of spread; 21 a day of funding."""
    advice = said(a_hurt_hedge())
    assert advice is not None
    assert (advice.sleeve, advice.subject, advice.value) == (Sleeve.HEDGE, "rally", d(10_000))
    assert advice.text == (
        "the rally cost the hedge 10000.00 USDT not realised yet (5.9% of equity), and the coins it covers gained "
        "about as much; closing now makes it real and costs 42.00 more in fees and spread; keeping it earns 21.00 USDT "
        "a day in funding, and the wallet survives a further +25.0%; nothing is closed by this"
    )


def test_a_small_loss_and_a_gain_are_not_talked_about() -> None:
    """2 % of equity and less is the hedge's ordinary work."""
    assert said(a_hurt_hedge(), equity=500_000) is None
    assert said(a_hurt_hedge(), equity=499_999) is not None
    assert said(a_hurt_hedge(50_000)) is None
    assert said(a_snapshot(spot={"BTC": 2})) is None


def test_a_short_that_pays_is_said_to_cost() -> None:
    """-1 bp per 4 h on 70,000 is 42 a day."""
    paid = FundingRate(symbol=PERPETUAL, rate=d("-0.0001"), interval_hours=d(4), next_at=NOON)
    advice = said(a_hurt_hedge(funding={PERPETUAL: paid}), survives=None)
    assert advice is not None
    assert "keeping it costs 42.00 USDT a day in funding, and no further rally ends the wallet" in advice.text


def test_an_unknown_funding_is_said_to_be_unknown() -> None:
    """No rate, no number."""
    advice = said(a_hurt_hedge(funding={}))
    assert advice is not None
    assert "keeping it pays or earns a funding the venue does not tell" in advice.text


def test_what_other_sleeves_claim_is_not_the_hedge() -> None:
    """Carry holds 0.4 of the short from 65,000: 2,000 of the 10,000 are its own; 0.6 are left to close."""
    carry = a_claim(Sleeve.CARRY, PERPETUAL, "-0.4", entry=d(65_000))
    elsewhere = a_claim(Sleeve.CARRY, "BTC/USDT", "0.4")
    (cost,) = hedge_costs(a_hurt_hedge(), (carry, elsewhere))
    assert (cost.profit, cost.closing) == (d(-8_000), d("25.2"))
    assert hedge_costs(a_hurt_hedge(), (replace(carry, quantity=d(-1)),)) == ()


def test_a_loss_that_is_carrys_own_is_not_the_hedges() -> None:
    """10,000 of 170,000 are lost on the whole short, but the 0.9 of it that carry sold lost 9,000."""
    carry = a_claim(Sleeve.CARRY, PERPETUAL, "-0.9", entry=d(60_000))
    assert said(a_hurt_hedge(), carry) is None
    assert said(a_hurt_hedge(), replace(carry, quantity=d("-0.1"))) is not None


@pytest.mark.parametrize("kind", [Kind.INVERSE_PERPETUAL, Kind.INVERSE_FUTURE])
def test_a_coin_margined_short_counts_its_coins_at_the_mark(kind: Kind) -> None:
    """600 contracts of 100 from 60,000 to 70,000 lose 1/7 of a coin: 10,000. A dated one pays no funding."""
    dated = kind.is_dated
    symbol = "BTC/USD:BTC-260327" if dated else "BTC/USD:BTC"
    instrument = an_inverse_perpetual(
        "BTC", symbol=symbol, kind=kind, expiry=NOON + timedelta(days=85) if dated else None
    )
    snapshot = a_snapshot(
        spot={"BTC": 2},
        shorts=(a_short("BTC", 600, entry=60_000, symbol=symbol),),
        instruments={symbol: instrument, PERPETUAL: a_perpetual()},
        quotes={symbol: a_quote(symbol, 70_000)},
        funding={symbol: FundingRate(symbol=symbol, rate=d("0.0001"), interval_hours=d(8), next_at=NOON)},
    )
    (cost,) = hedge_costs(snapshot, ())
    assert round(cost.profit, 9) == -10_000
    assert round(cost.closing, 9) == 36
    assert cost.funding_per_day == (0 if dated else 18)
