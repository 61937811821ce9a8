"""Undo and redo of states that are replaced as a whole."""

from typing import Generic, TypeVar

State = TypeVar("State")
_MOST = 200


class History(Generic[State]):
    """The states so far. Comparing is by identity: a state is never changed in place."""

    def __init__(self, state: State) -> None:
        self._states = [state]
        self._place = 0

    @property
    def state(self) -> State:
        """The state that was committed, undone or redone last."""
        return self._states[self._place]

    @property
    def can_undo(self) -> bool:
        """Whether there is a state before this one."""
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        """Whether a state was undone."""
        return self._place < len(self._states) - 1

    def commit(self, state: State) -> None:
        """Go on to a state; what was undone is forgotten. The same state is no step."""
        if state is not self.state:
            self._states = [*self._states[: self._place + 1], state][-_MOST:]
            self._place = len(self._states) - 1

    def replace(self, state: State) -> None:
        """Put another state in the place of this one."""
        self._states[self._place] = state

    def undo(self) -> State:
        """Go back by one step, if there is one."""
        self._place = max(0, self._place - 1)
        return self.state

    def redo(self) -> State:
        """Go forward by one step, if there is one."""
        self._place = min(len(self._states) - 1, self._place + 1)
        return self.state
