"""`hwd hand-in`: one file for the teacher."""

from pathlib import Path

from hwd_lib.checks.handing_in import pack

SUMMARY = "pack a notebook, the progress and one's own network for the teacher"
EXAMPLES = ('hwd hand-in notebooks/05_training.ipynb --name "Robin M"',)


def add_arguments(parser):
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK", help="as it was saved last")
    parser.add_argument("--name", required=True, help="of the person who hands it in")
    parser.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to (here)")


def run(arguments):
    print(pack(arguments.notebook, arguments.name, arguments.out))
    return 0
