"""Stops at the venue: placed once, left alone while they fit, taken back when they do not, never able to open."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument
from bot.domain.order import CancelRequest, OpenOrder, OrderRequest, OrderType, Part, Side, Sleeve
from bot.domain.snapshot import Position
from bot.policy.exposure import measure_exposure
from bot.policy.plan.draft import Draft
from bot.policy.plan.stops import guards, propose_stops, stops_ended_by
from bot.policy.plan.wants import StopWish
from tests.builders import Number, a_long, a_memory, a_perpetual, a_policy, a_short, a_snapshot, d, own_id

PERP = "BTC/USDT:USDT"


def a_draft(
    *positions: Position, resting: tuple[OpenOrder, ...] = (), listed: Mapping[str, Instrument] | None = None
) -> Draft:
    """An empty plan over some positions; `listed` are markets with other rules than usual."""
    snapshot = a_snapshot(
        price={"BTC": 70_000, "ETH": 3_500}, futures_usdt=200_000, shorts=positions, open_orders=resting,
        spot={"BTC": 5, "USDT": 100_000},
    )  # fmt: skip
    snapshot = replace(snapshot, instruments={**snapshot.instruments, **(listed or {})})
    policy = a_policy()
    return Draft(policy=policy, snapshot=snapshot, exposure=measure_exposure(snapshot, policy), memory=a_memory())


def a_stop(quantity: Number = -1, trigger: Number = 66_500, rule: str = "trend") -> StopWish:
    """Sell 1 when the mark is at 66,500."""
    return StopWish(rule=rule, asset="BTC", symbol=PERP, quantity=d(quantity), trigger=d(trigger))


def a_resting(quantity: Number = 1, price: Number = 66_500, **changes: Any) -> OpenOrder:
    """Our own sell stop at the venue."""
    fields: dict[str, Any] = {
        "client_order_id": own_id("stop"), "symbol": PERP, "side": Side.SELL, "remaining": d(quantity),
        "price": d(price), "reduce_only": True, "type": OrderType.STOP,
    }  # fmt: skip
    return OpenOrder(**(fields | changes))


def placed(draft: Draft) -> list[tuple[str, Decimal, Decimal | None]]:
    """The stops proposed: side, quantity, trigger."""
    legs = [leg for proposal in draft.proposals for leg in proposal.legs]
    return [(leg.side.value, leg.quantity, leg.trigger) for leg in legs if isinstance(leg, OrderRequest)]


def taken_back(draft: Draft) -> list[str]:
    """The orders proposed to be cancelled."""
    legs = [leg for proposal in draft.proposals for leg in proposal.legs]
    return [leg.client_order_id for leg in legs if isinstance(leg, CancelRequest)]


def a_wish(quantity: Number = -1, rule: str = "trend") -> Part:
    """What a rule of the overlay wants."""
    return Part(sleeve=Sleeve.TACTICAL, rule=rule, quantity=d(quantity))


def an_entry(quantity: Number = 1, *parts: Part) -> OrderRequest:
    """A purchase of the overlay's."""
    mine = parts or (a_wish(quantity),)
    return OrderRequest(
        symbol=PERP, side=Side.BUY, quantity=d(quantity), price=d(70_100), type=OrderType.LIMIT_IOC,
        reduce_only=False, sleeve=Sleeve.TACTICAL, parts=mine,
    )  # fmt: skip


def test_a_missing_stop_is_placed_reduce_only_and_belongs_to_its_rule() -> None:
    """Long 1: sell 1 at 66,500."""
    draft = a_draft(a_long("BTC", 1, entry=70_000))
    propose_stops(draft, (a_stop(),), frozenset())
    (proposal,) = draft.proposals
    (leg,) = proposal.legs
    assert isinstance(leg, OrderRequest)
    assert (leg.side, leg.quantity, leg.trigger, leg.price, leg.reduce_only) == (Side.SELL, 1, 66_500, None, True)
    assert leg.parts == (Part(sleeve=Sleeve.TACTICAL, rule="trend", quantity=d(-1)),)
    assert (proposal.value, proposal.cost) == (0, 0)
    assert draft.advice == []


def test_a_stop_that_fits_is_left_alone() -> None:
    """The same side, size and trigger rest already; others' are not ours to touch, with whatever letter they begin."""
    theirs = (a_resting(client_order_id="somebody"), a_resting(client_order_id="hedge-guard-1"))
    draft = a_draft(a_long("BTC", 1, entry=70_000), resting=(a_resting(), *theirs))
    propose_stops(draft, (a_stop(),), frozenset())
    assert draft.proposals == []


