"""The training loop: batches, gradients, steps - and what came of it, epoch by epoch."""

import copy
import json
import math
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray as Array

from hwd_lib.augmentation import Augmentation
from hwd_lib.mnist import Split
from hwd_lib.network import Buffers, Network, cross_entropy, load_npz, one_hot, save_npz
from hwd_lib.optimizers import OPTIMIZERS, SCHEDULES, SGD, Optimizer
from hwd_lib.runs import History, Stop, TrainingState, blas_threads, check, settings_of, sharing


def train(
    network: Network, data: Split, *, validation: Split | None = None, epochs: int = 5, batch_size: int = 32,
    learning_rate: float = 0.1, optimizer: str | Optimizer = "sgd", weight_decay: float | None = None,
    schedule: str | Callable[[float], float] = "constant", dropout: float = 0.0, label_smoothing: float = 0.0,
    ema: float = 0.0, augment: Callable[[Array, np.random.Generator], Array] | None = None,
    patience: int | None = None, callback: Callable[[TrainingState], object] | None = None,
    checkpoint: str | Path | None = None, resume: bool = False, seed: int = 0, progress: bool = True,
    workers: int = 1, catch_interrupt: bool | None = None,
) -> History:  # fmt: skip
    """Train a network in place with mini-batches. Ctrl-C ends the run, and the network keeps what it learned.

    Parameters
    ----------
    network : Network
    data : Split to learn from: images (n, n_in) float32, labels (n,) int
        The label of an example that is of no class is -1: all classes shall be equally likely then.
    validation : Split to measure on after each epoch
    epochs, batch_size : int
    learning_rate : float
    optimizer : {"sgd", "momentum", "nesterov", "adam", "adamw"} or Optimizer
    schedule : {"constant", "step", "cosine", "one_cycle"} or function
        The learning rate's factor, as a function of the share of the run that is done, 0…1.
    weight_decay : float, see `Optimizer`; None leaves it to the optimizer (0; adamw 0.01)
    dropout : float, probability with which a hidden unit is silenced
    label_smoothing : float, share of each target that is spread over all classes (Szegedy et al. 2016)
    ema : float
        Decay of a running mean of the parameters, such as 0.999, which is then what validation measures and
        what the network holds in the end. 0 for none.
    augment : function (images (n, n_in) float32, rng) -> images, changes each batch before it is learned from
    patience : int, stop after so many epochs without a better validation accuracy, and go back to the best
    callback : function (TrainingState), called after every batch, and once more after every epoch
    checkpoint : path, where to keep the state of the run after every epoch
    resume : bool, go on from `checkpoint` if it is there, to the same result, bit for bit, as an unbroken run
        More `epochs` than at first are fine; a schedule is then one over all of them.
    seed : int, of the order of examples, dropout and augmentation
    progress : bool, show a progress bar
    workers : int, threads that share each batch, augmentation too; with 1, BLAS has some where they pay
    catch_interrupt : bool
        Whether Ctrl-C ends this run alone, as in notebooks; by default it ends a loop around this, elsewhere.

    Returns a History. Options and data that do not fit are a ValueError, before anything is changed.
    """
    from threadpoolctl import threadpool_limits
    from tqdm.auto import tqdm

    options = {
        "epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "optimizer": optimizer,
        "schedule": schedule, "weight_decay": weight_decay, "dropout": dropout, "ema": ema, "seed": seed,
        "label_smoothing": label_smoothing, "augment": augment, "patience": patience, "workers": workers,
    }  # fmt: skip
    names = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES}
    check(network, data, validation, options | {"callback": callback}, names, checkpoint, resume)
    settings = {} if checkpoint is None else settings_of(options, network, data)
    run = _Run(network, data, validation, callback, checkpoint, settings, options)
    if resume and checkpoint is not None and Path(checkpoint).exists():
        run.restore()
    state, history = run.state, run.state.history
    with (
        threadpool_limits(blas_threads(network, batch_size, workers), user_api="blas"),
        ThreadPoolExecutor(max(1, workers - 1), initializer=lambda: np.seterr(all="ignore")) as pool,
        np.errstate(all="ignore"),  # a diverging run is told in words
        tqdm(total=state.steps, initial=state.step, disable=not progress, unit="batch") as bar,
    ):
        run.share = sharing(pool, workers)
        try:
            while state.epoch < epochs and not state.stop:
                run.epoch(bar)
        except KeyboardInterrupt:
            history.stopped = f"Stopped by you in epoch {state.epoch + 1}; what was learned so far is kept."
            notebook = "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
            if not (notebook if catch_interrupt is None else catch_interrupt):
                raise
        except Stop as reason:
            history.stopped = str(reason)
        finally:
            if not history.diverged:
                network.parameters[:] = run.result() if run.best[2] is None else run.best[2]
            if history.stopped and progress:
                tqdm.write(history.stopped)
    return history


