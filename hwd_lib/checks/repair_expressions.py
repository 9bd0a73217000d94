"""What may have been meant in the place of one expression: for each kind of mistake, the likeliest first."""

import ast
import itertools

import numpy as np


class Expressions:
    """Each method takes a node of a syntax tree, and yields those that may have been meant there.

    `values` are the arguments of the function by name, `locals` the names that it has.
    """

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
        if isinstance(node, ast.Attribute) and not is_module(node.value):
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
            yield ast.Tuple([around("_.copy()", one) for one in node.elts], ast.Load())
        elif array(node) and isinstance(node.ctx, ast.Load):
            yield around("_.copy()", node)

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
                words = [] if new is None else [ast.keyword("axis", expression(new))]
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
                yield ast.Call(expression(other), node.args, node.keywords)

    def _one_less(self, node):
        sum_of_two = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))
        if sum_of_two and isinstance(node.right, ast.Constant) and node.right.value == 1:  # cut + 1 -> cut
            yield node.left

    def _next_number(self, node):
        if isinstance(node, ast.Constant) and type(node.value) is int and node not in self.axes:
            yield ast.Constant(node.value + 1)
            yield expression(str(node.value - 1))

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
            if i and ast.unparse(value) in whole and is_numpy(node):
                yield ast.Call(
                    node.func, [*node.args[:i], expression("float"), *node.args[i + 1 :]], node.keywords
                )
                yield ast.Call(ast.Attribute(node, "astype", ast.Load()), [expression("int")], [])
        for i, word in enumerate(node.keywords):
            if word.arg == "dtype" and ast.unparse(word.value) in whole:
                words = [
                    *node.keywords[:i],
                    ast.keyword("dtype", expression("float")),
                    *node.keywords[i + 1 :],
                ]
                yield ast.Call(node.func, node.args, words)
        like = {"zeros_like", "ones_like", "empty_like", "full_like"}
        if isinstance(node.func, ast.Attribute) and node.func.attr in like:
            yield ast.Call(node.func, node.args, [*node.keywords, ast.keyword("dtype", expression("float"))])

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
            if isinstance(node.func, ast.Attribute) and not is_module(node.func.value):
                yield node.func.value
            if node.args:
                yield node.args[0]
                if len(node.args) > 1 and is_numpy(node):
                    yield node.args[1]
        if isinstance(node, ast.Attribute) and node.attr == "T":
            yield node.value
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            yield node.value

    def _longer(self, node):
        """An expression with one more step around it."""
        if not isinstance(node, (ast.BinOp, ast.Call, ast.Name, ast.Subscript, ast.Attribute, ast.Compare)):
            return
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or is_module(node):
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
            yield around(text, node)
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
                yield around(text, node)
        for name in self.names:
            if isinstance(self.values.get(name), np.ndarray):
                yield around(f"_ / len({name})", node)
            elif isinstance(self.values.get(name), (int, float)):
                yield around(f"_ * {name}", node)


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


def expression(text):
    return ast.parse(text, mode="eval").body


def around(text, node):
    """`node` in the place of the name `_`."""
    tree = expression(text)
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.Name) and value.id == "_":
                setattr(parent, field, node)
            elif isinstance(value, list):
                value[:] = [node if isinstance(v, ast.Name) and v.id == "_" else v for v in value]
    return tree


def is_module(node):
    """Whether an expression is the name of a module, such as `np` or `np.linalg`."""
    return ast.unparse(node) in ("np", "np.linalg", "np.random", "math", "numpy")


def is_numpy(call):
    return isinstance(call.func, ast.Attribute)
