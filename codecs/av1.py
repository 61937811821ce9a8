"""AV1 still pictures without the AVIF file around them; FORMATS.md writes the format down."""

from keepsight.codecs import container
from keepsight.codecs.av1_stream import rebuild, strip
from keepsight.codecs.avif import Avif, AvifOptions
from keepsight.codecs.base import BitstreamError, Codec, Pixels
from keepsight.codecs.guide import Guide
from keepsight.codecs.options import Options

_AVIF = Avif()
_VERSION = 1


class Av1(Codec):
    """AVIF without its container: the same pixels, options and rates, about 280 bytes fewer."""

    id = "av1"
    label = "AV1 still"
    colour = "#8C9EFF"
    suffix = ".ka1"
    tag = b"A"
    options = AvifOptions
    max_side = _AVIF.max_side
    rate_option = _AVIF.rate_option
    ladder_values = _AVIF.ladder_values

    def encode(self, pixels: Pixels, options: Options, guide: Guide | None = None) -> bytes:
        """See `Codec.encode`."""
        assert isinstance(options, AvifOptions)
        pixels = self.encodable(pixels)
        header = container.pack(self.tag, _VERSION, *pixels.shape[:2])
        return container.seal(header + encode_payload(pixels, options))

    def decode(self, data: bytes) -> Pixels:
        """See `Codec.decode`."""
        height, width, rest = container.unpack(data, self.tag, _VERSION)
        container.check_seal(data)
        return decode_payload(bytes(rest[: -container.SEAL]), height, width)

    def recognises(self, data: bytes) -> bool:
        """See `Codec.recognises`."""
        return container.is_tagged(data, self.tag)


def encode_payload(pixels: Pixels, options: AvifOptions) -> bytes:
    """Return the bytes from which, and the size, `decode_payload` makes what AVIF decodes to.

    `pixels` is (H, W, 3) uint8. Raises `EncodeError` as AVIF does. No checksum: a payload that is cut off may
    decode to something else.
    """
    return strip(_AVIF.encode(pixels, options), *pixels.shape[:2])


def decode_payload(payload: bytes, height: int, width: int) -> Pixels:
    """Return the image of a payload, (height, width, 3) uint8; the caller has checked the size.

    Raises `BitstreamError`.
    """
    file = rebuild(payload, height, width)
    try:
        pixels = _AVIF.decode(file)
    except BitstreamError:
        raise BitstreamError("The AV1 picture in this file is damaged. Get the file anew.") from None
    if pixels.shape != (height, width, 3):
        raise BitstreamError("The AV1 picture in this file is of another size than the file declares.")
    return pixels
