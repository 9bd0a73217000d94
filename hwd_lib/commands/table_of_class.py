"""`hwd class`: a folder of what pupils handed in becomes one table, every answer judged anew."""

import ast
import csv
import html
import io
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from hwd_lib.checks import progress
from hwd_lib.checks.memory import ROOT
from hwd_lib.commands.answers import NOT_TRIED, answers, read
from hwd_lib.files import written_whole

SUMMARY = "judge what a class has handed in, and make one table of it"
EXAMPLES = ("hwd class handed-in/     writes class.html and class.csv into that folder",)
PATIENCE = 30  # seconds without a word from the judge: more than a check gives an endless loop
MOST_DEATHS = 20  # times that answers of one notebook may take their process with them


class Judged(NamedTuple):
    """What came of one exercise of one pupil."""

    pupil: str
    notebook: str
    number: str
    exercise: str
    status: str  # "right", "wrong", "not tried", "refused", or "unreadable" for a whole file
    kind: str
    words: str  # which mistake it is
    ask: str = ""  # what to ask about it


def add_arguments(parser):
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with the ZIP files that were handed in")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where class.html and class.csv go (the same folder)"
    )


def run(arguments):
    files = sorted(arguments.folder.glob("*.zip"))
    if not files:
        raise ValueError(
            f"{arguments.folder}: expected ZIP files that `hwd hand-in` made, found none. Check the path."
        )
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each thread waits for one process
        rows = [row for rows in pool.map(judge_file, files) for row in rows]
    out = arguments.out or arguments.folder
    for name, text in (("class.csv", as_csv(rows)), ("class.html", as_html(rows))):
        with written_whole(out / name) as file:
            file.write(text.encode())
        print(f"wrote {out / name}")
    counts = Counter(row.status for row in rows)
    print(f"{len(files)} files: " + ", ".join(f"{n} {status}" for status, n in counts.most_common()))
    return 0


def judge_file(path):
    """The rows of one file: one for each exercise of its notebook, or a single one if it is none."""
    pupil = path.stem.partition("_")[0]
    try:
        chapter, sources = read(path)
    except ValueError as error:
        return [Judged(pupil, path.name, "", "", "unreadable", "file", str(error))]
    exercises = {exercise.name: exercise for exercise in progress.exercises(chapter)}
    found, open_answers = {}, []
    for answer in answers(chapter, sources):
        if answer.refused:
            found[answer.name] = ("refused", "outside", answer.refused)
        elif answer.code.strip():
            open_answers.append([answer.name, answer.code])
    for _ in range(MOST_DEATHS):
        if not open_answers:
            break
        said, last = ask_judge(chapter, open_answers)
        found |= said
        if last:  # it began this one, and never came to its end
            found[last] = ("wrong", "died", "it ended the program, or did not come to an end")
        open_answers = [answer for answer in open_answers if answer[0] not in found]
    rows = []
    for name, exercise in exercises.items():
        status, kind, words = found.get(name, (NOT_TRIED, "empty", ""))
        status = NOT_TRIED if status == "not yet" else status
        words = "" if status in ("right", NOT_TRIED) else words
        ask = next((m.hints[0] for m in exercise.mistakes if m.id == kind), "")
        ask = ask or (exercise.hints[0] if status == "wrong" else "")
        rows.append(Judged(pupil, chapter.file, exercise.number, name, status, kind, words, ask))
    return rows


