"""The sweep: settled profit above the floor, within the day, the free money and the wallet's safety."""

from decimal import Decimal
from typing import Any

import pytest

from bot.domain.order import Sleeve
from bot.domain.rules import SweepRules
from bot.policy.sweep import Sweep, wanted_sweep
from tests.builders import d


def the_rules(**changes: Any) -> SweepRules:
    """Of 100,000: sweep what is above 1,000, from 500, at most 2,000 a day; survive +30 % afterwards."""
    fields: dict[str, Any] = {
        "to": Sleeve.RESERVE,
        "floor": d("0.01"),
        "minimum": d("0.005"),
        "max_daily": d("0.02"),
        "min_survival": d("0.3"),
        "advise_only": False,
    }
    return SweepRules(**(fields | changes))


def swept(**changes: Any) -> Sweep:
    """The sweep of a book of 100,000 with plenty free in a wallet that no rally ends."""
    given: dict[str, Any] = {
        "settled": d(2_500),
        "equity": d(100_000),
        "futures_free": d(50_000),
        "swept_today": d(0),
        "survival_after": lambda _amount: None,
    }
    return wanted_sweep(changes.pop("rules", the_rules()), **(given | changes))


def shorts_of_10_000(wallet: Decimal) -> Any:
    """The rise a short of 10,000 survives on a wallet, margin left out: (wallet − amount) / 10,000."""
    return lambda amount: (wallet - amount) / 10_000


def test_what_is_above_the_floor_is_swept() -> None:
    """2,500 settled, 1,000 stay."""
    sweep = swept()
    assert sweep.amount == 1_500
    assert sweep.advice is None
    assert sweep.reason == (
        "profit to the reserve: 1500.00 is settled profit 2500.00 above the floor of 1000.00; no rally ends the wallet"
    )


def test_a_day_has_its_cap() -> None:
    """At most 2,000 a day: of 4,000 above the floor 2,000 go, and 1,200 when 800 have gone; after 1,900 nothing."""
    assert swept(settled=d(5_000)).amount == 2_000
    later = swept(settled=d(5_000), swept_today=d(800))
    assert later.amount == 1_200
    assert "the day's cap of 2000.00" in later.reason
    assert swept(settled=d(5_000), swept_today=d(1_900)).amount == 0
    assert swept(settled=d(5_000), swept_today=d(3_000)).amount == 0


def test_only_free_money_goes_cut_to_a_cent() -> None:
    """700.129 free: 700.12."""
    sweep = swept(futures_free=d("700.129"))
    assert sweep.amount == d("700.12")
    assert "free in the futures wallet" in sweep.reason
    assert swept(futures_free=d(-5)).amount == 0


def test_little_stays_where_it_is() -> None:
    """Less than 500 above the floor is not worth a sweep, and a loss is none at all."""
    assert swept(settled=d("1499.99")).amount == 0
    assert swept(settled=d(1_500)).amount == 500
    loss = swept(settled=d(-3_000), rules=the_rules(minimum=d(0)))
    assert loss.amount == 0
    assert loss.reason == "nothing is swept: settled profit -3000.00 is not 0.00 above the floor"


def test_the_wallet_keeps_what_it_needs_to_survive() -> None:
    """4,000 on 10,000 short survive +40 %: 1,000 may go until +30 % is left, to the cent."""
    sweep = swept(survival_after=shorts_of_10_000(d(4_000)))
    assert sweep.amount == 1_000
    assert sweep.reason == (
        "profit to the reserve: 1000.00 is what leaves the wallet a survivable rise of 30.0%; "
        "the wallet then survives +30.0%"
    )
    assert swept(survival_after=shorts_of_10_000(d("3777.777"))).amount == d("777.77")


def test_a_wallet_that_is_weak_already_keeps_everything() -> None:
    """At +25 % nothing may go; at +33 % only 300, which is too little."""
    assert swept(survival_after=shorts_of_10_000(d(2_500))).amount == 0
    weak = swept(survival_after=shorts_of_10_000(d(3_300)))
    assert weak.amount == 0
    assert "300.00 may go" in weak.reason


@pytest.mark.parametrize("cents", [1, 2, 3, 99_999, 150_000])
def test_the_border_is_found_to_the_cent(cents: int) -> None:
    """Wherever the border lies, exactly that many cents may go."""
    border = d(cents) / 100
    found = swept(
        rules=the_rules(minimum=d(0)), survival_after=lambda amount: d("0.3") if amount <= border else d("0.2999")
    )
    assert found.amount == border


def test_what_may_only_be_advised_is_said_and_not_done() -> None:
    """The amount is the advice's, and nothing moves."""
    sweep = swept(rules=the_rules(advise_only=True, to=Sleeve.CORE))
    assert sweep.amount == 0
    assert sweep.advice is not None
    assert (sweep.advice.sleeve, sweep.advice.subject, sweep.advice.value) == (Sleeve.CORE, "sweep", d(1_500))
    assert sweep.advice.text.startswith("1500.00 of settled profit could go from the futures wallet to the core")
