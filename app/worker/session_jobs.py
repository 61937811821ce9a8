"""The background jobs of sessions: reading, writing, and looking for photos that are elsewhere now."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keepsight.app.engine import session as sessions
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.session import SavedPhoto, Session
from keepsight.app.engine.store import Store
from keepsight.app.engine.types import Curve
from keepsight.app.worker.judge_process import RemoteJudge


@dataclass(frozen=True)
class SaveRequest:
    """Write this session to this file."""

    path: Path
    session: Session


@dataclass(frozen=True)
class CurvesRequest:
    """Read what this store has of this classifier."""

    store: Path
    judge: RemoteJudge


@dataclass(frozen=True)
class SearchRequest:
    """Look in this folder for the photos of this session that are not where they were."""

    session: Session
    folder: Path


def save(request: SaveRequest) -> Iterator[Path]:
    """Yield the file once it is written. Raises `OutputError`."""
    sessions.save(request.path, request.session)
    yield request.path


def load(path: Path) -> Iterator[tuple[Path, Session]]:
    """Yield the file and its session. Raises `SessionError` and `InputError`."""
    yield path, sessions.load(path)


def look_for_photos(session: Session) -> Iterator[tuple[Session, list[SavedPhoto]]]:
    """Yield the session and its photos that are not where they were."""
    yield session, sessions.missing(session)


def search(request: SearchRequest) -> Iterator[tuple[Session, Session, list[SavedPhoto]]]:
    """Yield the session, as it is with the photos of the folder, and those that are still missing."""
    found = sessions.relocated(request.session, request.folder)
    yield request.session, found, sessions.missing(found)


def stored_curves(request: CurvesRequest) -> Iterator[tuple[RemoteJudge, list[Curve], float | None]]:
    """Yield what was measured with this classifier, of all photos."""
    judge = request.judge
    with Store(request.store) as store:
        curves = store.curves("crop", judge.card.fingerprint, Guiding.beside(judge).name)
        uncompressed = store.uncompressed("crop", judge.card.fingerprint)
    yield judge, curves, uncompressed.top1.value if uncompressed and uncompressed.top1 else None
