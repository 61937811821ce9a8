"""A session: what the window showed and how it was set, as a JSON file that brings it all back."""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import psutil
from pydantic import BaseModel, ConfigDict, Field, JsonValue, NonNegativeFloat, ValidationError

from keepsight.app.engine.files import InputError, make_folder, read_file, write_file
from keepsight.app.engine.region import Region
from keepsight.app.engine.training_plan import EPOCHS, MOST_EPOCHS, MOST_PHOTOS, Kind
from keepsight.app.engine.types import Curve, GoalKind, SettingKey

SUFFIX = ".keepsight"
"""Ending of session files."""
_VERSION = 1
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_HEAD = 65_536
"""Bytes of a photo's beginning that tell it from others, with its length."""


class SessionError(ValueError):
    """A session cannot be read. The message is a sentence that says what to do."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        super().__init__(f"“{path}” {reason}. It is left as it is; {advice}.")
        self.reason = reason
        """What is wrong with the file, as the end of a sentence about it."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class SavedPane(_Frozen):
    """The setting of one compressed pane."""

    codec: str
    options: dict[str, JsonValue]


Order = tuple[str, bool]
"""Title of the column that a table is sorted by, "" for none, and whether the largest comes first."""


class Lesson(_Frozen):
    """What the form of the trainings asks for."""

    kind: Kind = "classifier"
    source: str = "list"
    """"list", "scenes" or the path of a folder."""
    codec: str = ""
    """Id of a codec; "" for the setting of the selected pane."""
    rates: str = "as set"
    epochs: int = Field(default=EPOCHS["classifier"], ge=1, le=MOST_EPOCHS)
    photos: int = Field(default=0, ge=0, le=MOST_PHOTOS)
    """At most so many; 0 for all, or as many scenes as usual."""
    name: str = "my-classifier"


class Tabs(_Frozen):
    """How the tabs below the panes are set, and the goal of the smallest files. Titles as in `Settings`."""

    link: dict[str, NonNegativeFloat] = Field(default={}, title="link of the latency")
    """By the names of the sliders; those that are missing stand where they do at first."""
    flipped_by: Literal["selected", "panes"] | SettingKey = Field(
        default="selected", title="what flips the class"
    )
    kept_by: SettingKey | None = Field(default=None, title="what keeps the class")
    flips_order: Order = Field(default=("Lost", True), title="order of the flips")
    table: Literal["settings", "codecs"] = Field(default="settings", title="kind of table")
    anchor: str = Field(default="jpeg", title="what compressors are compared with")
    table_order: Order = Field(default=("", False), title="order of the table")
    goal: GoalKind = Field(default="agreement", title="goal of the smallest file")
    goal_values: dict[GoalKind, int] = Field(default={}, title="value of the goal")
    """In per cent or bytes; those that are missing are as at first."""
    lesson: Lesson = Field(default=Lesson(), title="what is trained")


class Settings(_Frozen):
    """All that undo and redo go back and forth through. The titles are what the steps are called."""

    panes: tuple[SavedPane, ...] = ()
    selected: int = Field(default=0, ge=0)
    """Place of the selected pane, 0 for the original."""
    map: str = Field(default="grad-cam", title="map")
    """Id of a saliency method, or the text of a mix."""
    target: int | Literal["true"] | None = Field(default=None, title="class of the map")
    map_shown: bool = Field(default=True, title="map shown")
    map_view: str = Field(default="original", title="pictures with a map")
    map_colours: str = Field(default="", title="colours of the map")
    opacity: int = Field(default=45, ge=0, le=100, title="opacity")
    outline: bool = Field(default=True, title="outline")
    follow_region: bool = Field(default=False, title="guided by the region")
    viewing: dict[str, JsonValue] = Field(default={}, title="way of comparing")
    """The fields of the window's `Viewing`, with places of panes in place of their numbers."""
    metric: str = Field(default="", title="quantity of the curves")
    rate: str = Field(default="", title="rate of the curves")
    front: bool = Field(default=False, title="Pareto front")
    hidden: tuple[str, ...] = Field(default=(), title="hidden curves")
    """Ids of codecs, sorted."""
    crosshair: bool = Field(default=True, title="crosshair")
    tabs: Tabs = Tabs()


