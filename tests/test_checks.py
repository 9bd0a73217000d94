"""The machinery of the exercises: it never raises, never hangs, leaves no trace, and says what it found."""

import json
import linecache
import random
import threading
import time
import warnings

import numpy as np
import pytest

from hwd_lib import mnist, network
from hwd_lib.checks import errors, guard, memory, predict, progress, repair, wording
from hwd_lib.checks.compare import changed, describe, difference
from hwd_lib.checks.exercise import Exercise, exercise
from hwd_lib.exercises import baselines, forward_pass
from hwd_lib.exercises import mnist as first_notebook


def _columns():
    rng = np.random.default_rng(0)
    return {"three rows": (rng.normal(size=(3, 4)),), "one row": (rng.normal(size=(1, 4)),)}


def make(**options):
    """A small exercise: each row less its largest number."""

    @exercise("9.9", cases=_columns, tested="rows", hints=("nudge?", "the idea", "`line`"), **options)
    def less_largest(rows):
        return rows - rows.max(axis=1, keepdims=True)

    @less_largest.mistake("the largest of each column", "which axis?", "axis 1 is a row", "`axis=1`")
    def _columns_instead(rows):
        return rows - rows.max(axis=0)

    @less_largest.mistake("no keepdims", "which shape?", "(n,) is no column", "`keepdims=True`")
    def _no_keepdims(rows):
        return rows - rows.max(axis=1)

    return less_largest


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "progress.json"))


@pytest.fixture
def quick(monkeypatch):
    """Endless loops are stopped soon."""
    monkeypatch.setattr(guard, "DEADLINE", 0.2)


# What a check returns and says ------------------------------------------------------------------------------


def test_right_answer_is_returned_and_remembered(capsys):
    def mine(rows):
        return np.array([row - max(row) for row in rows])

    check = make()
    assert check(mine) is mine
    assert capsys.readouterr().out == "✓ 9.9 less_largest - Right. Tested: rows.\n"
    assert memory.load()["passed"] == {"9.9"}


def test_wrong_answer_gives_way_to_the_reference(capsys):
    check = make()
    assert check(lambda rows: rows) is check.reference
    assert "goes on with our own less_largest" in capsys.readouterr().out
    assert memory.load()["passed"] == set()


def test_hints_come_one_by_one(capsys):
    check = make()
    shown = []
    for _ in range(4):
        check(lambda rows: rows - rows.max(axis=0))
        shown.append(capsys.readouterr().out.count("Hint"))
    assert shown == [1, 2, 3, 3]


def test_each_mistake_has_hints_of_its_own(capsys):
    check = make()
    check(lambda rows: rows - rows.max(axis=0))
    capsys.readouterr()
    check(lambda rows: rows - rows.max(axis=1))
    out = capsys.readouterr().out
    assert "Hint 1 of 3: which shape?" in out
    assert "Hint 2" not in out


def test_unknown_answer_gets_the_first_difference():
    verdict = make().judge(lambda rows: rows * 0)
    expected = _columns()["three rows"][0]
    value = (expected - expected.max(axis=1, keepdims=True))[0, 0]
    assert verdict.kind == "unknown"
    assert (
        verdict.sentence
        == f"With three rows: expected {value:.5g} at [0, 0], found 0 (9 of 12 values differ)."
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda rows: rows.T, "expected shape (3, 4), found shape (4, 3)."),
        (lambda rows: 1.5, "expected shape (3, 4), found a single number."),
        (lambda rows: rows.tolist(), "expected an array, found a list. `np.array(...)` makes one of it."),
        (lambda rows: rows * np.nan, "found nan, which is no number (12 of 12 values differ)."),
        (lambda rows: "text", "expected an array, shape (3, 4) float64, found 'text'."),
    ],
)
def test_what_is_different_is_said(wrong, sentence):
    assert sentence in make().judge(wrong).sentence


# Nothing written yet ----------------------------------------------------------------------------------------


def empty(rows): ...


def only_a_docstring(rows):
    """To be written."""


def passes(rows):
    pass


def half_done(rows):
    return rows - ...


def placeholder_inside(rows):
    largest = ...
    return largest


@pytest.mark.parametrize(
    "nothing", [empty, only_a_docstring, passes, half_done, placeholder_inside, None, ...]
)
def test_nothing_yet_is_no_mistake(nothing):
    verdict = make().judge(nothing)
    assert (verdict.status, verdict.hints) == ("not yet", ())


