"""Many trainings, one table: settings side by side, several seeds each, and which difference is real.

The runs go through joblib: to processes on this machine, or to a Dask cluster of which only the address is
needed. Each finished run is a row, kept in a CSV file at once; an interrupted sweep goes on where it was.
"""

import codecs
import csv
import io
import itertools
import json
import os
import statistics
import sys
import time
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path

import numpy as np

from hwd_lib import __version__
from hwd_lib.mnist import Split
from hwd_lib.network import Network
from hwd_lib.training import train

NETWORK_SETTINGS = ("layers", "activation", "biases")  # the others are for `train`
RESULTS = ("seconds", "loss", "validation_loss", "validation_accuracy", "history", "error")
ANSWER = 30  # seconds for a worker to say that it is there
SLOW = 300  # seconds without a finished run, until runs are given to other workers as well
RESTARTS = 3  # how often in a row a broken pool of processes is set up again without one more row


def grid(**options):
    """Every combination of the values given.

    >>> grid(layers=[[784, 10], [784, 100, 10]], learning_rate=[0.1, 0.3])[1]
    {'layers': [784, 10], 'learning_rate': 0.3}
    """
    return [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]


def sample(n, seed=0, **options):
    """Random search: `n` settings, each value drawn from a list, or by a function of an rng.

    Bergstra, Bengio, *Random search for hyper-parameter optimization*, JMLR 13 (2012).

    >>> sample(2, learning_rate=lambda rng: 10 ** rng.uniform(-3, 0), batch_size=[32])[0]["batch_size"]
    32
    """
    rng = np.random.default_rng(seed)

    def draw(choice):
        return choice(rng) if callable(choice) else choice[rng.integers(len(choice))]

    return [{name: draw(choice) for name, choice in options.items()} for _ in range(n)]


def sweep(
    settings, data, validation, *, seeds=3, out=None, jobs=-1, cluster=None, on_row=None, progress=True
):
    """Train a network for each of `settings` and each seed.

    Parameters
    ----------
    settings : list of dict
        Keyword arguments of `Network` (layers, activation, biases) and of `train`; see `grid` and `sample`.
    data, validation : Split
        They reach each worker once: as a file mapped into memory on one machine, scattered on a cluster.
    seeds : int or sequence of int
        How many (0, 1, …), or which. A seed sets a run's weights and its order of examples.
    out : path
        A CSV file to which each row is added as soon as it is there. Runs that it holds are not done again.
    jobs : int
        Processes on this machine; -1 for one a core. Each has one BLAS thread.
    cluster : str
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``; its workers need hwd_lib installed.
    on_row : function (row, rows so far)
        Called when a run is finished, for a table that fills while one watches.
    progress : bool
        Show a progress bar with the time that is left.

    Returns
    -------
    list of dict
        A row a run, in the order of `settings` and seeds, whatever order they finished in: the settings,
        ``seed``, ``seconds``, ``loss``, ``validation_loss``, ``validation_accuracy``, ``history`` (validation
        accuracy after each epoch) and ``error``, a sentence if the run diverged or failed and "" otherwise.

    Raises
    ------
    ValueError
        For no settings, or when `out` holds another sweep.
    """
    from tqdm.auto import tqdm

    if not settings:
        raise ValueError("settings: expected at least one, as grid(learning_rate=[0.1]) makes; found none.")
    seeds = range(seeds) if isinstance(seeds, int) else seeds
    settings = [{"epochs": 5} | setting for setting in settings]
    names = list(dict.fromkeys(name for setting in settings for name in setting))
    runs = {_key(setting, seed, names): (setting, seed) for setting in settings for seed in seeds}
    table = _Table(out, names)
    rows = table.read(runs)
    failures = 0
    with tqdm(total=len(runs), initial=len(rows), disable=not progress, unit="run") as bar:
        while left := [(key, *run) for key, run in runs.items() if key not in rows]:
            before = len(rows)
            try:
                for key, row in _finished(left, data, validation, jobs, cluster):
                    setting, seed = runs[key]
                    rows[key] = {name: setting.get(name) for name in names} | {"seed": seed} | row
                    table.add(rows[key])
                    bar.update()
                    if on_row:
                        on_row(rows[key], list(rows.values()))
            except _worker_died() as error:
                # joblib's pool is lost with one of its processes, Dask's copies of the data with the last
                # worker that held them. What was in flight is done again.
                failures = failures + 1 if len(rows) == before else 0
                if failures >= RESTARTS:
                    raise RuntimeError(
                        f"The worker processes died {failures} times without finishing a run ({error}). "
                        "Is there enough memory? Try fewer jobs or smaller networks; finished runs are kept."
                    ) from error
    return [rows[key] for key in runs]


