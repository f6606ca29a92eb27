"""Is the file of a picture given while it is there, and said to be gone whatever the disk says?"""

import os
import threading
import time
from pathlib import Path

import pytest
from waiting import eventually

from lookalike.errors import NotFound, Unreachable
from lookalike.sources import open_original, originals
from lookalike.sources.files import version_of
from lookalike.threads import seconds_out, taking_turns


def test_a_file_that_is_there_is_given(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    assert open_original(path.as_uri()) == path


@pytest.mark.parametrize("name", ["gone.jpg", "folder", "loop", "file/below", "x" * 300, "a%00b"])
def test_what_the_disk_gives_no_file_for_is_not_there_however_the_disk_says_so(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(NotFound, match="not there any more"):
        open_original(f"{tmp_path.as_uri()}/{name}")


def test_a_link_is_followed_only_to_the_file_that_it_led_to(tmp_path):
    for name, content in (("first", b"x"), ("second", b"xx")):
        (tmp_path / name).write_bytes(content)
    link = tmp_path / "link"
    link.symlink_to("first")
    version = version_of(link.stat())
    assert open_original(link.as_uri(), version=version) == link
    link.unlink()
    link.symlink_to("second")
    with pytest.raises(NotFound, match="another file"):
        open_original(link.as_uri(), version=version)


@pytest.fixture
def hanging(tmp_path, monkeypatch):
    """A file on a drive that does not answer before it is set to."""
    answers, asked, look = threading.Event(), [], Path.stat

    def stat(path: Path, **how: bool) -> os.stat_result:
        if path.parent == tmp_path / "nas":
            asked.append(path)
            answers.wait(20)
        return look(path, **how)

    (tmp_path / "nas").mkdir()
    (tmp_path / "nas" / "a.jpg").touch()
    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(originals, "_LOOK_S", 0.1)
    yield (tmp_path / "nas" / "a.jpg").as_uri(), answers, asked
    answers.set()


def wait_until_it_hangs(tmp_path: Path) -> None:
    """Wait until a drive is found to take long."""
    assert eventually(lambda: tmp_path / "nas" in originals._hanging), "nobody looked there"


def test_a_drive_that_hangs_is_waited_for_a_while_and_once_until_it_answers_again(hanging, tmp_path, monkeypatch):
    uri, answers, asked = hanging
    (tmp_path / "b.jpg").touch()
    for _ in range(5):
        with pytest.raises(Unreachable, match=r"The drive of .*a\.jpg.* does not answer"):
            open_original(uri)
    assert len(asked) == 1
    monkeypatch.setattr(originals, "_LOOK_S", 20)
    assert open_original((tmp_path / "b.jpg").as_uri()) == tmp_path / "b.jpg"
    answers.set()
    originals._hanging[tmp_path / "nas"].join(10)
    assert open_original(uri) == tmp_path / "nas" / "a.jpg"


def test_whoever_comes_while_a_drive_is_waited_for_waits_no_longer_than_the_first(hanging, tmp_path, monkeypatch):
    uri, _, asked = hanging
    monkeypatch.setattr(originals, "_LOOK_S", 1.0)
    refused, found = [], []

    def look() -> None:
        try:
            found.append(open_original(uri))
        except Unreachable as error:
            refused.append(error)

    first, second = threading.Thread(target=look), threading.Thread(target=look)
    first.start()
    wait_until_it_hangs(tmp_path)
    monkeypatch.setattr(originals, "_LOOK_S", 60)  # which the second would wait for by itself
    second.start()
    for thread in (first, second):
        thread.join(20)
    assert (len(asked), len(refused), found) == (1, 2, [])


def test_a_drive_that_wakes_up_gives_also_what_others_came_for_meanwhile(hanging, tmp_path, monkeypatch):
    uri, answers, asked = hanging
    monkeypatch.setattr(originals, "_LOOK_S", 20)
    found: list[Path | bytes] = []
    callers = [threading.Thread(target=lambda: found.append(open_original(uri))) for _ in range(3)]
    for caller in callers:
        caller.start()
        wait_until_it_hangs(tmp_path)
    time.sleep(0.2)
    assert len(asked) == 1
    answers.set()
    for caller in callers:
        caller.join(10)
    assert len(found) == 3


def test_to_wait_for_a_drive_counts_as_time_out(hanging, monkeypatch):
    monkeypatch.setattr(originals, "_SOON_S", 0)
    monkeypatch.setattr(originals, "_LOOK_S", 0.3)
    before = seconds_out()
    with pytest.raises(Unreachable):
        open_original(hanging[0])
    assert seconds_out() - before > 0.03


def test_while_a_drive_is_waited_for_another_has_the_turn(hanging):
    done = []

    class MyTurn:
        def take(self) -> None:
            done.append("taken")

        def give_back(self) -> bool:
            done.append("given back")
            return True

        def go_out(self) -> None:
            """Nobody goes out here."""

    with taking_turns(MyTurn()), pytest.raises(Unreachable):
        open_original(hanging[0])
    assert done == ["given back", "taken", "given back"]
