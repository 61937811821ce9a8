"""Sample photos: those that lie inside packages which Keepsight installs anyway. Nothing is fetched."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """One photo and what its package says about it."""

    name: str
    package: str
    """The package's import name."""
    file: str
    """Path inside the package."""
    about: str
    """What it shows, who made it, and its licence, after the package's own documentation."""

    @property
    def path(self) -> Path:
        """Where the file lies. Raises `FileNotFoundError` where the package is not installed."""
        spec = importlib.util.find_spec(self.package)  # finds the package without the cost of its import
        if spec is None or spec.origin is None:
            raise FileNotFoundError(self.package)
        return Path(spec.origin).parent / self.file


def _skimage(name: str, file: str, about: str) -> Sample:
    return Sample(name, "skimage", f"data/{file}", f"{about} From scikit-image.")


def _sklearn(name: str, file: str, about: str) -> Sample:
    return Sample(name, "sklearn", f"datasets/images/{file}", f"{about} From scikit-learn.")


SAMPLES = (
    _skimage("rocket", "rocket.jpg", "Falcon 9 with DSCOVR, by SpaceX. Public domain."),
    _skimage("coffee", "coffee.png", "Coffee at the Pikolo Espresso Bar, by Rachel Michetti. CC0."),
    _skimage("cat", "chelsea.png", "Chelsea the cat, by Stefan van der Walt. CC0."),
    _skimage("astronaut", "astronaut.png", "Eileen Collins, NASA Great Images. Public domain."),
    _skimage("camera", "camera.png", "A man with a camera, by Lav Varshney. CC0."),
    _skimage(
        "motorcycle",
        "motorcycle_left.png",
        "Middlebury 2014 stereo benchmark, by D. Scharstein, H. Hirschmüller, Y. Kitajima, G. Krathwohl, "
        "N. Nesic, X. Wang and P. Westling. No licence is stated.",
    ),
    _sklearn("flower", "flower.jpg", "A dahlia, by vultilion on Flickr. CC BY 2.0."),
    _sklearn("pagoda", "china.jpg", "The Summer Palace, by danielbuechele on Flickr. CC BY 2.0."),
    Sample(
        "portrait",
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        "Grace Hopper. No licence but Matplotlib's own is stated. From Matplotlib.",
    ),
    _skimage("coins", "coins.png", "Greek coins, Brooklyn Museum. No known copyright restrictions."),
    _skimage("retina", "retina.jpg", "A human retina, by Mikael Häggström. CC0."),
    _skimage("galaxies", "hubble_deep_field.jpg", "Hubble eXtreme Deep Field, NASA. Public domain."),
    _skimage(
        "tissue",
        "ihc.png",
        "Stained colonic glands, Center for Microscopy and Molecular Imaging. No known restrictions.",
    ),
    _skimage("brick", "brick.png", "A brick wall, CC0Textures. CC0."),
    _skimage("grass", "grass.png", "Grass. CC0."),
    _skimage("gravel", "gravel.png", "Gravel, CC0Textures. CC0."),
)
"""In the order to show; of the first, some codecs keep the class at the rates that the window starts with."""
