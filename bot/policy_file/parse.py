"""From the text of a policy file to a Policy, or to all of its faults at once."""

from pathlib import Path as FilePath

from bot.domain.policy import Policy
from bot.errors import PolicyRefused
from bot.policy_file.carry import read_carry
from bot.policy_file.core import asset_names, read_core
from bot.policy_file.faults import Fault, source_text
from bot.policy_file.feasible import Parts, check_parts
from bot.policy_file.hedge import read_hedge
from bot.policy_file.limits import read_limits
from bot.policy_file.lines import locate
from bot.policy_file.page import Page
from bot.policy_file.sections import read_reserve, read_schedule, read_top
from bot.policy_file.sleeves_fit import check_sleeves
from bot.policy_file.source import LARGEST_FILE, read_text, read_toml
from bot.policy_file.sweep import read_sweep
from bot.policy_file.tactical import read_tactical

NOWHERE = 10**9


def load_policy(path: FilePath | str) -> Policy:
    """Return the policy in the file at `path`; raise PolicyRefused with every fault it has."""
    return parse_policy(read_text(FilePath(path)), str(path))


def parse_policy(text: str, name_of_source: str) -> Policy:
    """Return the policy written in `text`; raise PolicyRefused with every fault, in the order of the file."""
    policy, faults = read_policy(text)
    if policy is None:
        raise refused(name_of_source, tuple(fault.text(name_of_source) for fault in faults))
    return policy


def refused(source: str, faults: tuple[str, ...], mend: str = "") -> PolicyRefused:
    """Return the exception that lists `faults`."""
    name = source_text(source)
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return PolicyRefused(f"{name} has {count}", faults=faults, mend=mend or f"mend the file, then: poise check {name}")


def read_policy(text: str) -> tuple[Policy | None, tuple[Fault, ...]]:
    """Return the policy and no faults, or None and the faults in the order of the file."""
    if len(text) > LARGEST_FILE:
        return None, (Fault(path=(), line=None, says="is larger than 1 MB; a policy is a page of text"),)
    text = text.removeprefix("\ufeff")
    tree = read_toml(text)
    if isinstance(tree, Fault):
        return None, (tree,)
    page = Page(tree, locate(text.replace("\r\n", "\n")))
    policy = _read_sections(page)
    faults = tuple(sorted(page.faults, key=lambda fault: fault.line or NOWHERE))
    return (None, faults) if faults else (policy, ())


def _read_sections(page: Page) -> Policy | None:
    top = read_top(page)
    core = read_core(page)
    names = asset_names(page)
    hedge = read_hedge(page, names)
    carry, tactical, sweep = read_carry(page), read_tactical(page), read_sweep(page)
    reserve = read_reserve(page, top[1] if top else None, names)
    schedule = read_schedule(page)
    limits = read_limits(page)
    if core is None or reserve is None or limits is None:
        return None
    parts = Parts(core, hedge, reserve, limits, carry, tactical, sweep)
    if hedge is not None or "hedge" not in page.tree:
        check_parts(page, parts)
        check_sleeves(page, parts)
    if top is None or schedule is None:
        return None
    return Policy(
        name=top[0],
        quote=top[1],
        core=core,
        hedge=hedge,
        reserve=reserve,
        schedule=schedule,
        limits=limits,
        carry=carry,
        tactical=tactical,
        sweep=sweep,
    )
