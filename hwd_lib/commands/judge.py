"""The process in which a stranger's answers are judged: bounded, without a way to files or other programs.

    python -m hwd_lib.commands.judge      # a list of answers comes in, a line for each exercise goes out

What keeps it in is, on every system, an audit hook (PEP 578): Python itself asks it before a file is opened
or a program is started, and it cannot be taken back. On Linux and macOS the kernel bounds memory and time as
well, and the size of files to nothing.
"""

import contextlib
import importlib
import io
import json
import os
import sys

from hwd_lib.checks import guard
from hwd_lib.checks.exercise import Exercise

MEMORY, SECONDS = 3 * 2**30, 120  # bytes and processor time for all answers of one notebook
FORBIDDEN = (
    "os.", "shutil.", "subprocess.", "socket.", "ctypes.", "pty.", "signal.", "resource.", "winreg.",
    "msvcrt.", "mmap.", "gc.get", "urllib.", "http.", "webbrowser.", "tempfile.", "glob.", "syslog.",
    "sqlite3.", "fcntl.", "_winapi.", "sys.settrace", "sys.setprofile", "sys.set", "sys.addaudithook",
)  # fmt: skip
HARMLESS = ("os.putenv", "os.listdir", "os.scandir")  # an import looks into folders


class Wall:
    """The audit hook: it refuses, and remembers what was tried."""

    def __init__(self):
        self.tried = ""

    def __call__(self, event, arguments):
        """Refuse what has nothing to do with an answer. Reading is left: an import reads."""
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        writes = writes or (event == "open" and isinstance(arguments[2], int) and arguments[2] & 0o3)
        if writes or (event.startswith(FORBIDDEN) and event not in HARMLESS):
            self.tried = self.tried or event
            raise PermissionError(f"an answer may not do that ({event})")


def main():
    """Judge the answers on standard input; say of each when it begins, and what came of it."""
    asked = json.load(sys.stdin)
    chapter = importlib.import_module(f"hwd_lib.exercises.{asked['module']}")
    guard.run(len, lambda: None)  # what it needs of the system is fetched now
    names = namespace(asked["imports"], chapter)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    bound()
    wall = Wall()
    sys.addaudithook(wall)
    for name, code in asked["answers"]:
        exercise = vars(chapter)[name]
        print(json.dumps([name]), file=out, flush=True)
        status, kind, title = judge(exercise, name, code, names | {name: None})
        if wall.tried:
            status, kind, title = "refused", "outside", f"it tried {wall.tried}"
            wall.tried = ""
        print(json.dumps([name, status, kind, title]), file=out, flush=True)


def namespace(imports, chapter):
    """What stands ready for an answer: the imports of the notebook as shipped, and our other answers."""
    names = {}
    for line in imports:
        with contextlib.suppress(ImportError):
            exec(line, names)
    ours = [e for e in vars(chapter).values() if isinstance(e, Exercise) and e.cases]
    return names | {exercise.name: exercise.reference for exercise in ours}


def bound():
    """Bound what this process may take. Windows has no such bounds, only the parent's clock."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def judge(exercise, name, code, names):
    """(status, kind, title) of one answer, as its check would say."""
    try:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(compile(code, f"<{name}>", "exec"), names)
            verdict = exercise.judge(names.get(name))
    except SyntaxError as error:
        return "wrong", "syntax", f"no Python ({error.msg}, line {error.lineno})"
    except BaseException as error:  # noqa: BLE001 - whatever an answer raises, it is its own
        return "wrong", "error", f"it stopped with an error ({type(error).__name__})"
    return verdict.status, verdict.kind, verdict.title


if __name__ == "__main__":
    main()
