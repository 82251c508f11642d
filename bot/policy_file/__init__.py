"""Policy files: TOML that people write, read into a Policy or refused with every fault and its mend."""

from bot.policy_file.parse import load_policy, parse_policy
from bot.policy_file.source import read_text

__all__ = ["load_policy", "parse_policy", "read_text"]
