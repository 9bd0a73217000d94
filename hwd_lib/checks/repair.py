"""Looks for the one small change that makes a wrong answer right: what is found that way is never a guess.

An answer is taken apart into its syntax tree. One place after the other is exchanged for what may have been
meant there, and the cases of the exercise are run again. The first change with which all of them come out
right tells what was wrong, and in which line.
"""

import ast
import inspect
import itertools
import textwrap
import types
from typing import NamedTuple

import numpy as np

BODIES = ("body", "orelse", "finalbody")
FILE = "<changed answer>"  # what tracebacks, and `guard.briefly`, call the code of a changed answer
MOST = 1500  # changes that are tried; a function of ten lines has about 400


class Repair(NamedTuple):
    """A change that makes an answer right: its kind in `TEXTS`, the line in the cell, before and after.

    With `elsewhere`, other lines want the same change.
    """

    kind: str
    number: int
    before: str
    after: str
    elsewhere: bool = False

    @property
    def title(self):
        return TEXTS[self.kind][0]

    @property
    def hints(self):
        """Three steps: which line, the idea, the line as it should be."""
        _, nudge, idea = TEXTS[self.kind]
        more = ", and the same change in the other lines" if self.elsewhere else ""
        last = LINES.get(self.kind, f"With `{{after}}` in this place{more}, your answer is right.")
        nudge = f"Line {self.number}, `{self.before}`: {nudge[:1].lower()}{nudge[1:]}"
        return (nudge, idea, last.format(before=self.before, after=self.after))


# kind -> (title, nudge, idea); the nudge comes with the line, and the last hint is the line as it should be.
TEXTS = {
    "notebook variable": (
        "A variable of the notebook in the place of an argument",
        "Which names in it come from the line with `def`, and which from elsewhere in the notebook?",
        "A function should work with what it is given. The check hands over other inputs than the "
        "notebook has.",
    ),
    "mutable default": (
        "A default that remembers",
        "Call your function twice. Is the second result longer than it should be?",
        "A list in the line with `def` is made once, not at each call: what is appended stays in it for "
        "ever.",
    ),
    "fixed number": (
        "A fixed number that belongs to one case only",
        "Which number in it would have to be another one, if you were given something else?",
        "Sizes and settings come in with the arguments. A number that is written down fits one input only.",
    ),
    "brackets": (
        "Brackets are missing, or stand elsewhere",
        "In which order does Python work this line out?",
        "`**` comes first, then `*`, `/` and `@`, then `+` and `-`, then `&` and `|`, and comparisons last.",
    ),
    "call": (
        "The brackets of a call are missing",
        "Does this line call the function, or only name it?",
        "Without `()` you get the function itself, and not what it returns.",
    ),
    "star": (
        "A sign between two factors is missing",
        "What does Python do with brackets right behind a name?",
        "`a(b)` calls a function a. To multiply, Python needs a sign between the two: `a * (b)`.",
    ),
    "thrown away": (
        "A result is thrown away",
        "This line makes something new. Who keeps it?",
        "Such a call does not change its argument: it returns a new array, which needs a name.",
    ),
    "return in the loop": (
        "It returns in the first round of the loop",
        "How many rounds does your loop run before the function ends?",
        "A `return` ends the whole function at once. Inside of the loop, that is the first round.",
    ),
    "begun anew": (
        "Begun anew in every round",
        "What does this line do in the second round of the loop?",
        "What gathers something over the rounds must begin once, before the loop.",
    ),
    "not gathered": (
        "Only the last round counts",
        "What is left of the first round after the second one?",
        "`=` forgets what was there before; `+=` adds to it.",
    ),
    "one array, two names": (
        "Two names for one array",
        "How many arrays are there: one, or one for each name?",
        "`a = b` copies nothing: both are names of the same array, and what changes one changes the other.",
    ),
    "comparison": (
        "The comparison",
        "Put the border itself into this line. On which side does it fall?",
        "`<` leaves the border out and `<=` takes it in; `==` asks for what is equal, `!=` for what is not.",
    ),
    "axis": (
        "Along another axis",
        "Which axis should go, and which should stay? Print the shapes before and after this line.",
        "axis 0 runs down the rows, axis 1 along them; with no axis, everything is taken together.",
    ),
    "another function": (
        "A function that does nearly that",
        "What exactly does each function in this line give?",
        "`max` is how much and `argmax` is where; `sum` grows with the number and `mean` does not; `all` "
        "wants everything true, and `any` one thing.",
    ),
    "off by one": (
        "One too many, or one too few",
        "Which is the first place that this line takes, and which is the last?",
        "Python counts from 0, and stops before the end that you give.",
    ),
    "operator": (
        "Another sign",
        "Read the signs in this line aloud, one by one.",
        "`*` is element by element and `@` the matrix product; `/` divides, `//` cuts off; `**` is the "
        "power.",
    ),
    "operands": (
        "The two sides have changed places",
        "What is taken from what, or divided by what?",
        "a - b and b - a differ in their sign; a / b and b / a, a @ b and b @ a are different things "
        "altogether.",
    ),
    "mixed up": (
        "Two names are mixed up",
        "Say in words what each name in this line stands for. Is it the one that you mean?",
        "The right steps, with one name in the place of another.",
    ),
    "order of the results": (
        "The right results in another order",
        "In which order does the exercise ask for them?",
        "Whoever calls your function takes its results apart by their places.",
    ),
    "the other side": (
        "The other side of the cut",
        "Which part do you want here: the one before this place, or the one from it on?",
        "`a[:n]` is what comes before place n, and `a[n:]` is what comes from there on.",
    ),
    "order of the axes": (
        "Rows and columns are swapped",
        "What does the first index of an array count, and what the second?",
        "An image is `image[row, column]`: first how far down, then how far to the right.",
    ),
    "too much": (
        "One step too many",
        "Which step in this line did the exercise not ask for?",
        "All others are right: without that one, the result is what it should be.",
    ),
    "missing": (
        "One step is missing",
        "What does this line give, and what was asked for? What lies between the two?",
        "All other steps are right: one more, and the result is what it should be.",
    ),
    "whole numbers": (
        "A type of numbers that has no room for the result",
        "Which type of numbers does this line make? Does everything fit in that you put there?",
        "An array of whole numbers cuts fractions off, and a uint8 goes from 255 on to 0.",
    ),
    "order of lines": (
        "Two steps in the wrong order",
        "What does this line need, and what has happened before it?",
        "The lines themselves are right. One of them comes too early.",
    ),
    "overwritten": (
        "A value is overwritten before it is used",
        "Which value does each name have here: the one from the beginning, or a new one?",
        "After `x = ...` the old x is gone. What still needs it must come before, or in the same line.",
    ),
    "counted once": (
        "What comes twice is counted once",
        "The same place comes twice among your indices. How often is it counted?",
        "`a[i] += 1` with arrays of indices reads all of them first, and then writes: repeats get lost.",
    ),
    "words for arrays": (
        "`not`, `and` and `or` on whole arrays",
        "Is an array true? It has many elements, and no single answer.",
        "These words want a single True or False. For arrays there are `~`, `&` and `|`, with brackets "
        "around each comparison.",
    ),
}


