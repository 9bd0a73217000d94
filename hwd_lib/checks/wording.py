"""What a check says, in words: to a person first, in a notebook as a small card, elsewhere as plain text."""

import re
import sys
from html import escape

from hwd_lib.checks.compare import describe, kind_of

# The mistakes that can happen in every exercise: kind -> (title, nudge, idea, nearly the line).
GENERAL = {
    "no return": (
        "Nothing comes back",
        "What does your function hand back to the one who called it?",
        "A function gives its result away with `return`. Without it, the caller gets `None`.",
        "End your function with `return`, followed by the name of your result.",
    ),
    "printed": (
        "Printed instead of returned",
        "You can see the result on the screen. Can the next function use it?",
        "`print` shows a value to a person; `return` gives it to the program.",
        "Write `return ...` instead of `print(...)`.",
    ),
    "called": (
        "The result instead of the function",
        "What stands between the brackets of the check?",
        "The check calls your function with inputs of its own: it wants the function, not one result.",
        "Hand over the name alone: `check.name(name)`, with no brackets after the second `name`.",
    ),
    "function": (
        "A function instead of its result",
        "What kind of thing is your answer?",
        "Here the check wants a value, not a function that finds it.",
        "Call your function first, and hand over what it returns.",
    ),
    "arguments": (
        "A different number of arguments",
        "Compare the line with `def` with the one that the exercise came with.",
        "The check calls your function with the arguments of the exercise, in their order.",
        "Take the first line of the solution's fold, and leave your own lines below it as they are.",
    ),
    "error": (
        "It stopped with an error",
        "Read the last line of the error first: it says what went wrong.",
        "Look at the shapes of everything in that line: `print(a.shape, b.shape)` in a cell of its own.",
        "Run that one line in a cell of its own, with small arrays, until you see which part of it fails.",
    ),
    "endless": (
        "It does not come to an end",
        "Which of your loops could go on for ever?",
        "A `while` loop ends when its condition is false: something inside it must bring that about.",
        "Write `for i in range(n):` if you know how often; or change in the loop what `while` looks at.",
    ),
    "in place": (
        "An argument was changed",
        "Look at what you were given, before and after the call. Is it still the same?",
        "`a -= b`, `a[...] = b` and `a.sort()` write into the array itself, and the caller has only the one.",
        "Make a new array: `a = a - b` instead of `a -= b`, or `a = a.copy()` first.",
    ),
    "dtype": (
        "Right numbers of another type",
        "What is the `dtype` of what you return?",
        "Every array has one type for all its numbers, and it goes on into everything made of it.",
        "Convert at the end: `.astype(np.float32)`, or whatever type is asked for.",
    ),
    "warns": (
        "Right, but NumPy warns",
        "Which number in your formula grows beyond all bounds for an extreme input?",
        "A float64 ends at about 1e308: beyond that it is infinity, and from there it is a short way to nan.",
        "Find a form of the same formula in which `np.exp` is only asked for numbers below 0.",
    ),
    "slow": (
        "It takes too long",
        "How often does the innermost line of your function run?",
        "It gets on, but one number at a time. NumPy does the same for a whole array in one call.",
        "Take the innermost loop, and write it as one operation on arrays.",
    ),
    "another name": (
        "Your function has another name",
        "Compare the name in your line with `def` with the one in the line of the check, letter by letter.",
        "Python finds a function by its exact name. What the check was given is our own.",
        "Take the first line of the exercise as it came, and leave your own lines below it as they are.",
    ),
    "text": (
        "Text instead of a value",
        "Which quotation marks stand in your answer?",
        "Between quotation marks everything is text to Python, digits and brackets as well.",
        "Leave the quotation marks out. A number has a dot, and no comma: `0.5`.",
    ),
    "one of several": (
        "One result comes back, where several are asked for",
        "How many things does the exercise want back?",
        "A function returns several things at once when they stand behind `return` with commas between.",
        "`return first, second`, in the order of the exercise.",
    ),
    "order": (
        "The right results in another order",
        "In which order does the exercise ask for them?",
        "Whoever calls your function takes its results apart by their places.",
        "Change the order behind `return`.",
    ),
    "chance": (
        "A different result each time",
        "Call it twice with the same arguments. Do you get the same?",
        "NumPy's own random numbers, `np.random...`, go on from call to call: nobody can repeat a result.",
        "Draw from the `rng` that you are given; where there is none, nothing is to be drawn at all.",
    ),
    "wraps": (
        "Bytes ran over",
        "What is 200 + 100 in an array of uint8? And 10 - 20?",
        "A uint8 holds 0 to 255: after 255 comes 0 again, and NumPy says nothing.",
        "Convert before you calculate: `.astype(int)` or `.astype(np.float32)`.",
    ),
    "unused": (
        "An argument is not used",
        "Which names in the line with `def` do not come again below it?",
        "Each argument is there because the result depends on it.",
        "Say in words what the argument stands for, and which step of yours should know it.",
    ),
    "odd": (
        "Something unexpected came back",
        "Look at what your function returns, in a cell of its own.",
        "The check compares plain numbers and arrays. What came back is something else.",
        "Return a NumPy array or a number, such as the exercise asks for.",
    ),
}


def tested(what):
    return f"Tested: {what}."


def in_case(case, sentence):
    return f"With {case}: {sentence}" if case else sentence


def not_it(value, entries_right=None):
    if entries_right is not None:  # which ones is for the learner to find out
        return f"{entries_right} of {len(value)} entries are right."
    return f"Your answer, {describe(value)}, is not it."


def another_form(expected, found):
    return f"expected something like {describe(expected)}, found {describe(found)}."


