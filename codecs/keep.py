"""Keep: an AV1 picture whose size, quality and background are chosen by what a classifier loses.

FORMATS.md writes the format down, `keep_search` holds the search.

What was tried for it, on 48 to 100 photos of the ImageNet training set that stand in no table. Three
figures are bytes against AVIF at its best size, between 60 and 95 % of the probability that a judge gives
to its class: for EfficientNet-Lite0 as guide and judge, and for two MobileNetV2 that it guides. All
candidates were tried.

- The loss is KL: -68, -9, -0 %. Mean KL over four views (mirrored, shifted, magnified): -64, -18, -6 %; the
  root of that, which bounds the change of any event's probability: -66, -22, -16 %.
- The root of KL in one view, 0.03 of the error in grey levels, and half of each candidate's luck taken off
  by what its neighbours lose: -66, -27, -23 %. This is what stands here; four views instead of one move
  it by 1 % or less.
- Softened predictions (temperature 2, four views): -51, -25, -23 %.
- The cosine of the last features instead of the error: -62, -29, -27 %. Left out, because every classifier
  would need a second output. Features of earlier layers, added to the root: no better than the cosine.
- Backgrounds blurred by 2 pixels of 224 save 2 to 7 % of the cost, by 5 pixels as well 1 % more. By 10, or
  flat: no more than that. Half or no colour: 1 %. A bilateral filter: 1 to 3 %. Sharpened: 1 to 4 %; for
  strangers none of these is told from nothing.
- The AV1 library: tuned for PSNR 7 to 14 % more bytes than its own tuning for images, for SSIM 1 to 6 %
  more, 4:4:4 the same. Speed 9 takes a twelfth of the time of 6 for 24 % more bytes, speed 5 four times as
  long for 4 % fewer.

- How far a stranger's loss can be foreseen at all: gradient-boosted trees, taught on 7 of 8 photos what a
  MobileNetV2 loses, and told for the others of EfficientNet-Lite0's KL, Hellinger distance, features and
  their trends, both errors in pixels, place and bytes (168 candidates of each of 130 photos), chose no
  better than the loss that stands here: between 60 and 95 % of the probability they saved strangers 19 %
  (from EfficientNet-Lite0; 20 % as it stands) and 22 % (from both MobileNetV2; 22 %). More than that seems
  to need other guides, not another loss.
- Leaning more on the error in pixels, 0.04 or 0.08 a grey level: nothing that 130 photos would tell.

- Unlike guides together (130 photos, the same figure). For one MobileNetV2 its twin saves 43 to 46 % as the
  guide, EfficientNet-Lite0 17 to 29 %, both together 38 to 45 %: a relative of the reader that joins saves 26
  and 23 % more (intervals 17 to 32), a stranger that joins costs up to 9 %. For EfficientNet-Lite0 both
  MobileNetV2 save 27 %, each alone 24 and 27 %. So it counts that one guide is like the reader, not how many
  there are; whether two unlike families serve a third one is open, as there is no third here.
- Grey as 4:0:0, offered beside the blurred backgrounds (80 photos): 0.1 to 0.4 % of the cost, for strangers
  nothing. It takes 13 % off a picture's bytes but is chosen for 1 to 21 % of the photos, where λ is least.
- What another coder could save where files are small: a flat picture takes 20 bytes at 56 x 56 pixels and 34
  at 224 x 224. Eight photos coded as one tall picture, which has one header and goes on with what its entropy
  coder has learned, take 5 to 9 % less up to 600 bytes a photo and 2 to 3 % less from 900 to 1,700. Fitted
  probabilities could win no more, and between 84 and 98 % of the accuracy files are of 1,000 bytes and more.
- A first guess of the photo's sizes and losses, by ridge regression from its detail at three sizes, its
  contrast and the guide's confidence (learned on 7 of 8 photos): it foretells sizes (what is left of their
  logarithm's standard deviation is 0.11 of 0.28), hardly losses (0.53 of 0.62), and saves no encodes. With
  reader guide the cost over the best of 168 candidates is 18, 10 and 5 % after 5, 8 and 14 encodes as it
  stands, and 21, 12 and 5 % with the guess.

- The search for reader guide, tried on a table of 130 photos: constants fitted to the loss without pixels,
  for photos that they were not fitted to, cost 4.5 % over the best after 14 encodes as against 4.7 %, for
  another guide 5.2 as against 5.1 %; more or less daring, 3 or 7 first places, more or less noise: between
  4.2 and 5.8 %. One candidate at a time in place of three: 4.2 and 4.8 %, for six more waits for the
  classifier.
- The search once the network mends: its constants fitted anew, 5 first places of which the finest pictures
  stand apart, then two at a time in place of three, cost 1.4 % over the best of 720 on 30 photos (reader any;
  3.2 % before; 2.0 % with the constants alone), 8 % with reader guide (10.5 %). 4 or 6 first places: 1.6 and
  1.8 %.
  24 candidates in place of 14 with 5 and three at a time: 0.8 and 4.9 %.
- A network at the decoder (`restoration`, `restore`), taught on the features that EfficientNet-Lite0 has of
  BSDS500 and of 200 photos: on 50 other photos AVIF at its best size needs 28 % fewer bytes with it for
  EfficientNet-Lite0, 31 and 26 % for both MobileNetV2 (20 to 40, 17 to 45, 18 to 37), between 60 and
  98 % of the probability; the error in pixels grows by 2 %. So it is no matter of Keep alone, and stands as a
  prefilter too. One that was told the quality besides the size saved 26 to 31 %. At the image's own size and
  quality 90 it helps no more (the KL of the three, 0.025 on average, becomes 0.028), and at 96 harms (0.014
  becomes 0.025); there it is left out.
"""

