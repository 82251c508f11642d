"""Real money needs three switches at once: the file's word, the flag, and the name as a person typed it."""

from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from bot.accounts import Account
from bot.domain.instrument import Kind
from bot.domain.mode import Mode
from bot.domain.snapshot import MarginMode
from bot.errors import SettingsRefused
from bot.real_account import allowed_mode, refuse_unseen_money, scope_of
from bot.settings import RealAccount
from bot.venues.rows import row_of
from bot.venues.scope import Scope
from tests.builders import a_policy

IN_FILES = (Mode.DRY_RUN, Mode.TESTNET, Mode.DEMO, Mode.LIVE)
TYPED = ("", "mine", "Mine", "mine ", "other")


def an_account(mode: Mode) -> Account:
    """An account named "mine"."""
    return Account(name="mine", venue="bybit", mode=mode, margin=MarginMode.CROSS, leverage=Decimal(3))


def switches(*, live: bool, typed: str) -> RealAccount:
    """The flag and the typed name."""
    return RealAccount(name="mine", home=Path("/nowhere"), live=live, confirmed=typed)


def test_of_all_forty_settings_of_the_switches_one_alone_is_live() -> None:
    """Four words in the file, the flag given or not, five things typed: live is file, flag and the exact name."""
    live = []
    for mode, flag, typed in product(IN_FILES, (True, False), TYPED):
        try:
            found = allowed_mode(an_account(mode), switches(live=flag, typed=typed))
        except SettingsRefused:
            continue
        if found is Mode.LIVE:
            live.append((mode, flag, typed))
    assert live == [(Mode.LIVE, True, "mine")]


@pytest.mark.parametrize("typed", TYPED)
def test_a_live_account_without_the_flag_is_only_looked_at(typed: str) -> None:
    """Whatever was typed."""
    assert allowed_mode(an_account(Mode.LIVE), switches(live=False, typed=typed)) is Mode.DRY_RUN


@pytest.mark.parametrize("typed", ["", "Mine", "mine ", "other"])
def test_the_flag_with_another_name_is_refused_and_not_made_dry_run(typed: str) -> None:
    """A person who meant real money is told what is missing."""
    with pytest.raises(SettingsRefused) as refused:
        allowed_mode(an_account(Mode.LIVE), switches(live=True, typed=typed))
    assert refused.value.mend == "--confirm mine"


@pytest.mark.parametrize(("mode", "typed"), [*product(IN_FILES[:3], TYPED)])
def test_the_flag_against_the_file_is_refused(mode: Mode, typed: str) -> None:
    """The file says play money: the flag does not overrule it, with whatever name."""
    with pytest.raises(SettingsRefused, match=f"--live is given, and the file of mine says {mode}"):
        allowed_mode(an_account(mode), switches(live=True, typed=typed))


@pytest.mark.parametrize(("mode", "typed"), [*product(IN_FILES[:3], TYPED)])
def test_without_the_flag_play_money_is_what_the_file_says(mode: Mode, typed: str) -> None:
    """A typed name alone switches nothing."""
    assert allowed_mode(an_account(mode), switches(live=False, typed=typed)) is mode


def test_without_a_policy_only_what_is_held_is_looked_at() -> None:
    """No coin is named, no kind either; holdings are valued in USDT."""
    kinds = frozenset({Kind.SPOT, Kind.LINEAR_PERPETUAL})
    assert scope_of(None, kinds) == Scope(coins=(), quote="USDT", kinds=frozenset())


def test_a_policy_names_its_coins_its_quote_and_its_kinds() -> None:
    """Bitcoin and ether in spot, hedged with perpetuals; what a command wants besides is added."""
    found = scope_of(a_policy(), frozenset({Kind.LINEAR_FUTURE}))
    assert set(found.coins) == {"BTC", "ETH"}
    assert found.quote == "USDT"
    assert found.kinds == {Kind.SPOT, Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE}


@pytest.mark.parametrize("venue", ["bybit", "bingx", "mexc", "weex", "okx"])
def test_money_whose_positions_a_venue_would_not_show_is_refused_before_anything_is_asked(venue: str) -> None:
    """Positions are read in USDT: a short of BTC/USDC:USDC would be opened, not seen, and opened again."""
    row = row_of(venue)
    with pytest.raises(SettingsRefused, match="counts in USDC") as refused:
        refuse_unseen_money(row, replace(a_policy(), quote="USDC"))
    assert refused.value.mend == 'quote = "USDT" in the policy'
    refuse_unseen_money(row, a_policy())
    refuse_unseen_money(row, None)


def test_binance_lists_positions_in_whatever_money() -> None:
    """USDT and USDC are settled in one wallet, and one list has both."""
    for quote in ("USDT", "USDC"):
        refuse_unseen_money(row_of("binance"), replace(a_policy(), quote=quote))