# What can go wrong in every exercise ------------------------------------------------------------------------


def no_return(rows):
    rows = rows - rows.max(axis=1, keepdims=True)


def printed(rows):
    print(rows - rows.max(axis=1, keepdims=True))


def raises(rows):
    nothing = rows.nothing
    return nothing


def leaves(rows):
    raise SystemExit


def in_place(rows):
    rows -= rows.max(axis=1, keepdims=True)
    return rows


def two_arguments(rows, axis):
    return rows


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (no_return, "no return"),
        (printed, "printed"),
        (raises, "error"),
        (in_place, "in place"),
        (two_arguments, "arguments"),
        (7, "called"),
        (np.zeros((3, 4)), "called"),
    ],
)
def test_general_mistakes(wrong, kind):
    verdict = make().judge(wrong)
    assert (verdict.status, verdict.kind) == ("wrong", kind)
    assert verdict.hints == wording.GENERAL[kind][1:]


def test_dtype_counts_where_it_is_asked_for():
    def float32(rows):
        return (rows - rows.max(axis=1, keepdims=True)).astype(np.float32)

    assert make().judge(float32).status == "right"
    assert make(dtype=True, rtol=1e-3).judge(float32).kind == "dtype"


def test_warning_counts_where_it_is_asked_for():
    def warns(rows):
        np.log(rows * 0)
        return rows - rows.max(axis=1, keepdims=True)

    assert make().judge(warns).status == "right"
    verdict = make(warns=True).judge(warns)
    assert verdict.kind == "warns"
    assert "divide by zero" in verdict.sentence


def test_in_place_is_right_where_it_is_allowed():
    assert make(in_place=True).judge(in_place).status == "right"


def test_error_is_named_with_its_line():
    sentence = make().judge(raises).sentence
    assert f"in line {raises.__code__.co_firstlineno + 1} of the cell, `nothing = rows.nothing`" in sentence
    assert "AttributeError" in sentence


@pytest.mark.parametrize(
    "odd", [object(), "text", [1, 2], type, Exception, np.exp, {"a": 1}, leaves, lambda: 1]
)
def test_a_check_never_raises(odd, capsys):
    check = make()
    assert check(odd) is check.reference
    assert capsys.readouterr().out.startswith("✗ 9.9")


