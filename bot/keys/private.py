"""Files that only their owner may read: how one is read, written and taken away, and who else could get at it."""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import CredentialsRefused

OTHERS = stat.S_IRWXG | stat.S_IRWXO
PRIVATE = 0o600
LOCK = "keys.lock"
MOST_BYTES = 2**20


def read_private(path: Path) -> str | None:
    """Return a secret file's text, None where there is none.

    Raises CredentialsRefused where anybody but this user could read or replace it, and where it is no text.
    What is checked is the file that was opened, so that nothing can be put in its place in between.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise CredentialsRefused(f"{path} is a link that leads nowhere", mend=f"rm {path}") from None
        return None
    except OSError as error:
        raise CredentialsRefused(f"{path} cannot be read: {error.strerror}", mend=f"ls -l {path}") from None
    try:
        _check_owner(path, os.fstat(descriptor))
        _check_place(path)
        content = os.read(descriptor, MOST_BYTES)
    finally:
        os.close(descriptor)
    text = _decoded(content)
    if text is None:
        raise CredentialsRefused(f"{path} is no text", mend="write it anew")
    return text


def _decoded(content: bytes) -> str | None:
    """Return UTF-8 text, None where it is none: the error of Python would carry the bytes."""
    with contextlib.suppress(UnicodeDecodeError):
        return content.decode("utf-8")
    return None


def _check_owner(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise CredentialsRefused(f"{path} is no file", mend=f"ls -ld {path}")
    if found.st_uid not in (os.getuid(), 0):
        raise CredentialsRefused(
            f"{path} belongs to user {found.st_uid}, not to you", mend=f"chown {os.getuid()} {path}"
        )
    if found.st_mode & OTHERS:
        raise CredentialsRefused(
            f"{path} can be read by others (mode {found.st_mode & 0o777:o})", mend=f"chmod 600 {path}"
        )


def _check_place(path: Path) -> None:
    """Raise CredentialsRefused where somebody else could put another file, or another link, in this one's place."""
    for folder in {path.parent, path.resolve().parent}:
        mode = folder.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise CredentialsRefused(
                f"{path} lies in {folder}, where anybody may put another file in its place", mend=f"chmod o-w {folder}"
            )
    if path.lstat().st_uid not in (os.getuid(), 0):
        raise CredentialsRefused(f"{path} is a link that somebody else made", mend="put the file itself there")


def write_private(path: Path, text: str) -> None:
    """Replace a file by one with this text that nobody else can read, also while it is written; whole or not at all."""
    if path.is_symlink():
        raise CredentialsRefused(f"{path} is a link", mend="write the file that it leads to")
    new = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        _settle(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise CredentialsRefused(f"{path} cannot be written: {error.strerror}", mend="ls -ld its folder") from None


def _settle(folder: Path) -> None:
    """Have the folder's own entry on disk: a power cut must not bring the old keys back."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_private(path: Path) -> bool:
    """Delete a secret file and return whether there was one; a link is refused, since the secret lies elsewhere."""
    if path.is_symlink():
        raise CredentialsRefused(f"{path} is a link", mend="delete it, and the file that it leads to")
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CredentialsRefused(f"{path} cannot be deleted: {error.strerror}", mend=f"ls -ld {path.parent}") from None
    return True


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Let one process change the keys of a home while others wait: no change made at once with another is lost."""
    try:
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        raise CredentialsRefused(f"{home} cannot be written: {error.strerror}", mend=f"ls -ld {home}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