# What stands in the place of "nearly the line" where the line itself is not what is wrong.
LINES = {
    "mutable default": "Make the list inside of the function, below the line with `def`.",
    "return in the loop": "Move `{before}` to the left, so that it comes after the loop.",
    "begun anew": "Move `{before}` up, to stand before the loop.",
    "order of lines": "Let `{before}` come after the line that follows it.",
}


def find(function, arguments, passes, kinds=None):
    """Find the change that makes an answer right.

    Parameters
    ----------
    function : the learner's function
    arguments : tuple, an example of what it is called with
    passes : function -> bool, whether another function is right in all cases
    kinds : those of `TEXTS` that are wanted; None for all

    Returns
    -------
    Repair, or None
    """
    try:
        source = textwrap.dedent(inspect.getsource(function))
        module = ast.parse(source)
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    definition = module.body[0] if module.body else None
    if not isinstance(definition, ast.FunctionDef) or function.__code__.co_freevars:
        return None
    definition.decorator_list = []
    first = function.__code__.co_firstlineno - 1
    search = _Search(function, arguments, definition)
    lines = {node.lineno: _line(node) for node in ast.walk(definition) if isinstance(node, ast.stmt)}
    for kind, number, undo in itertools.islice(search.changes(kinds), MOST):
        changed = search.statement(number)
        if kinds and _line(changed).count("(") <= lines.get(number, "").count(
            "("
        ):  # only brackets that are missing
            undo()
            continue
        if (mutant := _build(function, module)) and passes(mutant):
            after = _line(changed)
            undo()
            before = source.splitlines()[number - 1].strip()
            return Repair(kind, number + first, before, after, len(search.touched) > 1)
        undo()
    return None


