"""How the pages of the benchmarks show numbers."""

import statistics

# A number is not printed if the middle half of its runs is wider than this part of it.
TOO_WIDE = 0.25


def quartiles(values):
    values = sorted(values)
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cell(values):
    if not values:
        return ""
    if len(values) < 3:
        return "too few runs"
    low, middle, high = quartiles(values)
    if high - low > TOO_WIDE * middle:
        return "too unsteady"
    return f"{number(middle)} ({number(low)}–{number(high)})"


def table(header, rows):
    print("| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()
