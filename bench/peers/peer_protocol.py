"""The protocol of docs/anatomy-of-a-peer.md, for peers in Python: one JSON object per line, a request from standard
input and a reply to standard output. Between two requests the process is blocked in a read."""

from __future__ import annotations

import gc
import json
import math
import sys
from dataclasses import dataclass, fields
from typing import Any, Callable, Dict, NoReturn, Optional

PROTOCOL = 1

Row = Dict[str, Any]


class Skipped(Exception):
    """The cell cannot be measured here; the text says why."""


class Corrupt(Exception):
    """What arrived is not what was sent."""


@dataclass(frozen=True)
class Cell:
    """What an open request asks for. A field that a request leaves out has its default value."""

    scenario: str
    producers: int
    consumers: int
    capacity: int
    item_bytes: str
    sample_ms: float
    seed: int = 0
    work_producer_ns: int = 0
    work_consumer_ns: int = 0
    rate: Optional[float] = None
    stop: str = ""
    tree: str = ""

    def check(self) -> None:
        """Ends the program with a sentence if a value is of no use."""
        for name, least in (("producers", 1), ("consumers", 1), ("capacity", 1), ("seed", 0)):
            check_whole(name, getattr(self, name), least)
        for name in ("work_producer_ns", "work_consumer_ns"):
            check_whole(name, getattr(self, name), 0)
        if not is_number(self.sample_ms) or self.sample_ms <= 0:
            refuse(f"sample_ms is {self.sample_ms!r}; it must be above 0")
        for scenario, name in (("paced", "rate"), ("shutdown", "stop"), ("tree", "tree")):
            if (self.scenario == scenario) != (getattr(self, name) not in (None, "")):
                refuse(f"{name} goes with the scenario {scenario}, and only with it")
        if self.rate is not None and not (is_number(self.rate) and 0 < self.rate <= 1):
            refuse(f"rate is {self.rate!r}; it must be a share above 0, at most 1")


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def check_whole(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        refuse(f"{name} is {value!r}; it must be a whole number, {least} or more")


def refuse(sentence: str) -> NoReturn:
    """A request that breaks the protocol is no cell: the program ends."""
    print(f"{sys.argv[0].rpartition('/')[2]}: {sentence}", file=sys.stderr)
    sys.exit(2)


def cell_of(request: Row) -> Cell:
    """An axis that is unknown here is skipped, not ignored: a sample without it would be another cell's."""
    known = {field.name for field in fields(Cell)}
    for name in request:
        if name not in known:
            raise Skipped(f"the peer does not know {name}")
    try:
        cell = Cell(**request)
    except TypeError as error:
        refuse(f"the request is incomplete: {error}")
    cell.check()
    return cell


def read_request(line: str) -> Row:
    try:
        request = json.loads(line)
    except ValueError:
        request = None
    if not isinstance(request, dict) or "id" not in request:
        refuse(f"{line.strip()[:60]!r} is not a request")
    return request


class Server:
    """Answers requests. `open_cell` warms a cell up and returns what takes a sample of it; both may raise Skipped or
    Corrupt."""

    def __init__(self, name: str, version: str, open_cell: Callable[[Cell], Callable[[], Row]]) -> None:
        self.hello = {"protocol": PROTOCOL, "name": name, "version": version}
        self.open_cell = open_cell
        self.take: Optional[Callable[[], Row]] = None

    def serve(self) -> int:
        """Until standard input ends."""
        while line := sys.stdin.readline():
            request = read_request(line)
            identity = {"id": request.pop("id")}
            reply = {**identity, **self.reply(request.pop("request", None), request)}
            present = {name: value for name, value in reply.items() if value is not None}
            print(json.dumps(present, allow_nan=False), flush=True)
        return 0

    def reply(self, request: Any, fields_: Row) -> Row:
        if request == "hello":
            return self.hello
        try:
            if request == "open":
                self.take = None  # what the last cell held is gone before the next one is opened
                self.take = self.open_cell(cell_of(fields_))
                return {"status": "ok"}
            if request == "sample" and self.take is not None:
                gc.collect()  # what the last sample left behind is not collected in this one's window
                return self.take()
        except Skipped as reason:
            return {"status": "skipped", "detail": str(reason)}
        except Corrupt as error:
            return {"status": "corrupt", "detail": str(error)}
        refuse(f"unexpected request {request!r}")
