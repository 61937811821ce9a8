"""A card: the TOML file that declares a command-line codec."""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from keepsight.codecs.options import Options, OptionsError, Value, option

_PLACEHOLDER = re.compile(r"\{([^{}\s]*)\}")


class CodecCardError(ValueError):
    """A card is not usable. The message is a sentence for the user."""


# The descriptions end the sentence “It takes …” where a declaration is not usable.
Text = Annotated[str, Field(min_length=1, description="text in quotes")]
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]
Number = Annotated[float, Field(description="a number")]
Command = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    Field(
        min_length=1, description='a list of a program and its arguments: ["cjpeg", "{input}", "{output}"]'
    ),
]


class Declared(BaseModel):
    """What every codec that is not Keepsight's own must declare properly."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: str = Field(
        pattern="^[a-z][a-z0-9-]{0,39}$",
        description="lower-case letters, digits and hyphens, a letter first",
    )
    label: str = Field(
        pattern=r"^[^\[\]<>&$\x00-\x1f]{1,40}$",  # it stands in figures and formatted text as it is
        description="1 to 40 characters, without [ ] < > & $",
    )
    colour: str = Field(pattern="^#[0-9A-Fa-f]{6}$", description="a colour such as “#D55E00”")
    suffix: str = Field(pattern=r"^\.[a-z0-9]{1,10}$", description="an ending of file names such as “.webp”")


class _Option(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    label: Text
    help: Text


class NumberOption(_Option):
    """A number, written into the command as it is."""

    kind: Literal["int", "float"]
    default: Number
    low: Number
    high: Number


class BoolOption(_Option):
    """A switch; an argument that is nothing but an empty text is left out of the command."""

    kind: Literal["bool"]
    default: bool = Field(description="true or false")
    on: Text
    """What stands in the command where the option is on."""
    off: str = Field(default="", description="text in quotes")


class ChoiceOption(_Option):
    """One of several words, written into the command as it is."""

    kind: Literal["choice"]
    default: Text
    choices: tuple[Text, ...] = Field(min_length=2, description="a list of two words or more")


CardOption = Annotated[NumberOption | BoolOption | ChoiceOption, Field(discriminator="kind")]
_OPTION_MODELS = {
    kind: model
    for model in (NumberOption, BoolOption, ChoiceOption)
    for kind in get_args(model.model_fields["kind"].annotation)
}


class CommandCard(Declared):
    """An encoder and a decoder as command lines, with the options that the encoder takes."""

    encode: Command
    """From an image file to a compressed one: {input}, {output} and {NAME} of each option are filled in."""
    decode: Command
    """From a compressed file to an image file: {input} and {output} are filled in."""
    options: dict[Name, CardOption] = Field(default={}, description="tables such as [options.quality]")
    rate: str | None = Field(default=None, description="the name of an option, in quotes")
    """The option that moves the rate; None for a lossless codec."""
    ladder: tuple[float, ...] = Field(
        default=(),
        max_length=20,
        description="a list of up to 20 numbers, the one of the smallest file first",
    )
    """Values of `rate` for a sweep."""
    magic: str = Field(
        default="",
        pattern=r"^([0-9A-Fa-f]{2}|\?\?)*$",
        description="the first bytes of a file in hex, “??” for any byte",
    )
    image: Literal["png", "ppm"] = Field(default="png", description="“png” or “ppm”")
    """The format of the image files that the encoder reads and the decoder writes."""
    timeout: float = Field(default=30, gt=0, le=3600, description="seconds, above 0 and up to 3600")
    """How long each command may take."""

    @model_validator(mode="after")
    def _consistent(self) -> "CommandCard":
        _check_command("encode", self.encode, self.options)
        _check_command("decode", self.decode, ())
        for name in self.options:
            if hasattr(Options, name) or name.startswith("model_") or name in ("input", "output"):
                raise ValueError(f"an option cannot be named “{name}”. Choose another name")
        rate = self.options.get(self.rate) if self.rate else None
        if self.rate and not isinstance(rate, NumberOption):
            raise ValueError(
                f"“rate” names “{self.rate}”, which is no option of the kind int or float. Name one"
            )
        if bool(self.rate) != bool(self.ladder) or len(set(self.ladder)) < len(self.ladder):
            raise ValueError(
                "“rate” and “ladder” go together, and a ladder's values differ. Correct one of them"
            )
        self._check_values()
        return self

    def _check_values(self) -> None:
        made = self.options_class()
        for name, declared in self.options.items():
            if isinstance(declared, NumberOption) and declared.low >= declared.high:
                raise ValueError(f"“low” must be below “high” in the option “{name}”. Correct one of them")
            _check_value(made, f"options.{name}.default", name, declared.default)
        for value in self.ladder:
            _check_value(made, "ladder", str(self.rate), value)

    def options_class(self) -> type[Options]:
        """Return the declared options as a class, the rate first."""
        names = sorted(self.options, key=lambda name: name != self.rate)
        fields: dict[str, Any] = {name: _field(self.options[name]) for name in names}
        made: type[Options] = create_model("CommandOptions", __base__=Options, **fields)
        return made


def load_card(path: Path) -> CommandCard:
    """Read a card. Raises `CodecCardError`."""
    try:
        return CommandCard.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CodecCardError(
            f"The card “{path}” cannot be read ({error.strerror}). Check its name."
        ) from None
    except UnicodeDecodeError:
        raise CodecCardError(f"The card “{path}” is no TOML file: it is not text in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise CodecCardError(f"The card “{path}” is no TOML file: {error}. Correct that place.") from None
    except ValidationError as error:
        raise CodecCardError(f"The card “{path}” {complaint(error)}.") from None


def complaint(error: ValidationError) -> str:
    """Say the first thing that is wrong with a declaration, in words that follow its name."""
    first = error.errors()[0]
    if not first["loc"]:
        return f"is not usable: {first['ctx']['error']}"
    field, takes = _place(*map(str, first["loc"]))
    if first["type"] == "missing":
        return f"lacks the field “{field}”. It takes {takes}"
    if first["type"] == "extra_forbidden":
        return f"has an unknown field “{field}”. {takes}"
    return f"has a field “{field}” that is not usable. It takes {takes}"


def _place(first: str, *rest: str) -> tuple[str, str]:
    """Return a field's name with those of the tables around it, and what it takes, in words."""
    model: type[BaseModel] = CommandCard
    path = name = first
    if first == "options" and rest:
        path = f"options.{rest[0]}"
        if rest[1:] == ("[key]",):
            return path, "a name of lower-case letters, digits and underscores"
        if len(rest) < 3:  # pydantic could not tell which kind of option it is
            return f"{path}.kind", "one of " + ", ".join(f"“{kind}”" for kind in _OPTION_MODELS)
        model, name = _OPTION_MODELS[rest[1]], rest[2]
        path = f"{path}.{name}"
    if name not in model.model_fields:
        return path, "Fields are: " + ", ".join(model.model_fields)
    return path, str(model.model_fields[name].description)


