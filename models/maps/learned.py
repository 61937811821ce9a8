"""The map that a small network predicts: what classifiers would look at, without running one."""

from keepsight.models.maps.base import ImageMethod
from keepsight.models.types import Map, Pixels


class Learned(ImageMethod):
    """A network of 0.7 MB that learned the mean map of classifiers (`keepsight train saliency`).

    It began with the first stages of EfficientNet-Lite0 (transfer learning); `resources/saliency.toml` says
    what it learned from.
    """

    id = "learned"
    label = "Learned"
    help = "Bright where classifiers tend to look, as a small network predicts it from the pixels alone."

    def draw(self, pixels: Pixels) -> Map:
        """See `ImageMethod.draw`. Its mean is 1: a place of 3 matters three times as much as the average."""
        from keepsight.models.saliency_net import predict, shipped_network  # torch, which the window has not

        return predict(shipped_network(), pixels)
