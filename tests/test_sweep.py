"""Sweeps: the same table however they run, and nothing lost when processes are killed."""

import codecs
import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from hwd_lib.__main__ import main
from hwd_lib.mnist import Split
from hwd_lib.network import Network
from hwd_lib.sweep import grid, sample, successive_halving, summary, sweep
from hwd_lib.training import train

SETTINGS = [
    *grid(layers=[[784, 10], [784, 12, 10]], learning_rate=[0.3, 0.1], epochs=[2]),
    {"layers": [784, 12, 10], "learning_rate": 1e30, "epochs": 2},  # diverges
    {"layers": [784, 12, 10], "learning_rate": 0.1, "epochs": 2, "optimizer": "magic"},  # cannot be
]
SEEDS = 2


@pytest.fixture(scope="module")
def data(mnist):
    """2,000 digits to learn from, 500 to measure on."""
    return Split(*(a[:2000] for a in mnist.train)), Split(*(a[:500] for a in mnist.validation))


@pytest.fixture(scope="module")
def expected(data):
    """The table that all others must be equal to: one process, no file."""
    return sweep(SETTINGS, *data, seeds=SEEDS, jobs=1, progress=False)


def without_seconds(rows):
    """Rows as text that can be compared to the last digit (nan too); the clock is left out."""
    return [json.dumps({k: v for k, v in row.items() if k != "seconds"}) for row in rows]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Settings ---------------------------------------------------------------------------------------------------


def test_grid_is_every_combination():
    settings = grid(layers=[[784, 10], [784, 5, 10]], learning_rate=[1, 2, 3], activation=["relu"])
    assert len(settings) == 6
    assert settings[0] == {"layers": [784, 10], "learning_rate": 1, "activation": "relu"}
    assert [s["learning_rate"] for s in settings] == [1, 2, 3, 1, 2, 3]
    assert grid() == [{}]


def test_sample_draws_from_lists_and_functions():
    draw = lambda seed: sample(200, seed, batch_size=[16, 32], learning_rate=lambda rng: rng.uniform(1, 2))
    assert draw(1) == draw(1) != draw(2)
    assert {s["batch_size"] for s in draw(1)} == {16, 32}
    assert all(1 <= s["learning_rate"] < 2 for s in draw(1))


def test_no_settings():
    with pytest.raises(ValueError, match="at least one"):
        sweep([], None, None)


# The table --------------------------------------------------------------------------------------------------


def test_rows_are_in_order_and_true(expected, data):
    assert [(row["layers"], row["learning_rate"], row["seed"]) for row in expected] == [
        (s["layers"], s["learning_rate"], seed) for s in SETTINGS for seed in range(SEEDS)
    ]
    network = Network([784, 12, 10], seed=1)
    history = train(network, data[0], validation=data[1], epochs=2, learning_rate=0.1, seed=1, progress=False)
    row = expected[7]
    assert row["seconds"] > 0
    assert row["history"] == pytest.approx(history.validation_accuracy)
    assert row["validation_accuracy"] == row["history"][-1]
    assert row["validation_accuracy"] == np.mean(network.predict(data[1].images) == data[1].labels)


def test_what_goes_wrong_is_a_row(expected):
    assert not any(row["error"] for row in expected[:8])
    for row in expected[8:10]:
        assert "number" in row["error"]
        assert row["validation_accuracy"] is None or row["validation_accuracy"] < 0.3
    for row in expected[10:]:
        assert row["error"].startswith("ValueError: ")
        assert "magic" in row["error"]
        assert (row["history"], row["validation_accuracy"]) == ([], None)


def test_two_processes_fill_the_same_table(expected, data, tmp_path):
    out, seen = tmp_path / "new folder" / "table.csv", []
    on_row = lambda row, rows: seen.append(len(rows))
    rows = sweep(SETTINGS, *data, seeds=SEEDS, jobs=2, out=out, on_row=on_row, progress=False)
    assert without_seconds(rows) == without_seconds(expected)
    assert seen == list(range(1, 13))
    name = lambda row: ("-".join(map(str, row["layers"])), str(row["learning_rate"]), row["optimizer"] or "")
    by_run = {(*name(row), str(row["seed"])): row for row in rows}
    for found in read(out):
        row = by_run.pop((found["layers"], found["learning_rate"], found["optimizer"], found["seed"]))
        assert found["error"] == row["error"]
        assert json.loads(found["history"]) == row["history"]
    assert not by_run


