"""What must hold of every venue's row, whoever wrote it: a sixth venue is held to the same."""

import re
from itertools import combinations

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType
from bot.domain.snapshot import Wallets
from bot.errors import SettingsRefused
from bot.venues.connect import access_of
from bot.venues.row import FindBy, Product, TiersFrom, VenueRow
from bot.venues.rows import NAMES, row_of

ROWS = [pytest.param(row_of(name), id=name) for name in NAMES]
PRODUCTS = [
    pytest.param(row_of(name), wallet, id=f"{name} {wallet}") for name in NAMES for wallet in row_of(name).products
]
WRITE = re.compile(r"(POST|PUT|DELETE) /[A-Za-z0-9/_-]+\*?")
# Codes that say nothing of a write (VENUES 6), in the venue's own words: timeouts, servers' errors, "busy".
UNPROVED = {
    "binance": {"-1001", "-1006", "-1007", "-1008"},
    "bybit": {"10000", "10016"},
    "bingx": {"100410", "100500", "109500", "110500", "500", "504"},
    "weex": {"-1000", "-1054"},
    "mexc": {"500"},
    "okx": {"50001", "50004", "50005", "50013", "50026"},
}
MONEY_OUT = ("withdraw", "subaccount", "sub-account", "borrow", "repay", "loan", "apikey", "api-key")


def test_a_venue_nobody_knows_is_refused() -> None:
    """With the names of those that are known."""
    with pytest.raises(SettingsRefused, match="'kraken' is no venue Poise knows") as refused:
        row_of("kraken")
    for name in NAMES:
        assert name in refused.value.mend


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_called_by_its_name(row: VenueRow) -> None:
    """And says how it was proved."""
    assert row.name in NAMES
    assert row_of(row.name) is row
    assert row.proved
    assert row.cautions
    assert row.tier in ("A", "B", "C")


@pytest.mark.parametrize("row", ROWS)
def test_dry_run_can_change_nothing(row: VenueRow) -> None:
    """No write is on its list, and a read by POST is none that another mode writes with."""
    usual = row.access[Mode.DRY_RUN]
    assert usual.writes == frozenset()
    for access in row.access.values():
        assert not usual.reads_by_post & access.writes


@pytest.mark.parametrize("row", ROWS)
def test_dry_run_and_live_look_at_the_same_account(row: VenueRow) -> None:
    """The same hosts, paths, wallets and headers: what was planned is what is sent."""
    looked, sent = row.access[Mode.DRY_RUN], row.access[Mode.LIVE]
    for name in ("hosts", "private", "wallets", "purses", "headers", "without", "sandbox"):
        assert getattr(looked, name) == getattr(sent, name), name


@pytest.mark.parametrize("row", ROWS)
def test_live_lists_what_it_writes_and_never_a_way_out(row: VenueRow) -> None:
    """Each is a method and a path; orders are among them, withdrawing and borrowing are not."""
    writes = row.access[Mode.LIVE].writes
    assert any("order" in one.lower() for one in writes)
    for access in row.access.values():
        for one in access.writes:
            assert WRITE.fullmatch(one), one
            assert not any(word in one.lower() for word in MONEY_OUT), one
            assert one.split(" ")[1].startswith(access.private), f"{one} is no private path"


@pytest.mark.parametrize("row", ROWS)
def test_play_money_and_real_money_are_told_apart_by_more_than_a_key(row: VenueRow) -> None:
    """Another host, a header, or paths of its own."""
    live = row.access[Mode.LIVE]
    for mode in {Mode.TESTNET, Mode.DEMO} & set(row.access):
        play = row.access[mode]
        other_header = bool(play.headers) and set(play.headers) <= live.without
        other_paths = set(play.private).isdisjoint(live.private) and play.writes.isdisjoint(live.writes)
        assert play.hosts.isdisjoint(live.hosts) or other_header or other_paths, mode


@pytest.mark.parametrize("row", ROWS)
def test_a_mode_the_venue_has_not_is_refused_with_those_it_has(row: VenueRow) -> None:
    """Simulated is nobody's, dry-run everybody's."""
    assert access_of(row, Mode.DRY_RUN) is row.access[Mode.DRY_RUN]
    with pytest.raises(SettingsRefused, match=f"{row.title} has no simulated: it has dry-run"):
        access_of(row, Mode.SIMULATED)


@pytest.mark.parametrize("row", ROWS)
def test_each_code_means_one_thing(row: VenueRow) -> None:
    """A code that proves a refusal is in no other set, no other code in two, and what proves nothing is in none."""
    codes = row.codes
    names = ("fine", "rejected", "duplicate", "absent", "slow_down", "busy", "clock")
    for one, other in combinations(names, 2):
        assert not getattr(codes, one) & getattr(codes, other), f"{one} and {other}"
    assert not UNPROVED[row.name] & (codes.rejected | codes.slow_down | codes.clock | codes.absent | codes.fine)
    assert codes.path
    assert codes.fine
    assert codes.rejected
    assert codes.slow_down


