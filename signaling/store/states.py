"""The life of a session: (preparing →) created → connected → judging → done; failed and abandoned end it early.

Until it is sung, a session may change its source: created → preparing, or failed → preparing where its source failed.
A take whose judging failed may be judged again: failed → judging.
"""

from enum import StrEnum


class State(StrEnum):
    PREPARING = "preparing"  # its song is not ready yet
    CREATED = "created"
    CONNECTED = "connected"
    JUDGING = "judging"
    DONE = "done"
    FAILED = "failed"
    ABANDONED = "abandoned"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.PREPARING: frozenset({State.CREATED, State.FAILED, State.ABANDONED}),
    State.CREATED: frozenset({State.PREPARING, State.CONNECTED, State.FAILED, State.ABANDONED}),
    State.CONNECTED: frozenset({State.JUDGING, State.FAILED, State.ABANDONED}),
    State.JUDGING: frozenset({State.DONE, State.FAILED, State.ABANDONED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset({State.PREPARING, State.JUDGING}),
    State.ABANDONED: frozenset(),
}
OVER = frozenset({State.DONE, State.FAILED, State.ABANDONED})


def sources_of(target: State) -> frozenset[State]:
    """The states from which `target` may follow."""
    return frozenset(state for state, following in TRANSITIONS.items() if target in following)