def test_a_table_that_is_there_is_not_made_again(expected, data, tmp_path):
    out = tmp_path / "table.csv"
    some = SETTINGS[:2] + SETTINGS[4:]
    sweep(some, *data, seeds=[1], jobs=1, out=out, progress=False)
    before, seen = out.read_bytes(), []
    rows = sweep(
        SETTINGS, *data, seeds=SEEDS, jobs=1, out=out, progress=False, on_row=lambda r, _: seen.append(r)
    )
    assert len(seen) == 12 - 4
    assert out.read_bytes().startswith(before)
    assert without_seconds(rows) == without_seconds(expected)
    again = sweep(SETTINGS, *data, seeds=SEEDS, jobs=1, out=out, progress=False, on_row=lambda *_: 1 / 0)
    assert json.dumps(again) == json.dumps(rows)  # seconds too: they come from the file


def test_a_table_that_a_spreadsheet_saved_goes_on(expected, data, tmp_path):
    """With a byte-order mark and other line ends: it is read. With semicolons: a sentence says so."""
    out = tmp_path / "runs.csv"
    sweep(SETTINGS, *data, seeds=SEEDS, jobs=1, out=out, progress=False)
    plain = out.read_bytes()
    out.write_bytes(codecs.BOM_UTF8 + plain.replace(b"\n", b"\r\n"))
    again = sweep(SETTINGS, *data, seeds=SEEDS, jobs=1, out=out, progress=False, on_row=lambda *_: 1 / 0)
    assert [row["validation_accuracy"] for row in again] == [row["validation_accuracy"] for row in expected]
    with open(out, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for mark in (b"", codecs.BOM_UTF8):
        text = "\r\n".join(";".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)
        out.write_bytes(mark + text.encode() + b"\r\n")
        with pytest.raises(ValueError, match="expected commas between the cells, found semicolons"):
            sweep(SETTINGS, *data, seeds=SEEDS, jobs=1, out=out, progress=False)


@pytest.mark.parametrize("cut", [1, 20, "in a letter", "in the header"])
def test_a_torn_last_line_is_done_again(expected, data, tmp_path, cut):
    out = tmp_path / "table.csv"
    sweep(SETTINGS[:2], *data, seeds=SEEDS, jobs=1, out=out, progress=False)
    content, seen = out.read_bytes(), []
    torn = {"in a letter": content[:-5] + "ä".encode()[:1], "in the header": content[:30]}
    out.write_bytes(torn.get(cut) or content[:-cut])
    rows = sweep(
        SETTINGS[:2], *data, seeds=SEEDS, jobs=1, out=out, progress=False, on_row=lambda r, _: seen.append(r)
    )
    assert len(seen) == (4 if cut == "in the header" else 1)
    assert [row | {"optimizer": None} for row in rows] == [
        row | {"seconds": found["seconds"]} for row, found in zip(expected[:4], rows, strict=True)
    ]
    assert len(read(out)) == 4


@pytest.mark.parametrize("content", [b"name,age\nann,7\n", b"\x89PNG\r\n\x1a\n\xff\n", b"\n"])
def test_a_file_of_something_else(data, tmp_path, content):
    out = tmp_path / "table.csv"
    out.write_bytes(content)
    with pytest.raises(ValueError, match="another sweep: choose another file"):
        sweep(SETTINGS, *data, out=out, progress=False)
    assert out.read_bytes() == content


def test_summary(expected):
    entries = summary(expected)
    assert len(entries) == len(SETTINGS)
    means = [entry["mean"] for entry in entries]
    assert means[:4] == sorted(means[:4], reverse=True)
    assert np.isnan(means[4:]).all()
    for entry in entries[:4]:
        scores = [
            row["validation_accuracy"]
            for row in expected[:8]
            if (row["layers"], row["learning_rate"]) == (entry["layers"], entry["learning_rate"])
        ]
        assert entry["mean"] == pytest.approx(np.mean(scores))
        assert entry["sd"] == pytest.approx(np.std(scores, ddof=1))
        assert (entry["runs"], entry["failed"]) == (2, 0)
    assert [entry["failed"] for entry in entries[4:]] == [2, 2]
    assert np.isnan(summary(expected[:1])[0]["sd"])


def test_successive_halving(data, tmp_path):
    settings = grid(layers=[[784, 10]], learning_rate=[1e-5, 0.1, 1e-6, 0.3, 1e-7, 1e-4])
    rows = successive_halving(
        settings, *data, epochs=(1, 2, 3), keep=1 / 3, out=tmp_path / "t.csv", seeds=2, jobs=1, progress=False
    )
    rounds = [{row["learning_rate"] for row in rows if row["epochs"] == epochs} for epochs in (1, 2, 3)]
    assert [len(r) for r in rounds] == [6, 2, 1]
    assert rounds[1] == {0.1, 0.3}
    assert rounds[2] < rounds[1]
    assert len(rows) == len(read(tmp_path / "t.csv")) == 18


def test_arrays_reach_the_processes_once(data, tmp_path, monkeypatch):
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path))
    get_reusable_executor().shutdown(kill_workers=True)  # the processes of other tests have another folder
    larger, seen = Split(*(np.concatenate([a] * 4) for a in data[0])), []
    look = lambda row, rows: seen.append(sorted(p.stat().st_size for p in tmp_path.rglob("*.pkl")))
    sweep(SETTINGS[:2], larger, data[1], seeds=3, jobs=2, progress=False, on_row=look)
    sizes = [data[1].images.nbytes, larger.images.nbytes]
    found = seen[0]  # while runs are left; when the last ones end, the files are removed
    assert len(found) == len(sizes)  # one file for each large array, however many runs and processes
    assert all(size <= file < size + 4096 for size, file in zip(sizes, found, strict=True))