@pytest.mark.parametrize("row", ROWS)
def test_that_nothing_had_to_be_changed_proves_a_refusal(row: VenueRow) -> None:
    """Else set-up would take what stands already for an outcome nobody knows."""
    assert row.codes.no_change <= row.codes.rejected


@pytest.mark.parametrize("row", ROWS)
def test_a_signed_request_is_known_by_marks_in_small_letters(row: VenueRow) -> None:
    """The guard compares small letters with small letters."""
    assert row.auth_marks
    assert all(mark == mark.lower() for mark in row.auth_marks)


@pytest.mark.parametrize("row", ROWS)
def test_every_wallet_has_one_client_a_ledger_and_a_product(row: VenueRow) -> None:
    """Each kind is traded from the wallet it belongs to; in one purse one ledger tells of all."""
    served = [wallet for client in row.clients for wallet in client.wallets]
    assert sorted(served) == sorted(row.products)
    for access in row.access.values():
        assert access.wallets <= set(row.products)
        if access.purses is not Wallets.POOLED:
            assert access.wallets <= set(row.ledger)
    assert row.ledger


@pytest.mark.parametrize("row", ROWS)
def test_money_moves_by_request_only_where_the_row_says_how_it_is_found_again(row: VenueRow) -> None:
    """A transfer without a history could not be looked up."""
    separate = [access for access in row.access.values() if access.purses is Wallets.SEPARATE]
    if separate:
        assert row.transfers is not None
        assert row.transfers.find is not None
        assert set().union(*(access.wallets for access in separate)) <= set(row.transfers.names)


@pytest.mark.parametrize("row", ROWS)
def test_our_ids_fit_the_venue(row: VenueRow) -> None:
    """Twenty-four letters and digits, small where the venue makes them small."""
    assert re.fullmatch(row.client_id_form, "p" + "0123456789abcdef0123456")
    assert row.client_id_scope in ("open", "forever", "unknown")
    assert row.receive_window.total_seconds() <= 60


@pytest.mark.parametrize(("row", "wallet"), PRODUCTS)
def test_every_order_type_is_spelled_so_that_the_venue_cannot_take_it_for_another(
    row: VenueRow, wallet: WalletKind
) -> None:
    """A market order and one that never rests are there; a limit order says how; only a stop has a trigger."""
    spellings = row.products[wallet].spellings
    assert {OrderType.MARKET, OrderType.LIMIT_IOC} <= set(spellings)
    asked = [(one.type, tuple(sorted(one.params.items(), key=str))) for one in spellings.values()]
    assert len(set(asked)) == len(asked), "two order types are asked for alike"
    for kind, spelling in spellings.items():
        assert bool(spelling.trigger) is (kind is OrderType.STOP)
        if kind in (OrderType.LIMIT_IOC, OrderType.POST_ONLY):
            assert spelling.params or spelling.type != "limit", f"{kind} could rest, or take"


@pytest.mark.parametrize(("row", "wallet"), PRODUCTS)
def test_where_the_margin_mode_is_the_whole_accounts_all_resting_orders_are_in_one_list(
    row: VenueRow, wallet: WalletKind
) -> None:
    """Set-up looks whether anything is open before it changes that, and knows one symbol only."""
    product = row.products[wallet]
    of_account = product.set_up is not None and product.set_up.margin_mode_of_account
    assert of_account is bool(product.position.mode_call)
    assert not (of_account and product.resting_each)


@pytest.mark.parametrize(("row", "wallet"), PRODUCTS)
def test_a_product_says_all_that_reading_it_needs(row: VenueRow, wallet: WalletKind) -> None:
    """Totals, prices and resting orders; of contracts positions, tiers, and a way to only reduce."""
    product = row.products[wallet]
    assert product.balance.total
    assert product.balance.free
    assert product.market_reads
    assert product.resting
    assert product.client_id
    if wallet is not WalletKind.SPOT:
        assert _contracts_are_whole(product)
    if product.find in (FindBy.RAW_CALL, FindBy.RAW_CALL_THEN_SCAN):
        assert product.raw_find is not None


def _contracts_are_whole(product: Product) -> bool:
    assert product.positions
    assert product.reduce_only
    assert product.set_up is not None
    assert product.set_up.leverage_mode or not product.set_up.leverage_by_mode
    if product.tiers is TiersFrom.ASSUMED:
        assert product.assumed_tiers[0].floor == 0
        rates = [tier.rate for tier in product.assumed_tiers]
        assert rates == sorted(rates)
        assert _is_continuous(product)
    return True


def _is_continuous(product: Product) -> bool:
    """At each floor the margin of both tiers is the same: floor × rate − deduction."""
    for before, after in zip(product.assumed_tiers, product.assumed_tiers[1:], strict=False):
        assert after.floor * before.rate - before.deduction == after.floor * after.rate - after.deduction
    return True