class _Run:
    """One training run: the arguments of `train`, under their names, and what they come to."""

    def __init__(
        self, network: Network, data: Split, validation: Any, callback: Any, checkpoint: Any,
        settings: dict[str, str], options: dict[str, Any],
    ):  # fmt: skip
        self.network, self.validation, self.callback = network, validation, callback
        self.checkpoint, self.settings, self.patience = checkpoint, settings, options["patience"]
        self.dropout, self.augment, self.ema = options["dropout"], options["augment"], options["ema"]
        self.seed, self.workers = options["seed"], options["workers"]
        self.images = np.asarray(data.images, network.dtype)
        self.share: Any = map
        self.batch_size = min(int(options["batch_size"]), len(data.labels))
        steps = options["epochs"] * math.ceil(len(data.labels) / self.batch_size)
        self.state = TrainingState(network, History(), 0, 0, steps, options["learning_rate"])
        schedule, optimizer = options["schedule"], options["optimizer"]
        self.schedule = SCHEDULES[schedule] if isinstance(schedule, str) else schedule
        self.optimizer = OPTIMIZERS[optimizer]() if isinstance(optimizer, str) else copy.deepcopy(optimizer)
        self.optimizer.ema, self.optimizer.threads = self.ema, self.workers
        if options["weight_decay"] is not None:
            self.optimizer.weight_decay = options["weight_decay"]
        self.optimizer.start(network.parameters)
        classes, smoothing = network.layers[-1], options["label_smoothing"]
        number: Any = network.dtype.type
        self.targets = one_hot(data.labels, classes) * number(1 - smoothing) + number(smoothing / classes)
        self.targets[data.labels < 0] = number(1 / classes)
        self.best: tuple[float, int, Any] = (-1.0, 0, None)  # validation accuracy, epoch, parameters
        self.buffers: Any = [{} for _ in range(self.workers)]  # of each worker, by number of examples

    def epoch(self, bar: Any) -> None:
        """Go once through the data in a new order, then measure."""
        state, history, before = self.state, self.state.history, self.result().copy()
        started, losses, state.epoch_ended = time.perf_counter(), 0.0, False
        order = np.random.default_rng([self.seed, state.epoch]).permutation(len(self.targets))
        rngs = [np.random.default_rng([self.seed, state.epoch, k]) for k in range(self.workers)]
        for first in range(0, len(order), self.batch_size):
            batch = order[first : first + self.batch_size]
            rate = state.learning_rate * self.schedule((state.step + 1) / state.steps)
            state.loss = self.learn(batch, rate, rngs)
            if not math.isfinite(state.loss):
                self.network.parameters[:], history.diverged = before, True
                raise Stop(
                    f"Diverged: the loss was no longer a number in epoch {state.epoch + 1}, step "
                    f"{state.step + 1}, at learning rate {rate:g}. Try {rate / 10:g}. "
                    "The network is as it was before this epoch."
                )
            state.step += 1
            losses += state.loss * len(batch)
            bar.update()
            self.call_back()
        state.epoch += 1
        history.loss.append(losses / len(order))
        history.learning_rate.append(rate)
        history.seconds.append(time.perf_counter() - started + sum(history.seconds[-1:]))
        if self.validation is not None:
            self.validate()
            bar.set_postfix(loss=f"{history.loss[-1]:.4f}", val=f"{history.validation_accuracy[-1]:.2%}")
        if self.checkpoint is not None:
            self.save()
        state.epoch_ended = True
        self.call_back()

    def learn(self, batch: Array, rate: float, rngs: list[np.random.Generator]) -> float:
        """Take a step along the gradient of one batch, (n,) indices of examples, and return its mean loss."""
        # What plain SGD does with the rate can be done where `backward` divides: in an array that is small.
        early = type(self.optimizer) is SGD and not self.optimizer.weight_decay and rate != 0
        divisor, rate = (len(batch) / rate, 1.0) if early else (len(batch), rate)
        shards = [batch[k :: self.workers] for k in range(min(self.workers, len(batch)))]
        found = self.share(self.gradient, shards, [divisor] * self.workers, rngs, self.buffers)
        losses, gradients = zip(*found, strict=True)
        loss = sum(losses) / len(batch)
        if math.isfinite(loss):
            self.optimizer.step(self.network.parameters, gradients, rate, self.share)
        return loss

    def gradient(self, shard: Array, divisor: float, rng: Any, buffers: Any) -> tuple[float, Array]:
        """The loss of some examples of a batch, added up, and the gradient of that, divided by `divisor`."""
        n = len(shard)
        if n not in buffers:  # once for whole batches, once for the rest at an epoch's end
            buffers[n] = Buffers(self.network, n, self.dropout)
        out = buffers[n]
        # mode="clip" lets take write into x directly; the indices are all in range
        x = self.images.take(shard, axis=0, out=out.x, mode="clip")  # (n_all, n_in) -> (n, n_in)
        if self.augment:
            x = self.augment(x, rng)
        if self.dropout:
            out.draw_masks(rng)
        targets = self.targets.take(shard, axis=0)  # (n_all, classes) -> (n, classes)
        activations = self.network.forward(x, out)
        gradients = self.network.backward(activations, targets, out, divisor)
        return cross_entropy(activations[-1], targets) * n, gradients.vector

    def call_back(self) -> None:
        """Show the callback how far we are, and stop if it says so."""
        if self.callback:
            self.callback(self.state)
            if self.state.stop and not self.state.history.stopped:
                raise Stop(f"Stopped by the callback after step {self.state.step} of {self.state.steps}.")

    def validate(self) -> None:
        """Measure the network, remember the best, and stop if it has not got better for too long."""
        history, epoch, network = self.state.history, self.state.epoch, self.network.copy()
        network.parameters[:] = self.result()
        probabilities, labels = network.probabilities(self.validation.images), self.validation.labels
        history.validation_loss.append(cross_entropy(probabilities, labels))
        history.validation_accuracy.append(float((probabilities.argmax(axis=1) == labels).mean()))
        if self.patience is not None and history.validation_accuracy[-1] > self.best[0]:
            self.best = (history.validation_accuracy[-1], epoch, network.parameters)
        elif self.patience is not None and epoch - self.best[1] >= self.patience:
            self.state.stop = True
            history.stopped = (
                f"Stopped after epoch {epoch}: validation accuracy has not grown for {self.patience} epochs. "
                f"The network is that of epoch {self.best[1]}."
            )

    def result(self) -> Array:
        """The parameters as they are, or their running mean if one was asked for: (n_parameters,)."""
        return self.optimizer.average if self.ema else self.network.parameters

    def memory(self) -> dict[str, Array]:
        """All arrays that the next step depends on, by name."""
        arrays = {f"sum_{i}": array for i, array in enumerate(self.optimizer.sums)}
        return arrays | {"parameters": self.network.parameters, "result": self.result()}

    def save(self) -> None:
        """Write all that the next epoch depends on. The order of examples needs only the epoch's number."""
        state = {name: getattr(self.state, name) for name in ("epoch", "step", "learning_rate", "stop")}
        about: dict[str, Any] = {"settings": self.settings, "state": state, "best": self.best[:2]}
        about["history"] = asdict(self.state.history)
        best = {} if self.best[2] is None else {"best": self.best[2]}
        save_npz(self.checkpoint, about=np.array(json.dumps(about)), **self.memory(), **best)

    def restore(self) -> None:
        """Take up the run where `save` left it."""
        arrays = load_npz(self.checkpoint, str(self.checkpoint))
        about = json.loads(str(arrays.get("about", '{"settings": {}}')))
        theirs = about["settings"]
        differ = [f"{k} {v}, found {theirs.get(k)}" for k, v in self.settings.items() if theirs.get(k) != v]
        if differ:
            raise ValueError(
                f"{self.checkpoint}: expected a checkpoint of this run with {'; '.join(differ)}. "
                "Resume with the settings it began with, or delete the file to begin anew."
            )
        for name, array in self.memory().items():
            array[:] = arrays[name]
        self.best = (*about["best"], arrays.get("best"))
        self.state = replace(self.state, history=History(**about["history"]), **about["state"])
        self.optimizer.steps = self.state.step


