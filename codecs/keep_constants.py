"""What Keep's search expects of photos, as tests/benchmarks/fit_keep.py fitted it."""

from keepsight.codecs.keep_model import Process

BYTES = Process(
    mean=(
        6.4850,
        1.1231,
        0.8481,
        0.0547,
        -0.0183,
        0.0461,
        -0.1143,
        -0.0695,
        -0.0205,
        -0.0454,
        0.0080,
        0.0044,
    ),
    amplitude=0.217,
    lengths=(1.492, 1.134, 2.778),
    offset=0.991,
    noise=0.042,
)
LOSS = Process(
    mean=(0.0440, -0.4054, -0.4330, 0.0471, 0.0242, -0.0330, 0.1133, 0.1119, 0.0314, -0.0188, 0.0295, 0.0508),
    amplitude=0.312,
    lengths=(0.775, 1.788, 2.274),
    offset=0.977,
    noise=0.122,
)
