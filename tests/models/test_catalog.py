import pytest

from keepsight.models.cards import load_card
from keepsight.models.catalog import embedded_ids, find_card
from keepsight.models.errors import ModelError
from keepsight.models.pretrained import architectures


def test_imagenet_is_embedded():
    assert embedded_ids() == ("imagenet", "scenes")
    card = find_card("imagenet")
    assert (card.id, card.library, card.architecture) == ("imagenet", "timm", "tf_efficientnet_lite0")
    assert (card.resize, card.crop, card.interpolation) == (256, 224, "bilinear")
    assert card.mean[0] * 255 == pytest.approx(127)
    assert card.std[0] * 255 == pytest.approx(128)
    assert len(card.class_names) == 1000
    assert card.weights.is_file()
    assert card.license == "Apache-2.0"


def test_card_by_path(write_card):
    path = write_card()
    assert find_card(str(path)) == load_card(path)


def test_torchvision_card_says_what_the_library_says():
    card = find_card("torchvision:resnet18")
    assert card.id == "torchvision:resnet18"
    assert (card.resize, card.crop, card.interpolation) == (256, 224, "bilinear")
    assert card.mean == (0.485, 0.456, 0.406)
    assert card.class_names[285] == "Egyptian cat"
    assert card.top1 == pytest.approx(0.69758)
    assert card.source.endswith("resnet18-f37072fd.pth")
    assert card.weights is None


def test_every_torchvision_classifier_has_a_card():
    cards = [find_card(f"torchvision:{name}") for name in architectures("torchvision")]
    assert len(cards) >= 80
    assert len({card.fingerprint for card in cards}) == len(cards)
    assert {len(card.class_names) for card in cards} == {1000}
    assert any("SWAG" in card.license for card in cards), "some weights have terms of their own"


def test_timm_card_says_what_the_library_says():
    card = find_card("timm:mobilenetv3_small_100")
    assert (card.resize, card.crop, card.interpolation, card.license) == (256, 224, "bicubic", "apache-2.0")
    assert card.source.endswith("/timm/mobilenetv3_small_100.lamb_in1k/resolve/main/model.safetensors")
    assert card.class_index("n02123159") == 282
    assert find_card("timm:eva02_large_patch14_448.mim_m38m_ft_in22k_in1k").crop_mode == "squash"


def test_timm_cards_of_other_imagenets_have_their_class_names():
    card = find_card("timm:resnetv2_50x1_bit.goog_in21k")
    assert len(card.class_names) == 21843
    assert "Egyptian cat" in card.class_names[card.class_index("Egyptian cat")]


def test_timm_models_that_are_no_classifiers():
    with pytest.raises(ModelError, match="no classifier with known classes"):
        find_card("timm:vit_base_patch14_dinov2")


@pytest.mark.parametrize(
    ("classifier", "sentence"),
    [
        ("imagnet", "Did you mean “imagenet”?"),
        ("resnet18", "scenes_jpeg, scenes_block_average, torchvision:NAME, timm:NAME or the path of a card"),
        ("", "There is no classifier “”"),
        ("keras:resnet", "There is no classifier “keras:resnet”"),
        ("torchvision:resnet19", "Close: .*resnet18"),
        ("torchvision:", "It has, for example, alexnet"),
        ("timm:mobilnetv3_small_100", "Close: .*mobilenetv3_small_100"),
        ("timm:mobilenetv3_small_100.no_such_tag", "has no pretrained classifier"),
        ("no/such/card.toml", "There is no card file “no/such/card.toml”"),
    ],
)
def test_unknown_ids(classifier, sentence):
    with pytest.raises(ModelError, match=sentence):
        find_card(classifier)
