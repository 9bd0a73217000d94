"""What an exercise is: a reference, cases to try it on, known mistakes, each with hints in three steps."""

import dis
import inspect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from hwd_lib.checks import guard, memory, wording
from hwd_lib.checks.compare import changed, difference, holds_ellipsis

ANOTHER_FORM = "another form"


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its name in words, the mistake as a function, a nudge, the idea, nearly the line."""

    name: str
    function: Callable
    hints: tuple

    @property
    def id(self):
        """Its name in tests."""
        return self.function.__name__.strip("_")


@dataclass(frozen=True)
class Outcome:
    """What one case gave: a value, or an error; which arguments had changed; a warning."""

    case: str
    value: object = None
    returned: object = None
    error: BaseException | None = None
    changed: tuple = ()
    warned: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a check has found.

    ``status`` is "right", "wrong" or "not yet". ``kind`` is the id of the known mistake, or one of "right",
    "empty", "unknown" and the names in `wording.GENERAL`: the mistakes that can happen in every exercise.
    """

    exercise: "Exercise"
    status: str
    kind: str
    title: str
    sentence: str = ""
    hints: tuple = ()


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
    mistakes: list = field(default_factory=list)
    tries: Counter = field(default_factory=Counter)

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
            verdict = self.judge(answer)
        except Exception as error:  # a check never raises, however odd the answer is
            verdict = self._general("odd", wording.odd(error))
        self.tries[verdict.kind] += 1
        trouble = memory.passed(self.number) if verdict.status == "right" else ""
        wording.show(verdict, self.tries[verdict.kind], trouble)
        if verdict.status == "right":
            return answer
        return self.reference if self.cases else self.reference()

    def judge(self, answer):
        """Find out what is right or wrong with an answer: a Verdict. Shows nothing and remembers nothing."""
        if answer is ... or answer is None or _is_empty(answer):
            return self._not_yet("Nothing is written here yet.")
        if self.cases is None:
            function, cases = (lambda: answer), (lambda: {"": ()})
            if callable(answer):
                return self._general("function", wording.function_for_value(self.name))
        else:
            function, cases = answer, self.cases
            if not callable(answer):
                return self._general("called", wording.called(self.name, answer))
            if sentence := self._misfit(function, next(iter(cases().values()))):
                return self._general("arguments", sentence)
        outcomes = []
        ran = guard.run(function, lambda: self._try(function, cases, outcomes))
        if ran.timed_out:
            return self._general("endless", wording.endless(ran, guard.DEADLINE))
        if any(holds_ellipsis(o.returned) or "ellipsis" in str(o.error) for o in outcomes):
            return self._not_yet("There is still a `...` in it.")
        return self._compare(function, cases, outcomes, ran.printed)

    def _try(self, function, cases, outcomes):
        names = list(inspect.signature(self.reference).parameters)
        for case, before in cases().items():
            arguments = cases()[case]  # anew: what the function does to them must not reach the next case
            try:
                with guard.heed_warnings() as warned:
                    returned = value = function(*arguments)
            except Exception as error:
                outcomes.append(Outcome(case, error=error))
                continue
            if self.result:
                try:
                    value = self.result(returned, *arguments)
                except Exception:  # what came back has another form than `result` knows
                    value = {ANOTHER_FORM: returned}
            pairs = zip(names, before, arguments, strict=True)
            moved = () if self.in_place else tuple(name for name, b, a in pairs if changed(b, a))
            warning = str(warned[0].message) if self.warns and warned else ""
            outcomes.append(Outcome(case, value, returned, None, moved, warning))
        return outcomes

    def _compare(self, function, cases, outcomes, printed):
        with guard.quiet():
            right = self._try(self.reference, cases, [])
            if self._agree(right, outcomes):
                return Verdict(self, "right", "right", "Right", wording.tested(self.tested))
            for mistake in self.mistakes:
                theirs = self._try(mistake.function, cases, [])
                strict = self._agree(right, theirs, strict=False)  # it is about the dtype, or being in place
                if self._agree(theirs, outcomes, strict):
                    sentence = self._first_difference(function, right, outcomes)
                    return Verdict(self, "wrong", mistake.id, mistake.name, sentence, mistake.hints)
        if any(o.error for o in outcomes):
            return self._general("error", self._first_difference(function, right, outcomes))
        if all(o.returned is None for o in outcomes) and any(o.returned is not None for o in right):
            kind = "printed" if printed.strip() else "no return"
            return self._general(kind, wording.nothing_came(self.name))
        if self._agree(right, outcomes, strict=False):
            kind = "in place" if any(o.changed for o in outcomes) else "dtype"
            kind = "warns" if kind == "dtype" and any(o.warned for o in outcomes) else kind
            return self._general(kind, self._first_difference(function, right, outcomes))
        sentence = self._first_difference(function, right, outcomes)
        return Verdict(self, "wrong", "unknown", "Not right yet", sentence, self.hints)

    def _agree(self, expected, found, strict=True):
        """Whether two functions gave the same in all cases; if strict, same side effects."""
        return all(
            _same_error(e.error, f.error)
            and (not strict or (e.changed, bool(e.warned)) == (f.changed, bool(f.warned)))
            and not difference(e.value, f.value, self.rtol, self.atol, strict and self.dtype)
            for e, f in zip(expected, found, strict=True)
        )

    def _first_difference(self, function, right, outcomes):
        for e, f in zip(right, outcomes, strict=True):
            if f.error:
                return wording.error(f, guard.line_of_error(function, f.error))
            if isinstance(f.value, dict) and ANOTHER_FORM in f.value:
                return wording.in_case(f.case, wording.another_form(e.returned, f.returned))
            if sentence := difference(e.value, f.value, self.rtol, self.atol, self.dtype):
                if self.cases is None:  # a value must not be given away at the first try
                    return wording.not_it(f.value, self._entries_right(e.value, f.value))
                return wording.in_case(f.case, sentence)
        return next((wording.aside(f) for f in outcomes if f.changed or f.warned), "")

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

    def _general(self, kind, sentence):
        return Verdict(self, "wrong", kind, wording.GENERAL[kind][0], sentence, wording.GENERAL[kind][1:])


def exercise(number, *, tested, hints, cases=None, **options):
    """Make an exercise of the function below, which is its reference. Parameters: see `Exercise`."""
    return lambda reference: Exercise(number, reference, tested, tuple(hints), cases, **options)


def _is_empty(function):
    """Whether a function does nothing but return None or ``...``: nothing was written yet."""
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    frame = ("RESUME", "NOP", "RETURN_VALUE")
    work = [i for i in dis.get_instructions(code) if i.opname not in frame]
    return all(i.opname in ("LOAD_CONST", "RETURN_CONST") and i.argval in (None, ...) for i in work)


def _same_error(one, other):
    return type(one) is type(other) and str(one) == str(other)