def ask_judge(chapter, open_answers):
    """Have a process of its own judge some answers: ({name: (status, kind, title)}, name of one unfinished).

    It gets a folder of its own, which is deleted, and nothing of this process's environment.
    """
    asked = {"module": chapter.module, "imports": imports_of(chapter), "answers": open_answers}
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    found, begun = {}, None
    with tempfile.TemporaryDirectory() as folder:
        environment |= {"HOME": folder, "TMPDIR": folder, "HWD_PROGRESS": str(Path(folder) / "progress.json")}
        process = subprocess.Popen(
            [sys.executable, "-m", "hwd_lib.commands.judge"], cwd=folder, env=environment, text=True,
            encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        lines = queue.Queue()

        def listen():
            for line in process.stdout:
                lines.put(line)
            lines.put("")

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            with process.stdin as pipe:
                json.dump(asked, pipe)
            while line := lines.get(timeout=PATIENCE):
                name, *verdict = json.loads(line)
                begun = None if verdict else name
                if verdict:
                    found[name] = tuple(verdict)
        except (queue.Empty, BrokenPipeError, ValueError):
            pass  # it hangs, or is gone; what is unfinished says so
        finally:
            process.kill()
            process.wait()
            listener.join()
            process.stdout.close()
    unfinished = begun or next((name for name, _ in open_answers if name not in found), None)
    return found, unfinished


def imports_of(chapter):
    """The import lines of the notebook as it is shipped."""
    lines, python = [], TransformerManager()  # that turns IPython's own signs into Python
    for cell in nbformat.read(ROOT / "notebooks" / chapter.file, as_version=4).cells:
        nodes = ast.parse(python.transform_cell(cell.source)).body if cell.cell_type == "code" else []
        lines += [ast.unparse(node) for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    return lines


def frequent(rows, most=12):
    """The mistakes that most pupils made: [(row that shows it, how many)]."""
    made = Counter((r.number, r.kind, r.words) for r in rows if r.status == "wrong")
    first = {(r.number, r.kind, r.words): r for r in reversed(rows)}
    return [(first[key], n) for key, n in made.most_common(most)]


def as_csv(rows):
    """The table for a spreadsheet: a line for each pupil and exercise."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["pupil", "notebook", "exercise", "name", "result", "mistake", "ask"])
    for row in rows:
        cells = [row.pupil, row.notebook, row.number, row.exercise, row.status, row.words, row.ask]
        # A spreadsheet takes what begins like this for a formula, and runs it.
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells])
    return file.getvalue()


STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 24px; color: #171a21; background: #fff }
table { border-collapse: collapse; margin: 12px 0 28px }
th, td { border: 1px solid #bbb; padding: 4px 9px; text-align: left; vertical-align: top }
td { font-size: 14px } thead th { background: #f1efe9 } caption { text-align: left; font-weight: 600 }
.right { background: #d9f0e6 } .wrong { background: #fde3d3 } .refused { background: #f7d5e6 }
.scroll { overflow-x: auto } @media print { body { margin: 0 } }
"""


def as_html(rows):
    """To look at and to print: a table for each notebook, a row for each pupil; then what to ask."""
    parts, escape = [], html.escape
    for notebook in sorted({row.notebook for row in rows if row.status != "unreadable"}):
        of_it = [row for row in rows if row.notebook == notebook]
        numbers = list(dict.fromkeys((row.number, row.exercise) for row in of_it))
        head = "".join(f"<th scope=col>{n}<br><small>{escape(name)}</small></th>" for n, name in numbers)
        body = ""
        for pupil in dict.fromkeys(row.pupil for row in of_it):
            mine = {row.number: row for row in of_it if row.pupil == pupil}
            right = sum(row.status == "right" for row in mine.values())
            cells = "".join(_cell(mine[number]) for number, _ in numbers)
            body += f"<tr><th scope=row>{escape(pupil)}</th><td>{right} of {len(numbers)}</td>{cells}</tr>"
        parts.append(
            f"<div class=scroll><table><caption>{escape(notebook)}</caption><thead><tr><th scope=col>pupil"
            f"</th><th scope=col>right</th>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )
    unreadable = [row for row in rows if row.status == "unreadable"]
    if unreadable:
        items = "".join(f"<li><b>{escape(r.notebook)}</b>: {escape(r.words)}</li>" for r in unreadable)
        parts.append(f"<h2>Files that could not be read</h2><ul>{items}</ul>")
    asked = "".join(
        f"<tr><td>{n}</td><td>{row.number} {escape(row.exercise)}</td><td>{escape(row.words)}</td>"
        f"<td>{escape(row.ask)}</td></tr>"
        for row, n in frequent(rows)
    )
    if asked:
        parts.append(
            "<h2>What most of them get wrong, and what to ask</h2><table><thead><tr><th>pupils</th>"
            "<th>exercise</th><th>mistake</th><th>ask</th></tr></thead>"
            f"<tbody>{asked}</tbody></table>"
        )
    return (
        f"<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>The class</title><style>{STYLE}</style><h1>The class</h1>"
        "<p>Every answer was judged anew. What is refused was not run, for the reason that is given: look at "
        "it yourself.</p>"
        f"{''.join(parts)}</html>\n"
    )


def _cell(row):
    marks = {"right": "✓", NOT_TRIED: "–", "refused": f"refused: {row.words}"}
    return f"<td class={row.status.split()[0]}>{html.escape(marks.get(row.status, row.words))}</td>"
