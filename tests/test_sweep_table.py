"""The table that fills while runs finish, and the test set that opens once."""

import re
import statistics

import numpy as np

from hwd_lib.sweep import RESULTS
from hwd_lib.widgets.sweep_table import WIDTH, SweepTable

SETTINGS = [{"learning_rate": 0.1}, {"learning_rate": 0.3, "layers": [784, 10]}]
SCORES = {0.1: [0.91, 0.92, 0.96], 0.3: [0.90, 0.80, None]}


def rows():
    """What `sweep` would return for SETTINGS and three seeds; the last run failed."""
    for setting in SETTINGS:
        full = {"epochs": 5, "learning_rate": None, "layers": None} | setting
        for seed, score in enumerate(SCORES[setting["learning_rate"]]):
            results = dict.fromkeys(RESULTS) | {"validation_accuracy": score, "seconds": 1.0}
            results |= {"error": "" if score else "Diverged: <b>no</b> number."}
            yield full | {"seed": seed} | results


def cells(table):
    """The words in each line of the table."""
    lines = re.findall(r"<tr[^>]*>(.*?)</tr>", table.table.value)
    return [[re.sub("<.*?>", "", c) for c in re.findall(r"<t[dh]>(.*?)</t[dh]>", line)] for line in lines]


def test_it_fills_run_by_run():
    table, seen = SweepTable(SETTINGS, 3), []
    assert "0 of 6 runs" in table.table.value
    assert cells(table)[1][-3:] == ["·", "·", "·"]
    for row in reversed(list(rows())):  # runs finish in any order
        seen.append(row)
        table.add(row, seen)
        assert f"{len(seen)} of 6 runs" in table.table.value
    head, first, second = cells(table)
    assert head[:4] == ["learning rate", "layers", "mean ± sd", "80% to 100 %"]  # without what does not vary
    assert head[4:] == ["seed 0", "seed 1", "seed 2"]
    assert first[:2] == ["0.1", "-"] and first[4:] == ["91.0", "92.0", "96.0"]
    mean, sd = statistics.fmean(SCORES[0.1]), statistics.stdev(SCORES[0.1])
    assert first[2] == f"{100 * mean:.1f} ± {100 * sd:.1f} ★"  # the best
    assert second[:3] == ["0.3", "784-10", "85.0 ± 7.1"] and second[4:] == ["90.0", "80.0", "×"]
    assert table.table.value.count("<circle") == 5


def test_where_all_runs_fail_none_is_the_best():
    failed = [row | {"validation_accuracy": None, "error": "Diverged."} for row in rows()]
    table = SweepTable(SETTINGS, 3)
    table.add(failed[-1], failed)
    assert [line[2] for line in cells(table)[1:]] == ["×", "×"]


def test_many_seeds_have_no_cells_of_their_own():
    assert not any("seed" in cell for cell in cells(SweepTable(SETTINGS, 30))[0])


def test_the_strip_takes_every_accuracy():
    table = SweepTable([{}], 4)
    found = [
        dict.fromkeys(RESULTS) | {"epochs": 5, "seed": i, "validation_accuracy": a, "error": ""}
        for i, a in enumerate([0.0, 1.0, 0.5])
    ]
    table.add(found[-1], found)
    places = [float(x) for x in re.findall(r"<circle cx='([\d.]+)'", table.table.value)]
    assert np.ptp(places) == WIDTH
