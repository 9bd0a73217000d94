"""One training run of `hwd train`: its seed, settings and files, and what the metadata say of it."""

import shlex
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np

from hwd_lib.augmentation import Augmentation
from hwd_lib.commands import percent
from hwd_lib.commands.recipes import DEFAULTS, RECIPES
from hwd_lib.evaluation import accuracy
from hwd_lib.files import written_whole
from hwd_lib.mnist import Split
from hwd_lib.network import SAVED_NN, Network, load_npz
from hwd_lib.saved import network_path
from hwd_lib.stroke_styles import make_dataset, make_others
from hwd_lib.training import train

OF_TRAIN = (
    *("epochs", "batch_size", "learning_rate", "optimizer", "schedule", "weight_decay", "dropout"),
    *("label_smoothing", "ema", "patience", "workers"),
)
BY_YOU = "Stopped by you"  # how a history begins that Ctrl-C ended


class Job:
    """Trains the network of one seed.

    Attributes
    ----------
    file : Path or None
        Where the network of this seed is kept; with several seeds, in a folder of their own.
    checkpoint : Path or None
        Where the state of the run is kept after every epoch, until the network itself is saved.
    diverged, interrupted : bool
        How `train` ended.
    """

    def __init__(self, arguments, settings, target, seed, data):
        self.arguments, self.settings, self.target = arguments, settings, target
        self.seed, self.data, self.quiet = seed, data, arguments.quiet
        self.several = settings["seeds"] > 1
        self.file = seed_path(target, seed) if target and self.several else target
        self.checkpoint = self.file and self.file.with_suffix(".checkpoint.npz")
        if arguments.checkpoint:
            self.checkpoint = Path(arguments.checkpoint)
        check_checkpoint(self.checkpoint, self.file)
        self.diverged = self.interrupted = False

    def metadata(self, epochs):
        """What is known of the network, apart from what it scores."""
        about = {"recipe": self.arguments.recipe or "own", "command": rebuild_command(self.arguments)}
        about |= {name: value for name, value in self.settings.items() if name != "seeds"}
        if about["augment"] is not None:
            about["augment"] = asdict(Augmentation(**about["augment"]))
        if self.arguments.examples:
            about["examples"] = self.arguments.examples
        if self.arguments.data:
            about |= {"data": self.data.name, "names": list(self.data.names)}
        return about | {"epochs": epochs, "seed": self.seed, "date": date.today().isoformat()}

    def finished_before(self):
        """With --resume, the network of one of several seeds that an earlier run has finished; else None."""
        if not (self.arguments.resume and self.several and self.file.exists()):
            return None
        network = Network.load(self.file)
        wanted = self.metadata(epochs=None)
        free = ("date", "command", "epochs")  # of patience, an epoch less than asked for is no difference
        same = all(network.metadata.get(name) == wanted[name] for name in wanted if name not in free)
        asked = network.metadata.get("epochs") == self.settings["epochs"] or self.settings["patience"]
        return network if same and asked else None

    def train(self):
        """Train, and return the network with its metadata, rounded as it is going to be saved."""
        settings = self.settings
        network = Network(settings["layers"], settings["activation"], settings["biases"], self.seed)
        if settings["start"]:
            network.parameters[:] = load_start(settings).parameters
        self.say(f"seed {self.seed}" if self.several else repr(network))
        self.history = history = train(
            network,
            self.examples(),
            validation=self.data.validation,
            augment=None if settings["augment"] is None else Augmentation(**settings["augment"]),
            callback=self.after_batch,
            checkpoint=self.checkpoint,
            resume=self.arguments.resume,
            seed=self.seed,
            progress=not self.quiet and sys.stderr.isatty(),
            catch_interrupt=True,
            **{name: settings[name] for name in OF_TRAIN},
        )
        self.diverged = history.diverged
        self.interrupted = history.stopped.startswith(BY_YOU)
        best = {}
        if self.arguments.each_epoch and not self.diverged and not self.interrupted:
            there = [k for k in range(1, history.epochs + 1) if self.epoch_path(k).exists()]
            best["best_epoch"] = max(there, key=lambda k: history.validation_accuracy[k - 1])
            network = Network.load(self.epoch_path(best["best_epoch"]))
        network.metadata = self.metadata(history.epochs) | best
        network.metadata["seconds"] = round(history.seconds[-1], 1) if history.seconds else 0.0
        if history.stopped:
            network.metadata["stopped"] = history.stopped
        network.metadata |= round_if_free(network, self.data.validation, self.arguments.precision)
        if self.diverged and self.checkpoint:
            self.checkpoint.unlink(missing_ok=True)
        elif self.file and self.several and not self.interrupted:
            self.save(network, self.file)
            self.checkpoint.unlink(missing_ok=True)
        return network

    def examples(self):
        """The training examples: digits of MNIST, after them drawn ones, and last what is no digit."""
        parts = [tuple(array[: self.arguments.examples] for array in self.data.train)]
        shares = {make_dataset: self.settings["styles"], make_others: self.settings["others"]}
        in_all = len(parts[0][1]) / (1 - sum(shares.values()))
        for make, share in shares.items():
            if n := round(in_all * share):
                self.say(f"drawing {n:,} {'digits' if make is make_dataset else 'others'} …")
                parts.append(make(n, np.random.default_rng([self.seed, n])))
        return Split(*map(np.concatenate, zip(*parts, strict=True)))

    def after_batch(self, state):
        """Say how an epoch went, and save it if that was asked for."""
        if not state.epoch_ended:
            return
        history, epoch = state.history, state.epoch
        right, seconds = percent(history.validation_accuracy[-1]), history.seconds[-1]
        count = f"epoch {epoch:3} of {self.settings['epochs']}"
        self.say(f"{count}   loss {history.loss[-1]:.4f}   validation {right}   {seconds:.1f} s")
        if self.arguments.each_epoch:
            network = state.network.copy()
            network.metadata = self.metadata(epoch)
            network.metadata["validation_accuracy"] = history.validation_accuracy[-1]
            self.save(network, self.epoch_path(epoch))

    def epoch_path(self, epoch):
        return self.file.with_suffix(f".epoch-{epoch}.npz")

    def save(self, network, path):
        """Write a network in the precision that its metadata give; returns where what stood there is kept."""
        before = keep_before(path, self.arguments.resume)
        network.save(path, half=network.metadata.get("precision") == "float16")
        return before

    def say(self, line):
        if not self.quiet:
            from tqdm.auto import tqdm

            tqdm.write(line)  # above the progress bar

    def keep_unfinished(self, network):
        """After Ctrl-C, save what was learned: but not in the place of a network that is finished."""
        path = self.target
        if path is None:
            return
        if path.exists() and not _unfinished(path):
            path = path.with_suffix(".stopped.npz")
        self.save(network, path)
        print(f"saved in {path}, as far as it came; with --resume the same command goes on")