def test_images_that_begin_at_any_byte_are_not_copied_for_each_batch(data, monkeypatch):
    train_data, validation = data
    images = np.empty(train_data.images.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(-1, 784)
    images[:] = train_data.images
    assert not images.flags.aligned  # as what Dask receives
    seen = []

    def spy(network, data, **options):
        seen.append(data.images.flags.aligned)
        return train(network, data, **options)

    monkeypatch.setattr("hwd_lib.sweep.train", spy)
    shifted = sweep(SETTINGS[:1], Split(images, train_data.labels), validation, jobs=1, progress=False)
    assert seen == [True] * 3
    assert without_seconds(shifted) == without_seconds(sweep(SETTINGS[:1], *data, jobs=1, progress=False))


# Killed processes -------------------------------------------------------------------------------------------

KILLED = """
import sys
from hwd_lib.mnist import Split, load_mnist
from hwd_lib.sweep import sweep
sys.path.insert(0, sys.argv[1])
from test_sweep import SEEDS, SETTINGS
mnist = load_mnist()
data = Split(*(a[:2000] for a in mnist.train)), Split(*(a[:500] for a in mnist.validation))
sweep(SETTINGS, *data, seeds=SEEDS, jobs=2, out=sys.argv[2], progress=False,
      on_row=lambda row, rows: print(len(rows), flush=True))
"""


def test_kill_9_of_the_sweep_and_start_again(root, expected, data, tmp_path):
    psutil = pytest.importorskip("psutil")
    out = tmp_path / "table.csv"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(root / "tests"), str(out)], cwd=root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "1\n"
        assert process.stdout.readline() == "2\n"
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    for worker in workers:  # left alone they would wait for work for minutes
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.kill()
    before, seen = out.read_bytes(), []
    complete = before.count(b"\n") - 1
    assert 2 <= complete < 12
    rows = sweep(
        SETTINGS, *data, seeds=SEEDS, jobs=1, out=out, progress=False, on_row=lambda r, _: seen.append(r)
    )
    assert len(seen) == 12 - complete
    assert out.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    assert without_seconds(rows) == without_seconds(expected)
    assert len(read(out)) == 12


def test_a_worker_process_that_is_killed_costs_one_run(expected, data, tmp_path):
    psutil = pytest.importorskip("psutil")
    killed = []

    def kill_one(row, rows):
        if not killed:
            children = [p for p in psutil.Process().children() if "popen_loky" in " ".join(p.cmdline())]
            children[0].kill()
            killed.append(children[0].pid)

    out = tmp_path / "table.csv"
    rows = sweep(SETTINGS, *data, seeds=SEEDS, jobs=2, out=out, progress=False, on_row=kill_one)
    assert killed
    assert without_seconds(rows) == without_seconds(expected)
    assert len(read(out)) == 12


