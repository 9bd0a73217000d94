"""The `hwd` command: what the course does in notebooks, done in a terminal. Also ``python -m hwd_lib``."""

import argparse
import ast
import importlib
import os
import re
import sys
from pathlib import Path

from hwd_lib import __version__

# Each is a module of hwd_lib.commands: SUMMARY, EXAMPLES, add_arguments(parser), run(arguments) -> status.
COMMANDS = ("show", "train", "test", "recognize", "paper", "strokes", "networks", "sweep")
COMMANDS += ("page", "export", "app", "serve", "hand-in", "class")
COMMANDS += ("restore", "handout", "key", "bundle")
MODULES = {"hand-in": "hand_in", "class": "table_of_class"}  # those whose names are no names in Python

COMMANDS_FOLDER = Path(__file__).with_name("commands")

DESCRIPTION = "Train, test and use small neural networks that read handwritten digits.\n\ncommands:\n"
EPILOG = """\
`hwd COMMAND --help` says more, with examples. To begin with:
  hwd show 6
  hwd train --epochs 3 --save mine
  hwd recognize picture.png --network mine

The Tab key completes words where this script is loaded, in bash (or zsh):
  hwd --print-completion bash > ~/.local/share/bash-completion/completions/hwd

Exit status: 0 fine; 1 the answer is no (a test failed, training diverged);
2 wrong arguments or files; 130 stopped with Ctrl-C."""
WRONG, INTERRUPTED = 2, 130  # exit statuses; a command returns 0, or 1 when the answer is no


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake is answered with one line instead of the whole usage."""

    def error(self, message):
        self.exit(WRONG, f"{self.prog}: {message}. `{self.prog} --help` shows how.\n")


class PrintCompletion(argparse.Action):
    """``--print-completion SHELL`` prints a script that knows all commands; who never asks pays nothing."""

    def __call__(self, parser, namespace, shell, option_string=None):
        import shtab

        whole = build_parser(COMMANDS, whole=True)
        whole.commands.help = None  # what is suppressed would not be completed
        for command in whole.commands.choices.values():
            for action in command._actions:
                if action.type is Path or action.metavar in ("FILE", "FOLDER", "NETWORK"):
                    action.complete = shtab.DIRECTORY if action.metavar == "FOLDER" else shtab.FILE
        print(shtab.complete(whole, shell))
        parser.exit()


def build_parser(argv, whole=False):
    """Make the parser of a command line. Of the commands, only the one that `argv` names is imported."""
    summaries = {name: summary(name) for name in COMMANDS}
    parser = Parser(
        prog="hwd",
        usage="hwd COMMAND ...",
        description=DESCRIPTION + "\n".join(f"  {name:10} {words}" for name, words in summaries.items()),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hwd {__version__}")
    parser.add_argument(
        "--print-completion", choices=("bash", "zsh"), action=PrintCompletion, help="print a script for Tab"
    )
    subparsers = parser.add_subparsers(prog="hwd", metavar="COMMAND", required=True, help=argparse.SUPPRESS)
    asked = next((word for word in argv if word in COMMANDS), None)
    parser.commands = subparsers
    for name, words in summaries.items():
        sub = subparsers.add_parser(name, help=words, formatter_class=argparse.RawDescriptionHelpFormatter)
        if whole or name == asked:
            module = importlib.import_module(f"hwd_lib.commands.{MODULES.get(name, name)}")
            sub.description = words[0].upper() + words[1:] + "."
            sub.epilog = "examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES)
            module.add_arguments(sub)
            sub.set_defaults(run=module.run, parser=sub)
    return parser


def summary(name):
    """The SUMMARY of a command, read from its source: to import all of them would take a second."""
    source = (COMMANDS_FOLDER / f"{MODULES.get(name, name)}.py").read_text("utf-8")
    return ast.literal_eval(re.search(r"^SUMMARY = (.+)$", source, re.M)[1])


def main(argv=None):
    """Run `hwd` with the arguments `argv` (those of the process by default); return the exit status.

    Mistakes of the person who typed - a wrong argument, a file that is missing or of another kind - end in
    one line on the error stream and status 2. Everything else is a bug, and is shown with its traceback.
    """
    try:
        status = _run(argv)
        sys.stdout.flush()  # here, where it is still noticed that nobody listens
        return status
    except KeyboardInterrupt:
        print("\nhwd: stopped by you.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `hwd show 25 | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(argv):
    try:
        argv = sys.argv[1:] if argv is None else argv
        arguments, unknown = build_parser(argv).parse_known_args(argv)
        if unknown:
            arguments.parser.error(f"unknown: {' '.join(unknown)}")
    except SystemExit as end:  # argparse has said what there was to say
        return end.code or 0
    try:
        return arguments.run(arguments)
    except BrokenPipeError:
        raise
    except (ValueError, OSError) as error:
        print(f"{arguments.parser.prog}: {sentence(error)}", file=sys.stderr)
        return WRONG


def sentence(error):
    """One line that says what is wrong."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {(error.strerror or 'cannot be used').lower()}. Check the path."
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
