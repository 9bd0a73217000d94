"""A table of experiments that fills while the runs finish."""

import statistics
import time
from html import escape

from hwd_lib.sweep import setting_of
from hwd_lib.widgets.parts import Panel, html
from hwd_lib.widgets.sealed_test_set import SealedTestSet

__all__ = ["SealedTestSet", "SweepTable"]  # notebooks of before import both from here

MOST_CELLS = 6  # runs of a setting that get a cell of their own
WIDTH, HEIGHT = 200, 22  # of the strip with the dots


class SweepTable(Panel):
    """Runs as a table: a row for each setting, with its runs, their mean and standard deviation.

    Parameters
    ----------
    settings : list of dict
        As for `sweep`.
    seeds : int
        How many runs there will be of each.

    ``sweep(..., on_row=table.add)`` fills it.
    """

    def __init__(self, settings, seeds):
        self.table = html()
        super().__init__("hwd-runs", self.table, scripts=())
        self.seeds, self.started, self.rows = seeds, time.monotonic(), []
        self.settings = [{"epochs": 5} | setting for setting in settings]  # as `sweep` does
        self.names = [n for n in dict.fromkeys(n for s in self.settings for n in s) if self._varies(n)]
        self.add(None, [])

    def add(self, row, rows):
        """Show the rows that are there so far."""
        if len(self.rows) == 0:
            self.started = time.monotonic()  # the first run tells when the workers were ready
        self.rows = rows
        self.table.value = self._html()

    def _varies(self, name):
        return len({str(setting.get(name)) for setting in self.settings}) > 1

    def _html(self):
        total, done = self.seeds * len(self.settings), len(self.rows)
        left = (time.monotonic() - self.started) / max(1, done - 1) * (total - done)
        state = f"{done} of {total} runs" + (f", about {left:.0f} s left" if 1 < done < total else "")
        groups = [self._of(setting) for setting in self.settings]
        means = [statistics.fmean(group) if group else 0.0 for group, _ in groups]
        low = min([0.95, *(min(group) for group, _ in groups if group)])
        low = max(0.0, int(20 * low) / 20)  # a multiple of 5 %
        cells = range(self.seeds if self.seeds <= MOST_CELLS else 0)
        head = [*(name.replace("_", " ") for name in self.names), "mean ± sd", f"{low:.0%} to 100 %"]
        head += [f"seed {i}" for i in cells]  # last: where there is no room, they can be scrolled to
        body = ""
        for setting, (scores, failed), mean in zip(self.settings, groups, means, strict=True):
            best = done == total and scores and mean == max(means)
            by_seed = {r["seed"]: r for r in self.rows if setting_of(r) == _complete(setting, r)}
            words = f"{100 * mean:.1f}" if scores else "×" if failed else "…"
            words += f" ± {100 * statistics.stdev(scores):.1f}" if len(scores) > 1 else ""
            words += " ★" if best else ""
            line = [*(_text(setting.get(name)) for name in self.names), words, _strip(scores, low)]
            line += [_score(by_seed.get(i)) for i in cells]
            body += f"<tr class='{'best' if best else ''}'>{_cells(line)}</tr>"
        header = "".join(f"<th>{escape(name)}</th>" for name in head)
        return f"<div role='status'>{state}</div><table><tr>{header}</tr>{body}</table>"

    def _of(self, setting):
        """The accuracies of the runs of a setting, and how many runs failed."""
        rows = [row for row in self.rows if setting_of(row) == _complete(setting, row)]
        scores = [row["validation_accuracy"] for row in rows if not row["error"]]
        return scores, len(rows) - len(scores)


def _complete(setting, row):
    """A setting as it stands in a row: None where it says nothing."""
    return {name: setting.get(name) for name in setting_of(row)}


def _cells(line):
    return "".join(f"<td>{cell}</td>" for cell in line)


def _text(value):
    if isinstance(value, (list, tuple)):
        return "-".join(map(str, value))
    return f"{value:.3g}" if isinstance(value, float) else escape("-" if value is None else str(value))


def _score(row):
    if row is None:
        return "·"
    return "×" if row["error"] else f"{100 * row['validation_accuracy']:.1f}"


def _strip(scores, low):
    """The runs as dots on a line, their mean as a bar with one standard deviation to each side: an SVG."""

    def x(score):
        return WIDTH * (min(max(score, low), 1.0) - low) / (1 - low)

    words = ", ".join(f"{score:.1%}" for score in scores) or "no runs yet"
    parts = [f"<path d='M0 {HEIGHT / 2}H{WIDTH}' stroke='currentColor' opacity='.2'/>"]
    if len(scores) > 1:
        mean, sd = statistics.fmean(scores), statistics.stdev(scores)
        parts.append(
            f"<path d='M{x(mean - sd):.1f} {HEIGHT / 2}H{x(mean + sd):.1f}' stroke='var(--accent)' "
            f"stroke-width='9' opacity='.35'/>"
            f"<path d='M{x(mean):.1f} 3v{HEIGHT - 6}' stroke='var(--accent)' stroke-width='3'/>"
        )
    for score in scores:
        parts.append(f"<circle cx='{x(score):.1f}' cy='{HEIGHT / 2}' r='3.5'/>")
    return f"<svg role='img' aria-label='{words}' width='{WIDTH}' height='{HEIGHT}'>{''.join(parts)}</svg>"
