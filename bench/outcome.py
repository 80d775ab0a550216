"""A line of the result, and how it is told."""

from dataclasses import dataclass


@dataclass
class Outcome:
    row: str
    what: str
    ours: str
    peer: str = ""
    # What is held against `must` and `target`; None where a line only informs.
    value: float | None = None
    unit: str = "×"
    must: float | None = None
    target: float | None = None
    is_less_better: bool = True

    def _fits(self, limit):
        if limit is None or self.value is None:
            return False
        return self.value <= limit if self.is_less_better else self.value >= limit

    def verdict(self):
        if self.value is None or self.must is None:
            return "–"
        return "target met" if self._fits(self.target) else "must met" if self._fits(self.must) else "missed"

    def cells(self):
        sign = "≤" if self.is_less_better else "≥"
        limit = lambda number: "" if number is None else f"{sign} {number:g}{self.unit}"
        value = "" if self.value is None else f"{self.value:.3g}{self.unit}" if self.value < 100 else f"{self.value:.0f}{self.unit}"
        return [self.row, self.what, self.ours, self.peer, value, limit(self.must), limit(self.target), self.verdict()]


HEAD = ["row", "what", "ours", "peer", "value", "must", "target", "verdict"]


def table(outcomes):
    return markdown([HEAD, *(outcome.cells() for outcome in outcomes)])


def markdown(lines):
    """A Markdown table with columns as wide as their cells; the first line is its head."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    return "\n".join([text[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *text[1:]])
