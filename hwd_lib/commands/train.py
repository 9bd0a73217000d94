"""`hwd train`: one network, or several seeds of it, by a recipe or by flags, kept with all that is known."""

import math
import sys
from dataclasses import fields
from pathlib import Path

from hwd_lib.augmentation import Augmentation
from hwd_lib.commands import make_sure_of_folder, mean_and_sd, percent, positive, save_path, share, whole
from hwd_lib.commands.job import Job, check_target
from hwd_lib.commands.recipes import DEFAULTS, RECIPES
from hwd_lib.mnist import load_mnist
from hwd_lib.network import ACTIVATIONS
from hwd_lib.optimizers import OPTIMIZERS, SCHEDULES
from hwd_lib.saved import DIGITS

SUMMARY = "train a network on MNIST, by a recipe or by your own settings"
EXAMPLES = (
    "hwd train --layers 784 400 100 10 --learning-rate 0.03 --epochs 3 --save mine",
    "hwd train --augment --styles 0.2 --epochs 10 --save mine    with distorted and with drawn digits",
    "hwd train 784-100-10 --replace          by its recipe; writes saved_nn/784-100-10.npz anew",
    "hwd train 784-100-10 --seeds 1 --epochs 3 --save quick      the same, but shorter, another name",
    "hwd train best --resume                 go on where the run was broken off",
    "hwd train --data ../fashion --save fashion     with other data, in MNIST's format",
)


def add_arguments(parser):
    amounts = " ".join(f"{f.name}={f.default:g}" for f in fields(Augmentation))
    add = parser.add_argument
    add(
        "recipe",
        nargs="?",
        metavar="RECIPE",
        help=f"what to begin with: {', '.join(RECIPES)}. The flags below change it; saved under its name",
    )

    add = parser.add_argument_group("the network").add_argument
    add("--layers", nargs="+", metavar="N", help="widths, from 784 pixels to 10 digits (784 100 10)")
    add("--activation", choices=ACTIVATIONS, help="of the hidden layers (relu)")
    add("--start", metavar="NAME", help="go on from a network in saved_nn, or a file (random weights)")
    add("--no-biases", dest="biases", action="store_false", default=None, help="weights alone")

    add = parser.add_argument_group("how it learns").add_argument
    add("--epochs", type=whole, metavar="N", help="times through the training digits (5)")
    add("--batch-size", type=whole, metavar="N", help="digits to a step (32)")
    add("--learning-rate", type=positive, metavar="X", help="how far a step goes (0.1)")
    add("--optimizer", choices=OPTIMIZERS, help="how a gradient becomes a step (sgd)")
    add("--schedule", choices=SCHEDULES, help="how the learning rate changes on the way (constant)")
    add("--weight-decay", type=share, metavar="X", help="pull towards 0 (the optimizer's own)")
    add("--dropout", type=share, metavar="X", help="share of hidden units silenced at a time (0)")
    add("--label-smoothing", type=share, metavar="X", help="share of doubt in the labels (0)")
    add("--ema", type=share, metavar="X", help="keep a running average, such as 0.999, of the weights (0)")
    add("--patience", type=whole, metavar="N", help="stop N epochs after the best, and go back to it (never)")
    add("--seed", type=seed, default=0, metavar="N", help="the same seed gives the same network (0)")
    add("--seeds", type=whole, metavar="N", help="train N networks, seeds from --seed on; keep the best (1)")
    add("--workers", type=whole, metavar="N", help="threads that share each batch (1)")

    add = parser.add_argument_group("what it learns from").add_argument
    add("--augment", nargs="*", metavar="WHAT=AMOUNT", help=f"distort every batch; by default {amounts}")
    add("--styles", type=share, metavar="X", help="share of drawn digits, in styles that MNIST lacks (0)")
    add("--others", type=share, metavar="X", help="share of drawn things that are no digit (0)")
    add("--examples", type=whole, metavar="N", help="only the first N training digits, to try things out")
    add("--data", type=Path, metavar="FOLDER", help="other data than MNIST: four IDX files, see load_idx")

    add = parser.add_argument_group("what is kept").add_argument
    add("--save", metavar="NAME", help="write saved_nn/NAME.npz; with a folder in it, NAME is a path")
    add("--replace", action="store_true", help="write over one of the project's own networks")
    add(
        "--each-epoch",
        action="store_true",
        help="also write NAME.epoch-1.npz, …; NAME.npz is then the best of them on validation",
    )
    add(
        "--checkpoint",
        metavar="FILE",
        help="keep the state of the run here after each epoch, until it ends (NAME.checkpoint.npz)",
    )
    add("--resume", action="store_true", help="go on from there, to the same network as of an unbroken run")
    add(
        "--precision",
        choices=("auto", "float16", "float32"),
        default="auto",
        help="of the numbers in the file; auto is float16, unless that costs a digit on validation",
    )
    add("--quiet", action="store_true", help="no progress, only the result")