# Dask -------------------------------------------------------------------------------------------------------


class DaskProcesses:
    """A scheduler and its workers, each a `dask` command of its own; killed in the end."""

    def __init__(self, folder):
        self.folder, self.file, self.processes = folder, folder / "scheduler.json", contextlib.ExitStack()

    def __enter__(self):
        distributed = pytest.importorskip("distributed")
        self.run("scheduler", "--port", "0")
        # The client waits for the file that the scheduler writes.
        client = distributed.Client(scheduler_file=str(self.file), timeout=60, set_as_default=False)
        self.client = self.processes.enter_context(client)
        self.address = client.scheduler.address
        return self

    def __exit__(self, *reason):
        self.processes.close()

    def run(self, kind, *more, cwd=None):
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", kind, "--host", "127.0.0.1", "--no-dashboard"]
            + ["--scheduler-file", str(self.file), *more],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]"}, cwd=cwd,
        )  # fmt: skip
        self.processes.callback(self.kill, process)
        return process

    def add_worker(self, cwd=None):
        options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(self.folder))
        return self.run("worker", *options, cwd=cwd)

    def wait(self, workers):
        self.client.wait_for_workers(workers, timeout=60)

    @staticmethod
    def kill(process):
        process.kill()
        process.wait()


@pytest.fixture
def dask(tmp_path):
    with DaskProcesses(tmp_path) as dask:
        yield dask


def arrays_held(dask_worker):
    return [value.nbytes for value in dask_worker.data.values() if hasattr(value, "nbytes")]


def runs_done(dask_worker):
    return dask_worker.state.executed_count


for sent in (arrays_held, runs_done):
    sent.__module__ = "__main__"  # so that it is sent as it is: the workers cannot import this file


def test_dask_with_a_worker_killed_and_another_joining(dask, expected, data, tmp_path):
    out = tmp_path / "table.csv"
    first, _ = dask.add_worker(), dask.add_worker()
    dask.wait(2)

    def kill_one(row, rows):
        if len(rows) == 1:
            for arrays in dask.client.run(arrays_held).values():  # the data are there, once
                assert sorted(arrays) == sorted(array.nbytes for split in data for array in split)
            dask.kill(first)
            dask.add_worker()
            dask.wait(2)

    rows = sweep(SETTINGS, *data, seeds=SEEDS, cluster=dask.address, out=out, progress=False, on_row=kill_one)
    assert first.returncode == -signal.SIGKILL
    assert without_seconds(rows) == without_seconds(expected)
    assert len(read(out)) == 12


def test_one_dask_worker_does_the_runs_and_shares_them_with_one_that_joins(dask, data):
    dask.add_worker()
    dask.wait(1)

    def join(row, rows):
        if len(rows) == 1:
            dask.add_worker()
            dask.wait(2)

    settings = grid(layers=[[784, 200, 10]], learning_rate=[0.3, 0.1, 0.03], epochs=[8])
    sweep(settings, *data, seeds=6, cluster=dask.address, progress=False, on_row=join)
    done = dask.client.run(runs_done)
    assert sum(done.values()) >= 18
    assert min(done.values()) > 0


def test_a_cluster_without_workers_is_waited_for(dask, expected, data, tmp_path, monkeypatch):
    """There is none at first, as in a queue. The only one is killed, and the data are lost with it."""
    out, workers = tmp_path / "table.csv", []

    def come_when_awaited(text, **options):
        assert f"{dask.address} has no worker yet" in text
        workers.append(dask.add_worker())

    monkeypatch.setattr("tqdm.auto.tqdm.write", come_when_awaited)
    kill_first = lambda row, rows: dask.kill(workers[0]) if len(rows) == 1 else None
    options = {"cluster": dask.address, "out": out, "on_row": kill_first, "progress": False}
    rows = sweep(SETTINGS, *data, seeds=SEEDS, **options)
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, None]
    assert without_seconds(rows) == without_seconds(expected)
    assert len(read(out)) == 12


