"""`hwd recognize`: what digits are these? On a picture, of one digit or of a page, or in pen strokes."""

import json
import sys
from pathlib import Path

import numpy as np

from hwd_lib import png
from hwd_lib.commands import percent, read_input
from hwd_lib.commands.show import ascii_art
from hwd_lib.commands.strokes import read_strokes
from hwd_lib.files import written_whole
from hwd_lib.numbers import describe, number_text, read_number
from hwd_lib.preprocessing import preprocess
from hwd_lib.saved import DIGITS, class_names, default_network, load_reader, network_path

SUMMARY = "read the digits in a picture, or the number in a file of pen strokes"
EXAMPLES = (
    "hwd recognize seven.png",
    "hwd recognize page.jpg --network best --show boxes.png",
    "hwd recognize strokes.json --json",
    "hwd recognize - < seven.png",
)
CALM = 0.5  # below this, a guess is not worth much


def add_arguments(parser):
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a picture of digits on paper, one or a page of them (JPEG, PNG, …); "
        "or strokes as JSON, see `hwd strokes --help`: a list of strokes will do. - is for stdin",
    )
    parser.add_argument("--network", metavar="FILE", help="a .npz file, or a name in saved_nn (default)")
    parser.add_argument(
        "--show",
        nargs="?",
        const=True,
        metavar="PNG",
        help="show each image as the network gets it; or write the picture with its digits to this file",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object: digits, probabilities, …")


def run(arguments):
    path = network_path(arguments.network) if arguments.network else default_network()
    network = load_reader(path, digits=False)
    names = class_names(network)
    content = read_input(arguments.file)
    if not holds_strokes(arguments.file, content):
        return run_picture(arguments, content, network, names)
    if isinstance(arguments.show, str):
        raise ValueError(
            f"--show {arguments.show}: expected a picture to read, found strokes. Leave the name out."
        )
    answers = []
    for sample in read_strokes(arguments.file, content):
        image = preprocess(sample.strokes)
        lines = read_number(sample.strokes, network) if names == DIGITS else []
        row = network.probabilities(image.reshape(1, -1))[0]  # (28, 28) -> (1, 784) -> (10,)
        digits = [digit for line in lines for digit in line]
        if arguments.json:
            answers.append(answer(row, names) | (describe(lines) if names == DIGITS else {}))
        elif len(digits) > 1:
            truth = "" if sample.label is None else f"  It is said to be {sample.label}."
            print(f"{number_text(lines)}{truth}")
            for digit in digits:
                print_digit(digit.image, digit.probabilities, names, arguments.show, indent="  ")
        else:
            print_digit(image, row, names, arguments.show, sample.label)
    if arguments.json:
        print(json.dumps(answers[0] if len(answers) == 1 else answers))
    return 0


def run_picture(arguments, content, network, names):
    from hwd_lib.paper.picture import read_picture  # with OpenCV, which strokes do without
    from hwd_lib.paper.reading import read_page
    from hwd_lib.paper.showing import with_boxes

    if names != DIGITS:
        return run_picture_of_one(arguments, content, network, names)
    try:
        picture, scale = read_picture(content)
    except ValueError as error:
        raise ValueError(f"{arguments.file}: {error}") from error
    page = read_page(picture, network)
    if isinstance(arguments.show, str):
        with written_whole(arguments.show) as file:
            file.write(png.encode(with_boxes(picture, page)))
    if arguments.json:
        print(json.dumps(page.describe(scale)))
        return 0 if page.digits else 1
    for numbers in page.numbers:
        print(" ".join(numbers))
    if arguments.show is True:
        for digit in page.digits:
            print_digit(digit.image, digit.probabilities, names, show=True, indent="  ")
    if page.advice:
        print(page.advice, file=sys.stderr)
    return 0 if page.digits else 1


def run_picture_of_one(arguments, content, network, names):
    """A picture of one sign, for a network of others than digits: a page is read by its digits alone."""
    from hwd_lib.pictures import picture_to_image, read_picture

    try:
        image = picture_to_image(read_picture(arguments.file, content))  # (28, 28)
    except ValueError as error:
        path = str(arguments.file)
        raise ValueError(str(error) if path in str(error) else f"{path}: {error}") from error
    row = network.probabilities(image.reshape(1, -1))[0]  # (28, 28) -> (1, 784) -> (n,)
    if arguments.json:
        print(json.dumps(answer(row, names)))
    else:
        print_digit(image, row, names, arguments.show)
    return 0


def holds_strokes(path, content):
    """Whether a file looks like strokes as JSON, and not like a picture."""
    start = content[:64].lstrip()
    return path.name.endswith((".json", ".gz")) or start[:1] in (b"{", b"[") or start[:2] == b"\x1f\x8b"


def answer(row, names):
    """What the network says, for programs: the digit, or the name of another class."""
    if names == DIGITS:
        return {"digit": int(row.argmax()), "probabilities": row.tolist()}
    return {"class": names[row.argmax()], "classes": names, "probabilities": row.tolist()}


def print_digit(image, row, names, show, label=None, indent=""):
    """Print how sure the network is of an image, from its probabilities (n,); with `show`, the image too."""
    if show:
        print("\n".join(line.rstrip() for line in ascii_art(image)))
    first, second = np.argsort(-row, kind="stable")[:2]
    none = "no digit" if names == DIGITS else "none of these"
    doubt = "" if row[first] > CALM else f"  Perhaps it is {none}."
    truth = "" if label is None else f"  It is said to be {label}."
    others = f"then {names[second]} with {percent(row[second])}"
    print(f"{indent}{names[first]}  {percent(row[first])} sure, {others}.{truth}{doubt}")
