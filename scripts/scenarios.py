"""The scenarios, one row each: the figure that ranks their contenders, and their words in tables and plots."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A column of the summary, and its title in a table."""

    column: str
    title: str


@dataclass(frozen=True)
class Scenario:
    """A row of the list."""

    #: As in samples.csv.
    word: str
    #: The figure by which contenders are ranked, and what it is in words.
    headline: Figure
    words: str
    higher_is_better: bool
    #: The plot of the headline: its title, and that of its axis.
    plot: str
    axis: str
    #: What tables show beside it.
    second: Figure | None = None

    @property
    def better(self) -> str:
        return "higher" if self.higher_is_better else "lower"


#: In the order in which they are shown.
SCENARIOS = (
    Scenario(
        "throughput",
        Figure("items_per_second", "items/s"),
        "items per second",
        higher_is_better=True,
        plot="Throughput",
        axis="items per second",
        second=Figure("fairness_consumers", "fairness"),
    ),
    Scenario(
        "ping_pong",
        Figure("half_round_trip_ns", "half trip"),
        "half round trip",
        higher_is_better=False,
        plot="Half a round trip of one item",
        axis="half round trip",
    ),
    Scenario(
        "paced",
        Figure("latency_p99_ns", "p99"),
        "99th percentile of the latency",
        higher_is_better=False,
        plot="Latency at a share (rate) of each queue's own throughput",
        axis="latency",
        second=Figure("latency_p50_ns", "p50"),
    ),
    Scenario(
        "join",
        Figure("join_ns", "join"),
        "time to return from join",
        higher_is_better=False,
        plot="Time from the end of the last item until join() has returned",
        axis="time",
        second=Figure("task_done_ns", "task_done"),
    ),
    Scenario(
        "shutdown",
        Figure("shutdown_ns", "shutdown"),
        "time until the last consumer has left",
        higher_is_better=False,
        plot="Time from the stop until the last consumer has left",
        axis="time",
        second=Figure("threads_joined_ns", "joined"),
    ),
    Scenario(
        "tree",
        Figure("node_ns", "node"),
        "time per node of a tree",
        higher_is_better=False,
        plot="Time per node of a tree that its workers expand",
        axis="time per node",
        second=Figure("speed_up", "speed-up"),
    ),
)
BY_WORD = {scenario.word: scenario for scenario in SCENARIOS}