def successive_halving(settings, data, validation, *, epochs=(1, 3, 9), keep=1 / 3, out=None, **options):
    """Train all settings for a short while, the better ones for longer, the best of them to the end.

    Jamieson, Talwalkar, *Non-stochastic best arm identification and hyperparameter optimization*, 2016.

    Parameters
    ----------
    settings, data, validation, out, **options
        As for `sweep`.
    epochs : sequence of int
        Of each round.
    keep : float
        The share that goes on to the next round, judged by mean validation accuracy over the seeds.

    Returns
    -------
    list of dict, the rows of all rounds
    """
    rows = []
    for length in epochs:
        settings = [setting | {"epochs": length} for setting in settings]
        found = sweep(settings, data, validation, out=out, **options)
        rows += found
        per_setting = len(found) // len(settings)
        scores = [
            statistics.fmean(row["validation_accuracy"] or 0.0 for row in found[i : i + per_setting])
            for i in range(0, len(found), per_setting)
        ]
        best = sorted(range(len(settings)), key=lambda i: -scores[i])[: max(1, round(len(settings) * keep))]
        settings = [settings[i] for i in sorted(best)]
    return rows


def setting_of(row):
    """The part of a row that was asked for: its settings, without the seed and the results."""
    return {name: value for name, value in row.items() if name not in (*RESULTS, "seed")}


def summary(rows):
    """Mean and standard deviation over the seeds: a list with a dict a setting, the best on validation first.

    Each has the settings, ``runs``, ``failed``, ``mean``, ``sd`` (of validation accuracy; nan for one run)
    and ``seconds`` (mean).
    """
    groups = {}
    for row in rows:
        setting = setting_of(row)
        groups.setdefault(str(setting), (setting, []))[1].append(row)
    result = []
    for setting, group in groups.values():
        scores = [row["validation_accuracy"] for row in group if not row["error"]]
        mean = statistics.fmean(scores) if scores else float("nan")
        sd = statistics.stdev(scores) if len(scores) > 1 else float("nan")
        seconds = statistics.fmean(row["seconds"] for row in group)
        result.append(
            setting | {"runs": len(group), "failed": len(group) - len(scores), "mean": mean, "sd": sd}
            | {"seconds": seconds}
        )  # fmt: skip
    return sorted(result, key=lambda entry: -entry["mean"] if entry["mean"] == entry["mean"] else 1)


def train_one(setting, seed, images, labels, validation_images, validation_labels):
    """One run: build the network, train it, and report; whatever goes wrong becomes a row with an error."""
    from threadpoolctl import threadpool_limits

    setting = dict(setting)
    of_network = {name: setting.pop(name) for name in NETWORK_SETTINGS if name in setting}
    row, started = dict.fromkeys(RESULTS), time.perf_counter()
    row |= {"history": [], "error": ""}
    try:
        network = Network(**{"layers": [784, 100, 10]} | of_network, seed=seed)
        # One thread, however many the machine has: the same sums in the same order, wherever this runs.
        with threadpool_limits(1, user_api="blas"):
            history = train(
                network,
                Split(images, labels),
                validation=Split(validation_images, validation_labels),
                seed=seed,
                progress=False,
                **setting,
            )
        row |= {"history": history.validation_accuracy, "error": history.stopped if history.diverged else ""}
        if history.epochs:
            row |= {"loss": history.loss[-1], "validation_loss": history.validation_loss[-1]}
            row["validation_accuracy"] = history.validation_accuracy[-1]
    except Exception as error:  # noqa: BLE001 - a setting that cannot work is a result too, not the end of the sweep
        row["error"] = f"{type(error).__name__}: {error}"
    row["seconds"] = round(time.perf_counter() - started, 3)
    return row


