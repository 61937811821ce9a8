"""A store that a sweep can rely on: where it takes nothing for a while, rows wait."""

import time
from collections.abc import Callable, Sequence

from keepsight.app.engine.store import Store, StoreError
from keepsight.app.engine.types import Measurement, Protocol

_RETRY_S = 10.0
"""After a failure, the store is left alone for so long."""


class Keeper:
    """Passes rows on to a store, or to none.

    Where the store fails, `warn` hears a sentence, the rows wait, and are tried again now and then and at the
    end. Without `warn`, all methods raise `StoreError`.
    """

    def __init__(self, store: Store | None, warn: Callable[[str], object] | None) -> None:
        self._store, self._warn = store, warn
        self._waiting: list[Measurement] = []
        self._told = ""
        self._next_try = 0.0

    def get(self, photo: str, protocol: Protocol, classifier: str) -> list[Measurement]:
        """Return the rows of one photo; none where the store fails."""
        if self._store is None:
            return []
        try:
            return self._store.get(photo, protocol, classifier)
        except StoreError as error:
            self._failed(error)
            return []

    def add(self, rows: Sequence[Measurement]) -> None:
        """Keep these rows, and those that wait."""
        if self._store is not None and rows:
            self._waiting += rows
            if time.monotonic() >= self._next_try:
                self._try(self._store)

    def close(self) -> None:
        """Try a last time and say what is not kept."""
        if self._store is not None and self._waiting and self._warn:
            self._try(self._store)
            if self._waiting:
                self._warn(f"Measurements not kept for the next time: {len(self._waiting)}. {self._told}")

    def _try(self, store: Store) -> None:
        try:
            store.add(self._waiting)
        except StoreError as error:
            self._failed(error)
            self._next_try = time.monotonic() + _RETRY_S
        else:
            self._waiting = []

    def _failed(self, error: StoreError) -> None:
        if self._warn is None:
            self._waiting = []
            raise error
        if str(error) != self._told:
            self._told = str(error)
            self._warn(f"{error} The sweep goes on; what it measures is kept as soon as that works again.")