def fine_tune(network: Network, images: Array, labels: Array, replay: Split, seed: int = 0) -> Network:
    """Teach a copy of `network` a person's own digits, without it forgetting the others, and return it.

    `images` (n, 784) float32 and `labels` (n,) int are what the person wrote, some 1 to 100 digits. Each is
    shown many times, never twice alike, among examples of `replay`, such as MNIST's training set.
    """
    rng, tuned = np.random.default_rng(seed), network.copy()
    own = np.resize(np.arange(len(labels)), 600)  # (n,) -> (600,)
    other = rng.integers(len(replay.labels), size=2000)
    together = np.concatenate([images[own], replay.images[other]]).astype(np.float32)  # -> (2600, 784)
    mixed = Split(together, np.concatenate([labels[own], replay.labels[other]]))  # (2600,) labels
    train(
        tuned, mixed, epochs=1, batch_size=64, learning_rate=7e-4, optimizer="adam", schedule="cosine",
        augment=Augmentation(), seed=seed, progress=False, workers=2,
    )  # fmt: skip
    return tuned


def gradient_check(
    network: Network, images: Array, labels: Array, samples: int = 200, seed: int = 0
) -> float:
    """Compare `backward` with slopes measured by nudging parameters by ± 1e-5, both in float64.

    Returns ``|analytic - numerical| / (|analytic| + |numerical|)``, with Euclidean norms over `samples` of
    the parameters, chosen by `seed`: about 1e-8 when `backward` is right, and 0.01 to 1 when it is not. Where
    a ReLU switches on or off in between, it is larger: choose other images (n, n_in) and labels (n,) then.
    The network is not changed; a subclass has its own `forward` and `backward` checked.
    """
    exact = network.astype(np.float64)
    chosen = np.random.default_rng(seed).permutation(exact.parameters.size)[:samples]
    analytic = exact.backward(exact.forward(images), labels).vector[chosen]  # (n_parameters,) -> (samples,)
    numerical = np.zeros_like(analytic)
    for k, i in enumerate(chosen):
        before = exact.parameters[i]
        for nudge in (1e-5, -1e-5):
            exact.parameters[i] = before + nudge
            numerical[k] += cross_entropy(exact.forward(images)[-1], labels) / (2 * nudge)
        exact.parameters[i] = before
    size = float(np.linalg.norm(analytic) + np.linalg.norm(numerical))
    return float(np.linalg.norm(analytic - numerical) / max(size, 1e-300))