def called(name, answer):
    return f"The check was given {describe(answer)}. It should be `check.{name}({name})`."


def function_for_value(name):
    return f"`{name}` is a function here, and the check wants the value."


def misfit(wanted, own):
    def count(names):
        return f"{len(names)} argument{'s' * (len(names) != 1)} ({', '.join(names) or 'none'})"

    return f"The check calls it with {count(wanted)}; yours takes {count(own)}."


def _line(line):
    return f" in line {line[0]} of the cell, `{line[1]}`" if line and line[1] else ""


def error(outcome, line):
    text = f"{type(outcome.error).__name__}: {outcome.error}"[:300].strip()
    return in_case(outcome.case, f"it stopped{_line(line)}, and Python says: `{text}`")


def endless(ran):
    end = (
        "It could not be stopped: restart the kernel (menu Kernel)." if ran.alive else "The check stopped it."
    )
    return f"After {ran.seconds:.0f} seconds it was still running{_line(ran.line)}. {end}"


def slow(ran, done, cases):
    return f"After {ran.seconds:.0f} seconds it was through with {done} of {cases} inputs, and was stopped."


def nothing_came(name):
    return f"`{name}` returned `None`."


def _and(names):
    return " and ".join(f"`{name}`" for name in names)


def changed(outcome):
    were = "was" if len(outcome.changed) == 1 else "were"
    return f"And {_and(outcome.changed)} {were} changed on the way."


def unused(names):
    return f"And {_and(names)} {'is' if len(names) == 1 else 'are'} never used."


def of_the_notebook(names, unused_ones):
    return f"It looks at {_and(names)}, which the notebook holds, and never at {_and(unused_ones)}."


def aside(outcome):
    were = "was" if len(outcome.changed) == 1 else "were"
    names = f"{_and(outcome.changed)} {were} changed on the way"
    what = names if outcome.changed else f"NumPy warns: `{outcome.warned}`"
    return in_case(outcome.case, f"what comes back is right, but {what}.")


def another_name(wanted, found):
    return f"There is a function `{found}`, and the check looks for `{wanted}`."


def ours(name):
    return f"`{name}` still holds our own: run the cell in which you write yours again, from its first line."


def text(answer, wanted):
    return f"Your answer, {describe(answer)}, is text. What is asked for is {kind_of(wanted)}."


def odd(problem):
    return f"It could not be compared with the right one ({type(problem).__name__}: {problem})."


def show(verdict, tries, trouble=""):
    """Show a Verdict: as many of its hints as there were tries."""
    display(Card(verdict, tries, trouble))


def display(thing):
    """Show an object that knows itself as HTML and as text: in a notebook as HTML, else printed."""
    if "IPython" in sys.modules:
        from IPython import display, get_ipython

        if get_ipython() is not None:
            display.display(thing)
            return
    print(thing)


class Card:
    """A Verdict as the learner sees it."""

    def __init__(self, verdict, tries=1, trouble=""):
        self.status, self.exercise, self.trouble = verdict.status, verdict.exercise, trouble
        self.title, self.sentence = verdict.title[:1].upper() + verdict.title[1:], verdict.sentence
        self.hints, self.all_hints = verdict.hints[:tries], len(verdict.hints)
        self.mark = {"right": "✓", "wrong": "✗", "not yet": "○"}[verdict.status]

    @property
    def onward(self):
        """What the notebook goes on with, if it is not the learner's own; and how to get the next hint."""
        if self.status == "right":
            return self.trouble
        ours = f"our own `{self.exercise.name}`" + ("" if self.exercise.cases else " (it holds the answer)")
        ours = f"Until it is right, the notebook goes on with {ours}."
        return "Try again for the next hint. " * (0 < len(self.hints) < self.all_hints) + ours

    def __repr__(self):
        lines = [f"{self.mark} {self.exercise.number} {self.exercise.name} - {self.title}. {self.sentence}"]
        lines += [f"  Hint {i} of {self.all_hints}: {hint}" for i, hint in enumerate(self.hints, 1)]
        return "\n".join([*lines, f"  {self.onward}"] if self.onward else lines).replace("`", "")

    def _repr_html_(self):
        kind = self.status.replace(" ", "-")
        head = f"<b>{self.mark} {code(self.title)}.</b> {code(self.sentence)}"
        hints = "".join(
            f"<li><small>Hint {i} of {self.all_hints}</small> {code(hint)}</li>"
            for i, hint in enumerate(self.hints, 1)
        )
        hints = f"<ul>{hints}</ul>" if hints else ""
        onward = f"<p><small>{code(self.onward)}</small></p>" if self.onward else ""
        body = f"<small>Exercise {self.exercise.number}</small><p>{head}</p>{hints}{onward}"
        return f"{STYLE}<div class='hwd-check {kind}' role='status'>{body}</div>"


def code(text):
    """Plain text with `code` in backticks, as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


STYLE = """<style>
.hwd-check {font: 14px/1.5 var(--jp-ui-font-family, system-ui, sans-serif); max-width: 760px; margin: 4px 0;
  padding: 8px 14px; border-left: 5px solid #777; border-radius: 0 6px 6px 0;
  background: rgba(128, 128, 128, .08)}
.hwd-check.right {border-color: #009e73; background: rgba(0, 158, 115, .12)}
.hwd-check.wrong {border-color: #d55e00; background: rgba(213, 94, 0, .09)}
.hwd-check p {margin: 0}
.hwd-check ul {margin: 6px 0; padding: 0; list-style: none}
.hwd-check li {margin: 3px 0}
.hwd-check small {font-size: 12px; opacity: .8}
.hwd-check code {font: 13px var(--jp-code-font-family, monospace); background: none; padding: 0 1px}
</style>"""
