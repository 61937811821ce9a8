"""A Dask cluster as the place where a sweep's codecs run."""

import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_S = 10


class WorkersLostError(RuntimeError):
    """What runs the codecs is gone. The message is a sentence that says what to do."""


class ClusterError(RuntimeError):
    """A cluster cannot be used. The message is a sentence that says what to do."""


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Connect to a Dask scheduler; yield its executor and how many tasks its workers run at once.

    `address` is a scheduler's, as in "tcp://10.0.0.5:8786". Files must have the same names on all its
    machines. Raises `ClusterError`.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError(
            "A cluster needs the package “distributed”. Install it: pip install 'keepsight[cluster]'."
        ) from None
    try:
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, TypeError, ValueError):
        raise ClusterError(
            f"There is no Dask scheduler at “{address}”. Check the address, as in tcp://10.0.0.5:8786, and "
            "that “dask scheduler” runs there."
        ) from None
    with client, warnings.catch_warnings():
        # A photo of many megapixels is large for Dask, but it has to travel.
        warnings.filterwarnings("ignore", message="Sending large graph")
        _check_versions(client)
        yield client.get_executor(), sum(client.nthreads().values())


def _check_versions(client: "Client") -> None:
    """Raise `ClusterError` unless there are workers, all with this Keepsight."""
    here = _version()
    try:
        found = client.run(_version)
    except ImportError:
        found = {"": "none"}
    if not found:
        raise ClusterError("The cluster has no workers. Start some: dask worker ADDRESS.")
    if set(found.values()) != {here}:
        raise ClusterError(f"The cluster's workers need Keepsight {here}. Install it on their machines.")


def _version() -> str:
    return version("keepsight")