def _keyed(key, setting, seed, *arrays):
    # What Dask received begins at any byte. NumPy copies all of such an array each time a batch is taken.
    return key, train_one(setting, seed, *(np.require(array, requirements="A") for array in arrays))


def _finished(left, data, validation, jobs, cluster):
    """Run what is left, and yield (key, row) as the runs finish."""
    from joblib import Parallel, delayed, parallel_config

    # Arrays as arguments of their own, not inside a tuple: joblib sees them and sends each of them once.
    arrays = (data.images, data.labels, validation.images, validation.labels)
    if cluster is not None:
        yield from _on_cluster(cluster, left, arrays)
        return
    with parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1):
        calls = [delayed(_keyed)(key, setting, seed, *arrays) for key, setting, seed in left]
        yield from Parallel(return_as="generator_unordered", batch_size=1)(calls)


def _on_cluster(cluster, left, arrays):
    """The same on a Dask cluster, whose workers may come, go, and hang."""
    from tqdm.auto import tqdm

    try:
        from dask.distributed import Client, wait
    except ImportError as error:
        raise ValueError(
            "A cluster was asked for, but Dask is not installed. In the project's folder: "
            'pip install ".[cluster]".'
        ) from error

    def say(words):
        tqdm.write(words, file=sys.stderr)

    with Client(cluster, timeout=30) as client:
        # Dask would tidy away all copies of the data but one, and then keep the runs where that one is.
        client.amm.stop()
        if not client.ncores():
            say(f"{cluster} has no worker yet. Waiting for the first; Ctrl-C ends that.")
        client.wait_for_workers(1)
        _check_workers(client)
        data = client.scatter(list(arrays), broadcast=True)
        open_runs, patience = {key for key, *_ in left}, SLOW
        pending = {client.submit(_keyed, *run, *data, pure=False): run for run in left}
        while open_runs:
            try:
                done = wait(list(pending), timeout=patience, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                say(f"No run has ended for {patience:.0f} s.")
                pending |= _give_to_others(client, pending, client.processing(), data, say)
                patience *= 2  # they may only be long
                continue
            for future in done:
                run = pending.pop(future)
                try:
                    key, row = future.result(timeout=ANSWER)
                except TimeoutError:  # the worker that did it hangs now, and with it the row
                    say(f"A run has ended, but its worker has not given the row for {ANSWER:.0f} s.")
                    where = {worker: [future.key] for worker in client.who_has([future])[future.key]}
                    pending |= _give_to_others(client, {future: run}, where, data, say) or {future: run}
                    continue
                except ImportError:
                    _check_workers(client)  # one that joined later lacks the package: this says which
                    raise
                if key in open_runs:  # of a run that was given to another as well, the first result counts
                    open_runs.remove(key)
                    patience = max(patience, 10 * row["seconds"])
                    yield key, row


def _give_to_others(client, pending, where, data, say):
    """Start the runs that a worker has for too long on the others as well: {future: run}."""
    workers, again = set(client.ncores()), {}
    for worker, tasks in where.items():
        stuck, others = [run for future, run in pending.items() if future.key in tasks], workers - {worker}
        if stuck:
            say(f"{worker} has {len(stuck)} of them" + (", which others now do as well." if others else "."))
        for run in stuck if others else []:
            future = client.submit(_keyed, *run, *data, workers=sorted(others), pure=False)
            again[future] = run
    return again


def _check_workers(client):
    """See that each worker answers, and can do a run, before it is given one.

    Raises
    ------
    ValueError
        It names the workers, and what to do there.
    """
    from dask.distributed import wait

    def version():  # inside another function, so that Dask sends it whole, and not its name
        try:
            from hwd_lib import __version__
        except ImportError:
            return "none"
        return __version__

    asked = {worker: client.submit(version, workers=[worker], pure=False) for worker in client.ncores()}
    with suppress(TimeoutError):
        wait(list(asked.values()), timeout=ANSWER)
    found = {worker: future.result() if future.done() else None for worker, future in asked.items()}
    client.cancel(list(asked.values()))
    wrong = [
        f"{worker} " + ("does not answer" if version is None else f"has hwd_lib {version}")
        for worker, version in found.items()
        if version != __version__
    ]
    if wrong:
        raise ValueError(
            f"Expected workers with hwd_lib {__version__}, found that {', '.join(wrong)}. End those that do "
            "not answer; on the others, install the project that you have here: pip install FOLDER. Then "
            "start the worker, and the sweep, again."
        )


def _worker_died():
    """The exceptions that say so: joblib's, and those of Dask if it is installed."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    try:
        from distributed import KilledWorker
    except ImportError:
        return BrokenProcessPool
    return BrokenProcessPool, CancelledError, KilledWorker


def _plain(value):
    """A value as a cell of the table: numbers and text as they are, layers as 784-100-10, others as repr."""
    if isinstance(value, (list, tuple)) and all(isinstance(v, int) for v in value):
        return "-".join(map(str, value))
    return value if value is None or isinstance(value, (str, int, float)) else repr(value)


def _cell(value):
    """The text of a cell: one line, whatever counts as the end of one."""
    plain = _plain(value)
    return "" if plain is None else " ".join(str(plain).split())


def _key(setting, seed, names):
    """What tells a run from all others, as text: the same from the settings and from a row of the file."""
    return tuple(_cell(value) for value in (*(setting.get(name) for name in names), seed))


class _Table:
    """The rows in a CSV file that only ever grows; without a path it keeps nothing."""

    def __init__(self, path, names):
        self.path, self.names, self.columns = Path(path) if path else None, names, [*names, "seed", *RESULTS]

    def read(self, runs):
        """The rows that are there already, by key; those of `runs`, and in their words."""
        if self.path is None:
            return {}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = self.path.read_bytes() if self.path.exists() else b""
        if not content.endswith(b"\n") and content:
            # A line was being written when the power went: that run is done again.
            content = content[: content.rfind(b"\n") + 1]
            os.truncate(self.path, len(content))
        try:
            found = csv.DictReader(content.decode("utf-8-sig").splitlines())  # a mark may come first
        except UnicodeDecodeError:
            found = csv.DictReader([])
        if not content:
            self._append(self.columns)
        elif content.removeprefix(codecs.BOM_UTF8).startswith(";".join(self.columns[:2]).encode()):
            raise ValueError(
                f"{self.path}: expected commas between the cells, found semicolons: a spreadsheet saved it. "
                "Save it as CSV with commas, and with points in the numbers; or choose another file."
            )
        elif found.fieldnames != self.columns:
            raise ValueError(
                f"{self.path}: expected a table with the columns {', '.join(self.columns)}, found "
                f"{', '.join(found.fieldnames or ['none'])}. It is of another sweep: choose another file."
            )
        rows = {}
        for cells in found:
            key = tuple(cells[name] for name in (*self.names, "seed"))
            if key in runs:
                setting, seed = runs[key]
                results = {name: float(cells[name]) if cells[name] else None for name in RESULTS[:-2]}
                results |= {"history": json.loads(cells["history"]), "error": cells["error"]}
                rows[key] = {name: setting.get(name) for name in self.names} | {"seed": seed} | results
        return rows

    def add(self, row):
        """Append a row, in one write."""
        if self.path is not None:
            self._append([json.dumps(row[c]) if c == "history" else row[c] for c in self.columns])

    def _append(self, cells):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([_cell(cell) for cell in cells])
        with open(self.path, "a", encoding="utf-8", newline="") as file:
            file.write(line.getvalue())
