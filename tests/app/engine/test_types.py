"""Settings travel to other processes."""

import pickle

import pytest

from keepsight.app.engine.types import Setting
from keepsight.codecs import registry


@pytest.mark.parametrize("codec", ["jpeg", "png", "blur+avif"])
def test_a_setting_is_the_same_after_the_way_to_another_process(codec: str) -> None:
    for options in registry.get(codec).ladder():
        setting = Setting(codec, options)
        again = pickle.loads(pickle.dumps(setting))
        assert again == setting
        assert type(again.options) is type(options)
