"""The four verdicts on made-up data whose answers are known. Every draw has a fixed seed."""

from __future__ import annotations

import math
import re
from pathlib import Path

import handoff_stats as hs
import numpy as np
import pytest
import rank_tests
import verdicts
from numpy.typing import NDArray
from verdicts import Evidence

Words = NDArray[np.object_]

#: What a process's figure scatters by on a quiet virtual machine: standard deviation of its logarithm.
NOISE = 0.03
MARGIN = verdicts.EQUIVALENCE


def standard_blocks() -> int:
    """How many blocks the `standard` matrix has."""
    matrix = Path(__file__).parents[2] / "bench" / "matrices" / "standard.toml"
    found = re.search(r"^blocks *= *(\d+)", matrix.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return int(found.group(1))


STANDARD_BLOCKS = standard_blocks()


def test_holms_adjusted_p_values_are_the_known_ones() -> None:
    # By hand: 4 × 0.005, 3 × 0.01, then 2 × 0.03 carries 0.04 with it.
    np.testing.assert_allclose(verdicts.holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])
    # As R's p.adjust(c(0.001, 0.008, 0.039, 0.041, 0.042), "holm") has them.
    found = verdicts.holm(np.array([0.001, 0.008, 0.039, 0.041, 0.042]))
    np.testing.assert_allclose(found, [0.005, 0.032, 0.117, 0.117, 0.117])
    assert verdicts.holm(np.array([0.6, 0.9])).tolist() == [1, 1], "a probability is at most 1"
    assert verdicts.holm(np.array([0.02])).tolist() == [0.02] and len(verdicts.holm(np.array([]))) == 0


def test_each_table_is_corrected_by_itself_and_for_those_alone_that_are_tested() -> None:
    ratio = hs.Estimates(np.full(5, 2.0), np.array([1.5, 1.5, math.nan, 1.5, 1.5]), np.full(5, 3.0), np.full(5, 9))
    evidence = Evidence(ratio, ratio, np.array([0.01, 0.02, 0.03, 0.04, 0.001]))
    found = evidence.corrected(np.array([0, 0, 0, 7, -1]))
    np.testing.assert_allclose(found, [0.02, 0.02, math.nan, 0.04, math.nan])


def test_seven_blocks_are_enough_for_three_contenders() -> None:
    assert [verdicts.blocks_needed(number) for number in (1, 3, 4, 6, 7, 12, 13, 51, 52)] == [
        6,
        7,
        8,
        8,
        9,
        9,
        10,
        11,
        12,
    ]
    for number in (3, 4, 12, 13):
        everyone = np.full(number, rank_tests.least(verdicts.blocks_needed(number)))
        assert verdicts.is_significant(verdicts.holm(everyone).max()), "then a certain difference of all is found"
        assert not verdicts.is_significant(verdicts.holm(2.0 * everyone).max())


def judged(ratio: tuple[float, float, float], narrow: tuple[float, float], p: float = 0.001, floor: float = 1.0) -> str:
    value, low, high = ratio
    return verdicts.verdict(hs.Estimate(value, low, high, 11), hs.Estimate(value, *narrow, 11), p, floor, MARGIN)


def test_a_significant_difference_is_faster_or_slower() -> None:
    assert judged((1.5, 1.4, 1.6), (1.42, 1.58)) == "faster"
    assert judged((0.5, 0.4, 0.6), (0.42, 0.58)) == "slower"
    assert judged((1.5, 1.4, 1.6), (1.42, 1.58), p=0.06) == "cannot tell", "not beside so many others"
    assert judged((1.5, 0.9, 2.6), (1.01, 2.2), p=0.07) == "cannot tell"
    assert judged((1.5, 1.4, 1.6), (1.42, 1.58), floor=math.nan) == "faster"


def test_a_difference_inside_the_floor_is_not_told() -> None:
    assert judged((1.10, 1.08, 1.12), (1.085, 1.115), floor=1.11) == "cannot tell"
    assert judged((1 / 1.10, 0.90, 0.92), (0.905, 0.915), floor=1.11) == "cannot tell"
    assert judged((1.10, 1.08, 1.12), (1.085, 1.115), floor=1.09) == "faster"


def test_an_interval_within_the_margin_is_the_same_whatever_else_is_true() -> None:
    assert judged((1.0, 0.97, 1.03), (0.975, 1.025), p=0.9) == "same"
    assert judged((1.02, 1.01, 1.03), (1.012, 1.028), p=0.0001) == "same", "certain, and too small to matter"
    assert judged((1.02, 1.01, 1.03), (1.012, 1.028), floor=1.2) == "same"
    assert judged((1.02, 0.99, 1.06), (1.0, 1.045), p=0.2) == "same", "it is the 90 % interval that counts"
    assert judged((1.02, 0.99, 1.06), (1.0, 1.051), p=0.2) == "cannot tell"
    assert judged((0.98, 0.94, 1.01), (1 / 1.051, 1.0), p=0.2) == "cannot tell", "1/1.05 and 1.05, not 0.95"


