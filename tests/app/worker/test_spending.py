"""Where the panes' files spent their bits."""

from keepsight.app.engine import photos
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.trials import Coded
from keepsight.app.engine.types import Photo, Setting
from keepsight.app.worker.jobs import PaneRequest, PaneShown
from keepsight.app.worker.spending import Spend, SpendRequest
from keepsight.codecs import registry


def shown(photo: Photo, codec_id: str, data: bytes | None = None) -> PaneShown:
    codec = registry.get(codec_id)
    setting = Setting(codec_id, codec.options())
    coded = Coded(data or codec.encode(photo.pixels, setting.options), photo.pixels, 0, 0)
    return PaneShown(PaneRequest(photo, setting, None), coded, ())


def test_jpeg_tells_others_do_not_and_damage_is_no_error() -> None:
    photo = photos.from_pixels(photos.load(SAMPLES[0].path).pixels[:100, :60], "cut")
    panes = {1: shown(photo, "jpeg"), 2: shown(photo, "webp"), 3: shown(photo, "jpeg", b"\xff\xd8 no file")}
    spend = Spend()
    found = {spent.pane: spent for spent in spend(SpendRequest(panes))}
    blocks = found[1].blocks
    assert blocks is not None
    assert blocks.shape == (13, 8)
    assert 0 < blocks.sum() / 8 < 1.2 * len(panes[1].coded.data)
    assert found[2].blocks is None
    assert found[3].blocks is None
    again = {spent.pane: spent for spent in spend(SpendRequest({1: panes[1]}))}
    assert list(again) == [1]
    assert again[1].blocks is blocks, "what was counted is kept"
