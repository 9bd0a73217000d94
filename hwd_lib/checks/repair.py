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

from hwd_lib.checks.repair_expressions import Expressions, expression, is_module
from hwd_lib.checks.repair_texts import LINES, TEXTS

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


class _Search(Expressions):
    """All changes that are worth a try, the likeliest first. Each is made in the tree, and taken back."""

    def __init__(self, function, arguments, definition):
        self.function, self.definition = function, definition
        self.names = [a.arg for a in definition.args.args]
        self.values = dict(zip(self.names, arguments, strict=False))
        self.touched = set()  # the lines that the present change is in
        keywords = [node for node in ast.walk(definition) if isinstance(node, ast.keyword)]
        # Numbers that name an axis: a wrong one is no miscount.
        self.axes = {one for keyword in keywords if keyword.arg == "axis" for one in ast.walk(keyword.value)}
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
                if isinstance(call.func, ast.Attribute) and not is_module(call.func.value):
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
                yield expression(text)

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


def _statement(text, like):
    return ast.copy_location(ast.parse(text).body[0], like)


def _with_body(loop, body):
    if isinstance(loop, ast.For):
        return ast.For(loop.target, loop.iter, body, loop.orelse)
    return ast.While(loop.test, body, loop.orelse)
