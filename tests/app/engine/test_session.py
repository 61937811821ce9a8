"""Session files: what they keep, what is refused, and photos that were moved."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from keepsight.app.engine import session as sessions
from keepsight.app.engine.files import OutputError
from keepsight.app.engine.region import Region, Stroke
from keepsight.app.engine.session import (
    Bookmark,
    Pin,
    Running,
    SavedPane,
    SavedPhoto,
    Session,
    SessionError,
    Settings,
    Tabs,
)
from keepsight.app.engine.types import Curve, CurvePoint, Share


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "holiday"
    paths = [write(folder / name, name) for name in ("a.png", "day/b.png")]
    single = write(tmp_path / "c.png", "c")
    return Session(
        settings=Settings(panes=(SavedPane(codec="jpeg", options={"quality": 30}),), selected=1, target=5),
        sources=(str(folder), single),
        photos=tuple(SavedPhoto(path=path) for path in (*paths, single)),
        regions={"k": Region(level=0.5, strokes=(Stroke(tool="brush", points=((0.1, 0.2),), radius=2),))},
        shown=paths[1],
    )


def test_a_session_comes_back_as_it_was_saved_with_fingerprints(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "new" / "one.keepsight"
    sessions.save(path, session)
    back = sessions.load(path)
    assert back.model_copy(update={"photos": session.photos}) == session
    assert [photo.path for photo in back.photos] == [photo.path for photo in session.photos]
    assert len({photo.print for photo in back.photos}) == 3
    assert not sessions.missing(back)


def test_pinned_curves_come_back(tmp_path: Path) -> None:
    share = Share(0.5, 0.4, 0.6)
    figures = {field.name: 1.0 for field in dataclasses.fields(CurvePoint)}
    others = {"codec": "jpeg", "options": "{}", "photos": 2, "failed": 0, "agreement": share, "top1": None}
    point = CurvePoint(**figures | others | {"top5": share, "ms_ssim": None})
    pins = (Pin(name="before", curves=(Curve("jpeg", [point]),), shown=False),)
    path = tmp_path / "one.keepsight"
    sessions.save(path, Session(pins=pins))
    assert sessions.load(path).pins == pins


def test_a_session_of_before_there_were_tabs_and_pins_is_read(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "one.keepsight"
    sessions.save(path, session)
    content = json.loads(path.read_text())
    del content["pins"]
    for name in ("hidden", "crosshair", "tabs"):
        del content["settings"][name]
    path.write_text(json.dumps(content))
    back = sessions.load(path)
    assert back.settings == session.settings
    assert (back.settings.tabs, back.pins) == (Tabs(), ())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"version": 2, "settings": {}}', "newer Keepsight"),
        (b'{"version": 1, "settings": {"opacity": 400}}', "damaged"),
        (b'{"version": 1, "view": {"x": "left"}}', "damaged"),
        (b'{"version": 1, "geometry": "a"}', "damaged"),
        (b'{"version": 1, "sections": {"Saliency": "ajar"}}', "damaged"),
        (b'{"version": 1, "widths": {"flips": {"Bytes": 0}}}', "damaged"),
        (b'{"version": 1, "widths": {"flips": {"Bytes": 1e9}}}', "damaged"),
        (b'{"version": 1, "panes', "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"\xff\x00", "damaged"),
        (b"{}" * 0, "damaged"),
        (b"3", "damaged"),
    ],
)
def test_what_is_newer_or_damaged_is_refused_and_left_untouched(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "one.keepsight"
    path.write_bytes(content)
    with pytest.raises(SessionError, match=sentence):
        sessions.load(path)
    assert path.read_bytes() == content


def test_every_cut_of_a_file_is_refused(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "one.keepsight"
    sessions.save(path, session)
    whole = path.read_bytes().rstrip()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        with pytest.raises(SessionError):
            sessions.load(path)


def test_a_moved_folder_is_found_whole(session: Session, tmp_path: Path) -> None:
    saved = tmp_path / "one.keepsight"
    sessions.save(saved, session)
    shutil.move(tmp_path / "holiday", tmp_path / "else" / "trip")
    old = sessions.load(saved)
    assert [Path(photo.path).name for photo in sessions.missing(old)] == ["a.png", "b.png"]
    found = sessions.relocated(old, tmp_path / "else")
    assert not sessions.missing(found)
    assert found.sources == (str(tmp_path / "else" / "trip"), session.sources[1])
    assert found.shown == str(tmp_path / "else" / "trip" / "day" / "b.png")
    assert found.settings == session.settings


def test_bookmarks_follow_their_photos(session: Session, tmp_path: Path) -> None:
    path = session.photos[0].path
    marks = (Bookmark(name="one", photo=path), Bookmark(name="two", photo="coffee"))
    sessions.save(tmp_path / "a.keepsight", session.model_copy(update={"bookmarks": marks}))
    kept = sessions.load(tmp_path / "a.keepsight")
    assert kept.bookmarks == marks
    (tmp_path / "moved").mkdir()
    Path(path).rename(tmp_path / "moved" / Path(path).name)
    found = sessions.relocated(kept, tmp_path / "moved").bookmarks
    assert [one.photo for one in found] == [str(tmp_path / "moved" / Path(path).name), "coffee"]
    assert [one.name for one in found] == ["one", "two"]


def test_of_two_files_of_a_name_the_one_of_the_same_content_is_taken(
    session: Session, tmp_path: Path
) -> None:
    saved = tmp_path / "one.keepsight"
    sessions.save(saved, session)
    Path(session.sources[1]).rename(tmp_path / "holiday" / "c.png")
    write(tmp_path / "holiday" / "day" / "c.png", "another")
    found = sessions.relocated(sessions.load(saved), tmp_path / "holiday")
    assert found.photos[2].path == str(tmp_path / "holiday" / "c.png")
    assert sessions.relocated(found, tmp_path) == found


def test_what_is_missing_can_be_left_out(session: Session, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "holiday")
    left = sessions.without_missing(session)
    assert left.sources == (session.sources[1],)
    assert [photo.path for photo in left.photos] == [session.sources[1]]
    assert left.settings == session.settings


def test_a_crash_is_told_from_an_end_and_from_another_window(tmp_path: Path) -> None:
    path = tmp_path / "running"
    first = Running(path)
    assert first.alone
    assert not first.crashed
    first.end()
    code = (
        "import pathlib, sys; from keepsight.app.engine.session import Running; "
        "Running(pathlib.Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    second = Running(path)
    assert second.crashed
    assert json.loads(path.read_bytes())[0] == os.getpid()
    third = Running(path)
    assert not third.alone
    third.end()
    assert path.exists()
    second.end()
    assert not Running(path).crashed


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="Choose a folder that you may write to"):
        Running(tmp_path / "file" / "folder" / "running")
