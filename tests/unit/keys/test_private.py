"""A secret file is read only where nobody else could read or replace it, and never left half written."""

import os
import threading
from pathlib import Path

import pytest

from bot.errors import CredentialsRefused
from bot.keys.private import one_at_a_time, read_private, remove_private, write_private
from tests.unit.keys.desk import CANARIES, refusal

SECRET = CANARIES[1]
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to somebody else")
NOT_ROOT = pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a secret file of mode 600 in a folder of mode 700."""
    folder = tmp_path / "mine"
    folder.mkdir(mode=0o700)
    write_private(folder / "secret", SECRET)
    return folder / "secret"


def refused(path: Path) -> str:
    """Why a file is not read, in words."""
    error = refusal(lambda: read_private(path), CredentialsRefused)
    return f"{error.message} | {error.mend}"


def test_what_is_written_is_read_by_its_owner_alone(path: Path) -> None:
    """Mode 600, whatever the umask, and nothing else is left in the folder."""
    assert read_private(path) == SECRET
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_made_for_it_is_private_too(tmp_path: Path) -> None:
    """Mode 700."""
    write_private(tmp_path / "keys" / "one", SECRET)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_a_wide_umask_opens_nothing(tmp_path: Path) -> None:
    """The mode is given when the file is made, not afterwards."""
    before = os.umask(0)
    try:
        write_private(tmp_path / "one", SECRET)
    finally:
        os.umask(before)
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_open_to_all_is_closed_when_written_anew(path: Path) -> None:
    """The old file's mode is not taken over."""
    path.chmod(0o644)
    write_private(path, SECRET)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620, 0o601])
def test_a_file_that_others_may_touch_is_refused(path: Path, mode: int) -> None:
    """The mend is the command that closes it."""
    path.chmod(mode)
    assert refused(path) == f"{path} can be read by others (mode {mode:o}) | chmod 600 {path}"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_for_the_owner_alone_is_read(path: Path, mode: int) -> None:
    """Whether it may be written or not."""
    path.chmod(mode)
    assert read_private(path) == SECRET


@AS_ROOT
def test_a_file_of_somebody_else_is_refused(path: Path) -> None:
    """They could change it."""
    os.chown(path, NOBODY, -1)
    assert refused(path) == f"{path} belongs to user {NOBODY}, not to you | chown 0 {path}"


def test_no_file_is_none(tmp_path: Path) -> None:
    """Nor is one below a file that is no folder."""
    assert read_private(tmp_path / "none") is None
    (tmp_path / "file").touch()
    assert read_private(tmp_path / "file" / "below") is None


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder; and a pipe, at which a reader would wait for ever."""
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "folder is no file" in refused(tmp_path / "folder")
    assert "pipe is no file" in refused(tmp_path / "pipe")


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """Links that lead round in a circle."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert "cannot be read" in refused(tmp_path / "a")


@NOT_ROOT
def test_what_may_not_be_read_is_refused(path: Path) -> None:  # pragma: no cover - root reads everything
    """It is not taken for a file that is not there."""
    path.chmod(0)
    assert "Permission denied" in refused(path)


def test_what_is_no_text_is_refused_without_its_bytes(path: Path) -> None:
    """The error of Python would carry them."""
    path.write_bytes(SECRET.encode() + b"\xff")
    assert refused(path) == f"{path} is no text | write it anew"


def test_a_link_to_a_private_file_is_followed(path: Path, tmp_path: Path) -> None:
    """A secrets folder may be mounted elsewhere."""
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_private(link) == SECRET


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    """A person meant a file: other keys are not to be used in its stead."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "none")
    assert "leads nowhere" in refused(link)


def test_a_link_into_a_folder_that_anybody_may_write_is_refused(path: Path, tmp_path: Path) -> None:
    """There another file could be put in its place."""
    link = tmp_path / "link"
    link.symlink_to(path)
    path.parent.chmod(0o777)
    assert refused(link) == (
        f"{link} lies in {path.parent}, where anybody may put another file in its place | chmod o-w {path.parent}"
    )


def test_a_folder_where_only_owners_may_replace_is_no_danger(path: Path) -> None:
    """As /tmp is: mode 1777."""
    path.parent.chmod(0o1777)
    assert read_private(path) == SECRET


@AS_ROOT
def test_a_link_that_somebody_else_made_is_refused(path: Path, tmp_path: Path) -> None:
    """In a folder such as /tmp they could have it lead to another account's keys."""
    link = tmp_path / "link"
    link.symlink_to(path)
    os.lchown(link, NOBODY, -1)
    assert "a link that somebody else made" in refused(link)


def test_a_link_is_neither_written_over_nor_deleted(path: Path, tmp_path: Path) -> None:
    """The secret lies elsewhere: replacing the link would leave it there."""
    link = tmp_path / "link"
    link.symlink_to(path)
    assert "is a link" in refusal(lambda: write_private(link, "new"), CredentialsRefused).message
    assert "is a link" in refusal(lambda: remove_private(link), CredentialsRefused).message
    assert read_private(path) == SECRET


def test_a_file_is_removed_once(path: Path) -> None:
    """The second time there is none."""
    assert remove_private(path)
    assert not remove_private(path)


def test_what_cannot_be_removed_is_said(tmp_path: Path) -> None:
    """Such as a folder."""
    error = refusal(lambda: remove_private(tmp_path), CredentialsRefused)
    assert "cannot be deleted" in error.message


def test_what_a_crash_left_behind_is_no_hindrance(path: Path) -> None:
    """A half-written file of the last attempt is replaced."""
    half = path.with_name(".secret.new")
    half.write_text("half")
    write_private(path, "whole")
    assert (read_private(path), half.exists()) == ("whole", False)


def test_a_write_that_fails_leaves_the_old_and_no_half(tmp_path: Path) -> None:
    """A folder stands where the file would be: the new one cannot take its place."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "full").touch()
    error = refusal(lambda: write_private(tmp_path / "one", SECRET), CredentialsRefused)
    assert "cannot be written" in error.message
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file where a folder is needed."""
    (tmp_path / "file").touch()
    error = refusal(lambda: write_private(tmp_path / "file" / "below", SECRET), CredentialsRefused)
    assert "cannot be written" in error.message
    nowhere = refusal(lambda: one_at_a_time(tmp_path / "none").__enter__(), CredentialsRefused)
    assert "cannot be written" in nowhere.message


def test_two_who_change_keys_wait_for_each_other(tmp_path: Path) -> None:
    """Eight threads count to forty, each reading before it writes: nothing is lost."""
    count = tmp_path / "count"
    write_private(count, "0")

    def add() -> None:
        for _ in range(5):
            with one_at_a_time(tmp_path):
                write_private(count, str(int(read_private(count) or 0) + 1))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_private(count) == "40"