class Hostile:
    """Raises whatever one does with it."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    __array__ = __len__ = __iter__ = __eq__ = __bool__ = __repr__ = __hash__ = lambda self, *_: 1 / 0


def test_a_check_survives_a_hostile_object(capsys):
    check = make()
    for odd in (Hostile(), lambda rows: Hostile(), lambda rows: [Hostile()]):
        assert check(odd) is check.reference
        assert capsys.readouterr().out.startswith("✗ 9.9")


# It does not hang -------------------------------------------------------------------------------------------


def endless(rows):
    i = 0
    while i < 10:
        rows = rows + 0


def endless_and_stubborn(rows):
    while True:
        try:  # noqa: SIM105
            rows = rows + 0
        except:  # noqa: E722 (learners write this)
            pass


def recursive(rows):
    return recursive(rows)


@pytest.mark.parametrize("function", [endless, endless_and_stubborn])
def test_endless_loop_is_stopped_and_named(function, quick):
    before = time.monotonic()
    verdict = make().judge(function)
    assert time.monotonic() - before < 30
    assert verdict.kind == "endless"
    assert "of the cell, `" in verdict.sentence
    assert "The check stopped it." in verdict.sentence
    assert not [thread for thread in threading.enumerate() if thread.daemon and thread.name.endswith("(run)")]


def test_what_cannot_be_stopped_is_left_behind(quick, monkeypatch):
    monkeypatch.setattr(guard, "GRACE", 0.1)
    let_go = threading.Event()

    def waits(rows):
        let_go.wait()

    verdict = make().judge(waits)
    assert verdict.kind == "endless"
    assert "restart the kernel" in verdict.sentence
    let_go.set()


def test_endless_recursion_is_an_error():
    assert "RecursionError" in make().judge(recursive).sentence


def test_ctrl_c_gets_through(monkeypatch):
    started = threading.Event()
    real = threading.Thread.join

    def join(self, timeout=None):
        if not started.is_set():
            started.set()
            raise KeyboardInterrupt
        return real(self, timeout)

    monkeypatch.setattr(threading.Thread, "join", join)
    with pytest.raises(KeyboardInterrupt):
        make().judge(endless)


# It leaves no trace -----------------------------------------------------------------------------------------


def test_random_numbers_to_come_stay_the_same():
    def reseeds(rows):
        np.random.seed(0)  # noqa: NPY002
        random.seed(0)
        return rows

    np.random.seed(7)  # noqa: NPY002
    random.seed(7)
    expected = np.random.random(), random.random()  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002
    random.seed(7)
    make().judge(reseeds)
    assert (np.random.random(), random.random()) == expected  # noqa: NPY002


def test_prints_and_warnings_are_kept_back(capsys):
    def noisy(rows):
        print("noise")
        warnings.warn("more noise", stacklevel=1)
        np.log(-np.ones(3))
        return rows - rows.max(axis=1, keepdims=True)

    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
        warnings.simplefilter("always")
        assert make().judge(noisy).status == "right"
    assert capsys.readouterr().out == ""
    assert not caught


def test_changed_argument_does_not_reach_the_next_case():
    rows = np.arange(6.0).reshape(2, 3)

    @exercise(
        "9.8", cases=lambda: {"a": (rows.copy(),), "b": (rows.copy(),)}, tested="x", hints=("a?", "b.", "c.")
    )
    def double(rows):
        return 2 * rows

    assert double.judge(lambda rows: np.multiply(rows, 2, out=rows)).kind == "in place"


# A value in the place of a function -------------------------------------------------------------------------


@exercise("9.7", tested="the pair", hints=("which?", "look again.", "the middle."), result=sorted)
def pair():
    return (4, 9)


@pair.mistake("one of each", "a?", "b.", "c.")
def _twice():
    return (4, 4)


def test_value():
    assert pair.judge((9, 4)).status == "right"
    assert pair.judge([4, 4]).kind == "twice"
    assert (
        pair.judge((1, 2)).sentence == "Your answer, a list of 2 numbers, is not it."
    )  # the answer is not given away
    assert pair.judge(...).status == "not yet"
    assert pair.judge((4, ...)).status == "not yet"
    assert pair.judge(lambda: (4, 9)).kind == "function"
    assert pair.judge(5).status == "wrong"


def test_wrong_value_gives_way_to_ours(capsys):
    assert pair((1, 2)) == (4, 9)
    assert "it holds the answer" in capsys.readouterr().out


# Comparing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (1.0, np.float32(1)),
        (1, np.array(1)),
        (True, np.True_),
        ((1, 2), [1, 2]),
        ([1, 2], np.array([1, 2])),
        ({"a": np.zeros(2)}, {"a": np.zeros(2)}),
        (np.array([np.nan]), np.array([np.nan])),
        ([np.zeros(2), np.zeros((3, 1))], [np.zeros(2), np.zeros((3, 1))]),
        ("a", "a"),
        (None, None),
        (np.zeros((2, 3)), np.asfortranarray(np.zeros((2, 3)))),
    ],
)
def test_same(expected, found):
    assert difference(expected, found) == ""


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (1.0, 1.1),
        (1.0, None),
        (1.0, "1"),
        (np.zeros(2), np.zeros((2, 1))),
        (np.zeros(2), [0.0, 0.0]),
        ((1, 2), (1, 2, 3)),
        ((1, 2), 1),
        ({"a": 1}, {"b": 1}),
        ([np.zeros(2), np.zeros(3)], [np.zeros(2), np.ones(3)]),
        (np.zeros(2), [[1, 2], [3]]),
        ("a", "b"),
        (None, 0),
    ],
)
def test_different(expected, found):
    assert difference(expected, found)


def test_close_is_close_enough():
    assert difference(1.0, 1.00001, rtol=1e-4) == ""
    assert difference(1.0, 1.00001) == f"expected {1.0!r}, found {1.00001!r}."


def test_changed_looks_into_everything():
    before = ([np.zeros(2), {"a": np.ones(3)}], 5)
    after = ([np.zeros(2), {"a": np.ones(3)}], 5)
    assert not changed(before, after)
    after[0][1]["a"][2] = 0
    assert changed(before, after)


def test_describe_is_short():
    assert len(describe("x" * 1000)) < 70
    assert describe(np.zeros((2, 3))) == "an array, shape (2, 3) float64"


# Progress ---------------------------------------------------------------------------------------------------


def test_progress_is_kept_on_disk_and_reset(capsys):
    assert memory.passed("1.1") == ""
    assert memory.passed("1.2") == ""
    assert json.loads(memory.place().read_text("utf-8"))["passed"] == ["1.1", "1.2"]
    memory.reset("1.1")
    assert memory.load()["passed"] == {"1.2"}
    memory.reset()
    assert memory.load()["passed"] == set()
    assert "open again" in capsys.readouterr().out
    assert [path.name for path in memory.place().parent.iterdir()] == ["progress.json"]


@pytest.mark.parametrize("broken", ["", "{", "[]", "7", '{"passed": 3}', '{"passed": null}', "\0\0"])
def test_damaged_progress_is_no_reason_to_stop(broken, capsys):
    memory.place().write_text(broken, "utf-8")
    assert memory.load() == {"passed": set(), "opened": set(), "predicted": {}}
    aside = memory.place().with_name("progress.damaged.json")
    assert aside.read_text("utf-8") == broken  # nothing is thrown away
    assert str(aside) in capsys.readouterr().out
    assert memory.passed("1.1") == ""
    assert memory.load()["passed"] == {"1.1"}


def test_a_second_damaged_file_does_not_take_the_first_ones_place():
    for broken in ("{", "["):
        memory.place().write_text(broken, "utf-8")
        memory.load()
    kept = memory.place().parent.glob("*damaged*")
    assert sorted(path.read_text("utf-8") for path in kept) == ["[", "{"]


def test_unwritable_place_is_told_in_words(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "file" / "progress.json"))
    check = make()
    check(check.reference)
    assert "could not be saved" in capsys.readouterr().out


def test_of_a_dict_the_right_entries_are_counted_and_not_named():
    from hwd_lib.exercises.bug_museum import guilty

    verdict = guilty.judge({"A": 4, "B": 3, "C": 3, "D": 4})
    assert (verdict.kind, verdict.sentence) == ("a_last_line", "2 of 4 entries are right.")
    assert "is not it" in guilty.judge({"A": 4}).sentence  # other keys: nothing to count


def test_map_shows_what_is_done(capsys):
    memory.passed("2.1")
    progress.show("02")
    out = capsys.readouterr().out
    assert "02 Something to beat" in out
    assert "1 of 5  <- you are here" in out
    assert "[ ] 01" in out
    shown = progress.Map(memory.load(), "02")
    assert shown._repr_html_().count("class='done'") == 1
    assert shown._repr_html_().count("<li") == len(progress.COURSE) == 11


def test_map_names_the_museum_and_does_not_count_it():
    memory.passed("11.1")
    shown = progress.Map(memory.load(), "10")
    assert shown.done == 0
    todo = len(progress.exercises(progress.MUSEUM))
    assert repr(shown).splitlines()[-1] == f"And if you like: Bug museum, 1 of {todo}"
    assert f"<a href='{progress.MUSEUM.file}'>Bug museum</a>, 1 of {todo}" in shown._repr_html_()


def test_notebook_without_exercises_is_done_when_seen(capsys):
    progress.show("00")
    assert "[x] 00" in capsys.readouterr().out


# Predictions ------------------------------------------------------------------------------------------------


def test_a_prediction_is_kept_and_shown_beside_the_result(capsys):
    predict.recall("1.a")
    assert "no prediction" in capsys.readouterr().out
    _, line = predict.ask("1.a", "How many?").children
    line.value = "ten <b>or</b> so"
    predict.recall("1.a")
    assert "You predicted: ten <b>or</b> so" in capsys.readouterr().out
    assert "ten &lt;b&gt;or" in predict.Guess("ten <b>or</b> so")._repr_html_()
    assert predict.ask("1.a", "How many?").children[1].value == "ten <b>or</b> so"  # after a restart, too
    memory.passed("1.1")
    assert memory.load()["predicted"] == {"1.a": "ten <b>or</b> so"}


def test_a_prediction_that_cannot_be_kept_is_no_reason_to_stop(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HWD_PROGRESS", str(tmp_path / "file" / "progress.json"))
    question, line = predict.ask("1.a", "How many?").children
    line.value = "ten"
    assert "could not be saved" in question.value


# Showing ----------------------------------------------------------------------------------------------------


def test_card_is_safe_html():
    verdict = make().judge(lambda rows: "<script>")
    card = wording.Card(verdict)._repr_html_()
    assert "<script>" not in card
    assert "&lt;script&gt;" in card
    assert "✗" in card  # not by colour alone


def test_in_a_notebook_the_card_is_html():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            make()(empty)
        data = captured.outputs[0].data
        assert data["text/plain"].startswith("○ 9.9")
        assert "hwd-check not-yet" in data["text/html"]
    finally:
        InteractiveShell.clear_instance()


# Notebook and library show the same functions: they must not drift ------------------------------------------


def test_references_agree_with_the_library():
    for (raw,) in first_notebook.bytes_to_array.cases().values():
        np.testing.assert_array_equal(first_notebook.bytes_to_array.reference(raw), mnist.parse_idx(raw))
    for (images,) in first_notebook.scale.cases().values():
        np.testing.assert_allclose(first_notebook.scale.reference(images), mnist.scale(images), rtol=1e-6)
    for (labels,) in first_notebook.one_hot.cases().values():
        np.testing.assert_array_equal(first_notebook.one_hot.reference(labels), network.one_hot(labels))


def test_distances_agree_with_scipy():
    distance = pytest.importorskip("scipy.spatial.distance")
    for images, means in baselines.l1_distances.cases().values():
        ours = (
            baselines.l1_distances.reference(images, means),
            baselines.l2_distances.reference(images, means),
        )
        for found, metric in zip(ours, ("cityblock", "euclidean"), strict=True):
            np.testing.assert_allclose(found, distance.cdist(images, means, metric), rtol=1e-5)


def test_an_exercise_is_made_by_its_decorator():
    assert isinstance(pair, Exercise)
    assert pair.name == "pair"


# Title, sentence and hints speak of one case ----------------------------------------------------------------


def own(source, **names):
    """A function as a notebook's cell makes it, so that its source can be found."""
    cell = f"<a cell, {len(linecache.cache)}>"
    linecache.cache[cell] = (len(source), None, source.splitlines(keepends=True), cell)
    names |= {"np": np, "__name__": "__main__"}
    exec(compile(source, cell, "exec"), names)
    return names["less_largest"]