def test_no_interval_is_no_verdict() -> None:
    few = hs.Estimate(2.0, math.nan, math.nan, 5)
    assert verdicts.verdict(few, hs.Estimate(1.0, 0.99, 1.01, 5), 0.001, 1.0, MARGIN) == "cannot tell"


def test_the_floor_is_the_same_on_both_sides() -> None:
    assert verdicts.floor_factor(hs.Estimate(0.98, 0.95, 1.01, 7)) == pytest.approx(1 / 0.95)
    assert verdicts.floor_factor(hs.Estimate(1.02, 0.99, 1.06, 7)) == pytest.approx(1.06)
    assert math.isnan(verdicts.floor_factor(hs.NOTHING))


def tables(seed: int, number: int, blocks: int, truths: list[float], noise: float = NOISE) -> tuple[Words, ...]:
    """The verdicts on `number` tables whose contenders are better than the reference by the factors `truths`: as they are,
    and if each contender were alone. Blocks drift by 10 % together; a reference is common to its table. Floor unknown.
    """
    rng = np.random.default_rng(seed)
    shape = (number, len(truths), blocks)
    drift, reference = rng.normal(scale=0.1, size=(number, 1, blocks)), rng.normal(
        scale=noise, size=(number, 1, blocks)
    )
    contenders = np.log(truths)[:, None] + drift + rng.standard_t(4, size=shape) * noise / math.sqrt(2)
    count = number * len(truths)
    differences, owner = (contenders - (drift + reference)).ravel(), np.repeat(np.arange(count), blocks)
    none = np.zeros(count, dtype=np.intp)
    p = rank_tests.two_sided(*(rank_tests.above_zero(sign * differences, owner, count, none) for sign in (1, -1)))
    evidence = Evidence.of(lambda confidence: hs.hodges_lehmann_of_each(differences, owner, count, confidence).exp(), p)
    table, floor = np.repeat(np.arange(number), len(truths)), np.full(count, math.nan)
    corrected = (evidence.corrected(table), evidence.p)
    return tuple(evidence.verdicts(p, floor, MARGIN).reshape(number, -1) for p in corrected)


def tells(words: Words) -> NDArray[np.bool_]:
    return np.isin(words, ("faster", "slower"))


@pytest.mark.parametrize("blocks", [9, STANDARD_BLOCKS, 20])
def test_at_most_one_table_of_equals_in_twenty_has_a_false_verdict(blocks: int) -> None:
    words, alone = tables(300 + blocks, 2000, blocks, [1.0] * 12, noise=0.1)
    false, uncorrected = tells(words).any(axis=1).mean(), tells(alone).any(axis=1).mean()
    print(f"{blocks} blocks: {false:.1%} of the tables, {uncorrected:.1%} without correction")
    assert false <= 0.05 and uncorrected > 0.15


def test_true_differences_beside_equals_are_found_and_the_equals_are_not() -> None:
    truths = [1.5, 1 / 1.5, 2.0, 0.5, 1.0, 1.0, 1.0, 1.0]
    words, _ = tables(17, 2000, STANDARD_BLOCKS, truths, noise=0.1)
    assert tells(words[:, 4:]).any(axis=1).mean() <= 0.05
    assert (words[:, 0] == "faster").mean() > 0.95 and (words[:, 1] == "slower").mean() > 0.95
    assert not (words[:, 0] == "slower").any()


@pytest.mark.parametrize(("blocks", "least"), [(STANDARD_BLOCKS, 0.7), (20, 0.95), (40, 0.99)])
def test_equals_are_called_the_same_if_there_are_enough_blocks(blocks: int, least: float) -> None:
    words, _ = tables(400 + blocks, 1000, blocks, [1.0] * 4)
    share = (words == "same").mean()
    print(f"{blocks} blocks: {share:.1%} are called the same")
    assert share >= least


@pytest.mark.parametrize("truth", [1 + MARGIN, 1 / (1 + MARGIN)])
def test_what_lies_on_the_margin_is_called_the_same_at_most_once_in_twenty(truth: float) -> None:
    words, _ = tables(500, 4000, STANDARD_BLOCKS, [truth])
    assert 0.01 < (words == "same").mean() <= 0.05


@pytest.mark.parametrize(("slowdown", "noise", "least"), [(0.20, NOISE, 0.999), (0.10, NOISE, 0.99), (0.05, 0.02, 0.5)])
def test_power_at_the_blocks_of_the_standard_matrix(slowdown: float, noise: float, least: float) -> None:
    """Of one that is slower, in a table with eleven others."""
    words, _ = tables(600, 1000, STANDARD_BLOCKS, [1 - slowdown, *[1.5] * 11], noise)
    power = (words[:, 0] == "slower").mean()
    print(f"power for {slowdown:.0%} slower, {STANDARD_BLOCKS} blocks, noise {noise:.1%} a process: {power:.1%}")
    assert power >= least
    assert not (words[:, 0] == "faster").any()