from typing import Literal

from keepsight.codecs import av1, container
from keepsight.codecs.avif import AvifOptions
from keepsight.codecs.base import BitstreamError, Pixels
from keepsight.codecs.guide import Critic, Guide
from keepsight.codecs.keep_search import Place, Reading, Search
from keepsight.codecs.options import Options, option
from keepsight.codecs.restoration import resized, restored
from keepsight.codecs.searching import Found, SearchingCodec

_AV1 = av1.Av1()
_PLAIN, _RESTORED = 1, 2
"""Versions of the format: the picture as it is, or mended by the network of `restoration`."""
_SCALE_BITS = 5
_EFFORTS = ((5, 9), (8, 8), (14, 6), (24, 6), (48, 5))
"""For each effort, how many candidates are tried, and at which speed of the AV1 library."""


class KeepOptions(Options):
    """Options of Keep."""

    lmbda: float = option(
        8000.0,
        "λ",
        "Bytes that a whole change of the classifier's mind is worth: higher keeps more, in larger files. "
        "Counts with the aim lambda.",
        low=10,
        high=1_000_000,
        log=True,
    )
    aim: Literal["lambda", "class", "size"] = option(
        "lambda",
        "Aim",
        "lambda weighs bytes against what is lost; class looks for the smallest file that keeps the class; "
        "size looks for the file that loses least within the bytes of Size.",
    )
    size: int = option(
        1000,
        "Size",
        "Most bytes that a file may have. Counts with the aim size.",
        low=20,
        high=1_000_000,
        log=True,
    )
    reader: Literal["any", "guide"] = option(
        "any",
        "Reader",
        "Who will read the file. any: whatever classifier, so luck with the guide alone is distrusted; "
        "guide: the one that guides, to its limit.",
    )
    restore: bool = option(
        True,
        "Restore",
        "Whether a small network mends what is decoded, but for the finest files: smaller, slower to decode.",
    )
    effort: int = option(
        3, "Effort", "How many candidates are tried: 5, 8, 14, 24 or 48. Higher takes longer.", low=1, high=5
    )

    def in_words(self) -> str:
        """Return what is aimed at, and what differs from its default: "at most 1,000 bytes · effort 5"."""
        aim = {
            "lambda": f"λ {self.lmbda:,.7g}",
            "class": "smallest that keeps the class",
            "size": f"at most {self.size:,} bytes",
        }[self.aim]
        reader = [f"reader {self.reader}"] if self.reader != "any" else []
        restore = [] if self.restore else ["not restored"]
        effort = [f"effort {self.effort}"] if self.effort != 3 else []
        return " · ".join([aim, *reader, *restore, *effort])


class Keep(SearchingCodec):
    """Spends bytes where the classifier needs them."""

    id = "keep"
    label = "Keep"
    colour = "#009E73"
    suffix = ".kkp"
    tag = b"K"
    version = 3
    options = KeepOptions
    max_side = _AV1.max_side
    rate_option = "lmbda"
    ladder_values = (300, 2000, 8000, 16_000, 32_000, 64_000, 130_000, 300_000, 1_000_000)
    fine = False

    def search(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> Found:
        """See `SearchingCodec.search`."""
        assert isinstance(options, KeepOptions)
        search = self.begin(pixels, options, guide)
        if options.aim == "size":
            return search.for_size(options.size)
        if options.aim == "class":
            return search.for_class()
        return search.for_lambda(options.lmbda)

    def begin(self, pixels: Pixels, options: KeepOptions, guide: Guide | None = None) -> Search:
        """Return the search of an image, (H, W, 3), before anything was tried; see `search`."""
        pixels = self.encodable(pixels)
        tries, speed = _EFFORTS[options.effort - 1]
        height, width = pixels.shape[:2]

        memory = guide.memory if isinstance(guide, Critic) else {}
        readers = guide.readers if isinstance(guide, Critic) else ""
        kind = self.id, speed, options.restore
        files: dict[Place, bytes] = memory.setdefault(kind, {})
        known: dict[Place, Reading] = memory.setdefault((*kind, readers), {})

        def encode(image: Pixels, place: Place) -> tuple[bytes, Pixels]:
            if place not in files:
                small = resized(image, *place.sides(height, width))
                payload = av1.encode_payload(small, AvifOptions(quality=place.quality, speed=speed))
                plain = not options.restore or place.finest
                version = _PLAIN if plain else _RESTORED
                header = container.pack(self.tag, version << _SCALE_BITS | place.scale, height, width)
                files[place] = container.seal(header + payload)
            return files[place], self.decode(files[place])

        return Search(pixels, guide, encode, options.reader == "any", tries, known)

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        first = data[3] if len(data) > 3 else 0
        version, scale = first >> _SCALE_BITS, first & (1 << _SCALE_BITS) - 1
        if self.recognises(data) and version not in (_PLAIN, _RESTORED):
            raise BitstreamError(
                f"This file is of version {version} of its format; known here are {_PLAIN} and {_RESTORED}. "
                "Update Keepsight."
            )
        height, width, rest = container.unpack(data, self.tag, first)
        container.check_seal(data)
        coded = av1.decode_payload(bytes(rest[: -container.SEAL]), *Place(scale, 0, 0).sides(height, width))
        return (restored if version == _RESTORED else resized)(coded, height, width)

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return container.is_tagged(data, self.tag)
