"""Writes a baseline JPEG (ITU-T T.81) from quantised coefficients, with as few bytes as the format takes.

Huffman tables are fitted to the file, and shared by luma and chroma where that is shorter; libraries that
write coefficients keep them apart, which costs some percent of a small photo.
"""

import heapq
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.jpeg_coefficients import SUBSAMPLING, Plane, Table

ZIGZAG = np.array(
    sorted(range(64), key=lambda i: (i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8))
)
"""For each place in a file's block, the place in a row of 64 (figure A.6)."""
SIZES = np.concatenate([[0], np.repeat(np.arange(1, 13), 1 << np.arange(12))])
"""Bits of a magnitude, 0 to 4095 (table F.1)."""
EOB, ZRL = 0x00, 0xF0
"""Nothing more in this block; sixteen times 0."""

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class _Huffman:
    """A code: lengths and words of 256 symbols, and the table as the file holds it, without its class."""

    lengths: Whole
    words: Whole
    table: bytes


def write(
    levels: tuple[Plane, Plane, Plane], tables: tuple[Table, ...], size: tuple[int, int], chroma: str
) -> bytes:
    """Return the file of quantised coefficients, here in zigzag order. Lossless.

    `tables`: one for all planes, or one for luma and one for chroma. `size`: height and width in pixels.
    """
    down, across = SUBSAMPLING[chroma]
    blocks, planes = scan(levels, down, across)
    kinds = np.minimum(planes, 1)
    rows, places = np.nonzero(blocks | (np.arange(64) == 0))  # the DC of each block, and what is not 0
    values = blocks[rows, places].astype(np.int64)
    sizes = SIZES[np.abs(values)]
    is_dc = places == 0
    runs = np.diff(places, prepend=0) - 1
    runs[is_dc] = 0
    symbols = (runs & 15) << 4 | sizes
    ends = np.append(is_dc[1:], True) & (places < 63)
    kind = kinds[rows]

    dc = _fit([np.bincount(symbols[is_dc & (kind == k)], minlength=256) for k in (0, 1)])
    counts = [np.bincount(symbols[~is_dc & (kind == k)], minlength=256) for k in (0, 1)]
    for k in (0, 1):
        counts[k][ZRL] += (runs[kind == k] >> 4).sum()
        counts[k][EOB] += ends[kind == k].sum()
    ac = _fit(counts)

    # One word for each symbol; some have those for sixteen times 0 before, the last of a block its end after.
    zeros = runs >> 4
    after = np.cumsum(zeros + 1 + ends)
    owners = np.repeat(kind, zeros + 1 + ends)
    words, lengths = _look_up(ac, owners, ZRL)
    last = after[ends] - 1
    words[last], lengths[last] = _look_up(ac, owners[last], EOB)
    main = after - 1 - ends
    ac_words, ac_lengths = _look_up(ac, kind, symbols)
    dc_words, dc_lengths = _look_up(dc, kind, symbols)
    extra = np.where(values < 0, values - 1, values) & ((1 << sizes) - 1)
    words[main] = np.where(is_dc, dc_words, ac_words) << sizes | extra
    lengths[main] = np.where(is_dc, dc_lengths, ac_lengths) + sizes
    return _headers(tables, size, (down, across), dc, ac) + _pack(words, lengths) + b"\xff\xd9"


def scan(levels: tuple[Plane, Plane, Plane], down: int, across: int) -> tuple[NDArray[np.int32], Whole]:
    """Return all blocks in the order of the file, (n, 64) with differences for DC; and their planes.

    Where luma ends amid a unit (A.2.4), blocks are added that cost least.
    """
    rows, columns = levels[1].shape[:2]
    units, planes = [], []
    for index, plane in enumerate(levels):
        v, h = (down, across) if index == 0 else (1, 1)
        padded = np.zeros((rows * v, columns * h, 64), np.int32)
        padded[: plane.shape[0], : plane.shape[1]] = plane
        real = np.zeros(padded.shape[:2], bool)
        real[: plane.shape[0], : plane.shape[1]] = True
        ordered = padded.reshape(rows, v, columns, h, 64).swapaxes(1, 2).reshape(-1, 64)
        real = real.reshape(rows, v, columns, h).swapaxes(1, 2).reshape(-1)
        source = np.maximum.accumulate(np.where(real, np.arange(len(real)), 0))
        ordered[:, 0] = np.diff(ordered[source, 0], prepend=0)
        units.append(ordered.reshape(-1, v * h, 64))
        planes += [index] * (v * h)
    return np.concatenate(units, axis=1).reshape(-1, 64), np.tile(planes, rows * columns)