def run(arguments):
    settings = read_settings(arguments)
    name = arguments.save or (None if arguments.data else arguments.recipe)
    target = save_path(name) if name else None
    if not target and (arguments.each_epoch or arguments.resume and not arguments.checkpoint):
        raise ValueError("--each-epoch and --resume need --save NAME or a recipe: its name is their files'.")
    if arguments.each_epoch and settings["ema"]:
        raise ValueError("--each-epoch saves weights, --ema is after their average: leave one of them out.")
    if arguments.checkpoint and settings["seeds"] > 1:
        raise ValueError("--checkpoint names the file of one run: leave it out with several seeds.")
    if target:
        make_sure_of_folder(target.parent)
        check_target(target, arguments.replace)
    data = read_data(arguments.data, arguments, settings) if arguments.data else load_mnist()
    seeds = range(arguments.seed, arguments.seed + settings["seeds"])
    networks = []
    for number in seeds:
        job = Job(arguments, settings, target, number, data)
        network = job.finished_before() or job.train()
        if job.diverged:
            print(f"hwd train: {job.history.stopped}", file=sys.stderr)
            return 1
        if job.interrupted:
            job.keep_unfinished(network)
            return 130
        networks.append(network)
    accuracies = [network.metadata["validation_accuracy"] for network in networks]
    best = networks[accuracies.index(max(accuracies))]  # of equals, the first
    best.metadata |= {"seeds": list(seeds), "validation_accuracies": accuracies}
    report(job, best, target)
    if target:
        job.checkpoint.unlink(missing_ok=True)
    return 0


def report(job, network, target):
    """Save the network, and say what came of the run."""
    about = network.metadata
    accuracies = about["validation_accuracies"]
    of = f" after epoch {about['best_epoch']}, the best" if "best_epoch" in about else ""
    right = percent(about["validation_accuracy"])
    print(f"validation accuracy {right}{of}, {about['seconds']} s of training")
    if len(accuracies) > 1:
        print(f"that was seed {about['seed']}; over {len(accuracies)} seeds {mean_and_sd(accuracies)} %")
    if target is None:
        print("not saved: --save NAME keeps the network")
        return
    before = job.save(network, target)
    print(f"saved in {target}, {target.stat().st_size / 1e6:.2f} MB, {about['precision']}")
    if before:
        print(f"what was there before: {before}")


def read_data(folder, arguments, settings):
    """Load a data set of one's own, and fit the ends of the layers to it."""
    from hwd_lib.datasets import load_idx

    if settings["styles"] or settings["others"]:
        raise ValueError("--data: expected no --styles or --others beside it; they go with MNIST alone.")
    data = load_idx(folder)
    if data.names == DIGITS and not arguments.quiet:
        print("its classes, 0 to 9, are taken for digits; mapping.txt beside the files gives other names")
    ends = data.train.images.shape[1], len(data.names)
    if arguments.layers is None:
        settings["layers"] = [ends[0], *settings["layers"][1:-1], ends[1]]
    elif (settings["layers"][0], settings["layers"][-1]) != ends:
        found = "-".join(map(str, settings["layers"]))
        raise ValueError(f"--layers: expected widths from {ends[0]} to {ends[1]} here, found {found}.")
    if settings["augment"] is not None and data.shape != (28, 28):
        raise ValueError(f"--augment: expected images of 28 x 28 pixels, found {data.shape}. Leave it out.")
    return data


def read_settings(arguments):
    """Defaults, changed by the recipe, changed by the flags: a dict with the keys of `DEFAULTS`."""
    if arguments.recipe and arguments.recipe not in RECIPES:  # after argparse: `--lr 0.1` is no recipe
        raise ValueError(f"RECIPE: expected one of {', '.join(RECIPES)}, found {arguments.recipe!r}.")
    settings = DEFAULTS | (RECIPES[arguments.recipe] if arguments.recipe else {})
    given = {name: getattr(arguments, name) for name in DEFAULTS}
    settings |= {name: value for name, value in given.items() if value is not None}
    if arguments.layers is not None:
        settings["layers"] = read_layers(arguments.layers, *((None, None) if arguments.data else (784, 10)))
    if arguments.augment is not None:
        settings["augment"] = read_amounts(arguments.augment)
    if settings["styles"] + settings["others"] >= 1:
        raise ValueError("--styles and --others: expected shares below 1 together; the rest are MNIST's.")
    return settings


def read_layers(texts, first=784, last=10):
    """["784", "100", "10"] or ["784-100-10"] -> [784, 100, 10]; the ends are checked unless they are None."""
    try:
        layers = [int(width) for text in texts for width in text.split("-")]
    except ValueError:
        layers = []
    ends = not layers or (first or layers[0], last or layers[-1]) == (layers[0], layers[-1])
    if len(layers) < 2 or min(layers) < 1 or not ends:
        found = " ".join(texts)
        raise ValueError(f"--layers: expected widths from 784 to 10, such as 784 100 10, found {found}.")
    return layers


def read_amounts(texts):
    """["rotation=5", "elastic=1"] -> {"rotation": 5.0, "elastic": 1.0}."""
    known, amounts = [f.name for f in fields(Augmentation)], {}
    for text in texts:
        name, _, amount = text.partition("=")
        try:
            amounts[name] = float(amount)
        except ValueError:
            amounts[name] = math.nan
        if name not in known or not 0 <= amounts[name] < math.inf:
            names = ", ".join(known)
            raise ValueError(f"--augment: expected NAME=AMOUNT with a name of {names}, found {text!r}.")
    return amounts


def seed(text):
    return whole(text) if text != "0" else 0
