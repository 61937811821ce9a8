"""Loading a classifier in the background, download included."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from keepsight.app.worker.judge_process import JudgeProcess, RemoteJudge


@dataclass(frozen=True)
class LoadRequest:
    """Load this classifier on this device."""

    process: JudgeProcess
    classifier_id: str
    device: str
    progress: Callable[[str, float | None], None]


@dataclass(frozen=True)
class Loading:
    """A classifier that is ready, and the devices that there are."""

    judge: RemoteJudge
    devices: list[str]


def load_judge(request: LoadRequest) -> Iterator[Loading]:
    """Yield the loaded classifier."""

    def progress(done: int, total: int) -> None:
        share = done / total if total else None
        request.progress(f"Fetching {request.classifier_id}: {done / 1e6:.1f} MB", share)

    request.progress(f"Loading {request.classifier_id}", None)
    judge = request.process.load(request.classifier_id, request.device, progress)
    yield Loading(judge, request.process.devices())
