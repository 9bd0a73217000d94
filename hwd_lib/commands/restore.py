"""`hwd restore`: begin again, with nothing lost."""

from hwd_lib.checks import progress, restoring

SUMMARY = "bring notebooks back as they were shipped, keeping one's own"
EXAMPLES = (
    "hwd restore 05                 the notebook; yours is kept beside it",
    "hwd restore 05 --progress      and its exercises are open again",
    "hwd restore all --progress",
    "hwd restore test-set           sealed again",
)


def add_arguments(parser):
    parser.add_argument(
        "what", nargs="+", metavar="WHAT", help="numbers of notebooks, such as 05; all; or test-set"
    )
    parser.add_argument("--progress", action="store_true", help="forget what was solved in them, too")


def run(arguments):
    everything = "all" in arguments.what
    numbers = [what for what in arguments.what if what not in ("all", "test-set")]
    if everything:
        numbers = [chapter.number for chapter in (*progress.COURSE, progress.MUSEUM)]
    for number in numbers:  # all of them before anything is written
        restoring.shipped(restoring.find(number).file)
    for number in numbers:
        print(restoring.notebook(number))
        if arguments.progress and not everything:
            print(restoring.solved(number))
    if arguments.progress and everything:
        print(restoring.solved())
    if "test-set" in arguments.what:
        print(restoring.test_set())
    return 0