def _build(function, module):
    """The function of a changed tree, among the names of the learner's; None if there is no such function."""
    names = dict(function.__globals__)
    try:
        ast.fix_missing_locations(module)
        exec(compile(module, FILE, "exec"), names)
    except (SyntaxError, ValueError, TypeError, NameError):
        return None
    return names.get(function.__name__)


def _line(statement):
    """The first line of a statement."""
    return ast.unparse(statement).splitlines()[0]


class _Search:
    """All changes that are worth a try, the likeliest first. Each is made in the tree, and taken back."""

    def __init__(self, function, arguments, definition):
        self.function, self.definition = function, definition
        self.names = [a.arg for a in definition.args.args]
        self.values = dict(zip(self.names, arguments, strict=False))
        self.touched = set()  # the lines that the present change is in
        self.locals = [
            name for name in dict.fromkeys((*self.names, *function.__code__.co_varnames)) if name[:1] != "_"
        ]

    def statement(self, number):
        """The innermost statement that begins in a line, or holds it."""
        found = [
            node
            for node in ast.walk(self.definition)
            if isinstance(node, ast.stmt) and node.lineno <= number <= (node.end_lineno or node.lineno)
        ]
        return found[-1] if found else self.definition

    def changes(self, kinds=None):
        """Make each change in turn; yield its kind, the line and a function that takes it back."""
        if kinds is None:
            yield from self._of_names()
            yield from self._of_default()
        for make, kind, together in (
            (self._next_number, "off by one", False),
            (self._fixed_number, "fixed number", True),
            (self._brackets, "brackets", True),
            (self._call, "call", False),
            (self._star, "star", True),
            (None, "lines", False),
            (self._words, "words for arrays", True),
            (self._copy, "one array, two names", True),
            (self._comparison, "comparison", True),
            (self._function, "another function", True),
            (self._axis, "axis", True),
            (self._one_less, "off by one", True),
            (self._off_by_one, "off by one", True),
            (self._index, "order of the axes", True),
            (self._side, "the other side", True),
            (self._whole, "whole numbers", True),
            (self._operator, "operator", True),
            (self._operands, "operands", True),
            (self._other_name, "mixed up", False),
            (self._results, "order of the results", False),
            (self._shorter, "too much", True),
            (self._longer, "missing", False),
        ):
            if kinds is not None and kind not in kinds:
                continue
            if make is None:
                yield from self._of_statements()
            else:
                if kind == "mixed up":
                    yield from self._of_swapped_names()
                yield from self._at(make, kind, together)

    # Making changes and taking them back ------------------------------------------------------------------

    def _sites(self):
        """(parent, field, place in a list or None) of every expression, the innermost first."""
        found = []

        def walk(node):
            for field, value in ast.iter_fields(node):
                if field in ("args", "returns", "annotation") and node is self.definition:
                    continue
                if isinstance(value, ast.AST):
                    walk(value)
                    if isinstance(value, ast.expr):
                        found.append((node, field, None))
                elif isinstance(value, list):
                    for i, one in enumerate(value):
                        if isinstance(one, ast.AST):
                            walk(one)
                            if isinstance(one, ast.expr):
                                found.append((node, field, i))

        walk(self.definition)
        return found

    def _at(self, make, kind, together=False):
        """Exchange each expression for what `make` gives for it; at last, all of one kind at once."""
        sites = self._sites()
        hits = []
        for site in sites:
            node = _get(site)
            self.touched = {node.lineno}
            for k, new in enumerate(make(node)):
                _set(site, ast.copy_location(new, node))
                hits.append((site, k))
                yield kind, node.lineno, lambda site=site, node=node: _set(site, node)
        if not together:
            return
        for k, form in dict.fromkeys((k, type(_get(site))) for site, k in hits):
            places = [site for site, which in hits if which == k and type(_get(site)) is form]
            if len(places) < 2:
                continue
            done, self.touched = [], {_get(site).lineno for site in places}
            for site in places:
                node = _get(site)
                options = list(make(node))
                if k < len(options):
                    _set(site, ast.copy_location(options[k], node))
                    done.append((site, node))

            def undo(done=done):
                for site, node in reversed(done):
                    _set(site, node)

            yield kind, done[0][1].lineno if done else self.definition.lineno, undo

    # Kinds of changes -------------------------------------------------------------------------------------

    def _of_names(self):
        """Names of the notebook -> arguments that are not used."""
        own = data_of_the_notebook(self.function)
        uses = [n for n in ast.walk(self.definition) if isinstance(n, ast.Name)]
        used = {n.id for n in uses}
        spare = [name for name in self.names if name not in used]
        for count in range(min(len(own), 2), 0, -1):
            for chosen in itertools.permutations(own, count):
                for names in itertools.permutations(spare or self.names, count):
                    exchange = dict(zip(chosen, names, strict=True))
                    places = [n for n in uses if n.id in exchange]
                    before, self.touched = [n.id for n in places], {n.lineno for n in places}
                    for n in places:
                        n.id = exchange[n.id]

                    def undo(places=places, before=before):
                        for n, name in zip(places, before, strict=True):
                            n.id = name

                    yield "notebook variable", places[0].lineno, undo
        parts = {n.attr for n in ast.walk(self.definition) if isinstance(n, ast.Attribute)}
        if own and parts & set(self.names):  # train.images -> images

            def stands_for(node):
                if (
                    isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id in own
                    and node.attr in self.names
                ):
                    yield ast.Name(node.attr, ast.Load())

            yield from self._at(stands_for, "notebook variable", together=True)

    def _of_default(self):
        """A list as a default -> a new one at each call."""
        arguments = self.definition.args.args
        defaults = self.definition.args.defaults
        fresh = [
            ast.parse(f"{argument.arg} = {ast.unparse(value)}").body[0]
            for argument, value in zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True)
            if isinstance(value, (ast.List, ast.Dict, ast.Set, ast.Call))
        ]
        if fresh:
            self.touched, body = set(), self.definition.body
            body[:0] = fresh
            yield "mutable default", self.definition.lineno, lambda: body.__delitem__(slice(0, len(fresh)))

    def _of_statements(self):
        """Changes of whole lines: their place, their order, what they do with a result."""
        for owner in list(ast.walk(self.definition)):
            for field in BODIES:
                body = getattr(owner, field, None)
                if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                    for kind, number, new in self._of_body(owner, body):
                        old, self.touched = body[:], set()
                        body[:] = new
                        yield kind, number, lambda body=body, old=old: body.__setitem__(slice(None), old)

    def _of_body(self, owner, body):
        for i, one in enumerate(body):
            head, tail = body[:i], body[i + 1 :]
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
                call = one.value
                kept = call.args[0] if call.args else None
                if isinstance(call.func, ast.Attribute) and not _is_module(call.func.value):
                    kept = call.func.value
                if isinstance(kept, (ast.Name, ast.Subscript)):
                    text = f"{ast.unparse(kept)} = {ast.unparse(call)}"
                    yield "thrown away", one.lineno, [*head, _statement(text, one), *tail]
            if isinstance(one, (ast.For, ast.While)):
                for j, inner in enumerate(one.body):
                    rest = [*one.body[:j], *one.body[j + 1 :]]
                    if isinstance(inner, ast.Return) and rest:
                        loop = ast.copy_location(_with_body(one, rest), one)
                        yield "return in the loop", inner.lineno, [*head, loop, inner, *tail]
                    if isinstance(inner, ast.Assign) and rest:
                        loop = ast.copy_location(_with_body(one, rest), one)
                        yield "begun anew", inner.lineno, [*head, inner, loop, *tail]
                    if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
                        name = inner.targets[0].id
                        adds = _statement(f"{name} += {ast.unparse(inner.value)}", inner)
                        changed = [*one.body[:j], adds, *one.body[j + 1 :]]
                        loop = ast.copy_location(_with_body(one, changed), one)
                        yield (
                            "not gathered",
                            inner.lineno,
                            [*head, _statement(f"{name} = 0", one), loop, *tail],
                        )
            gathers = isinstance(owner, (ast.For, ast.While)) and isinstance(one, ast.Assign)
            if gathers and not isinstance(one.targets[0], ast.Tuple):
                text = f"{ast.unparse(one.targets[0])} += {ast.unparse(one.value)}"
                yield "not gathered", one.lineno, [*head, _statement(text, one), *tail]
            if isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Subscript):
                target = ast.unparse(one.target.value)
                text = f"np.add.at({target}, ({ast.unparse(one.target.slice)}), {ast.unparse(one.value)})"
                yield "counted once", one.lineno, [*head, _statement(text, one), *tail]
            if isinstance(one, ast.Assign) and tail and isinstance(tail[0], ast.Assign):
                left = ", ".join(ast.unparse(a.targets[0]) for a in (one, tail[0]))
                right = ", ".join(ast.unparse(a.value) for a in (one, tail[0]))
                both = _statement(f"{left} = {right}", tail[0])
                yield "overwritten", tail[0].lineno, [*head, both, *tail[1:]]
            if tail:
                yield "order of lines", one.lineno, [*head, tail[0], one, *tail[1:]]

    def _fixed_number(self, node):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, (int, float))
            and node.value not in (True, False)
        ):
            for text in self._from_arguments():
                yield _expression(text)

    def _from_arguments(self):
        """What may stand in the place of a number: lengths and settings that come with the arguments."""
        lengths, numbers = [], []
        for name, value in self.values.items():
            if isinstance(value, np.ndarray):
                lengths += [f"len({name})", *(f"{name}.shape[{i}]" for i in range(1, value.ndim))]
            elif isinstance(value, (list, tuple)) and hasattr(value, "_fields"):
                lengths += [f"len({name}.{field})" for field in value._fields]
            elif isinstance(value, (list, tuple, bytes)):
                lengths += [f"len({name})"]
                if value and isinstance(value[0], (int, float, np.number)):
                    lengths += [f"sum({name})"]
            elif isinstance(value, (int, float)):
                numbers += [name]
        return [
            *numbers,
            *lengths,
            *(f"len({a[4:]} - {b}" for a in lengths[:1] for b in numbers if a[:4] == "len("),
        ]

    def _brackets(self, node):
        if isinstance(node, ast.BinOp):
            left, right = node.left, node.right
            if isinstance(left, ast.BinOp):  # (a ∘ b) • c -> a ∘ (b • c)
                yield ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))
                if isinstance(
                    left.left, ast.BinOp
                ):  # ((a ∘ b) • c) * d -> a ∘ ((b • c) * d), a ∘ (b • (c * d))
                    deep = left.left
                    inner = ast.BinOp(ast.BinOp(deep.right, left.op, left.right), node.op, right)
                    yield ast.BinOp(deep.left, deep.op, inner)
            if isinstance(right, ast.BinOp):  # a ∘ (b • c) -> (a ∘ b) • c
                yield ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right)
            if isinstance(left, ast.BinOp) and isinstance(
                right, ast.BinOp
            ):  # a * b - c * d -> a * (b - c) * d
                middle = ast.BinOp(left.right, node.op, right.left)
                yield ast.BinOp(ast.BinOp(left.left, left.op, middle), right.op, right.right)
            if isinstance(left, ast.UnaryOp):
                yield ast.UnaryOp(left.op, ast.BinOp(left.operand, node.op, right))
            if isinstance(right, ast.Call) and len(right.args) == 1:  # a * round(b) -> round(a * b)
                yield ast.Call(right.func, [ast.BinOp(left, node.op, right.args[0])], right.keywords)
            if isinstance(left, ast.Call) and len(left.args) == 1:
                yield ast.Call(left.func, [ast.BinOp(left.args[0], node.op, right)], left.keywords)
            if (  # a * b * c - d * e -> a * (b * c - d) * e
                isinstance(left, ast.BinOp)
                and isinstance(left.left, ast.BinOp)
                and isinstance(right, ast.BinOp)
            ):
                deep = left.left
                middle = ast.BinOp(ast.BinOp(deep.right, left.op, left.right), node.op, right.left)
                yield ast.BinOp(ast.BinOp(deep.left, deep.op, middle), right.op, right.right)
        if isinstance(node, ast.Compare):
            left, rights = node.left, node.comparators
            if len(rights) == 1 and isinstance(left, ast.BinOp):  # a * b > c -> a * (b > c)
                yield ast.BinOp(left.left, left.op, ast.Compare(left.right, node.ops, rights))
            if len(rights) == 1 and isinstance(rights[0], ast.BinOp):  # a != b & c -> (a != b) & c
                r = rights[0]
                if isinstance(r.op, (ast.BitAnd, ast.BitOr)):
                    yield ast.BinOp(ast.Compare(left, node.ops, [r.left]), r.op, r.right)
            if len(rights) == 2 and isinstance(rights[0], ast.BinOp):  # a < b & c < d -> (a < b) & (c < d)
                m = rights[0]
                one = ast.Compare(left, node.ops[:1], [m.left])
                yield ast.BinOp(one, m.op, ast.Compare(m.right, node.ops[1:], rights[1:]))
            if len(rights) == 2 and not isinstance(rights[0], ast.BinOp):  # a < b < c -> (a < b) & (b < c)
                one = ast.Compare(left, node.ops[:1], rights[:1])
                yield ast.BinOp(one, ast.BitAnd(), ast.Compare(rights[0], node.ops[1:], rights[1:]))

    def _call(self, node):
        if isinstance(node, ast.Attribute) and not _is_module(node.value):
            yield ast.Call(node, [], [])

    def _star(self, node):
        if (
            isinstance(node, ast.Call)
            and len(node.args) == 1
            and isinstance(node.func, (ast.Name, ast.Constant))
        ):
            yield ast.BinOp(node.func, ast.Mult(), node.args[0])

    def _words(self, node):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = node.operand
            if isinstance(inner, ast.BinOp):  # `not a & b` is `not (a & b)`
                yield ast.BinOp(ast.UnaryOp(ast.Invert(), inner.left), inner.op, inner.right)
            else:
                yield ast.UnaryOp(ast.Invert(), inner)
        if isinstance(node, ast.BoolOp):
            op, new = (ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()), node.values[0]
            for value in node.values[1:]:
                new = ast.BinOp(new, op, value)
            yield new

    def _copy(self, node):
        def array(one):
            return isinstance(one, ast.Name) and isinstance(self.values.get(one.id), np.ndarray)

        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and all(map(array, node.elts)):
            yield ast.Tuple([_around("_.copy()", one) for one in node.elts], ast.Load())
        elif array(node) and isinstance(node.ctx, ast.Load):
            yield _around("_.copy()", node)

    def _comparison(self, node):
        others = {
            ast.Lt: (ast.LtE, ast.Gt),
            ast.LtE: (ast.Lt, ast.GtE),
            ast.Gt: (ast.GtE, ast.Lt),
            ast.GtE: (ast.Gt, ast.LtE),
            ast.Eq: (ast.NotEq, ast.GtE),
            ast.NotEq: (ast.Eq,),
        }
        if isinstance(node, ast.Compare):
            for i, op in enumerate(node.ops):
                for other in others.get(type(op), ()):
                    yield ast.Compare(
                        node.left, [*node.ops[:i], other(), *node.ops[i + 1 :]], node.comparators
                    )

    def _axis(self, node):
        if not isinstance(node, ast.Call):
            return
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name not in AXIS:
            return
        others = [k for k in node.keywords if k.arg not in ("axis", "keepdims")]
        axis = next((ast.unparse(k.value) for k in node.keywords if k.arg == "axis"), None)
        kept = [k for k in node.keywords if k.arg == "keepdims"]
        for new in ("0", "1", "2", "(0, 1)", None):
            if new != axis:
                words = [] if new is None else [ast.keyword("axis", _expression(new))]
                yield ast.Call(node.func, node.args, [*words, *kept, *others])
        if axis is not None:
            same = [k for k in node.keywords if k.arg == "axis"]
            more = [] if kept else [ast.keyword("keepdims", ast.Constant(True))]
            yield ast.Call(node.func, node.args, [*same, *more, *others])

    def _function(self, node):
        if isinstance(node, ast.Attribute):
            for other in FUNCTIONS.get(node.attr, ()):
                yield ast.Attribute(node.value, other, node.ctx)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for other in BUILT_IN.get(node.func.id, ()):
                yield ast.Call(_expression(other), node.args, node.keywords)

    def _one_less(self, node):
        sum_of_two = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))
        if sum_of_two and isinstance(node.right, ast.Constant) and node.right.value == 1:  # cut + 1 -> cut
            yield node.left

    def _next_number(self, node):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            yield ast.Constant(node.value + 1)
            yield _expression(str(node.value - 1))

    def _off_by_one(self, node):
        yield from self._next_number(node)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("len", "range")
        ):
            if node.func.id == "len":
                yield ast.BinOp(node, ast.Sub(), ast.Constant(1))
                yield ast.BinOp(node, ast.Add(), ast.Constant(1))
            elif len(node.args) == 1:
                yield ast.Call(
                    node.func, [ast.Constant(0), ast.BinOp(node.args[0], ast.Add(), ast.Constant(1))], []
                )
                yield ast.Call(node.func, [ast.Constant(1), node.args[0]], [])
        whole = isinstance(node, ast.Name) and isinstance(self.values.get(node.id), int)
        if whole and isinstance(node.ctx, ast.Load):
            yield ast.BinOp(node, ast.Sub(), ast.Constant(1))
            yield ast.BinOp(node, ast.Add(), ast.Constant(1))

    def _index(self, node):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Tuple)
            and len(node.slice.elts) == 2
        ):
            a, b = node.slice.elts
            yield ast.Subscript(node.value, ast.Tuple([b, a], ast.Load()), node.ctx)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, (ast.Name, ast.Constant)):
            every = ast.Tuple([ast.Slice(), node.slice], ast.Load())
            yield ast.Subscript(node.value, every, node.ctx)

    def _side(self, node):
        if isinstance(node, ast.Slice) and (node.lower is None) != (node.upper is None) and not node.step:
            yield ast.Slice(node.upper, node.lower)

    def _whole(self, node):
        if not isinstance(node, ast.Call):
            return
        whole = ("int", "np.int64", "np.int32", "np.uint8", "bool", "np.int8")
        for i, value in enumerate(node.args):
            if i and ast.unparse(value) in whole and _is_numpy(node):
                yield ast.Call(
                    node.func, [*node.args[:i], _expression("float"), *node.args[i + 1 :]], node.keywords
                )
                yield ast.Call(ast.Attribute(node, "astype", ast.Load()), [_expression("int")], [])
        for i, word in enumerate(node.keywords):
            if word.arg == "dtype" and ast.unparse(word.value) in whole:
                words = [
                    *node.keywords[:i],
                    ast.keyword("dtype", _expression("float")),
                    *node.keywords[i + 1 :],
                ]
                yield ast.Call(node.func, node.args, words)
        like = {"zeros_like", "ones_like", "empty_like", "full_like"}
        if isinstance(node.func, ast.Attribute) and node.func.attr in like:
            yield ast.Call(node.func, node.args, [*node.keywords, ast.keyword("dtype", _expression("float"))])

    def _operator(self, node):
        others = {
            ast.Add: (ast.Sub, ast.Mult),
            ast.Sub: (ast.Add,),
            ast.Mult: (ast.MatMult, ast.Div, ast.Add),
            ast.MatMult: (ast.Mult,),
            ast.Div: (ast.Mult,),
            ast.FloorDiv: (ast.Div,),
            ast.Mod: (ast.FloorDiv,),
            ast.BitXor: (ast.Pow,),
            ast.BitAnd: (ast.BitOr,),
            ast.BitOr: (ast.BitAnd,),
            ast.Pow: (ast.Mult,),
        }
        if isinstance(node, ast.BinOp):
            for other in others.get(type(node.op), ()):
                yield ast.BinOp(node.left, other(), node.right)

    def _operands(self, node):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Sub, ast.Div, ast.MatMult, ast.FloorDiv)):
            yield ast.BinOp(node.right, node.op, node.left)

    def _of_swapped_names(self):
        """Two arguments that are used for each other throughout."""
        for a, b in itertools.combinations(self.names, 2):
            places = [n for n in ast.walk(self.definition) if isinstance(n, ast.Name) and n.id in (a, b)]
            if not places:
                continue
            self.touched = {n.lineno for n in places}

            def swap(places=places, a=a, b=b):
                for n in places:
                    n.id = b if n.id == a else a

            swap()
            yield "mixed up", places[0].lineno, swap

    def _other_name(self, node):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self.locals:
            for name in self.locals:
                if name != node.id:
                    yield ast.Name(name, ast.Load())

    def _results(self, node):
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and 1 < len(node.elts) < 5:
            for order in itertools.permutations(node.elts):
                if list(order) != node.elts:
                    yield ast.Tuple(list(order), node.ctx)

    def _shorter(self, node):
        """An expression without one of its steps."""
        if isinstance(node, ast.BinOp):
            yield node.left
            yield node.right
        if isinstance(node, ast.UnaryOp):
            yield node.operand
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
                yield node.func.value
            if node.args:
                yield node.args[0]
                if len(node.args) > 1 and _is_numpy(node):
                    yield node.args[1]
        if isinstance(node, ast.Attribute) and node.attr == "T":
            yield node.value
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            yield node.value

    def _longer(self, node):
        """An expression with one more step around it."""
        if not isinstance(node, (ast.BinOp, ast.Call, ast.Name, ast.Subscript, ast.Attribute, ast.Compare)):
            return
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or _is_module(node):
            return
        for text in (
            "np.abs(_)",
            "np.sqrt(_)",
            "-_",
            "_.T",
            "_[::-1]",
            "np.flatnonzero(_)",
            "1 - _",
            "_ ** 2",
            "_ / 2",
            "2 * _",
        ):
            yield _around(text, node)
        if isinstance(node, (ast.BinOp, ast.Call)):
            for text in (
                "round(_)",
                "int(_)",
                "str(_)",
                "np.exp(_)",
                "np.log(_)",
                "_.ravel()",
                "_[0]",
                "_.mean()",
            ):
                yield _around(text, node)
        for name in self.names:
            if isinstance(self.values.get(name), np.ndarray):
                yield _around(f"_ / len({name})", node)
            elif isinstance(self.values.get(name), (int, float)):
                yield _around(f"_ * {name}", node)


