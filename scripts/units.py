"""Numbers as people read them: three significant digits and a unit."""

from __future__ import annotations

import math

_TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))
_COUNTS = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))


def digits(value: float) -> str:
    """Three significant digits, without an exponent: 0.00312, 4.12, 312, 3120."""
    if math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "∞"
    places = 2 - math.floor(math.log10(abs(float(f"{value:.3g}"))))
    return f"{value:.{max(0, places)}f}"


def ratio(value: float) -> str:
    """1.75 times better, and 1/1.75: as much worse. One notation on both sides of 1, so that a column reads in order."""
    if not 0 < value < 1:
        return _times(value)
    worse = _times(1 / value)
    return worse if worse == "1.00" else f"1/{worse}"


def floor(factor: float) -> str:
    """What a noise floor covers on both sides of 1: ±4.68 %, and ×/÷ 2.32 if percents would mislead."""
    if factor > 1.5:
        return f"×/÷ {_times(factor)}"
    return f"±{digits((factor - 1) * 100)} %"


def _times(value: float) -> str:
    """Three significant digits, from ten thousand on in thousands: 1.75, 312, 4846, 39k."""
    return f"{value / 1000:.0f}k" if 9999.5 <= value < math.inf else digits(value)


def time(nanoseconds: float) -> str:
    """312 ns, 4.51 µs, 1.20 ms."""
    return _scaled(nanoseconds, _TIMES, "ns")


def count(value: float) -> str:
    """4.12 M, 312 k."""
    return _scaled(value, _COUNTS, "").strip()


def figure(column: str, value: float) -> str:
    """A value of a figures column in its unit."""
    if column.endswith("_ns"):
        return time(value)
    if column == "items_per_second":
        text = count(value)
        return f"{text}/s" if text != "-" else text
    return _share(value) if column.startswith("fairness_") else digits(value)


def _share(value: float) -> str:
    """Three decimals: 0.910, 0.001, <0.001; 0 is none at all."""
    if not value > 0:
        return digits(value)
    return f"{value:.3f}" if value >= 0.0005 else "<0.001"


def plural(number: int, noun: str) -> str:
    """1 cell, 2 cells."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """45 s, 2 min 20 s, 3 h 5 min: for estimates."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _scaled(value: float, scales: tuple[tuple[float, str], ...], smallest: str) -> str:
    if math.isnan(value):
        return "-"
    rounded = float(f"{value:.3g}")
    for factor, unit in scales:
        if abs(rounded) >= factor:
            return f"{digits(value / factor)} {unit}"
    return f"{digits(value)} {smallest}"
