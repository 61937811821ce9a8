import pytest

from keepsight.models.catalog import find_card
from keepsight.models.class_names import find_class
from keepsight.models.errors import ModelError


@pytest.mark.parametrize(
    ("text", "index"),
    [("282", 282), (" tiger cat ", 282), ("TIGER CAT", 282), ("n02123159", 282), ("siamese", 284)],
)
def test_a_class_by_number_name_wordnet_id_or_part(text, index):
    assert find_class(find_card("imagenet"), text) == index


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1000", "There is no class 1000: this classifier has classes 0 to 999"),
        ("-1", "There is no class -1"),
        ("tigre cat", "knows no class “tigre cat”. Did you mean “tiger cat"),
        ("zzzz", "knows no class “zzzz”. Give a name, or a number from 0 to 999"),
        ("", "knows no class “”"),
        ("hound", "“hound” may be .* classes, such as .* Give the number"),
    ],
)
def test_what_is_no_class_is_said_with_the_nearest(text, sentence):
    with pytest.raises(ModelError, match=sentence):
        find_class(find_card("imagenet"), text)