AXIS = {
    *("sum", "mean", "max", "min", "argmax", "argmin", "any", "all", "std", "var", "argsort", "sort", "prod"),
    *("stack", "concatenate", "cumsum", "norm", "median"),
}
FUNCTIONS = {
    "max": ("argmax", "min"),
    "min": ("argmin", "max"),
    "argmax": ("max", "argmin"),
    "argmin": ("argmax", "min"),
    "sum": ("mean",),
    "mean": ("sum",),
    "any": ("all",),
    "all": ("any",),
    "log": ("log10", "log2"),
    "log10": ("log",),
    "log2": ("log",),
    "sin": ("cos",),
    "cos": ("sin",),
    "concatenate": ("stack",),
    "stack": ("concatenate",),
    "append": ("extend",),
    "extend": ("append",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "var": ("std",),
    "std": ("var",),
    "linspace": ("geomspace",),
    "logspace": ("geomspace",),
    "floor": ("round", "ceil"),
    "ceil": ("round", "floor"),
    "integers": ("permutation",),
    "flatnonzero": ("count_nonzero",),
    "argsort": ("sort",),
    "sort": ("argsort",),
}
BUILT_IN = {
    "max": ("min", "np.argmax", "np.maximum"),
    "min": ("max", "np.argmin", "np.minimum"),
    "any": ("all", "np.any"),
    "all": ("any", "np.all"),
    "int": ("round", "float"),
    "round": ("int",),
    "sum": ("np.mean",),
    "sorted": ("list", "np.argsort"),
}


def data_of_the_notebook(function):
    """The names of values in the notebook, other than functions and modules, that a function reads."""
    found = []
    for code in [
        function.__code__,
        *(c for c in function.__code__.co_consts if isinstance(c, types.CodeType)),
    ]:
        for name in code.co_names:
            value = function.__globals__.get(name, ...)
            written = isinstance(value, types.FunctionType) and not value.__module__.startswith("hwd_lib.")
            if value is ... or isinstance(value, (types.ModuleType, type)) or name[:2] == "__":
                continue
            if not callable(value) or written and not _is_helper(function, name):
                found.append(name)
    return list(dict.fromkeys(found))


def _is_helper(function, name):
    """Whether a function of the notebook stands in the same cell: then the learner wrote it as a part."""
    value = function.__globals__[name]
    return value.__code__.co_filename == function.__code__.co_filename


def _get(site):
    parent, field, i = site
    value = getattr(parent, field)
    return value if i is None else value[i]


def _set(site, node):
    parent, field, i = site
    if i is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[i] = node


def _expression(text):
    return ast.parse(text, mode="eval").body


def _statement(text, like):
    return ast.copy_location(ast.parse(text).body[0], like)


def _around(text, node):
    """`node` in the place of the name `_`."""
    tree = _expression(text)
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.Name) and value.id == "_":
                setattr(parent, field, node)
            elif isinstance(value, list):
                value[:] = [node if isinstance(v, ast.Name) and v.id == "_" else v for v in value]
    return tree


def _with_body(loop, body):
    if isinstance(loop, ast.For):
        return ast.For(loop.target, loop.iter, body, loop.orelse)
    return ast.While(loop.test, body, loop.orelse)


def _is_module(node):
    """Whether an expression is the name of a module, such as `np` or `np.linalg`."""
    return ast.unparse(node) in ("np", "np.linalg", "np.random", "math", "numpy")


def _is_numpy(call):
    return isinstance(call.func, ast.Attribute)
