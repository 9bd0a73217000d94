"""`hwd paper`: how well is writing on paper read? Measured on a folder of pictures whose digits are known."""

import json
import time
from pathlib import Path

from hwd_lib.commands import change_metadata, percent, record_shares
from hwd_lib.saved import default_network, load_reader, network_path

SUMMARY = "measure how well pictures of paper are read"
EXAMPLES = (
    "hwd paper photos/labels.json",
    "hwd paper photos/labels.json --network best --json",
)


def add_arguments(parser):
    parser.add_argument(
        "labels",
        type=Path,
        metavar="LABELS.json",
        help='a list of {"file": a picture beside this file, "lines": ["1203", …], "group": any name}',
    )
    parser.add_argument("--network", metavar="FILE", help="a .npz file, or a name in saved_nn (default)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, with each picture")
    parser.add_argument("--record", action="store_true", help="write the accuracy into the network's file")


def run(arguments):
    labels = read_labels(arguments.labels)
    path = network_path(arguments.network) if arguments.network else default_network()
    network = load_reader(path)
    if arguments.record:
        change_metadata(path)  # changes nothing, and says so now if the file cannot be written
    pictures = [measure(entry, arguments.labels.parent, network) for entry in labels]
    groups = {}
    for picture in pictures:
        groups.setdefault(picture["group"], []).append(picture)
    summary = {name: summarise(group) for name, group in sorted(groups.items())} | {
        "all": summarise(pictures)
    }
    if arguments.record:
        folder = arguments.labels.resolve().parent.name
        record_shares(path, network, folder, {"pictures_accuracy": summary["all"]["digit_accuracy"]})
    if arguments.json:
        print(json.dumps({"groups": summary, "pictures": pictures}))
        return 0
    print(f"{'group':16} {'pictures':>8} {'digits':>7} {'read right':>11} {'wholly right':>13}")
    for name, about in summary.items():
        right, whole = percent(about["digit_accuracy"]), percent(about["wholly_right"])
        print(f"{name:16} {about['pictures']:8} {about['digits']:7} {right:>11} {whole:>13}")
    for picture in pictures:
        if picture["read"] != picture["lines"]:
            print(f"{picture['file']}: {' '.join(picture['lines'])}, read as {' '.join(picture['read'])}")
    return 0


def read_labels(path):
    """The entries of a file of labels: list of dict with "file", "lines" and "group"."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return [
            {
                "file": str(e["file"]),
                "lines": [str(n) for n in e["lines"]],
                "group": str(e.get("group", "all")),
            }
            for e in entries
        ]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(
            f'{path}: expected a list of {{"file": …, "lines": ["1203", …], "group": …}}, found another. '
            "See `hwd paper --help`."
        ) from error


def measure(entry, folder, network):
    """Read one picture: its entry, with what was "read", how many digits were "right", and "seconds"."""
    from hwd_lib.paper.picture import read_picture  # with OpenCV, which the other commands do without
    from hwd_lib.paper.reading import read_page

    started = time.perf_counter()
    try:
        read = read_page(read_picture((folder / entry["file"]).read_bytes())[0], network).lines
    except ValueError:
        read = []  # it cannot be read, and that is the result
    there = "".join(entry["lines"])
    right = max(0, len(there) - edit_distance(there, "".join(read)))
    seconds = round(time.perf_counter() - started, 3)
    return entry | {"read": read, "digits": len(there), "right": right, "seconds": seconds}


def summarise(pictures):
    """Digit accuracy and the share of pictures that are wholly right."""
    digits, right = (sum(picture[key] for picture in pictures) for key in ("digits", "right"))
    whole = sum("".join(picture["read"]) == "".join(picture["lines"]) for picture in pictures)
    return {
        "pictures": len(pictures),
        "digits": digits,
        "digit_accuracy": right / max(digits, 1),
        "wholly_right": whole / max(len(pictures), 1),
    }


def edit_distance(a, b):
    """How many characters must be put in, left out or changed to make b of a (Levenshtein 1965)."""
    row = list(range(len(b) + 1))  # to make b[:j] of what was seen of a
    for i, x in enumerate(a, 1):
        before, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
    return row[-1]
