"""What deploy/ promises: least privilege everywhere, and no command that does not exist."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.sources import ROOT, tracked

DEPLOY = ROOT / "deploy"
COMMANDS = {"init", "check", "plan", "apply", "run", "status", "history", "explain", "replay", "whatif"}
COMMANDS |= {"report", "pause", "resume", "kill", "journal", "hedge", "carry", "doctor", "accounts", "keys", "data"}
SUBCOMMANDS = {"journal": {"verify", "backup", "export"}, "hedge": {"compare"}, "carry": {"scan"}}
SUBCOMMANDS |= {"accounts": {"add", "list"}, "keys": {"add", "list", "check", "rotate", "remove"}, "data": {"fetch"}}
LISTED = re.compile(r"^  ([a-z]+)  ", flags=re.MULTILINE)
CALL = re.compile(r"(?<![\w.-])poise (?:--json |--home[= ]\S+ )*(?=([a-z]+)(?: ([a-z]+))?)")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", flags=re.MULTILINE | re.DOTALL)

SERVICES = ["poise.service", "poise-cycle.service"]
HARDENING = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelModules": "yes",
    "RestrictSUIDSGID": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "LimitCORE": "0",
}


def unit(name: str) -> configparser.ConfigParser:
    """Return a systemd unit, read."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return parser


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile as pairs of instruction and the rest, continued lines joined."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def compose() -> dict[str, Any]:
    """Return compose.yaml, read."""
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return services


def calls(text: str) -> list[tuple[str, str]]:
    """Return the command and the word after it for each `poise …` in the text."""
    return [(found[1], found[2] or "") for found in CALL.finditer(text)]


def commands_of(file: Path) -> list[tuple[str, str]]:
    """Return the calls in the code of a page, or anywhere in another file."""
    text = file.read_text(encoding="utf-8")
    return calls("\n".join(CODE.findall(text)) if file.suffix == ".md" else text)


def the_container_runs() -> list[list[str]]:
    """Return what the Dockerfile and the units start: arguments after `poise`."""
    words = dict(instructions())
    health = json.loads(words["HEALTHCHECK"].partition("CMD ")[2])
    started = [shlex.split(unit(name)["Service"]["ExecStart"]) for name in SERVICES]
    return [health[1:], json.loads(words["CMD"]), *(arguments[1:] for arguments in started)]


def test_the_container_is_not_root() -> None:
    """The last user named in the image has a number, and it is not 0."""
    users = [rest for word, rest in instructions() if word == "USER"]
    assert users
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])


def test_the_image_is_built_of_known_parts() -> None:
    """Every base image has a version, nothing is fetched by URL, every package has a hash."""
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert bases
    assert [base for base in bases if ":" not in base or base.endswith(":latest")] == []
    assert [rest for word, rest in instructions() if word == "ADD"] == []
    installs = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    assert [rest for rest in installs if "--require-hashes" not in rest and "--no-deps" not in rest] == []


def test_the_image_holds_no_secret() -> None:
    """No variable of the image is a key or a password."""
    settings = " ".join(rest for word, rest in instructions() if word in {"ENV", "ARG"})
    assert not re.search(r"(?i)secret|password|token|api_?key", settings)


def test_the_container_can_be_stopped_and_watched() -> None:
    """It is told to stop as a person would tell it, and its health is its heartbeat."""
    words = dict(instructions())
    assert words["STOPSIGNAL"] == "SIGTERM"
    assert "status" in words["HEALTHCHECK"]
    assert "--check" in words["HEALTHCHECK"]


@pytest.mark.skipif(not (ROOT / "alembic").exists(), reason="no migrations yet")
def test_every_copied_file_exists() -> None:
    """COPY names files of the repository."""
    copied = [rest.split()[:-1] for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", compose()["services"])
def test_a_service_has_no_more_than_it_needs(name: str) -> None:
    """Read-only root, no capability, no new privileges, bounded memory, a version for its image."""
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert re.search(r":\d", service["image"])
    assert not {"privileged", "network_mode", "pid", "ports"} & set(service)


def test_policies_are_mounted_read_only() -> None:
    """The bot cannot change what it is told to do."""
    mounts = [mount for mount in compose()["services"]["poise"]["volumes"] if "policies" in mount]
    assert mounts
    assert all(mount.endswith(":ro") for mount in mounts)


def test_the_example_settings_hold_no_secret() -> None:
    """Every line of .env.example is a comment or a harmless default."""
    lines = (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
    set_lines = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in set_lines if not line.startswith("POISE_")] == []
    assert [line for line in set_lines if re.search(r"(?i)secret|password|key", line)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_is_hardened(name: str) -> None:
    """The service sees nothing but its own folder and the network, and is not root."""
    service = unit(name)["Service"]
    assert {key: service.get(key) for key in HARDENING} == HARDENING
    assert service["User"] == "poise"
    assert service["StateDirectoryMode"] == "0700"


def test_a_latched_stop_is_not_restarted() -> None:
    """Exit codes that only a person can mend are not answered by starting again."""
    final = unit("poise.service")["Service"]["RestartPreventExitStatus"].split()
    assert {"3", "4", "7", "64", "65"} <= set(final)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """No fault is found, once the program stands where the unit says."""
    for name in [*SERVICES, "poise-cycle.timer"]:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(re.sub(r"(?m)^ExecStart=.*", "ExecStart=/bin/true", text), encoding="utf-8")
    units = sorted(str(file) for file in tmp_path.iterdir() if file.is_file())
    verdict = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, check=False, text=True
    )
    assert [line for line in verdict.stderr.splitlines() if "poise" in line] == []


def test_every_command_shown_exists() -> None:
    """Pages and files show only commands that Poise has."""
    shown = {
        (file.relative_to(ROOT).as_posix(), *call)
        for file in tracked()
        if file.suffix in {".md", ".service", ".timer", ".yaml"} or file.name in {"Dockerfile", "Makefile"}
        for call in commands_of(file)
    }
    assert shown
    unknown = [call for call in shown if call[1] not in COMMANDS | {"poise"}]
    assert unknown == []
    assert [call for call in shown if call[1] in SUBCOMMANDS and call[2] not in SUBCOMMANDS[call[1]]] == []


def test_a_command_is_recognised() -> None:
    """The search finds commands behind options, prompts and paths, and no other words."""
    assert calls("$ poise --json plan\n/opt/poise/bin/poise run --cycles 1") == [("plan", ""), ("run", "")]
    assert ("journal", "verify") in calls("exec poise poise journal verify")
    assert calls("systemctl restart poise\nPoise plans") == []


NEEDS_COMMANDS = pytest.mark.skipif(not (ROOT / "bot/cli/main.py").exists(), reason="no command line yet")


@NEEDS_COMMANDS
@pytest.mark.parametrize("arguments", the_container_runs(), ids=" ".join)
def test_what_is_started_is_understood(arguments: list[str]) -> None:
    """The command line knows every command and option that a unit or the image starts."""
    asked = [sys.executable, "-m", "bot", *arguments, "--help"]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False, text=True)
    assert answer.returncode == 0, answer.stderr


def listed(*words: str) -> set[str]:
    """Return the commands that a help page lists."""
    asked = [sys.executable, "-m", "bot", *words, "--help"]
    page = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return set(LISTED.findall(page.partition("Commands:")[2]))


@NEEDS_COMMANDS
def test_the_known_commands_are_all_of_them() -> None:
    """The lists above are the help pages' lists, no more and no less."""
    assert listed() == COMMANDS
    assert {group: listed(group) for group in SUBCOMMANDS} == SUBCOMMANDS