class View(_Frozen):
    """What part of the photo is shown, as in `ViewState`."""

    extent: float | None = Field(default=None, gt=0)
    x: float = Field(default=0.5, ge=0, le=1)
    y: float = Field(default=0.5, ge=0, le=1)


class Bookmark(_Frozen):
    """A photo with all settings and the part of it that was in sight, to come back to."""

    name: str
    photo: str
    """Its path, its name where it has no file."""
    group: str = "Samples"
    settings: Settings = Settings()
    view: View = View()
    classifier: str = ""
    """Its id; "" is whichever is in use."""
    thumbnail: str = ""
    """How it looked, a small PNG, base64."""


class Pin(_Frozen):
    """Curves as they were when they were pinned."""

    name: str
    """Of what they are: classifier, protocol and photos."""
    curves: tuple[Curve, ...]
    shown: bool = True
    """Whether its lines are drawn; a click in the legend hides them."""


class SavedPhoto(_Frozen):
    """One photo file of the user's."""

    path: str
    print: str = ""
    """`fingerprint` of the file, "" where it could not be read."""


MOST_WIDTH = 10_000
"""Of a column of a table, pixels."""


class Layout(_Frozen):
    """How the window is divided up."""

    geometry: str = Field(default="", pattern=_BASE64)
    """Place and size of the window as Qt writes it, base64."""
    columns: tuple[int, ...] = ()
    """Widths of photos, panes and options, pixels."""
    rows: tuple[int, ...] = ()
    """Heights of the panes and of the tabs, pixels."""
    sections: dict[str, bool] = {}
    """Which sections of the columns the user has folded (False) or unfolded, by their names."""
    widths: dict[str, dict[str, Annotated[int, Field(gt=0, le=MOST_WIDTH)]]] = {}
    """Widths of the tables' columns, pixels, by the table's name and the column's title."""


class Session(Layout):
    """Everything that is restored. Curves come from the store of measurements."""

    version: Literal[1] = 1
    settings: Settings = Settings()
    classifier: str = "imagenet"
    device: str = "auto"
    sources: tuple[str, ...] = ()
    """Files, folders and data sets that the user's photos were opened from, in order."""
    photos: tuple[SavedPhoto, ...] = ()
    """The photo files themselves."""
    group: str = "Samples"
    shown: str = ""
    """Path, else name, of the photo that is shown."""
    regions: dict[str, Region] = {}
    """The region of interest of each photo, by `Photo.key`."""
    rule: Region = Region()
    """The region of photos that have none of their own."""
    view: View = View()
    bookmarks: tuple[Bookmark, ...] = ()
    tab: str = ""
    """Name of the open tab below."""
    pins: tuple[Pin, ...] = ()
    """Curves that stay in the plot."""
    swept: bool = False
    """Whether there were curves."""


def save(path: Path, session: Session) -> None:
    """Write a session with the fingerprints of its photos. Raises `OutputError`."""
    photos = tuple(
        photo if photo.print else photo.model_copy(update={"print": fingerprint(Path(photo.path))})
        for photo in session.photos
    )
    session = session.model_copy(update={"photos": photos})
    make_folder(path.parent)
    write_file(path, session.model_dump_json(indent=1).encode() + b"\n")


