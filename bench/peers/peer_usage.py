"""Resources that a peer's process used in a window, as columns of samples.csv."""

from __future__ import annotations

import os
import resource
from typing import Optional

from peer_protocol import Row


class Usage:
    """Resources that the process used between two points, and the machine's stolen time."""

    def __init__(self) -> None:
        self.steal = stolen_s()
        self.start = resource.getrusage(resource.RUSAGE_SELF)

    def row(self) -> Row:
        now, then = resource.getrusage(resource.RUSAGE_SELF), self.start
        steal = stolen_s()
        return {
            "cpu_user_s": now.ru_utime - then.ru_utime,
            "cpu_system_s": now.ru_stime - then.ru_stime,
            "switches_voluntary": now.ru_nvcsw - then.ru_nvcsw,
            "switches_involuntary": now.ru_nivcsw - then.ru_nivcsw,
            "steal_s": None if steal is None or self.steal is None else steal - self.steal,
            "peak_rss_bytes": now.ru_maxrss * 1024,
        }


def stolen_s() -> Optional[float]:
    try:
        with open("/proc/stat", encoding="ascii") as file:
            return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return None
