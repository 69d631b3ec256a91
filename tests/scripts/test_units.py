"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
import units


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4846.2, "4846"), (44.2, "44.2"), (1.07, "1.07"), (1.0, "1.00"), (0.998, "1.00"), (0.93, "1/1.08"),
        (0.103, "1/9.71"), (0.085, "1/11.8"), (0.035, "1/28.6"), (1 / 1208, "1/1208"), (1 / 38748, "1/39k"),
        (38748.0, "39k"), (9999.7, "10k"), (0.0, "0"), (math.nan, "-"), (math.inf, "∞"),
    ],
)  # fmt: skip
def test_a_ratio_has_one_notation_above_one_and_its_mirror_below(value: float, text: str) -> None:
    assert units.ratio(value) == text


def test_a_column_of_ratios_fits_its_width() -> None:
    texts = [units.ratio(10 ** (step / 7)) for step in range(-36, 36)]
    assert max(map(len, texts)) <= 6
    assert not [text for text in texts if text.startswith("0.")]


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (1.0, "±0 %"),
        (1.00795, "±0.795 %"),
        (1.344, "±34.4 %"),
        (1.5, "±50.0 %"),
        (2.32, "×/÷ 2.32"),
        (12000.0, "×/÷ 12k"),
    ],
)
def test_a_floor_is_percents_while_they_are_small_and_else_a_factor(factor: float, text: str) -> None:
    assert units.floor(factor) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0"),
        (0.00000676, "<0.001"),
        (0.000975, "0.001"),
        (0.0123, "0.012"),
        (0.91, "0.910"),
        (1.0, "1.000"),
        (math.nan, "-"),
    ],
)
def test_a_share_below_a_thousandth_is_no_row_of_zeros(share: float, text: str) -> None:
    assert units.figure("fairness_consumers", share) == text