def _check_command(field: str, command: tuple[str, ...], options: Collection[str]) -> None:
    """Raise `ValueError` unless a command names its files and all of these options, and nothing else."""
    program = command[0]
    if (
        Path(program).name != program and not Path(program).is_absolute()
    ):  # it runs in another folder each time
        raise ValueError(
            f"“{field}” begins with “{program}”. Give the program's name alone, or its full path"
        )
    used = set(_PLACEHOLDER.findall(" ".join(command[1:])))
    known = ["input", "output", *options]
    for name in used.difference(known):
        raise ValueError(
            f"“{field}” has an unknown placeholder “{{{name}}}”. Placeholders here: "
            + ", ".join(f"{{{name}}}" for name in known)
        )
    for name in known:
        if name not in used:
            raise ValueError(
                f"“{field}” lacks the placeholder “{{{name}}}”. Put it where the command takes it"
            )


def fill(command: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """Return a command with its placeholders filled in; arguments that are empty then are left out."""
    filled = [_PLACEHOLDER.sub(lambda match: values[match[1]], argument) for argument in command[1:]]
    return [command[0], *filter(None, filled)]


def _field(declared: CardOption) -> tuple[Any, Any]:
    """Return a declared option as pydantic takes it: its type, and the rest."""
    about = declared.label, declared.help
    if isinstance(declared, ChoiceOption):
        return Literal[declared.choices], option(declared.default, *about)
    if isinstance(declared, BoolOption):
        return bool, option(declared.default, *about)
    whole = declared.kind == "int" and declared.default.is_integer()
    default = int(declared.default) if whole else declared.default
    return (int if declared.kind == "int" else float), option(
        default, *about, low=declared.low, high=declared.high
    )


def _check_value(options: type[Options], place: str, name: str, value: Value) -> None:
    try:
        options.parse({name: value})
    except OptionsError as error:
        raise ValueError(f"“{place}” does not fit. {str(error).removesuffix('.')}") from None
