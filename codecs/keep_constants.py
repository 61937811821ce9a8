"""What Keep's search expects of photos, as tests/benchmarks/fit_keep.py fitted it."""

from keepsight.codecs.keep_model import Process

BYTES = Process(
    mean=(
        6.4803,
        1.1547,
        0.8659,
        0.0699,
        -0.0168,
        0.0588,
        -0.0930,
        -0.0941,
        -0.0481,
        -0.0013,
        0.0174,
        -0.0013,
    ),
    amplitude=0.222,
    lengths=(1.407, 1.758, 2.747),
    offset=0.985,
    noise=0.043,
)
LOSS = Process(
    mean=(0.1593, -0.4063, -0.4719, 0.0194, 0.0362, -0.0257, 0.0337, 0.0625, 0.0421, 0.1537, 0.0635, 0.0051),
    amplitude=0.294,
    lengths=(0.931, 1.762, 2.690),
    offset=0.998,
    noise=0.120,
)