def test_an_error_in_a_later_case_does_not_lend_its_title_to_the_first():
    def first_differs_then_stops(rows):
        return rows if len(rows) == 3 else 1 / 0

    verdict = make().judge(first_differs_then_stops)
    assert verdict.kind == "unknown"
    assert verdict.sentence.startswith("With three rows: expected")
    assert verdict.hints == make().hints


@pytest.mark.parametrize("last", ["one row", "three rows"])
def test_the_sentence_is_about_the_first_case_that_is_wrong(last):
    def stops(rows):
        if len(rows) == (1 if last == "one row" else 3):
            raise KeyError("here")
        return rows - rows.max(axis=1, keepdims=True)

    verdict = make().judge(stops)
    assert verdict.kind == "error"
    assert verdict.sentence.startswith(f"With {last}: it stopped")


def test_a_verdict_does_not_print_the_list_of_all_mistakes():
    assert "no keepdims" not in repr(make().judge(lambda rows: rows))
    assert "no keepdims" not in repr(make())


# The library's own function is no answer --------------------------------------------------------------------


def ours():
    """An exercise whose reference comes from the library, as those of the course do."""
    return baselines.accuracy


def test_after_a_run_without_an_answer_ours_is_no_answer(capsys):
    name = ours()(None)  # what the notebook goes on with
    verdict = ours().judge(name, {"accuracy": name})
    assert verdict.status == "not yet"
    assert "still holds our own" in verdict.sentence


