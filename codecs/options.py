"""Options declared once: the declaration validates, draws the form, feeds the command line and is stored.

class JpegOptions(Options):
    quality: int = option(75, "Quality", "Higher keeps more detail.", low=1, high=100)
    chroma: Literal["4:4:4", "4:2:0"] = option("4:2:0", "Chroma", "Resolution of the colour planes.")
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Value = int | float | bool | str


class OptionsError(ValueError):
    """An option is unknown or out of range. The message names the field and what it takes."""


@dataclass(frozen=True)
class OptionField:
    """One declared option, as a form or a command line needs it."""

    name: str
    label: str
    help: str
    kind: Literal["int", "float", "bool", "choice"]
    default: Value
    low: float | None
    """Smallest value, for int and float."""
    high: float | None
    """Largest value, for int and float."""
    step: float | None
    """Size of one step of a slider, for int and float."""
    log: bool
    """Whether a slider over the range should be logarithmic."""
    choices: tuple[str, ...]
    """What a choice takes, in the order to show."""

    @property
    def accepts(self) -> str:
        """What the option takes, in words."""
        if self.kind == "bool":
            return "true or false"
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        number = "a whole number" if self.kind == "int" else "a number"
        return f"{number} from {self.low:,.10g} to {self.high:,.10g}"


def option(
    default: Value,
    label: str,
    help: str,  # noqa: A002 - the word that every form and command line uses
    *,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    log: bool = False,
) -> Any:
    """Declare one option of an `Options` class. Numbers need `low` and `high`."""
    return Field(
        default,
        title=label,
        description=help,
        ge=low,
        le=high,
        json_schema_extra={"low": low, "high": high, "step": step, "log": log},
    )


class Options(BaseModel):
    """Base of every codec's options: frozen, strict about names, comparable and hashable."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    @lru_cache(256)  # classes of pipelines come and go with every move of a slider
    def fields(cls) -> tuple[OptionField, ...]:
        """Return the declared options in the order of declaration."""
        return tuple(_field(name, info) for name, info in cls.model_fields.items())

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Validate values (text from a command line included). Raises `OptionsError`."""
        fields = {field.name: field for field in cls.fields()}
        for name in values:
            if name not in fields:
                known = ", ".join(fields) or "none"
                raise OptionsError(f"There is no option “{name}”. Options here: {known}.")
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            field = fields[str(error.errors()[0]["loc"][0])]
            raise OptionsError(
                f"Option “{field.name}” takes {field.accepts}, not “{values[field.name]}”."
            ) from None

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some values changed and all checked. Raises `OptionsError`."""
        return self.parse(self.model_dump() | changes)

    def to_json(self) -> str:
        """Return all values as JSON, in the order of declaration: the form stored with each row."""
        return self.model_dump_json()

    def in_words(self) -> str:
        """Return the first option and every one that differs from its default: "quality 8 · chroma 4:4:4"."""
        fields = self.fields()
        values = self.model_dump()
        shown = [f for i, f in enumerate(fields) if i == 0 or values[f.name] != f.default]
        return " · ".join(f"{f.label.lower()} {_word(values[f.name])}" for f in shown)


def _word(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _field(name: str, info: Any) -> OptionField:
    extra = info.json_schema_extra
    annotation = info.annotation
    kind: Literal["int", "float", "bool", "choice"]
    if get_origin(annotation) is Literal:
        kind, choices = "choice", tuple(str(arg) for arg in get_args(annotation))
    else:
        kind, choices = _KINDS[annotation], ()
    return OptionField(
        name=name,
        label=info.title,
        help=info.description,
        kind=kind,
        default=info.default,
        low=extra["low"],
        high=extra["high"],
        step=extra["step"],
        log=extra["log"],
        choices=choices,
    )


_KINDS: dict[type, Literal["int", "float", "bool"]] = {int: "int", float: "float", bool: "bool"}
