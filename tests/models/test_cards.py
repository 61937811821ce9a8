import subprocess
import sys

import pytest
from pydantic import ValidationError

from keepsight.models import imagenet
from keepsight.models.cards import CardError, load_card
from keepsight.models.catalog import find_card
from keepsight.models.errors import ModelError


def test_reads_a_card(write_card):
    path = write_card(top1=0.5, top1_on="ten photos")
    card = load_card(path)
    assert card.id == str(path)
    assert card.class_names == ("cat", "dog", "parrot")
    assert (card.resize, card.crop, card.interpolation, card.top1) == (72, 64, "bilinear", 0.5)
    assert card.weights is None
    with pytest.raises(ValidationError):
        card.crop = 3


def test_reads_the_shared_cards(shared):
    card, twin = (load_card(shared / "weights" / f"mobilenetv2_{letter}.toml") for letter in "ab")
    assert card.weights == shared / "weights" / "mobilenetv2_a.safetensors"
    assert card.class_index("n02123159") == 282
    assert card.fingerprint != twin.fingerprint


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"colour": "red"}, "unknown field “colour”"),
        ({"architecture": None}, "lacks the field “architecture”"),
        ({"classes": None}, "lacks the field “classes”"),
        ({"classes": ["cat"]}, "“classes”"),
        ({"classes": "names.txt"}, "file of classes that cannot be read: “names.txt”"),
        ({"weights": "gone.safetensors", "sha256": "0" * 64}, "not there"),
        ({"weights": "package:no_such_package/w.pth", "sha256": "0" * 64}, "please install it"),
        ({"weights": "card.toml"}, "“sha256” must be given"),
        ({"weights": 5}, "weights as text"),
        ({"sha256": "12"}, "“sha256”"),
        ({"crop": 73}, "“crop” must not be larger than “resize”"),
        ({"resize": 0}, "“resize”"),
        ({"std": [0.5, 0.5, 0]}, "“std” must be above zero"),
        ({"mean": [0.5]}, "“mean” that is not usable. It takes three numbers, for red, green and blue"),
        ({"mean": ["a", 0.5, 0.5]}, "“mean” that is not usable. It takes three numbers"),
        ({"mean": None}, "lacks the field “mean”. It takes three numbers"),
        ({"crop": "big"}, "“crop” that is not usable. It takes a whole number from 1 to 4096."),
        ({"name": 5}, "“name” that is not usable. It takes text in quotes."),
        ({"top1": 75}, "“top1” that is not usable. It takes a number from 0 to 1."),
        ({"classes": 5}, "“classes” that is not usable. It takes two names or more, or the name of a file"),
        ({"classes": ["a", 1]}, "“classes” that is not usable. It takes two names or more"),
        ({"arguments": "none"}, "“arguments” that is not usable. It takes names with values"),
        ({"interpolation": "cubic"}, 'It takes "nearest", "bilinear", "bicubic" or "lanczos".'),
        ({"crop_mode": "none"}, 'It takes "center" or "squash".'),
        ({"library": "keras"}, "“library”"),
        ({"library": None}, 'lacks the field “library”. It takes "timm" or "torchvision".'),
    ],
)
def test_says_what_is_wrong_with_a_card(write_card, changes, sentence):
    path = write_card(**changes)
    with pytest.raises(CardError) as caught:
        load_card(path)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")
    for word in ("pydantic", "Input", "should", "tuple", "dict", "validation"):
        assert word not in str(caught.value)
    assert isinstance(caught.value, ModelError)


def test_a_card_may_not_smuggle_in_other_weights(write_card):
    path = write_card()
    path.write_text(path.read_text() + 'arguments = { checkpoint_path = "other.pth" }\n')
    with pytest.raises(CardError, match="“arguments” must not have “checkpoint_path”"):
        load_card(path)


def test_files_that_are_no_card(tmp_path):
    with pytest.raises(CardError, match="There is no card file"):
        load_card(tmp_path / "none.toml")
    with pytest.raises(CardError, match="There is no card file"):
        load_card(tmp_path)
    for content in (b"name = ", b"\xff\xfe\x00", b"\x89PNG\r\n"):
        (tmp_path / "bad.toml").write_bytes(content)
        with pytest.raises(CardError, match="not a readable TOML file"):
            load_card(tmp_path / "bad.toml")
    (tmp_path / "empty.toml").write_bytes(b"")
    with pytest.raises(CardError, match="lacks the field"):
        load_card(tmp_path / "empty.toml")


def test_fingerprint_names_weights_architecture_and_preprocessing(write_card):
    card = load_card(write_card())
    assert card.fingerprint == "3373c0be6fef82ae"
    for changes in (
        {"crop": 60},
        {"mean": [0.4, 0.5, 0.5]},
        {"architecture": "resnet18"},
        {"source": "other"},
    ):
        assert load_card(write_card(**changes)).fingerprint != card.fingerprint
    for changes in ({"name": "Other"}, {"license": "MIT"}, {"top1": 0.1}):
        assert load_card(write_card(**changes)).fingerprint == card.fingerprint


def test_class_index_of_a_users_classes(write_card):
    card = load_card(write_card(classes=["Great_Dane", "3", "crane, bird", "crane, machine", "cat", "Cat"]))
    assert card.class_index("great dane") == 0
    assert card.class_index("great_dane") == 0
    assert card.class_index("3") == 1, "a name goes before an index"
    assert card.class_index("0") == 0
    assert card.class_index("bird") == 2
    assert card.class_index("crane, machine") == 3
    assert card.class_index("crane") is None, "in doubt"
    assert card.class_index("Cat") == 5
    assert card.class_index("CAT") is None, "in doubt"
    for name in ("6", "-1", "1.0", "", "n02123159", "dog"):
        assert card.class_index(name) is None


def test_class_index_of_imagenet():
    card = find_card("imagenet")
    assert [card.class_index(name) for name in card.class_names] == list(range(1000))
    assert [card.class_index(wnid) for wnid in imagenet.wnids()] == list(range(1000))
    assert card.class_index("Felis catus") is None
    assert card.class_index("great white shark, white shark, man-eater") == 2
    assert card.class_index("tabby_cat") == 281


def test_every_label_of_the_shared_photos_is_found(shared):
    import csv

    card = find_card("imagenet")
    with (shared / "data" / "imagenet500" / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(card.class_index(row["wnid"]) == int(row["class_index"]) for row in rows)
    wrong = [row for row in rows if card.class_index(row["class_name"]) != int(row["class_index"])]
    assert [row["class_name"] for row in wrong] == ["crane"], "two classes have this name"


def test_class_names_of_imagenet_are_short_and_distinct():
    names = imagenet.class_names()
    assert len(set(names)) == 1000
    assert (names[0], names[285], names[999]) == ("tench", "Egyptian cat", "toilet tissue")
    assert max(map(len, names)) <= 32
    assert not any("," in name for name in names)


def test_cards_are_found_without_torch():
    code = (
        "import sys\n"
        "import keepsight.models.cards, keepsight.models.catalog, keepsight.models.types\n"
        "card = keepsight.models.catalog.find_card('imagenet')\n"
        "assert card.class_index('n02123159') == 282\n"
        "print([name for name in ('torch', 'timm', 'torchvision', 'cv2') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
