"""Write the tables of docs/teaching.md and docs/mistakes.md anew: python docs/teaching_tables.py"""

import re
from pathlib import Path
from typing import NamedTuple

import nbformat

from hwd_lib.checks import progress

ROOT = Path(__file__).resolve().parent.parent

PAGES = {"teaching.md": ("timings", "essentials"), "mistakes.md": ("exercises", "misconceptions")}
GO_ON = (progress.COURSE[-1], progress.MUSEUM)  # for those who have come to the end, and go on
TITLE = re.compile(r"^### Exercise (\d+\.\d+): (.+)$", re.MULTILINE)
HEADER = re.compile(
    r"# Exercise (?P<number>\d+\.\d+) - (?P<name>\w+) +difficulty (?P<difficulty>[1-5])/5"
    r" +importance (?P<importance>[1-5])/5 +(?P<minutes>\d+) minutes$",
    re.MULTILINE,
)
MINUTES = re.compile(r"^Minutes: (\d+)", re.MULTILINE)


class Lesson(NamedTuple):
    """A notebook as a teacher sees it: the exercises as matches of `HEADER`, and their titles by number."""

    chapter: progress.Chapter
    minutes: int
    exercises: list
    titles: dict

    @property
    def link(self):
        number = "" if self.chapter == progress.MUSEUM else f"{self.chapter.number} "
        return f"[{number}{self.chapter.title}](../notebooks/{self.chapter.file})"


def lessons():
    """The notebooks of the course that are there, in order, and last the optional one."""
    found = []
    for chapter in (*progress.COURSE, progress.MUSEUM):
        path = ROOT / "notebooks" / chapter.file
        if path.exists() and (cells := nbformat.read(path, as_version=4).cells):
            text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
            code = "\n\n".join(cell.source for cell in cells if cell.cell_type == "code")
            minutes = MINUTES.search(text)
            titles = dict(TITLE.findall(text))
            found.append(
                Lesson(chapter, int(minutes[1]) if minutes else 0, list(HEADER.finditer(code)), titles)
            )
    return found


def table(head, rows):
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def timings():
    """How long each notebook takes, and how much of that are exercises."""
    rows, total, solving = [], 0, 0
    for lesson in lessons():
        minutes = sum(int(header["minutes"]) for header in lesson.exercises)
        if lesson.chapter not in GO_ON:
            total, solving = total + lesson.minutes, solving + minutes
        count = len(lesson.exercises) or "–"
        rows.append([lesson.link, lesson.minutes, count, minutes or "–", lesson.chapter.aha])
    rows.append(["**to the end of 09**", total, "", solving, f"{total / 60:.1f} hours"])
    return table(["notebook", "minutes", "exercises", "minutes of these", "what stays"], rows)


def exercises():
    """All exercises, the easiest first; within one difficulty in the order of the course."""
    found = [(header, lesson) for lesson in lessons() for header in lesson.exercises]
    found.sort(key=lambda pair: int(pair[0]["difficulty"]))
    rows = [
        [h["difficulty"], h["number"], lesson.titles[h["number"]], h["importance"], h["minutes"]]
        for h, lesson in found
    ]
    return table(["difficulty", "exercise", "what", "importance", "minutes"], rows)


def essentials():
    """The exercises that everything else stands on: importance 5."""
    rows = []
    for lesson in lessons():
        chosen = [h for h in lesson.exercises if h["importance"] == "5"]
        if chosen and lesson.chapter not in GO_ON:
            names = "; ".join(f"{h['number']} {lesson.titles[h['number']]}" for h in chosen)
            rows.append([lesson.link, names, sum(int(h["minutes"]) for h in chosen)])
    rows.append(["**together**", "", sum(row[-1] for row in rows)])
    return table(["notebook", "exercises", "minutes"], rows)


def misconceptions():
    """Every mistake that the checks know, with the question that they answer it with: a fold a notebook."""
    folds = []
    for lesson in lessons():
        rows = [
            [f"{one.number} {lesson.titles.get(one.number, one.name)}", mistake.name, mistake.hints[0]]
            for one in progress.exercises(lesson.chapter)
            for mistake in one.mistakes
        ]
        if rows:
            name = lesson.chapter.title
            head = f"<details><summary>{name}: {len(rows)} mistakes</summary>"
            folds.append(f"{head}\n\n{table(['exercise', 'mistake', 'ask'], rows)}\n\n</details>")
    return "\n\n".join(folds)


TABLES = {
    "timings": timings,
    "essentials": essentials,
    "exercises": exercises,
    "misconceptions": misconceptions,
}


def fill(name, page):
    """The page with each of its tables between two marks, such as ``<!-- timings -->`` and its end."""
    for table_name in PAGES[name]:
        start, end = f"<!-- {table_name} -->", f"<!-- end of {table_name} -->"
        before, _, rest = page.partition(start)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"{name}: expected the marks {start} and {end}. Put them where the table goes.")
        page = f"{before}{start}\n\n{TABLES[table_name]()}\n\n{end}{after}"
    return page


if __name__ == "__main__":
    for name, tables in PAGES.items():
        path = ROOT / "docs" / name
        path.write_text(fill(name, path.read_text("utf-8")), "utf-8")
        print(f"docs/{name}: {', '.join(tables)}")