def test_a_function_with_a_misspelt_name_is_found():
    wrong = own("def less_largest(rows):\n    return 1\n")
    verdict = ours().judge(ours().reference, {"acuracy": wrong, "mean_digits": wrong})
    assert verdict.kind == "another name"
    assert "`acuracy`" in verdict.sentence


def test_the_function_of_another_exercise_is_no_misspelt_name():
    wrong = own("def less_largest(rows):\n    return 1\n")
    verdict = baselines.l1_distances.judge(baselines.l1_distances.reference, {"l2_distances": wrong})
    assert verdict.status == "not yet"


def test_a_value_that_was_handed_out_is_no_answer(capsys):
    value = forward_pass.shapes(...)
    assert forward_pass.shapes.judge(value).status == "not yet"
    assert forward_pass.shapes.judge(dict(value)).status == "right"


# What the machine finds by itself ---------------------------------------------------------------------------

REPAIRS = {
    "notebook variable": "return table - table.max(axis=1, keepdims=True)",
    "operands": "return rows.max(axis=1, keepdims=True) - rows",
    "another function": "return rows - rows.min(axis=1, keepdims=True)",
    "operator": "return rows + rows.max(axis=1, keepdims=True)",
    "too much": "return (rows - rows.max(axis=1, keepdims=True)) / rows.size",
    "call": "return (rows - rows.max(axis=1, keepdims=True)).copy",
    "return in the loop": (
        "new = rows.copy()\n    for i in range(len(rows)):\n        new[i] -= max(new[i])\n        return new"
    ),
    "thrown away": "np.subtract(rows, rows.max(axis=1, keepdims=True))\n    return rows",
}