def _fit(counts: list[Whole]) -> list[_Huffman]:
    """Return a code for luma and one for chroma, or one for both where that takes fewer bytes."""
    apart = [_huffman(c) for c in counts]
    both = _huffman(counts[0] + counts[1])

    def bits(codes: list[_Huffman]) -> int:
        data = sum(int((c * code.lengths).sum()) for c, code in zip(counts, codes * 2, strict=False))
        return data + 8 * sum(1 + len(code.table) for code in codes)

    return [both] if bits([both]) <= bits(apart) else apart


def _huffman(counts: Whole) -> _Huffman:
    """Return the best code of at most 16 bits whose longest word is not all ones (K.2)."""
    order = count()
    # Each node: how often, a number that breaks ties, its symbols. Symbol 256 reserves the word of ones.
    nodes = [(int(n), next(order), [symbol]) for symbol, n in enumerate([*counts, 0]) if n or symbol == 256]
    lengths = np.zeros(257, np.int64)
    heapq.heapify(nodes)
    while len(nodes) > 1:
        one, other = heapq.heappop(nodes), heapq.heappop(nodes)
        together = one[2] + other[2]
        lengths[together] += 1
        heapq.heappush(nodes, (one[0] + other[0], next(order), together))
    used = np.bincount(lengths[lengths > 0], minlength=34)
    for length in range(len(used) - 1, 16, -1):  # figure K.3
        while used[length] > 0:
            shorter = length - 2
            while used[shorter] == 0:
                shorter -= 1
            used[length] -= 2
            used[length - 1] += 1
            used[shorter + 1] += 2
            used[shorter] -= 1
    used[np.flatnonzero(used)[-1:]] -= 1  # the reserved word is one of the longest
    symbols = np.array(sorted(np.flatnonzero(counts), key=lambda s: (lengths[s], s)), np.int64)
    code_lengths, words = np.zeros(256, np.int64), np.zeros(256, np.int64)
    code_lengths[symbols] = np.repeat(np.arange(17), used[:17])
    word = 0
    for symbol, step in zip(symbols, np.diff(code_lengths[symbols], prepend=0), strict=True):  # figure C.2
        word <<= int(step)
        words[symbol] = word
        word += 1
    return _Huffman(code_lengths, words, bytes([*used[1:17], *symbols]))


def _look_up(codes: list[_Huffman], kinds: Whole, symbols: Whole | int) -> tuple[Whole, Whole]:
    """Return words and lengths of symbols, each in the code of its kind."""
    chosen = np.minimum(kinds, len(codes) - 1)
    words, lengths = (np.stack([getattr(c, name) for c in codes]) for name in ("words", "lengths"))
    return words[chosen, symbols], lengths[chosen, symbols]


def _pack(words: Whole, lengths: Whole) -> bytes:
    """Join words of at most 27 bits, the highest bit first; fill up with ones, and mark each FF (F.1.2.3)."""
    ends = np.cumsum(lengths)
    starts = ends - lengths
    total = int(ends[-1])
    span = words << (40 - lengths - (starts & 7))  # five bytes, from that in which the word begins
    data = np.zeros(total // 8 + 6)
    for index in range(5):
        data += np.bincount((starts >> 3) + index, (span >> (32 - 8 * index)) & 255, len(data))
    whole = data.astype(np.uint8)[: -(-total // 8)]
    whole[-1] |= (1 << (-total % 8)) - 1
    return np.insert(whole, np.flatnonzero(whole == 255) + 1, 0).tobytes()


def _headers(
    tables: tuple[Table, ...],
    size: tuple[int, int],
    factors: tuple[int, int],
    dc: list[_Huffman],
    ac: list[_Huffman],
) -> bytes:
    """Return all that comes before the coded blocks (annex B)."""
    steps = b"".join(bytes([slot, *table]) for slot, table in enumerate(tables))
    frame = bytes([8, *size[0].to_bytes(2), *size[1].to_bytes(2), 3])
    scan = b"\x03"
    for index in range(3):
        other = index > 0
        sampling = 0x11 if other else factors[1] << 4 | factors[0]
        frame += bytes([index + 1, sampling, other * (len(tables) - 1)])
        scan += bytes([index + 1, other * (len(dc) - 1) << 4 | other * (len(ac) - 1)])
    codes = b"".join(bytes([slot]) + code.table for slot, code in enumerate(dc))
    codes += b"".join(bytes([0x10 | slot]) + code.table for slot, code in enumerate(ac))
    segments = ((b"\xdb", steps), (b"\xc0", frame), (b"\xc4", codes), (b"\xda", scan + b"\x00\x3f\x00"))
    return b"\xff\xd8" + b"".join(b"\xff" + mark + (len(s) + 2).to_bytes(2) + s for mark, s in segments)
