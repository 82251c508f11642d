"""The page of all venues, made from their rows: docs/venues.md.

`python -m bot.venues.page` prints it; a test keeps the file equal to it.
"""

import sys
from collections.abc import Iterable, Iterator

from bot.domain.instrument import WalletKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType
from bot.domain.snapshot import Wallets
from bot.venues.budget import requests_per_look
from bot.venues.row import Access, FeesFrom, Product, Sandbox, TiersFrom, VenueRow
from bot.venues.rows import NAMES, row_of

HEAD = """# Venues

<!-- Made by `python -m bot.venues.page` from bot/venues/rows. Do not edit by hand. -->

A venue is a row of data; no code knows a venue by name. What a row says was proved with ccxt's own clients, unchanged,
speaking HTTP to an emulator of the venue (tests/emulator), unless its chapter says otherwise: there is no network to
the venues where this is tested. What only the venue itself can show is said with each.

Modes: **dry-run** reads the real account and can send nothing. **testnet** and **demo** are play money. **live** needs
`mode = "live"` in the account's file, `--live`, and the account's name typed. In every mode a request to another host
than the mode's, and a signed one with another path or other headers, is stopped before it leaves.

Tiers of support: **A** trade live and in the sandbox; **B** trade live after a person has looked at a first small plan;
**C** dry-run first; live is the account holder's own decision.

| venue | tier | modes | products | money | order ids taken | falls silent |
|---|---|---|---|---|---|---|
"""
PURSES = {
    Wallets.SEPARATE: "moved between wallets by a transfer",
    Wallets.APART: "moved between wallets by hand only",
    Wallets.POOLED: "one purse behind spot and futures",
}
SANDBOXES = {
    Sandbox.NONE: "the real venue",
    Sandbox.ADDRESSES: "its own addresses",
    Sandbox.DEMO: "its own demo addresses",
    Sandbox.HEADER: "the real addresses with a header",
    Sandbox.PATHS: "the real addresses with paths of its own",
}
TIERS = {
    TiersFrom.ALL_AT_ONCE: "read in one request",
    TiersFrom.EACH: "read market by market",
    TiersFrom.MARKET: "read with the market's rules",
    TiersFrom.ASSUMED: "not told by the venue: an assumption, stricter than usual ones",
}
ORDER_TYPES = tuple(OrderType)
LOOKS = (1, 3, 10)


def page() -> str:
    """Return the whole page."""
    rows = [row_of(name) for name in NAMES]
    return HEAD + "".join(_line(row) for row in rows) + "".join(_chapter(row) for row in rows)


def _line(row: VenueRow) -> str:
    usual = row.access[Mode.DRY_RUN]
    cells = (
        f"[{row.title}](#{row.title.lower()})",
        row.tier,
        ", ".join(mode.value for mode in row.access),
        ", ".join(kind.value for product in row.products.values() for kind in product.kinds),
        PURSES[usual.purses],
        row.client_id_scope,
        row.dead_man.value,
    )
    return f"| {' | '.join(cells)} |\n"


def _chapter(row: VenueRow) -> str:
    return "".join((f"\n## {row.title}\n\n", *_facts(row), "\n", *_modes(row), "\n", *_products(row), *_notes(row)))


def _facts(row: VenueRow) -> Iterator[str]:
    usual = row.access[Mode.DRY_RUN]
    counts = (f"{requests_per_look(row, usual, _markets(row, coins))} for {coins}" for coins in LOOKS)
    yield f"- Requests of one look, by coins with spot and perpetual: {', '.join(counts)}.\n"
    yield f"- Money a policy may count in: {', '.join(sorted(row.money))}.\n"
    yield f"- Order ids: `{row.client_id_form}`{', lower-cased by the venue' if row.lower_cases_ids else ''}.\n"
    yield f"- A request may still be accepted {row.receive_window.total_seconds():.0f} s after it was sent.\n"
    if row.transfers is not None:
        known = "by our id" if row.transfers.reference else "by coin, amount, way and time"
        yield f"- A transfer is found again {known}.\n"
    if row.key_rights is not None:
        yield "- The venue tells what a key may do: `poise doctor` fails where it may withdraw.\n"
    else:
        yield "- The venue does not tell what a key may do: look there that it cannot withdraw.\n"


def _markets(row: VenueRow, coins: int) -> dict[WalletKind, int]:
    return {wallet: coins for wallet in (WalletKind.SPOT, WalletKind.LINEAR) if wallet in row.products}


def _modes(row: VenueRow) -> Iterator[str]:
    yield "| mode | what it is | hosts | products | sends |\n|---|---|---|---|---|\n"
    for mode, access in row.access.items():
        cells = (mode.value, _what(access), ", ".join(sorted(access.hosts)), _wallets(access), _sends(access))
        yield f"| {' | '.join(cells)} |\n"


def _what(access: Access) -> str:
    return SANDBOXES[access.sandbox] + (f"; {access.note}" if access.note else "")


def _wallets(access: Access) -> str:
    return ", ".join(wallet.value for wallet in WalletKind if wallet in access.wallets)


def _sends(access: Access) -> str:
    if not access.writes:
        return "nothing"
    limits = [word for may, word in ((access.can_cancel, "no cancel"), (access.can_find, "no looking up")) if not may]
    return "orders" + (f" ({', '.join(limits)})" if limits else "")


def _products(row: VenueRow) -> Iterator[str]:
    titles = ("product", "kinds", *ORDER_TYPES, "found by", "tiers", "fees")
    yield f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n"
    for wallet, product in row.products.items():
        kinds = ", ".join(kind.value for kind in product.kinds)
        types = (_spelled(product, order_type) for order_type in ORDER_TYPES)
        cells = (wallet.value, kinds, *types, product.find.value, _tiers(wallet, product), _fees(product))
        yield f"| {' | '.join(cells)} |\n"


def _spelled(product: Product, order_type: OrderType) -> str:
    found = product.spellings.get(order_type)
    if found is None:
        return "no"
    more = "".join(f" {name}={value}" for name, value in found.params.items())
    return f"{found.type}{more}"


def _tiers(wallet: WalletKind, product: Product) -> str:
    return "–" if wallet is WalletKind.SPOT else TIERS[product.tiers]


def _fees(product: Product) -> str:
    return "the venue's schedule" if product.fees is FeesFrom.SCHEDULE else "the account's own"


def _notes(row: VenueRow) -> Iterator[str]:
    yield f"\nProved: {row.proved}.\n"
    yield from _listed("What to know, and what could not be proved here", row.cautions)


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"\n{title}:\n\n"
        yield from (f"- {line}\n" for line in found)


if __name__ == "__main__":
    sys.stdout.write(page())
