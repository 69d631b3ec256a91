"""What random trace programs are about: which objects they have, and what their tasks do most."""

from __future__ import annotations

from dataclasses import dataclass

from rules import NAMES_OBJECT, OPERATIONS, QUEUES, SEMAPHORES


@dataclass(frozen=True)
class Profile:
    """What a program is mostly about."""

    #: For each object, what it may be; at times the last one is left out.
    kinds: tuple[tuple[str, ...], ...]
    weights: dict[str, float]
    motifs: dict[str, float]
    cancels: bool = True
    #: It has routines, which run in groups and within times.
    routines: bool = False


def _weights(**changed: float) -> dict[str, float]:
    """How often each operation is drawn, if its objects exist; 1 unless `changed`."""
    common = {
        "uncancel": 0.2,
        "fail": 0.0,
        "sleep": 4.0,
        "cancel": 0.4,
        "size": 0.5,
        "await": 0.5,
        "gather": 0.6,
        "join": 0.5,
        "clear": 0.6,
    }
    return {**dict.fromkeys(OPERATIONS, 1.0), **common, **changed}


LOCKABLE = NAMES_OBJECT["lockable"]
PROFILES: dict[str, Profile] = {
    "queue": Profile(
        (QUEUES, QUEUES),
        _weights(put=4, get=4, put_timeout=2, get_timeout=2, put_nowait=1.5, get_nowait=1.5, task_done=2, join=1),
        {"work": 2, "burst": 4, "wake_and_cancel": 3, "yields": 2, "finish_and_put": 1},
    ),
    "lock": Profile(
        (LOCKABLE, SEMAPHORES, ("event", *LOCKABLE)),
        _weights(acquire=5, release=2.5, wait=2, cancel=0.6),
        {"section": 4, "wake_and_cancel": 4, "yields": 2, "flash": 1, "releases": 3},
    ),
    "cancellation": Profile(
        ((*QUEUES, *LOCKABLE), (*QUEUES, "event", "semaphore")),
        _weights(cancel=1.0, put=2, get=2, put_timeout=1.5, get_timeout=1.5, wait=1.5, acquire=3),
        {"wake_and_cancel": 7, "section": 1, "yields": 3, "cancel_oneself": 0.7, "flash": 1, "releases": 1},
    ),
    "gather": Profile(
        (QUEUES, ("event", *LOCKABLE)),
        _weights(gather=4, cancel=1.2, sleep=6, put=1.5, get=1.5, wait=0.5, **{"await": 3}),
        {"wake_and_cancel": 2, "yields": 4, "cancel_oneself": 0.5, "burst": 1},
    ),
    "condition": Profile(
        (("condition",), QUEUES, ("condition", "event", *LOCKABLE)),
        _weights(cond_wait=4, cond_notify=5, gather=0.8, acquire=2),
        {"yields": 3, "burst": 2, "work": 1, "section": 1, "releases": 1, "finish_and_put": 1},
        cancels=False,
    ),
    "group": Profile(
        (("event",), QUEUES),
        _weights(group=9, within=4, uncancel=0.8, cancel=1.5, sleep=5, set=4, wait=4, gather=0.2),
        {"wake_and_cancel": 3, "yields": 2, "cancel_oneself": 0.5, "flash": 2},
        routines=True,
    ),
    "mixed": Profile(
        (QUEUES, LOCKABLE, ("event",), QUEUES),
        _weights(cancel=0.6),
        {"work": 1, "burst": 2, "section": 1, "wake_and_cancel": 3, "yields": 2, "flash": 1, "releases": 1},
    ),
}


def profile_of(seed: int) -> str:
    return list(PROFILES)[seed % len(PROFILES)]