@pytest.mark.parametrize(
    "kind", ["notebook variable", "operands", "another function", "operator", "too much", "call"]
)
def test_a_small_change_that_makes_it_right_is_found(kind, monkeypatch):
    monkeypatch.setattr(guard, "SEARCH", 60.0)
    answer = own(f"def less_largest(rows):\n    {REPAIRS[kind]}\n", table=np.ones((3, 4)))
    verdict = make().judge(answer)
    assert verdict.kind == kind
    assert len(set(verdict.hints)) == 3
    assert "ine 2" in verdict.hints[0]
    fixed = verdict.hints[2].split("`")[1]
    assert make().judge(own(f"def less_largest(rows):\n    {fixed}\n")).status == "right"  # it is no guess


@pytest.mark.parametrize("kind", ["return in the loop", "thrown away"])
def test_lines_that_stand_in_the_wrong_place_are_found(kind, monkeypatch):
    monkeypatch.setattr(guard, "SEARCH", 60.0)
    answer = own(f"def less_largest(rows):\n    {REPAIRS[kind]}\n")
    assert make().judge(answer).kind == kind


def test_a_default_that_remembers_is_named_and_put_back():
    answer = own(
        "def less_largest(rows, found=[]):\n    found.extend(row - max(row) for row in rows)\n"
        "    return np.array(found)\n"
    )
    assert make().judge(answer).kind == "mutable default"
    assert answer.__defaults__ == ([],)


def test_another_result_each_time_is_named():
    def shuffled(rows):
        return np.random.permutation(1000)  # noqa: NPY002

    assert make().judge(shuffled).kind == "chance"


def test_an_argument_that_is_not_used_is_named():
    @exercise("9.6", cases=lambda: {"two": (2.0, 3.0)}, tested="x", hints=("a?", "b.", "c."))
    def power(base, exponent):
        return base**exponent

    verdict = power.judge(lambda base, exponent: 17 * base)
    assert verdict.kind == "unused"
    assert "`exponent` is never used" in verdict.sentence


def test_bytes_that_ran_over_are_named():
    @exercise(
        "9.5",
        cases=lambda: {"bright": (np.array([200, 100], np.uint8), np.array([100, 1], np.uint8))},
        tested="x",
        hints=("a?", "b.", "c."),
    )
    def both(one, other):
        return one.astype(int) + other

    assert both.judge(lambda one, other: one + other).kind == "wraps"


@pytest.mark.parametrize(
    ("returned", "kind"),
    [
        (lambda a: a.sum(axis=0), "one of several"),
        (lambda a: (a.sum(axis=1), a.sum(axis=0)), "order"),
    ],
)
def test_the_form_of_what_comes_back_is_named(returned, kind):
    @exercise(
        "9.4",
        cases=lambda: {"six": (np.arange(6.0).reshape(2, 3),)},
        result=lambda returned, *_: [returned[0] + 0, returned[1] + 0],
        tested="x",
        hints=("a?", "b.", "c."),
    )
    def sums(a):
        return a.sum(axis=0), a.sum(axis=1)

    assert sums.judge(returned).kind == kind


def test_a_changed_answer_that_does_not_end_is_left_behind():
    answer = own(
        "def less_largest(rows):\n    i, new = 0, rows.copy()\n    while i < len(rows):\n"
        "        new[i] = new[i] * 17\n        i += 1\n    return new\n"
    )
    before = time.process_time()
    assert make().judge(answer).status == "wrong"
    assert time.process_time() - before < 10


