"""A classifier's card: its weights, classes and preprocessing, as one TOML file. No torch here."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from keepsight.models import imagenet, preprocess
from keepsight.models.errors import CardError as CardError
from keepsight.models.errors import ModelError
from keepsight.models.file_inputs import LENGTHS, SIDE, Inputs, Reads
from keepsight.models.preprocess import CropMode, Interpolation, Pixels

_RESERVED = {
    "checkpoint_path",
    "num_classes",
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
    "weights",
}
"""Arguments of an architecture that would load other weights, unchecked."""

UNUSABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What libraries raise on an architecture with arguments that make no sense."""


# The descriptions end the sentence “It takes …” where a card is not usable.
Text = Annotated[str, Field(description="text in quotes")]
Side = Annotated[int, Field(ge=1, le=4096, description="a whole number from 1 to 4096")]
PER_CHANNEL = "three numbers, for red, green and blue: [0.5, 0.5, 0.5]"
PerChannel = Annotated[tuple[float, float, float], Field(description=PER_CHANNEL)]


class Card(BaseModel):
    """All that is known of a classifier before its weights are loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: Text
    """What finds this card again: "imagenet", "scenes", "torchvision:resnet18" or the path as given."""
    name: Text
    library: Literal["timm", "torchvision", "keepsight"] = Field(description='"timm" or "torchvision"')
    """Where the architecture comes from."""
    architecture: Text
    reads: Reads = "pixels"
    """What it looks at: decoded pixels, or the planes of a compressed file, without pixels."""
    arguments: dict[str, Any] = Field(default={}, description='names with values: { pad_type = "same" }')
    """Keyword arguments of the architecture."""
    weights: Path | None = Field(default=None, description="the name of a file")
    """None: the library's own pretrained weights."""
    match: Literal["name", "order"] = "name"
    """How the tensors of the weights find their place: by their names, or in the model's own order."""
    sha256: str | None = Field(
        default=None, pattern="^[0-9a-f]{64}$", description="64 digits from 0-9 and a-f, as sha256sum prints"
    )
    """Of the weights file, hex. Always there where `weights` is."""
    class_names: tuple[str, ...] = Field(
        min_length=2, description="two names or more, or the name of a file with one a line"
    )
    resize: Side
    """Length of the shorter side after resizing, in pixels."""
    crop: Side
    """Side of the centre crop that the classifier sees, in pixels."""
    crop_mode: CropMode = "center"
    interpolation: Interpolation = "bilinear"
    mean: PerChannel = (0.0, 0.0, 0.0)
    """Subtracted from values in [0, 1], red green blue; then divided by `std`."""
    std: PerChannel = (1.0, 1.0, 1.0)
    license: Text
    source: Text
    top1: float | None = Field(default=None, ge=0, le=1, description="a number from 0 to 1")
    """Published or measured accuracy, in [0, 1]."""
    top1_on: Text = ""
    """What `top1` was measured on."""

    @model_validator(mode="after")
    def _consistent(self) -> "Card":
        if self.reads == "pixels" and not {"mean", "std"} <= self.model_fields_set:
            missing = "mean" if "mean" not in self.model_fields_set else "std"
            raise ValueError(f"it lacks the field “{missing}”. It takes {PER_CHANNEL}")
        if self.reads != "pixels" and self.crop != SIDE:
            raise ValueError(f"a classifier that reads files has a “crop” of {SIDE}. Correct it")
        if self.crop > self.resize:
            raise ValueError("“crop” must not be larger than “resize”. Correct one of them")
        if min(self.std) <= 0:
            raise ValueError("“std” must be above zero. Correct it")
        reserved = sorted(self.arguments.keys() & _RESERVED)
        if reserved:
            raise ValueError(f"“arguments” must not have “{reserved[0]}”. Take it out")
        if self.weights is not None and self.sha256 is None:
            raise ValueError("“sha256” must be given for the weights; sha256sum prints it. Add it")
        return self

    @property
    def fingerprint(self) -> str:
        """Name of the judge in stored rows: equal only where weights, architecture and preprocessing are."""
        says = self.model_dump(
            mode="json",
            include={"library", "architecture", "arguments", "match", "resize", "crop", "crop_mode"}
            | {"interpolation", "mean", "std"},
        )
        if self.reads != "pixels":  # rows of those that read pixels keep the names that they had
            says["reads"] = self.reads
        says["weights"] = self.sha256 or self.source
        return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of what is classified, without the batch: (crop, crop, 3) uint8, or (n,) int16 of a packed file."""
        return (self.crop, self.crop, 3) if self.reads == "pixels" else (LENGTHS[self.reads],)

    def check_inputs(self, batch: Inputs) -> None:
        """Raise `ModelError` where a batch is not what this classifier reads."""
        if self.reads != "pixels" and batch.shape[1:] != self.input_shape:
            raise ModelError(
                f"“{self.name}” reads files, not pixels, and cannot do this. Choose a classifier of pixels."
            )

    def prepare(self, pixels: Pixels) -> Pixels:
        """Resize and crop a photo as this classifier wants it: (H, W, 3) uint8 -> (crop, crop, 3) uint8."""
        return preprocess.prepare(pixels, self.resize, self.crop, self.interpolation, self.crop_mode)

    def class_index(self, name: str) -> int | None:
        """Return the index of a class from what a folder or a labels file calls it, None if there is no such.

        It may be the class's name or one of its comma-separated synonyms (underscores and letter case do not
        matter where that leaves no doubt), the index itself, or a WordNet id for an ImageNet classifier.
        """
        name = " ".join(name.replace("_", " ").split())
        found = _search(self.class_names, name)
        if found is None and imagenet.is_imagenet(self.class_names):
            found = imagenet.wnids().get(name.casefold())
            if found is None:
                found = _search(imagenet.synonyms(), name)
        if found is None and re.fullmatch("[0-9]{1,9}", name) and int(name) < len(self.class_names):
            found = int(name)
        return found


def load_card(path: Path) -> Card:
    """Read a card file; files that it names lie beside it.

    `classes` is a list of names or a text file with one name a line. `weights` is a file, or
    "package:NAME/FILE" for a file inside an installed Python package. Whether the weights have the stated
    hash is checked when they are loaded. Raises `CardError`.
    """
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise CardError(f"There is no card file “{path}”. Check the name.") from None
    except OSError as error:
        raise CardError(
            f"The card “{path}” cannot be read ({error.strerror}). Check its permissions."
        ) from None
    except UnicodeDecodeError:
        raise CardError(
            f"The card “{path}” is not a readable TOML file: it is not text in UTF-8. Name a card."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise CardError(
            f"The card “{path}” is not a readable TOML file: {error}. Correct that place."
        ) from None
    fields |= {"class_names": _class_names(path, fields.pop("classes", None))}
    if "weights" in fields:
        fields["weights"] = _weights(path, fields["weights"])
    try:
        return Card(**{"id": str(path)} | fields)
    except ValidationError as error:
        raise CardError(f"The card “{path}” {_complaint(error)}.") from None


@contextmanager
def build_errors(card: Card) -> Iterator[None]:
    """Turn what a library raises where it cannot build a card's architecture into `CardError`."""
    try:
        yield
    except ModelError:
        raise
    except UNUSABLE as error:
        strange = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        if strange and strange[1] in card.arguments:
            raise CardError(
                f"“{card.architecture}” of {card.library} has no argument “{strange[1]}”. "
                "Take it out of “arguments” in the card."
            ) from None
        given = f" ({', '.join(card.arguments)})" if card.arguments else ""
        raise CardError(
            f"{card.library} cannot build “{card.architecture}” with the arguments of the card{given}. "
            "Correct their values or take them out."
        ) from None


