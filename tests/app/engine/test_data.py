"""Photos from samples, scenes, folders and labels files, with sentences for what is left out."""

import pickle
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from PIL import Image

from keepsight.app.engine.data import DataError, check_readable, known_labels, open_data
from keepsight.app.engine.photos import PhotoError
from keepsight.models.cards import Card
from keepsight.models.scenes import CLASSES, SPLITS, label_of


@pytest.fixture(scope="module")
def card() -> Card:
    return Card(
        id="pets",
        name="Pets",
        library="timm",
        architecture="resnet18",
        class_names=("tabby, tabby cat", "golden retriever", "goldfish"),
        resize=32,
        crop=32,
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        license="none",
        source="none",
    )


def _photo(path: Path, value: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8, 3), value, np.uint8)).save(path)


def test_samples() -> None:
    data = open_data("samples")
    assert data.items[0].name == "rocket"
    assert data.items[0].load().name == "rocket"
    assert not data.labelled
    assert data.notes == []


def test_scenes_are_unseen_and_labelled_for_their_own_classifier(card: Card) -> None:
    own = card.model_copy(update={"class_names": tuple(CLASSES)})
    data = open_data("scenes", own)
    seeds = [int(item.name.split()[1]) for item in data.items]
    assert set(seeds) <= set(SPLITS["test"])
    assert data.labelled
    photo = data.items[3].load()
    assert photo.label == data.items[3].label == label_of(seeds[3])
    assert photo.pixels.shape == (224, 224, 3)
    assert photo.key == data.items[3].load().key
    others = open_data("scenes", card)
    assert others.items[3].load().label is None


def test_folder_of_photos(tmp_path: Path, card: Card) -> None:
    _photo(tmp_path / "b.PNG")
    _photo(tmp_path / "a.jpg")
    (tmp_path / ".hidden.jpg").touch()
    (tmp_path / "notes.txt").touch()
    data = open_data(tmp_path, card)
    assert [item.name for item in data.items] == ["a.jpg", "b.PNG"]
    assert not data.labelled
    assert data.notes == []


def test_sub_folders_are_classes(tmp_path: Path, card: Card) -> None:
    _photo(tmp_path / "goldfish" / "x.png")
    _photo(tmp_path / "Tabby_cat" / "deep" / "y.png")
    _photo(tmp_path / "zeppelin" / "z.png")
    data = open_data(tmp_path, card)
    assert {item.name: item.label for item in data.items} == {"goldfish/x.png": 2, "Tabby_cat/deep/y.png": 0}
    assert data.items[0].load().label == data.items[0].label
    assert data.notes == ["1 photo left out, not in a folder named after a class of “Pets”: zeppelin/z.png."]
    assert data.left_out == 1


def test_sub_folders_that_are_no_classes(tmp_path: Path, card: Card) -> None:
    _photo(tmp_path / "summer" / "x.png")
    data = open_data(tmp_path, card)
    assert [item.label for item in data.items] == [None]
    assert data.notes == ["No folder here bears the name of a class of “Pets”: no photo has a label."]
    assert open_data(tmp_path).notes == []


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("file,class_index\na.png,2\nb.png,0\n", [2, 0]),
        ("file,class_name\na.png,goldfish\nb.png,tabby cat\n", [2, 0]),
        ("\ufefffile,wnid,class_name,class_index\na.png,n1,Goldfish,700\nb.png,n2,tabby,800\n", [2, 0]),
    ],
)
def test_labels_file(tmp_path: Path, card: Card, text: str, labels: list[int]) -> None:
    _photo(tmp_path / "a.png")
    _photo(tmp_path / "b.png")
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    data = open_data(str(tmp_path), card)
    assert [item.label for item in data.items] == labels
    assert data.labelled
    assert data.notes == []


def test_labels_file_elsewhere(tmp_path: Path, card: Card) -> None:
    _photo(tmp_path / "photos" / "a.png")
    (tmp_path / "other.csv").write_text("file,class_index\na.png,1\n")
    assert open_data(tmp_path / "photos", card, tmp_path / "other.csv").items[0].label == 1


