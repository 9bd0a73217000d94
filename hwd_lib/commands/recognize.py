"""`hwd recognize`: what digit is this? For a picture, or for pen strokes."""

import json
from pathlib import Path

import numpy as np

from hwd_lib.commands import percent
from hwd_lib.commands.pictures import picture_to_image, read_picture
from hwd_lib.commands.show import ascii_art
from hwd_lib.commands.strokes import images_of, read_strokes
from hwd_lib.saved import default_network, load_reader, network_path

SUMMARY = "read the digit in a picture, or in a file of pen strokes"
EXAMPLES = (
    "hwd recognize seven.png",
    "hwd recognize seven.png --show --network saved_nn/best.npz",
    "hwd recognize strokes.json --json",
)
CALM = 0.5  # below this, a guess is not worth much


def add_arguments(parser):
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a picture of one digit, dark on light or light on dark, any size (PNG, JPEG, …); "
        "or strokes as JSON, see `hwd strokes --help`: a list of strokes will do",
    )
    parser.add_argument("--network", metavar="FILE", help="a .npz file, or a name in saved_nn (default)")
    parser.add_argument("--show", action="store_true", help="show the image as the network gets it")
    parser.add_argument("--json", action="store_true", help="print one JSON object: digit and probabilities")


def run(arguments):
    network = load_reader(network_path(arguments.network) if arguments.network else default_network())
    images, labels = read_images(arguments.file)
    probabilities = network.probabilities(images)  # (n, 784) -> (n, 10)
    answers = [{"digit": int(row.argmax()), "probabilities": row.tolist()} for row in probabilities]
    if arguments.json:
        print(json.dumps(answers[0] if len(answers) == 1 else answers))
        return 0
    for image, row, label in zip(images, probabilities, labels, strict=True):
        if arguments.show:
            print("\n".join(line.rstrip() for line in ascii_art(image)))
        first, second = np.argsort(-row, kind="stable")[:2]
        doubt = "" if row[first] > CALM else "  Perhaps it is no digit."
        truth = "" if label is None else f"  It is said to be {label}."
        others = f"then {second} with {percent(row[second])}"
        print(f"{first}  {percent(row[first])} sure, {others}.{truth}{doubt}")
    return 0


def read_images(path):
    """Images (n, 784) float32, and for each the label that its file gives, or None."""
    with open(path, "rb") as file:
        start = file.read(64).lstrip()
    if path.name.endswith((".json", ".gz")) or start[:1] in (b"{", b"["):
        samples = read_strokes(path)
        return images_of(samples), [sample.label for sample in samples]
    try:
        return picture_to_image(read_picture(path)).reshape(1, -1), [None]  # (28, 28) -> (1, 784)
    except ValueError as error:
        raise ValueError(str(error) if str(path) in str(error) else f"{path}: {error}") from error