# An error's hints follow from the error ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("return rows ^ 2", "caret"),
        ("return rows[0](1)", "star"),
        ("return rows.sort()[0]", "none"),
        ("return print(rows).T", "no return"),
        ("return np.array([[1, 2], [3]])", "ragged"),
        ("return np.concatenate(rows, rows)", "concatenate"),
        ("return np.concatenate([rows, rows[0]])", "unlike parts"),
        ("return [1] - [2]", "lists"),
        ("return 0.5 * [2]", "lists"),
        ("return less_largest(rows)", "recursion"),
        ("return rowz", "name"),
        ("if 0: x = 1\n    return x", "unbound"),
        ("a, b = rows, rows, rows\n    return a", "unpack"),
        ("return rows[99]", "too few"),
        ("return rows.reshape(5, 5)", "fit"),
        ("return rows @ np.ones((9, 9))", "shapes"),
        ("a = rows.astype(np.uint8)\n    a /= 255\n    return a", "whole numbers"),
        ("return rows if rows > 0 else 0", "truth"),
        ("return rows if 0 < rows < 1 else 0", "chain"),
        ("return rows > 0 and rows < 1", "words for arrays"),
        ("return rows > 0 & rows < 1", "brackets for &"),
        ("exit()", "exit"),
        ("quit()", "exit"),
        ("raise SystemExit", "exit"),
        ("raise KeyboardInterrupt", "exit"),
    ],
)
def test_hints_of_an_error_follow_from_the_error(line, kind):
    verdict = make().judge(own(f"def less_largest(rows):\n    {line}\n"))
    assert verdict.kind == kind
    assert verdict.hints == errors.TEXTS[kind][1:]


def test_a_wrong_axis_is_no_miscount():
    answer = own("def less_largest(rows):\n    return (rows.T - rows.max(axis=0)).T\n")
    with pytest.raises(ValueError, match="broadcast"):
        answer(np.zeros((2, 3)))
    assert make().judge(answer).kind == "axis"


def test_hints_of_errors_and_repairs_are_sentences():
    for title, *hints in [*errors.TEXTS.values(), *repair.TEXTS.values(), *wording.GENERAL.values()]:
        assert title[0].isupper() or title[0] == "`"
        assert all(hint.strip()[-1] in ".?:)`" and hint.count("`") % 2 == 0 for hint in hints), hints


def test_a_return_of_what_returns_nothing_is_not_called_a_missing_return():
    answer = own("def less_largest(rows):\n    rows = rows.copy()\n    return rows.resize((3, 4))\n")
    assert make().judge(answer).kind == "none"


def test_exit_does_not_stay_replaced():
    answer = own("def less_largest(rows):\n    exit()\n", exit="the notebook's own")
    make().judge(answer)
    assert answer.__globals__["exit"] == "the notebook's own"
    assert "quit" not in answer.__globals__


def test_slow_is_not_endless(monkeypatch):
    monkeypatch.setattr(guard, "DEADLINE", 0.2)
    monkeypatch.setattr(guard, "PATIENCE", 30.0)

    def ends(rows):
        if len(rows) == 1:
            time.sleep(0.4)
        return rows - rows.max(axis=1, keepdims=True)

    verdict = make().judge(ends)
    assert (verdict.status, verdict.title) == ("right", "Right, but slow")
    monkeypatch.setattr(guard, "PATIENCE", 0.6)

    def too_slow(rows):
        if len(rows) == 1:
            time.sleep(1.5)
        return rows

    verdict = make().judge(too_slow)
    assert verdict.kind == "slow"
    assert "1 of 2 inputs" in verdict.sentence


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        (np.float64(-0.0), 2.0, "expected 0, found 2."),
        (3, 50331648, "expected 3, found 50331648."),
        ((1, "a"), ("a", 1), "expected a number at [0], found 'a'."),
        ([1], [1, 2], "expected 1 value, found 2."),
    ],
)
def test_the_difference_that_is_described_can_be_seen(expected, found, said):
    assert said in difference(expected, found)


def test_two_things_that_look_alike_from_outside_are_told_apart():
    said = difference({"a": {1: 2}}, {"a": 5})
    one, other = said.removeprefix("expected ").split(", found ")
    assert one != other
