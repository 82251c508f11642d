"""Policy files: TOML that people write, read into a Policy or refused with every fault and its mend."""

from bot.policy_file.answers import MARGINS, Answers, policy_text
from bot.policy_file.describe import describe
from bot.policy_file.parse import load_policy, parse_policy
from bot.policy_file.source import read_text

__all__ = ["MARGINS", "Answers", "describe", "load_policy", "parse_policy", "policy_text", "read_text"]