def test_missing_and_unknown_rows_are_named_and_left_out(tmp_path: Path, card: Card) -> None:
    for name in "abcdef":
        _photo(tmp_path / f"{name}.png")
    (tmp_path / "labels.csv").write_text(
        "file,class_name\n"
        "a.png,goldfish\n"
        "gone.png,goldfish\n"
        "b.png,unicorn\nc.png,\nd.png\ne.png,dragon\n"
        "f.png,tabby\n"
    )
    data = open_data(tmp_path, card)
    assert [item.name for item in data.items] == ["a.png", "f.png"]
    assert data.notes == [
        "1 photo left out, named in the labels file but not there: gone.png.",
        "4 photos left out, of a class that “Pets” does not know: b.png, c.png, d.png and 1 more. "
        f"Line 4 of “{tmp_path / 'labels.csv'}” has “unicorn” as class_name; "
        "that takes the name of a class, such as “tabby, tabby cat”.",
    ]
    assert data.left_out == 5


def test_labels_of_another_classifier(tmp_path: Path, card: Card) -> None:
    _photo(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text("file,class_name\na.png,unicorn\n")
    data = open_data(tmp_path, card)
    assert [item.label for item in data.items] == [None]
    assert data.notes == [
        f"No row of “{tmp_path / 'labels.csv'}” names a class of “Pets”: no photo has a label. "
        f"Line 2 of “{tmp_path / 'labels.csv'}” has “unicorn” as class_name; "
        "that takes the name of a class, such as “tabby, tabby cat”."
    ]


@pytest.mark.parametrize(
    ("cell", "holds"),
    [
        ("three", "has “three”"),
        ("3", "has “3”"),
        ("-1", "has “-1”"),
        ("1.0", "has “1.0”"),
        ("", "has nothing"),
    ],
)
def test_odd_class_index_is_shown_with_its_place(tmp_path: Path, card: Card, cell: str, holds: str) -> None:
    _photo(tmp_path / "a.png")
    _photo(tmp_path / "b.png")
    labels = tmp_path / "labels.csv"
    labels.write_text(f"class_index,file\n2,a.png\n{cell},b.png\n")
    data = open_data(tmp_path, card)
    assert [item.label for item in data.items] == [2]
    assert data.notes == [
        "1 photo left out, of a class that “Pets” does not know: b.png. "
        f"Line 3 of “{labels}” {holds} as class_index; that takes a whole number from 0 to 2."
    ]


def test_photos_that_no_row_names_are_counted(tmp_path: Path, card: Card) -> None:
    for name in ("a", "b", "c", "deep/d", "deep/e"):
        _photo(tmp_path / f"{name}.png")
    (tmp_path / "labels.csv").write_text("file,class_index\n./a.png,1\ndeep/d.png,2\n")
    for judge in (card, None):
        data = open_data(tmp_path, judge)
        assert [item.name for item in data.items] == ["./a.png", "deep/d.png"]
        assert data.notes == [
            "3 photos left out, not named in the labels file: b.png, c.png, deep/e.png. "
            "Add a row for each that is to be measured."
        ]
        assert data.left_out == 0, "the file may pick photos on purpose"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"name,class\na.png,1\n", "must name a column “file” and one of"),
        (b"", "must name a column “file”"),
        (b"file,class_index\nz.png,1\n", "None of the files named in .* is in"),
        (b"file,class_name\na.png,\xff\xfe\n", "is not a CSV file in UTF-8"),
    ],
)
def test_useless_labels_file(tmp_path: Path, card: Card, content: bytes, sentence: str) -> None:
    _photo(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        open_data(tmp_path, card)


def test_labels_file_that_is_not_there(tmp_path: Path, card: Card) -> None:
    _photo(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"cannot be read"):
        open_data(tmp_path, card, tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"belongs to a folder of photos; “samples” is none"):
        open_data("samples", card, tmp_path / "none.csv")


def test_folder_without_photos(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError, match=r"There are no photos in .* Choose a folder"):
        open_data(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no folder or photo"):
        open_data(tmp_path / "none")
    with pytest.raises(DataError, match=r"There is no folder or photo “samples”"):
        open_data(Path("samples"))


def test_one_photo(tmp_path: Path) -> None:
    _photo(tmp_path / "one.png")
    assert open_data(tmp_path / "one.png").items[0].load().name == "one.png"


def test_unreadable_photo_speaks_when_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no")
    item = open_data(tmp_path).items[0]
    with pytest.raises(PhotoError):
        item.load()


def test_one_readable_photo_is_enough(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"no")
    check_readable([])
    with pytest.raises(PhotoError, match=r"^“a.png” is not a photo"):
        check_readable([tmp_path / "a.png"])
    with pytest.raises(PhotoError, match=r"^None of 3 photos can be read. There is no folder or photo"):
        check_readable([tmp_path / "none.png", tmp_path])
    _photo(tmp_path / "c.png")
    check_readable([tmp_path / "none.png", tmp_path])


def test_items_travel_to_other_processes(tmp_path: Path, card: Card) -> None:
    _photo(tmp_path / "goldfish" / "x.png")
    for data in (open_data("samples"), open_data("scenes", card), open_data(tmp_path, card)):
        item = pickle.loads(pickle.dumps(data.items[0]))
        assert item.load().key == data.items[0].load().key


def test_shared_photos_find_their_classes(shared: Path) -> None:
    from keepsight.models.cards import load_card

    card = load_card(shared / "weights" / "mobilenetv2_a.toml")
    data = open_data(shared / "data" / "imagenet500", card)
    assert (len(data.items), data.labelled, data.notes) == (500, True, [])
    assert data.items[0].label == card.class_index("tench")


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of Oxford-IIIT Pet, as it stands once it was fetched."""
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    folder = tmp_path / "datasets" / "oxford-pets"
    for name in "abcd":
        _photo(folder / f"{name}.png")
    return folder


def _named(folder: Path, *classes: str) -> None:
    rows = [f"{name}.png,{label}" for name, label in zip("abcd", classes, strict=True)]
    (folder / "labels.csv").write_text("\n".join(["file,class_name", *rows]), encoding="utf-8")


def test_a_data_set_is_labelled_where_its_classes_are_known(dataset: Path, card: Card) -> None:
    _named(dataset, "Tabby Cat", "goldfish", "Goldfish", "Tabby Cat")
    data = open_data("oxford-pets", card)
    assert [(item.name, item.label) for item in data.items] == [
        ("a.png", 0),
        ("b.png", 2),
        ("c.png", 2),
        ("d.png", 0),
    ]
    assert data.items[1].load().label == 2
    assert data.items[1].path == dataset / "b.png"
    assert (data.notes, data.left_out) == ([], 0)
    assert known_labels("oxford-pets", card) == {"a.png": 0, "b.png": 2, "c.png": 2, "d.png": 0}
    assert [item.label for item in open_data("oxford-pets").items] == [None] * 4
    assert pickle.loads(pickle.dumps(data.items[1])).load().label == 2


def test_of_a_data_set_half_known_the_other_photos_are_not_taken(dataset: Path, card: Card) -> None:
    _named(dataset, "goldfish", "zeppelin", "goldfish", "zeppelin")
    data = open_data("oxford-pets", card)
    assert [(item.name, item.label) for item in data.items] == [("a.png", 2), ("c.png", 2)]
    assert data.notes == [
        "“Pets” knows 1 of the 2 classes of Oxford-IIIT Pet: the 2 photos of the others are not taken."
    ]
    assert data.left_out == 0


@pytest.mark.parametrize(
    ("classes", "share"),
    [
        (("zeppelin", "balloon", "glider", "kite"), "none of the 4"),
        (("goldfish", "a", "b", "c"), "1 of the 4"),
    ],
)
def test_a_data_set_of_other_classes_has_no_labels(
    dataset: Path, card: Card, classes: tuple[str, ...], share: str
) -> None:
    _named(dataset, *classes)
    data = open_data("oxford-pets", card)
    assert [item.label for item in data.items] == [None] * 4
    assert data.notes == [f"“Pets” knows {share} classes of Oxford-IIIT Pet: no photo has a label."]


def test_a_data_set_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Card) -> None:
    from torchvision.datasets import STL10

    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path)
    monkeypatch.setattr(STL10, "url", "http://127.0.0.1:1/stl10_binary.tar.gz")
    with pytest.raises(DataError, match="The photos of STL-10 must be fetched once from 127"):
        open_data("stl10", card)


def test_a_name_that_is_nearly_one() -> None:
    with pytest.raises(DataError, match=r"no folder or photo “imagenete”. Did you mean “imagenette”\?"):
        open_data("imagenete")
