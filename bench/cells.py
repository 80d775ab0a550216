"""Measurements in turns: A, B, A, B, so that a change of the machine's mood hits both sides."""

from statistics import median


def in_turns(measures, rounds):
    """Calls each measure once a round and answers the median of each."""
    found = [[] for _ in measures]
    for _ in range(rounds):
        for values, measure in zip(found, measures):
            values.append(measure())
    return [median(values) for values in found]
