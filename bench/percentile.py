"""Percentiles by nearest rank: a value that was really measured."""

from math import ceil


def percentile(values, share):
    return sorted(values)[max(ceil(share / 100 * len(values)) - 1, 0)]


def in_ms(seconds):
    """Median, 99th percentile and maximum, as they are told."""
    p50, p99, most = (percentile(seconds, share) * 1000 for share in (50, 99, 100))
    return f"p50 {p50:.0f}, p99 {p99:.0f}, max {most:.0f} ms"
