"""What a training run is asked for, shares out, and tells of itself: options, threads, history.

Nothing here learns anything: `train` asks it at the door, and fills the history.
"""

import math
import re
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np

WORK_FOR_THREADS = 8e6  # multiplications in a matrix product above which a second thread pays

_PLACE = re.compile(r' at 0x\w+|, file ".*?", line \d+')  # where something stands: not what it is

_WHOLE = "a whole number of 1 or more", lambda v: isinstance(v, Integral) and int(v) >= 1
_SHARE = "a number from 0 to below 1", lambda v: isinstance(v, Real) and 0 <= float(v) < 1
_FUNCTION = "a function, or None", lambda v: v is None or callable(v)
OPTIONS: dict[str, Any] = {  # what each option of `train` may be, in words, and whether a value is that
    "epochs": _WHOLE,
    "batch_size": _WHOLE,
    "workers": _WHOLE,
    "patience": ("a whole number of 1 or more, or None", lambda v: v is None or _WHOLE[1](v)),
    "seed": ("a whole number of 0 or more", lambda v: isinstance(v, Integral) and int(v) >= 0),
    "learning_rate": ("a number above 0", lambda v: isinstance(v, Real) and 0 < float(v) < math.inf),
    "weight_decay": ("a number from 0 to below 1, or None", lambda v: v is None or _SHARE[1](v)),
    "dropout": _SHARE,
    "label_smoothing": _SHARE,
    "ema": _SHARE,
    "optimizer": ("one of %s, or an Optimizer", lambda v: hasattr(v, "step") and not isinstance(v, type)),
    "schedule": ("one of %s, or a function", callable),
    "augment": _FUNCTION,
    "callback": _FUNCTION,
}


@dataclass
class History:
    """What a training run measured: lists with one entry an epoch."""

    loss: list[float] = field(default_factory=list)  # mean over the batches, while the network changed
    validation_loss: list[float] = field(default_factory=list)  # at the epoch's end
    validation_accuracy: list[float] = field(default_factory=list)  # 0…1, at the epoch's end
    learning_rate: list[float] = field(default_factory=list)  # in the epoch's last step
    seconds: list[float] = field(default_factory=list)  # since the start of the run
    stopped: str = ""  # a sentence that says why the run ended early, empty if it did not
    diverged: bool = False  # True if it was because the loss was no longer a number

    @property
    def epochs(self) -> int:
        """How many epochs were finished."""
        return len(self.loss)


@dataclass
class TrainingState:
    """What a callback sees after every batch. It may set `learning_rate`, or `stop` to True."""

    network: Any  # a Network
    history: History
    epoch: int  # from 0
    step: int  # steps taken, over all epochs
    steps: int  # steps in the whole run
    learning_rate: float  # before the schedule's factor
    loss: float = math.nan  # of the batch just seen
    epoch_ended: bool = False  # True in one more call at the end of each epoch, when the history has grown
    stop: bool = False


class Stop(Exception):
    """Ends a run early; its text says why."""


def check(
    network: Any, data: Any, validation: Any, options: dict[str, Any], names: dict[str, Any],
    checkpoint: Any, resume: bool,
) -> None:  # fmt: skip
    """Refuse what `train` cannot do, with a ValueError, before anything is changed.

    `names` holds, for options that may be given by name, what the names are.
    """
    for name, value in options.items():
        words, fits = OPTIONS[name]
        known = names.get(name, {})
        if not (value in known if isinstance(value, str) and known else fits(value)):
            raise ValueError(f"{name}: expected {words.replace('%s', ', '.join(known))}, found {value!r}.")
    if options["patience"] is not None and validation is None:
        raise ValueError("patience: expected validation=… as well, to see what is better, found none.")
    if resume and checkpoint is None:
        raise ValueError("resume: expected checkpoint=… as well, the file to go on from, found none.")
    check_data("data", data, network)
    if validation is not None:
        check_data("validation", validation, network)