def _class_names(path: Path, classes: Any) -> Any:
    """Return the list as it is, or the lines of the file beside the card."""
    if classes is None:
        raise CardError(f"The card “{path}” lacks the field “classes”. {_takes('class_names')}.")
    if not isinstance(classes, str):
        return classes
    try:
        text = (path.parent / classes).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CardError(
            f"The card “{path}” names a file of classes that cannot be read: “{classes}”. It must lie beside "
            "the card and be text in UTF-8."
        ) from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def _weights(path: Path, name: Any) -> Path:
    if not isinstance(name, str):
        raise CardError(f"The card “{path}” must name the weights as text: the name of a file, in quotes.")
    if name.startswith("package:"):
        package, _, inside = name.removeprefix("package:").partition("/")
        spec = find_spec(package) if package.isidentifier() else None
        if spec is None or spec.origin is None:
            raise CardError(
                f"The weights of “{path.stem}” come with the package “{package}”: please install it."
            )
        weights = Path(spec.origin).parent / inside
    else:
        weights = path.parent / name
    if not weights.is_file():
        raise CardError(
            f"The card “{path}” names weights that are not there: “{weights}”. Put them there, or correct "
            "the field “weights”."
        )
    return weights


def _complaint(error: ValidationError) -> str:
    """Say the first thing that is wrong with a card, in words that follow its name."""
    first = error.errors()[0]
    if not first["loc"]:
        return "is not usable: " + str(first["ctx"]["error"])
    name = str(first["loc"][0])
    field = "classes" if name == "class_names" else name
    if first["type"] == "extra_forbidden":
        known = ", ".join(name for name in Card.model_fields if name not in {"id", "class_names"})
        return f"has an unknown field “{field}”. Fields are: {known}, classes"
    if first["type"] == "missing" and len(first["loc"]) == 1:
        return f"lacks the field “{field}”. {_takes(name)}"
    if first["type"] == "literal_error":
        expected = str(first["ctx"]["expected"]).replace("'", '"')
        return f"has a field “{field}” that is not usable. It takes {expected}"
    return f"has a field “{field}” that is not usable. {_takes(name)}"


def _takes(name: str) -> str:
    return f"It takes {Card.model_fields[name].description}"


def _search(names: tuple[str, ...], wanted: str) -> int | None:
    """Find a name or, when it is a list of synonyms, the first of them that is found."""
    for part in (wanted, *(part.strip() for part in wanted.split(","))):
        for layer, key in zip(_lookup(names), (part, part, part.casefold(), part.casefold()), strict=True):
            index = layer.get(key)
            if index is not None:
                return index
    return None


@lru_cache(maxsize=16)
def _lookup(names: tuple[str, ...]) -> tuple[dict[str, int | None], ...]:
    """Return name -> index, surest first: names, synonyms, both without letter case; None where in doubt."""
    exact: dict[str, int | None] = {}
    synonyms: dict[str, int | None] = {}
    folded: dict[str, int | None] = {}
    folded_synonyms: dict[str, int | None] = {}
    for index, name in enumerate(names):
        parts = [part.strip() for part in name.replace("_", " ").split(",")]
        whole = ", ".join(parts)
        for layer, keys in (
            (exact, [whole]),
            (synonyms, parts),
            (folded, [whole.casefold()]),
            (folded_synonyms, [part.casefold() for part in parts]),
        ):
            for key in keys:
                layer[key] = index if layer.get(key, index) == index else None
    return exact, synonyms, folded, folded_synonyms