def load_start(settings):
    """The network that training goes on from."""
    path = network_path(settings["start"])
    start = Network.load(path)
    wanted, found = ({key: about[key] for key in ("layers", "activation", "biases")}
                     for about in (settings, start.metadata))  # fmt: skip
    if wanted != found:
        raise ValueError(f"{path}: expected a network of {wanted} to start from, found {found}.")
    return start


def _unfinished(path):
    """Whether a file holds what Ctrl-C left of a run."""
    try:
        return str(Network.load(path).metadata.get("stopped")).startswith(BY_YOU)
    except ValueError:  # no network at all, but somebody's file
        return False


def check_target(path, replace):
    """See that no network of the project is written over by mistake: before the training, not after."""
    own = path.parent.resolve() == SAVED_NN and path.stem in RECIPES and path.exists()
    if own and not replace and not _unfinished(path):
        raise ValueError(
            f"{path.name} is one of the project's own networks. Give yours another name with --save, or say "
            "--replace to write over it."
        )


def check_checkpoint(path, target):
    """See that no network is written over by the state of a run, which goes away when the run ends."""
    if not path:
        return
    if target and path.resolve() == target.resolve():
        raise ValueError(f"--checkpoint: expected another file than the network's, found {path} for both.")
    if path.exists() and "about" not in load_npz(path, str(path)):
        raise ValueError(f"{path}: expected a checkpoint, or no file, found a network. Choose another name.")


def keep_before(path, resumed=False):
    """Keep the file that is about to be replaced as NAME.before.npz; returns that path, or None.

    With `resumed`, what Ctrl-C left is the first half of the same run, and needs no keeping.
    """
    if not path.exists() or resumed and _unfinished(path):
        return None
    before = path.with_suffix(".before.npz")
    with written_whole(before) as file:
        file.write(path.read_bytes())
    return before


def round_if_free(network, validation, precision="auto"):
    """Round a network's numbers to float16, in place, if that is wanted or costs nothing on `validation`.

    Returns what metadata shall say: the accuracy of the numbers that will be on disk, and their precision.
    """
    right, kept = accuracy(network, validation), "float32"
    if precision != "float32":
        rounded = network.copy()
        with np.errstate(over="ignore"):  # float16 ends at 65,504
            rounded.parameters[:] = rounded.parameters.astype(np.float16)
        fits = bool(np.isfinite(rounded.parameters).all())
        right_rounded = accuracy(rounded, validation) if fits else 0.0
        if fits and (right_rounded >= right or precision == "float16"):
            network.parameters[:] = rounded.parameters
            right, kept = right_rounded, "float16"
    return {"validation_accuracy": right, "precision": kept}


def seed_path(target, seed):
    """Where the network of one of several seeds is kept: in a folder that git does not see."""
    return target.parent / "seeds" / f"{target.stem}.{seed}.npz"


def rebuild_command(arguments):
    """The command that makes this network again: what was typed, less what does not change the result."""
    words = ["hwd", "train"] + ([arguments.recipe] if arguments.recipe else [])
    for name in (*DEFAULTS, "seed", "examples"):
        value, flag = getattr(arguments, name), "--" + name.replace("_", "-")
        if name == "biases" and value is False:
            words.append("--no-biases")
        elif isinstance(value, list):
            words += [flag, *value]
        elif value is not None and (name, value) != ("seed", 0):
            words += [flag, str(value)]
    if arguments.each_epoch:
        words.append("--each-epoch")
    if arguments.data:
        words += ["--data", arguments.data.name]
    if arguments.precision != "auto":
        words += ["--precision", arguments.precision]
    if arguments.save and arguments.save != arguments.recipe:
        words += ["--save", Path(arguments.save).name.removesuffix(".npz")]
    return shlex.join(words)
