"""Answers that were written from the notebooks alone, before the checks were seen, and what is said to each.

`answers.json` is every second one of 488, chosen by its place before any of them was run. To each belongs the
verdict that was judged right: "right", the id of the known mistake, or the kind of a general one.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from hwd_lib.checks import errors, guard
from tests.notebooks import desk

ANSWERS = json.loads(Path(__file__).with_name("answers.json").read_text("utf-8"))
# Kinds that are true, and say where to look, but leave open what is wrong.
OPEN = {"unknown", "error", "unused", "too few", "unpack", "fit", "shapes", "unbound", "odd"}


@pytest.fixture(autouse=True, scope="module")
def patient():
    """On a busy machine the search for a repair must not end sooner than on a free one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "SEARCH", 60.0)
        patch.setattr(guard, "DEADLINE", 60.0)
        yield


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a['exercise']}-{a['what'][:40]}")
def test_verdict_is_the_one_that_was_judged_right(answer):
    verdict = desk.write(answer)
    assert (verdict.kind == "right") == (answer["verdict"] == "right"), f"{verdict.title}. {verdict.sentence}"
    assert verdict.kind == answer["verdict"], f"{answer['what']}\n{verdict.title}. {verdict.sentence}"


def test_most_mistakes_are_named(say):
    wrong = [a["verdict"] for a in ANSWERS if a["verdict"] != "right"]
    named = sum(kind not in OPEN for kind in wrong)
    right = len(ANSWERS) - len(wrong)
    say(f"answers from the notebooks alone: {named} of {len(wrong)} mistakes named, {right} right ones taken")
    assert len(wrong) >= 150
    assert right >= 40
    assert named >= 0.9 * len(wrong)
    assert Counter(wrong).most_common(1)[0][1] < 0.1 * len(wrong)  # many kinds, not one for all
    assert OPEN - {"unknown", "error", "unused", "odd"} <= set(errors.TEXTS)


@pytest.mark.parametrize(
    "answer", [a for notebook in desk.CHAPTERS for a in desk.solutions(notebook)], ids=str
)
def test_solution_in_the_fold_is_right(answer):
    assert desk.write(answer).kind == "right"