def test_a_worker_without_the_package_is_named_before_the_first_run(dask, data, tmp_path):
    (tmp_path / "hwd_lib").mkdir()
    (tmp_path / "hwd_lib" / "__init__.py").write_text("raise ImportError('there is none')")
    dask.add_worker()
    dask.wait(1)
    dask.add_worker(cwd=tmp_path)  # whose hwd_lib stands before the installed one
    dask.wait(2)
    seen = []
    with pytest.raises(ValueError, match="has hwd_lib none.*pip install"):
        sweep(SETTINGS, *data, cluster=dask.address, progress=False, on_row=lambda r, _: seen.append(r))
    assert not seen


def test_a_worker_that_hangs_is_named_before_the_first_run(dask, data, monkeypatch):
    monkeypatch.setattr("hwd_lib.sweep.ANSWER", 2)
    worker = dask.add_worker()
    dask.wait(1)
    (address,) = dask.client.ncores()
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(ValueError, match=f"{address} does not answer"):
        sweep(SETTINGS, *data, cluster=dask.address, progress=False)


def test_runs_of_a_worker_that_hangs_are_done_by_another(dask, expected, data, monkeypatch, capsys):
    """Those that it is at, and those that it has done, whose rows it will not give any more."""
    monkeypatch.setattr("hwd_lib.sweep.SLOW", 2)
    first = dask.add_worker()
    dask.wait(1)
    (address,) = dask.client.ncores()
    dask.add_worker()
    dask.wait(2)

    def hang(row, rows):
        if len(rows) == 1:
            until = time.monotonic() + 60
            while sum("keyed" in key for key in dask.client.has_what([address])[address]) < 2:
                assert time.monotonic() < until
            os.kill(first.pid, signal.SIGSTOP)
            monkeypatch.setattr("hwd_lib.sweep.ANSWER", 2)

    rows = sweep(SETTINGS, *data, seeds=SEEDS, cluster=dask.address, progress=False, on_row=hang)
    assert without_seconds(rows) == without_seconds(expected)
    said = capsys.readouterr().err
    assert "not given the row for 2 s" in said
    assert "which others now do as well" in said


# The command ------------------------------------------------------------------------------------------------


def test_hwd_sweep(tmp_path, capsys):
    out, picture = tmp_path / "results.csv", tmp_path / "results.png"
    arguments = [
        "sweep", "--layers", "784-10,784-12-10", "--learning-rates", "0.3,0.1", "--epochs", "1",
        "--seeds", "2", "--examples", "2000", "--jobs", "1", "--out", str(out), "--plot", str(picture),
    ]  # fmt: skip
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert printed.err == ""  # nobody watches: no progress bar
    rows = read(out)
    assert len(rows) == 8
    scores = {}
    for row in rows:
        key = row["layers"], float(row["learning_rate"])
        scores.setdefault(key, []).append(100 * float(row["validation_accuracy"]))
    lines = printed.out.splitlines()[1:5]
    assert [line[0] for line in lines] == ["*", " ", " ", " "]
    best = max(scores, key=lambda key: np.mean(scores[key]))
    assert lines[0].split()[1:3] == [best[0], f"{best[1]:g}"]
    for line in lines:
        layers, rate = line[1:].split()[:2]
        values = scores[layers, float(rate)]
        assert f" {np.mean(values):.2f} ± {np.std(values, ddof=1):.2f} " in line
    assert picture.read_bytes().startswith(b"\x89PNG")
    before = out.read_bytes()
    assert main(arguments) == 0
    assert out.read_bytes() == before
    assert capsys.readouterr().out == printed.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--layers", "784-10,100-10"], "from 784 to 10"),
        (["--learning-rates", "0.1,0"], "a number above 0"),
        (["--seeds", "0"], "whole number of 1 or more"),
        (["--out", "README.md"], "another sweep"),
    ],
)
def test_mistakes_end_in_one_sentence(arguments, words, tmp_path, capsys, monkeypatch, root):
    monkeypatch.chdir(root)
    assert main(["sweep", "--out", str(tmp_path / "t.csv"), *arguments]) == 2
    errors = capsys.readouterr().err
    assert words in errors
    assert errors.count("\n") == 1