def check_data(name: str, data: Any, network: Any) -> None:
    """Say what is wrong with the images or the labels of a Split, before hours go into learning from it."""
    images, labels, n_in, classes = data.images, data.labels, network.layers[0], network.layers[-1]
    if not isinstance(labels, np.ndarray) or labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{name}.labels: expected an array (n,) of integers below {classes}, found {_form(labels)}. "
            "np.array(…) makes one of a list, .ravel() of (n, 1), .argmax(axis=1) of one-hot rows."
        )
    shape, dtypes = (len(labels), n_in), {np.dtype(np.float32), network.dtype}
    fits = isinstance(images, np.ndarray) and images.shape == shape and images.dtype in dtypes
    if not fits or not len(labels):
        raise ValueError(
            f"{name}.images: expected an array {shape} of float32, one row for each label, found "
            f"{_form(images)}. load_mnist() returns what fits; of bytes, hwd_lib.mnist.scale makes it."
        )
    lowest, none = (-1, ", or -1 for none,") if name == "data" else (0, ",")
    if labels.min() < lowest or labels.max() >= classes:
        found = np.unique(labels)[:12]
        raise ValueError(f"{name}.labels: expected integers below {classes}{none} found {found}.")
    low, high = images.min(), images.max()
    if not -100 <= low <= high <= 100:  # pixels of 0…255, or NaN
        raise ValueError(
            f"{name}.images: expected numbers of the size of 1, such as ink 0…1, found {low:g} to {high:g}. "
            "Divide pixels of 0…255 by 255; leave out rows with NaN."
        )


def _form(thing: object) -> str:
    return f"{thing.shape} {thing.dtype}" if isinstance(thing, np.ndarray) else f"a {type(thing).__name__}"


def settings_of(options: dict[str, Any], network: Any, data: Any) -> dict[str, str]:
    """What a run is known by, as text: all that decides what comes of it. More epochs may follow."""
    known = {name: _as_text(value) for name, value in options.items() if name != "epochs"}
    images, labels = (zlib.crc32(np.ascontiguousarray(array).data) for array in (data.images, data.labels))
    known |= {"network": str(network), "examples": str(len(data.labels))}
    return known | {"data": f"{images:x}-{labels:x}"}


def _as_text(value: Any) -> str:
    """What a function or an object is, in words that are the same in another process."""
    if code := getattr(value, "__code__", None):
        inside = [cell.cell_contents for cell in value.__closure__ or ()]
        parts = code.co_code, code.co_names, code.co_consts, inside, value.__defaults__
        return f"{value.__name__} ({zlib.crc32(_PLACE.sub('', repr(parts)).encode()):08x})"
    if " object at 0x" in repr(value):  # Python's own words, that tell where it is
        value = type(value).__qualname__, getattr(value, "__dict__", {})
    return _PLACE.sub("", str(value))


def blas_threads(network: Any, batch_size: int, workers: int) -> int | None:
    """How many threads BLAS shall have for a matrix product; None for all.

    The size of the largest product decides, and no measurement: with another number of threads BLAS adds up
    in another order, and the same seed would not give the same network.
    """
    small = batch_size * max(weights.size for weights in network.weights) < WORK_FOR_THREADS
    return 1 if small or workers > 1 else None


def sharing(pool: ThreadPoolExecutor, workers: int) -> Callable[..., Any]:
    """A function like `map`, whose calls are dealt out to the threads of a pool, and to this one as well."""
    return partial(_share, pool, workers) if workers > 1 else map


def _share(pool: ThreadPoolExecutor, workers: int, function: Callable[..., Any], *lists: Any) -> list[Any]:
    calls = list(zip(*lists, strict=False))

    def deal(k: int) -> list[Any]:
        return [function(*call) for call in calls[k::workers]]

    others = [pool.submit(deal, k) for k in range(1, min(workers, len(calls)))]
    dealt = [deal(0), *(other.result() for other in others)]
    return [dealt[i % workers][i // workers] for i in range(len(calls))]
