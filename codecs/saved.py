"""Pipelines as JSON files: those that a user names and keeps, and those that a command line is given.

{"name": "Small and soft", "stages": [{"id": "downscale", "factor": 1.5}, {"id": "avif", "chroma": "4:4:4"}]}
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from keepsight.codecs.pipeline import Pipeline, PipelineError, Stage
from keepsight.codecs.userfolder import folder


class _StageFile(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: str = Field(min_length=1)

    @property
    def spec(self) -> str:
        values = {name: _word(value) for name, value in (self.model_extra or {}).items()}
        settings = ",".join(f"{name}={value}" for name, value in values.items())
        return f"{self.id}:{settings}" if settings else self.id


class _PipelineFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=60, pattern=r"\w")
    stages: list[_StageFile] = Field(min_length=1)


def read(path: Path) -> tuple[str, str]:
    """Return (spec, name) of a pipeline's file. Raises `PipelineError` for a file that holds none."""
    try:
        found = _PipelineFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise PipelineError(f"The pipeline “{path}” cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise PipelineError(
            f"“{path}” holds no pipeline: {place}: {first['msg']}. It takes "
            '{"name": "…", "stages": [{"id": "downscale", "factor": 1.5}, {"id": "avif"}]}.'
        ) from None
    return "+".join(stage.spec for stage in found.stages), found.name


def saved() -> Iterator[Path]:
    """Yield the files of the kept pipelines by name."""
    yield from sorted((folder() / "pipelines").glob("*.json"))


def save(name: str, stages: tuple[Stage, ...]) -> Path:
    """Keep a pipeline under a name, in place of an earlier one of that name; return its file.

    Raises `PipelineError` where the name is empty or too long, or the folder cannot be written.
    """
    content = {"name": name.strip(), "stages": [{"id": s.of.id} | _changed(s) for s in stages]}
    try:
        found = _PipelineFile.model_validate(content)
    except ValidationError:
        raise PipelineError("A pipeline's name has 1 to 60 letters. Choose such a name.") from None
    path = _path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise PipelineError(
            f"The pipeline could not be saved in “{path.parent}”: {error.strerror}."
        ) from None
    return path


def delete(pipeline: Pipeline) -> None:
    """Forget a kept pipeline; one that is not kept is no error. Raises `PipelineError`."""
    try:
        _path(pipeline.label).unlink(missing_ok=True)
    except OSError as error:
        raise PipelineError(f"“{pipeline.label}” could not be deleted: {error.strerror}.") from None


def _changed(stage: Stage) -> dict[str, Any]:
    defaults = stage.of.options().model_dump()
    return {name: v for name, v in stage.options.model_dump().items() if v != defaults[name]}


def _path(name: str) -> Path:
    return folder() / "pipelines" / (re.sub(r"[^\w-]+", "-", name.strip().lower()).strip("-") + ".json")


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
