"""What an exercise is: a reference, cases to try it on, known mistakes, each with hints in three steps."""

import copy
import difflib
import inspect
import random
import re
import sys
import types
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from hwd_lib.checks import errors, guard, memory, repair, wording
from hwd_lib.checks.answer import Defaults, is_empty, is_ours, same_error, source_of, unused_arguments
from hwd_lib.checks.compare import changed, difference, holds_ellipsis, holds_nothing, unlike, widened
from hwd_lib.checks.verdict import Mistake, Outcome, Verdict

ANOTHER_FORM = "another form"


@dataclass
class Exercise:
    """An exercise, which is also the function that checks it: ``softmax = check.softmax(softmax)``.

    Parameters
    ----------
    number : str
        Notebook and exercise, such as "3.4".
    reference : function
        The right answer. Without `cases`, a function of no arguments that returns the value to be found.
    tested : str
        What a right answer has shown: "Right. Tested: …".
    hints : tuple of three str
        For a wrong answer that is none of the known mistakes.
    cases : function
        Returns a dict, name in words -> tuple of arguments. It is called anew for each run, so that no change
        of an argument outlives the run.
    rtol, atol : float
        How close numbers must be.
    dtype : bool
        Whether the dtype counts.
    in_place : bool
        Whether the function may change its arguments.
    warns : bool
        Whether it counts when NumPy warns of an overflow, or of an invalid value.
    result : function (returned, *arguments afterwards) -> value
        What to compare, when more than one answer is right.
    """

    number: str
    reference: Callable
    tested: str
    hints: tuple
    cases: Callable | None = None
    rtol: float = 1e-4
    atol: float = 1e-6
    dtype: bool = False
    in_place: bool = False
    warns: bool = False
    result: Callable | None = None
    mistakes: list = field(default_factory=list, repr=False)
    tries: Counter = field(default_factory=Counter)
    given: list = field(
        default_factory=list, repr=False
    )  # the last value that was handed out for a wrong one

    @property
    def name(self):
        """What the learner's function is called."""
        return self.reference.__name__

    def mistake(self, name, nudge, idea, line):
        """Decorate a function that makes a known mistake."""

        def remember(function):
            self.mistakes.append(Mistake(name, function, (nudge, idea, line)))
            return function

        return remember

    def __call__(self, answer):
        """Check an answer, say what is right or which mistake it is, and return what to go on with."""
        try:
            verdict = self.judge(answer, sys._getframe(1).f_globals)
        except Exception as error:  # a check never raises, however odd the answer is
            verdict = self._general("odd", wording.odd(error))
        self.tries[verdict.kind] += 1
        trouble = memory.passed(self.number) if verdict.status == "right" else ""
        wording.show(verdict, self.tries[verdict.kind], trouble)
        if verdict.status == "right":
            return answer
        if self.cases:
            return self.reference
        self.given[:] = [self.reference()]
        return self.given[0]

    def judge(self, answer, names=None):
        """Find out what is right or wrong with an answer: a Verdict. Shows nothing and remembers nothing.

        `names` are those of the notebook: where the answer is our own function, one of a name much like that
        of the exercise is looked for among them.
        """
        if answer is ... or answer is None or is_empty(answer):
            return self._not_yet("Nothing is written here yet.")
        if is_ours(answer) or any(answer is value for value in self.given):
            return self._ours(names or {})
        if self.cases is None:
            function, cases = (lambda: answer), (lambda: {"": ()})
            if callable(answer):
                return self._general("function", wording.function_for_value(self.name))
            if isinstance(answer, str) and isinstance(self.reference(), (int, float, np.number)):
                return self._general("text", wording.text(answer, self.reference()))
        else:
            function, cases = answer, self.cases
            if not callable(answer):
                return self._general("called", wording.called(self.name, answer))
            if sentence := self._misfit(function, next(iter(cases().values()))):
                return self._general("arguments", sentence)
        outcomes, defaults = [], Defaults(function)
        ran = guard.run(function, lambda: self._try(function, cases, outcomes), lambda: bool(outcomes))
        kept = defaults.restore()
        if ran.timed_out:
            return self._timed_out(ran, cases, outcomes)
        if any(holds_ellipsis(o.returned) or "ellipsis" in str(o.error) for o in outcomes):
            return self._not_yet("There is still a `...` in it.")
        with guard.quiet():
            right = self._try(self.reference, cases, [])
            if self._agree(right, outcomes):
                title = "Right" if ran.seconds < guard.DEADLINE else "Right, but slow"
                return Verdict(self, "right", "right", title, wording.tested(self.tested))
            known = self._known(cases, right, outcomes)
        if known:
            change = self._of_brackets(known, function, cases, right)
            what = change or known
            kind, title = (change.kind, change.title) if change else (known.id, known.name)
            sentence = self._sentence(function, right, outcomes)
            return Verdict(self, "wrong", kind, title, sentence, what.hints)
        return self._explain(function, cases, right, outcomes, ran.printed, kept)

    def _try(self, function, cases, outcomes):
        names = list(inspect.signature(self.reference).parameters)
        for case, before in cases().items():
            arguments = cases()[case]  # anew: what the function does to them must not reach the next case
            outcomes.append(self._run(function, case, arguments, zip(names, before, arguments, strict=True)))
        return outcomes

    def _run(self, function, case, arguments, pairs):
        """Call a function with the arguments of one case; `pairs` are (name, before, after)."""
        try:
            with guard.heed_warnings() as warned:
                returned = value = function(*arguments)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            return Outcome(case, error=error)
        if self.result:
            try:
                value = self.result(returned, *arguments)
            except Exception:  # what came back has another form than `result` knows
                value = {ANOTHER_FORM: returned}
        moved = () if self.in_place else tuple(name for name, b, a in pairs if changed(b, a))
        warning = str(warned[0].message) if self.warns and warned else ""
        return Outcome(case, value, returned, None, moved, warning)

    def _known(self, cases, right, outcomes):
        """The known mistake that gives the same in all cases; None if there is none."""
        for mistake in self.mistakes:
            theirs = self._try(mistake.function, cases, [])
            strict = self._agree(right, theirs, strict=False)  # it is about the dtype, or being in place
            if self._agree(theirs, outcomes, strict):
                return mistake
        if self.cases is None:
            return self._known_in_part(right[0].value, outcomes[0].value)
        return None

    def _known_in_part(self, right, found):
        """Of a dict: the known mistake that gives some of its wrong entries."""
        if not isinstance(right, dict) or not isinstance(found, dict) or set(right) != set(found):
            return None
        for mistake in self.mistakes:
            theirs = self._try(mistake.function, lambda: {"": ()}, [])[0].value
            theirs = theirs if isinstance(theirs, dict) else {}
            changed_ones = [key for key in theirs if theirs[key] != right[key]]
            if changed_ones and all(theirs[key] == found[key] for key in changed_ones):
                return mistake
        return None

    def _explain(self, function, cases, right, outcomes, printed, kept):
        """What is wrong with an answer that is none of the known mistakes: a Verdict.

        Title, sentence and hints speak of the same case: the first that is wrong.
        """
        sentence = self._sentence(function, right, outcomes)
        if self.cases is None:
            return Verdict(self, "wrong", "unknown", "Not right yet", sentence, self.hints)
        expected, found = next(
            pair for pair in zip(right, outcomes, strict=True) if not self._agree(*zip(pair))
        )
        if kept:
            return self._told("mutable default", repair.TEXTS["mutable default"], sentence, kept)
        if all(o.returned is None and not o.error for o in outcomes) and expected.returned is not None:
            source = source_of(function)
            kind = "printed" if printed.strip() else "no return"
            if re.search(r"return .*" + errors.MAKES_NOTHING.pattern, source):
                return self._told("none", errors.TEXTS["none"], wording.nothing_came(self.name))
            return self._general(kind, wording.nothing_came(self.name))
        if self._agree(right, outcomes, strict=False):
            kind = "in place" if found.changed else "warns" if found.warned else "dtype"
            return self._general(kind, sentence)
        if not found.error and (kind := unlike(expected.returned, found.returned, self._same)):
            return self._general(kind, sentence)
        if (
            not found.error
            and holds_nothing(found.returned)
            and errors.MAKES_NOTHING.search(source_of(function))
        ):
            return self._told("none", errors.TEXTS["none"], sentence)
        if found.error and self._kind_of_error(function, found) in errors.PLAIN:
            return self._of_error(function, found, sentence)
        if not found.error and self._by_chance(function, cases, found):
            return self._general("chance", sentence)
        if isinstance(function, types.FunctionType):
            if change := self._repair(function, cases, right):
                return Verdict(self, "wrong", change.kind, change.title, sentence, change.hints)
            if self._right_when_widened(function, cases, right):
                return self._general("wraps", sentence)
            unused = unused_arguments(function, self.reference)
            if unused and (own := repair.data_of_the_notebook(function)):
                where = wording.of_the_notebook(own, unused)
                return self._told(
                    "notebook variable", repair.TEXTS["notebook variable"], f"{sentence} {where}", ""
                )
        else:
            unused = ()
        if found.error:
            return self._of_error(function, found, sentence)
        if found.changed:
            more = "" if self._agree([expected], [found], strict=False) else f" {wording.changed(found)}"
            return self._general("in place", f"{sentence}{more}")
        if unused:
            return self._general("unused", f"{sentence} {wording.unused(unused)}")
        return Verdict(self, "wrong", "unknown", "Not right yet", sentence, self.hints)

    def _of_error(self, function, outcome, sentence):
        kind = self._kind_of_error(function, outcome)
        if not kind:
            return self._general("error", sentence)
        return self._told(kind, errors.TEXTS[kind], sentence)

    def _kind_of_error(self, function, outcome):
        line = guard.line_of_error(function, outcome.error)
        return errors.kind(outcome.error, line[1] if line else "", source_of(function))

    def _repair(self, function, cases, right, kinds=None):
        """The small change that makes an answer right, when one is found in time."""
        inputs, found = cases(), []
        names = list(inspect.signature(self.reference).parameters)

        def passes(changed_function):
            for one, (case, before) in zip(right, inputs.items(), strict=True):
                after = copy.deepcopy(before)
                try:
                    with guard.briefly(repair.FILE):
                        outcome = self._run(
                            changed_function, case, after, zip(names, before, after, strict=True)
                        )
                except guard.Stopped:
                    return False
                if not self._agree([one], [outcome]):
                    return False
            return True

        guard.run(
            function,
            lambda: found.append(repair.find(function, next(iter(inputs.values())), passes, kinds)),
            limit=guard.SEARCH,
        )
        return found[0] if found else None

    def _of_brackets(self, known, function, cases, right):
        """Where brackets alone make it right, they are what is wrong: a known mistake can look the same."""
        if (
            not self.cases
            or not isinstance(function, types.FunctionType)
            or "racket" in "".join((known.name, *known.hints))
        ):
            return None
        return self._repair(function, cases, right, ("brackets",))

    def _right_when_widened(self, function, cases, right):
        """Whether an answer is right when bytes are handed over as larger numbers: then it wrapped around."""
        wide = {case: widened(arguments) for case, arguments in cases().items()}
        if not any(changed(arguments, wide[case]) for case, arguments in cases().items()):
            return False
        outcomes = []
        guard.run(function, lambda: self._try(function, lambda: copy.deepcopy(wide), outcomes))
        return len(outcomes) == len(right) and self._agree(right, outcomes, strict=False)

    def _by_chance(self, function, cases, found):
        """Whether a second run gives something else, though the same arguments come in."""
        again = []

        def once_more():
            random.seed()
            np.random.seed()  # noqa: NPY002 (`guard.run` puts both back)
            self._try(function, lambda: {found.case: cases()[found.case]}, again)

        guard.run(function, once_more)
        if not again or again[0].error or callable(found.returned):
            return False
        pairs = (found.returned, again[0].returned), (found.value, again[0].value)
        return any(difference(one, other) and not difference(one, one) for one, other in pairs)

    def _same(self, expected, found):
        return not difference(expected, found, self.rtol, self.atol)

    def _timed_out(self, ran, cases, outcomes):
        if not outcomes:
            return self._general("endless", wording.endless(ran))
        return self._general("slow", wording.slow(ran, len(outcomes), len(cases())))

    def _ours(self, names):
        """The answer is the library's own: it was handed out before, and nothing of one's own is there."""
        exercises = vars(sys.modules[self.reference.__module__])
        written = [
            name
            for name, value in names.items()
            if isinstance(value, types.FunctionType)
            and not is_ours(value)
            and not isinstance(exercises.get(name), Exercise)
        ]
        if close := difflib.get_close_matches(self.name, written, 1, 0.7):
            return self._general("another name", wording.another_name(self.name, close[0]))
        return self._not_yet(wording.ours(self.name))

    def _agree(self, expected, found, strict=True):
        """Whether two functions gave the same in all cases; if strict, same side effects."""
        return all(
            same_error(e.error, f.error)
            and (not strict or (e.changed, bool(e.warned)) == (f.changed, bool(f.warned)))
            and not difference(e.value, f.value, self.rtol, self.atol, strict and self.dtype)
            for e, f in zip(expected, found, strict=True)
        )

    def _sentence(self, function, right, outcomes):
        """Say in which case an answer is wrong first, and how."""
        for e, f in zip(right, outcomes, strict=True):
            if f.error:
                return wording.error(f, guard.line_of_error(function, f.error))
            if isinstance(f.value, dict) and ANOTHER_FORM in f.value:
                if self.cases is None:
                    return wording.not_it(f.returned)
                said = difference(e.returned, f.returned, self.rtol, self.atol)
                return wording.in_case(f.case, said or wording.another_form(e.returned, f.returned))
            if said := difference(e.value, f.value, self.rtol, self.atol, self.dtype):
                if self.cases is None:  # a value must not be given away at the first try
                    return wording.not_it(f.value, self._entries_right(e.value, f.value))
                return wording.in_case(f.case, said)
            if (e.changed, bool(e.warned)) != (f.changed, bool(f.warned)):
                return wording.aside(f)
        return ""

    def _entries_right(self, expected, found):
        """How many entries of a dict are right; None where there is no dict, or it has other keys."""
        if not isinstance(expected, dict) or not isinstance(found, dict) or set(expected) != set(found):
            return None
        return sum(not difference(expected[key], found[key], self.rtol, self.atol) for key in expected)

    def _misfit(self, function, arguments):
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # some built-in functions do not tell
            return ""
        try:
            signature.bind(*arguments)
            return ""
        except TypeError:
            wanted = inspect.signature(self.reference).parameters
            return wording.misfit(list(wanted), list(signature.parameters))

    def _not_yet(self, sentence):
        return Verdict(self, "not yet", "empty", "Not yet", sentence)

    def _told(self, kind, text, sentence, last=""):
        """A Verdict with the texts of a repair that was seen without one."""
        title, nudge, idea, *line = text
        last = last or "".join(line) or "Take what stands in the line with `def` in its place."
        return Verdict(self, "wrong", kind, title, sentence, (nudge, idea, last))

    def _general(self, kind, sentence):
        return Verdict(self, "wrong", kind, wording.GENERAL[kind][0], sentence, wording.GENERAL[kind][1:])


def exercise(number, *, tested, hints, cases=None, **options):
    """Make an exercise of the function below, which is its reference. Parameters: see `Exercise`."""
    return lambda reference: Exercise(number, reference, tested, tuple(hints), cases, **options)