def test_a_stop_at_another_price_is_replaced() -> None:
    """The trigger moved to 67,000: the old one goes, the new one comes."""
    draft = a_draft(a_long("BTC", 1, entry=70_000), resting=(a_resting(),))
    propose_stops(draft, (a_stop(trigger=67_000),), frozenset())
    assert taken_back(draft) == [own_id("stop")]
    assert placed(draft) == [("sell", d(1), d(67_000))]


def test_a_stop_a_thousandth_away_is_left_alone() -> None:
    """Filled at 70,004 instead of 70,000 the stop would be 66,503.80: not worth a moment without any."""
    draft = a_draft(a_long("BTC", 1, entry=70_004), resting=(a_resting(),))
    propose_stops(draft, (a_stop(trigger="66503.8"),), frozenset())
    assert draft.proposals == []


def test_a_stop_that_can_cover_only_a_part_is_placed_once() -> None:
    """1.5 of 2 are held: what rests for the second rule is the half that can rest, and it stays."""
    half = a_resting("0.5", 60_000, client_order_id=own_id("half"))
    draft = a_draft(a_long("BTC", "1.5", entry=70_000), resting=(a_resting(), half))
    propose_stops(draft, (a_stop(), a_stop(rule="other", trigger=60_000)), frozenset())
    assert draft.proposals == []
    assert ["0.500 of 1.000" in advice.text for advice in draft.advice] == [True]


def test_the_stops_of_two_slices_are_one_stop_together() -> None:
    """0.6 and 0.4 rest for an entry of 1: both stay. For 0.9 neither fits: both go, and one comes."""
    resting = (a_resting("0.6", client_order_id=own_id("1")), a_resting("0.4", client_order_id=own_id("2")))
    whole = a_draft(a_long("BTC", 1, entry=70_000), resting=resting)
    propose_stops(whole, (a_stop(),), frozenset())
    assert whole.proposals == []
    less = a_draft(a_long("BTC", "0.9", entry=70_000), resting=resting)
    propose_stops(less, (a_stop("-0.9"),), frozenset())
    assert (taken_back(less), placed(less)) == ([own_id("1"), own_id("2")], [("sell", d("0.9"), d(66_500))])


def test_a_stop_too_small_for_the_venue_is_only_said() -> None:
    """0.00007 BTC at 66,500 are 4.66 USDT, the venue takes 5: nothing is placed, again and again."""
    fine = a_perpetual(step=d("0.00001"), min_quantity=d("0.00001"))
    draft = a_draft(a_long("BTC", "0.00007", entry=70_000), listed={PERP: fine})
    propose_stops(draft, (a_stop("-0.00007"),), frozenset())
    assert draft.proposals == []
    assert "covers 0.00000 of 0.00007 at the venue" in draft.advice[0].text


def test_a_stop_of_another_size_is_replaced() -> None:
    """Half was sold since."""
    draft = a_draft(a_long("BTC", "0.5", entry=70_000), resting=(a_resting(),))
    propose_stops(draft, (a_stop("-0.5"),), frozenset())
    assert taken_back(draft) == [own_id("stop")]
    assert placed(draft) == [("sell", d("0.5"), d(66_500))]


def test_a_stop_nobody_wishes_is_taken_back() -> None:
    """Its position is gone."""
    draft = a_draft(resting=(a_resting(),))
    propose_stops(draft, (), frozenset())
    assert taken_back(draft) == [own_id("stop")]


def test_a_rule_that_is_leaving_keeps_its_stop_and_gets_no_new_one() -> None:
    """Until it is out, the old stop guards it; a missing one is not placed for what is being sold."""
    position = a_long("BTC", 1, entry=70_000)
    kept, bare = a_draft(position, resting=(a_resting(),)), a_draft(position)
    for draft in (kept, bare):
        propose_stops(draft, (a_stop(),), frozenset({"trend"}))
        assert draft.proposals == []


def test_a_stop_that_another_sleeve_stands_against_is_said() -> None:
    """The hedge is short 3, the overlay long 1: together −2, and a sale would open."""
    draft = a_draft(a_short("BTC", 2, entry=70_000))
    propose_stops(draft, (a_stop(),), frozenset())
    assert draft.proposals == []
    (advice,) = draft.advice
    assert advice.subject == "trend"
    assert "covers 0.000 of 1.000 at the venue" in advice.text