def load(path: Path) -> Session:
    """Read a session. Raises `SessionError` where it is damaged or of a newer version, and `InputError`."""
    damaged = SessionError(path, "is damaged or is no session of Keepsight", "open another one")
    try:
        content = json.loads(read_file(path))
    except InputError:
        raise
    except (ValueError, RecursionError):
        raise damaged from None
    version = content.get("version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > _VERSION:
        raise SessionError(path, "was saved by a newer Keepsight", "update this one to open it")
    try:
        return Session.model_validate(content)
    except ValidationError:
        raise damaged from None


def fingerprint(path: Path) -> str:
    """Return what tells a file's content from others: SHA-256 of its length and its first 64 KiB, hex.

    "" where it cannot be read. Large folders would take minutes to be read whole.
    """
    try:
        about = path.stat()
        return _fingerprint(path, about.st_size, about.st_mtime_ns)
    except OSError:
        return ""


@lru_cache(20_000)
def _fingerprint(path: Path, size: int, changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.sha256(size.to_bytes(8, "big") + file.read(_HEAD)).hexdigest()


def missing(session: Session) -> list[SavedPhoto]:
    """Return the photos that are not where they were."""
    return [photo for photo in session.photos if not Path(photo.path).is_file()]


def relocated(session: Session, folder: Path) -> Session:
    """Return the session with missing photos where they are found in this folder or below.

    A file is the same if it has the same name and the same content, or the name alone where there is
    only one of it; what is not found stays as it was.
    """
    lost = {photo.path: photo for photo in missing(session)}
    names = {Path(path).name for path in lost}
    found: dict[str, list[Path]] = {}
    for place in sorted(folder.rglob("*")):
        if place.name in names and place.is_file():
            found.setdefault(place.name, []).append(place)
    moved: dict[str, str] = {}
    for path, photo in lost.items():
        places = found.get(Path(path).name, [])
        same = [place for place in places if photo.print and fingerprint(place) == photo.print]
        if same or len(places) == 1:
            moved[path] = str((same or places)[0])
    photos = tuple(
        photo.model_copy(update={"path": moved[photo.path]}) if photo.path in moved else photo
        for photo in session.photos
    )
    sources = tuple(_unique(place for source in session.sources for place in _moved(source, moved)))
    shown = moved.get(session.shown, session.shown)
    bookmarks = tuple(
        bookmark.model_copy(update={"photo": moved.get(bookmark.photo, bookmark.photo)})
        for bookmark in session.bookmarks
    )
    return session.model_copy(
        update={"photos": photos, "sources": sources, "shown": shown, "bookmarks": bookmarks}
    )


def without_missing(session: Session) -> Session:
    """Return the session without the photos that are not where they were; all settings stay."""
    lost = {photo.path for photo in missing(session)}
    photos = tuple(photo for photo in session.photos if photo.path not in lost)
    return session.model_copy(update={"photos": photos, "sources": tuple(present_sources(session))})


def with_other_photos(session: Session) -> Session:
    """Return the session's settings without its photos, and without the curves that are of them."""
    return session.model_copy(
        update={"sources": (), "photos": (), "shown": "", "view": View(), "swept": False}
    )


def present_sources(session: Session) -> list[str]:
    """Return the sources that can be opened now: data sets by name, and files and folders that are there."""
    return [source for source in session.sources if not _is_path(source) or Path(source).exists()]


def _is_path(source: str) -> bool:
    return Path(source).is_absolute()


def _moved(source: str, moved: dict[str, str]) -> list[str]:
    """Return where the photos of a source are now: a folder that was moved whole stays a folder."""
    inside = {old: new for old, new in moved.items() if old == source or Path(source) in Path(old).parents}
    if not inside or Path(source).exists():
        return [source, *inside.values()] if source not in inside else [inside[source]]
    roots = {_root(Path(old).relative_to(source), Path(new)) for old, new in inside.items()}
    root = roots.pop() if len(roots) == 1 else None
    return [str(root)] if root is not None else [source, *inside.values()]


def _root(below: Path, new: Path) -> Path | None:
    """Return the folder under which a file now lies as it did `below` the old one."""
    return new.parents[len(below.parts) - 1] if new.parts[-len(below.parts) :] == below.parts else None


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


class Running:
    """A file that says that a program is running; one that was left behind tells of a crash."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.crashed = False
        """Whether the last program did not come to its end."""
        self.alone = True
        """Whether no other window keeps its session in the same place."""
        mine = psutil.Process()
        if (other := _owner(path)) is not None:
            self.alone = not _runs(other)
            self.crashed = self.alone
        if self.alone:
            make_folder(path.parent)
            write_file(path, json.dumps([os.getpid(), mine.create_time()]).encode())

    def end(self) -> None:
        """Say that the program ended as it should."""
        if self.alone:
            self._path.unlink(missing_ok=True)


def _owner(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return [0, 0.0]


def _runs(owner: Any) -> bool:
    try:
        number, since = owner
        return bool(abs(psutil.Process(number).create_time() - since) < 1)
    except (psutil.Error, TypeError, ValueError):
        return False