def test_a_stop_covers_what_is_left_of_the_position() -> None:
    """Two rules want 1 each, 1.5 is held: the second is covered by half."""
    draft = a_draft(a_long("BTC", "1.5", entry=70_000))
    propose_stops(draft, (a_stop(), a_stop(rule="other", trigger=60_000)), frozenset())
    assert placed(draft) == [("sell", d(1), d(66_500)), ("sell", d("0.5"), d(60_000))]
    assert ["0.500 of 1.000" in advice.text for advice in draft.advice] == [True]


def test_a_short_is_stopped_by_a_purchase_above() -> None:
    """Short 1: buy 1 at 73,500, after what this plan sells more."""
    draft = a_draft(a_short("BTC", "0.4", entry=70_000))
    order = OrderRequest(
        symbol=PERP, side=Side.SELL, quantity=d("0.6"), price=d(69_900), type=OrderType.LIMIT_IOC, reduce_only=False,
        sleeve=Sleeve.TACTICAL,
    )  # fmt: skip
    draft.propose(Sleeve.TACTICAL, "BTC", "more", order)
    propose_stops(draft, (a_stop(1, 73_500),), frozenset())
    assert placed(draft)[1:] == [("buy", d(1), d(73_500))]


def test_an_entry_is_guarded_from_its_first_fill() -> None:
    """The stop goes with the order as its second leg, of the rule's own part."""
    hedge = Part(sleeve=Sleeve.HEDGE, rule="", quantity=d(1))
    mine = Part(sleeve=Sleeve.TACTICAL, rule="trend", quantity=d(1))
    (stop,) = guards(a_draft(), an_entry(2, hedge, mine), (a_stop(), a_stop(rule="other")))
    assert (stop.side, stop.quantity, stop.trigger) == (Side.SELL, 1, 66_500)


def test_an_entry_that_only_lifts_a_hedge_cannot_be_guarded() -> None:
    """Short 5 by the hedge, 1 bought for the overlay: nothing is long that a sale could reduce."""
    assert list(guards(a_draft(a_short("BTC", 5, entry=70_000)), an_entry(), (a_stop(),))) == []


def test_an_exit_ends_its_own_stop_and_no_other() -> None:
    """Of two resting stops the one of the rule that leaves."""
    other = a_resting(client_order_id=own_id("other"), price=60_000)
    draft = a_draft(a_long("BTC", 2, entry=70_000), resting=(a_resting(), other))
    wishes = (a_stop(), a_stop(rule="other", trigger=60_000))
    ended = list(stops_ended_by(draft, PERP, wishes, frozenset({"trend"})))
    assert ended == [CancelRequest(client_order_id=own_id("stop"), symbol=PERP, sleeve=Sleeve.TACTICAL)]
    assert list(stops_ended_by(draft, "ETH/USDT:USDT", wishes, frozenset({"trend"}))) == []


def test_slices_leave_no_crumb_without_a_stop() -> None:
    """Two slices of 1.0005 are 2.001: the first stop is 1.000, the second makes up for the half step."""
    draft = a_draft()
    for stopped in ("1.000", "1.001"):
        entry = an_entry(2, a_wish("1.0005"), a_wish("0.9995", rule="hedge"))
        (stop,) = guards(draft, entry, (a_stop(-2),))
        assert stop.quantity == d(stopped)
        draft.propose(Sleeve.TACTICAL, "BTC", "a slice", entry, stop)


def test_an_entry_beside_an_exit_is_guarded_by_what_the_old_stop_leaves() -> None:
    """Long 1 with its stop: −1 and +0.4 are one sale of 0.6, and the 0.4 are guarded once the stop of 1 is gone."""
    draft = a_draft(a_long("BTC", 1, entry=70_000), resting=(a_resting(),))
    both = replace(an_entry(), side=Side.SELL, quantity=d("0.6"), parts=(a_wish(-1), a_wish("0.4", rule="new")))
    old, new = (a_stop(),), (a_stop("-0.4", rule="new", trigger=65_000),)
    ended = tuple(stops_ended_by(draft, PERP, old, frozenset({"trend"})))
    assert [leg.client_order_id for leg in ended] == [own_id("stop")]
    assert list(guards(draft, both, new)) == []
    assert [stop.quantity for stop in guards(draft, both, new, ended)] == [d("0.4")]
