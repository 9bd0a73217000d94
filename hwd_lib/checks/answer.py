"""What can be seen of an answer without running it: is anything written there, what does it not use?"""

import copy
import dis
import inspect
import types

from hwd_lib.checks.repair_texts import LINES


def is_empty(function):
    """Whether a function does nothing but return None or ``...``: nothing was written yet."""
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    frame = ("RESUME", "NOP", "RETURN_VALUE")
    work = [i for i in dis.get_instructions(code) if i.opname not in frame]
    return all(i.opname in ("LOAD_CONST", "RETURN_CONST") and i.argval in (None, ...) for i in work)


def same_error(one, other):
    """Whether two errors are of one kind and say the same."""
    return type(one) is type(other) and str(one) == str(other)


def is_ours(answer):
    """Whether a function is one of the library's own."""
    module = getattr(answer, "__module__", None)
    return isinstance(answer, types.FunctionType) and str(module).startswith("hwd_lib.")


def source_of(function):
    """The text of a function, or "" where there is none."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""


def unused_arguments(function, reference):
    """The arguments that a function never looks at, though the reference does."""

    def ignored(function):
        code = function.__code__
        arguments = code.co_varnames[: code.co_argcount]
        inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
        read = {i.argval for c in [code, *inner] for i in dis.get_instructions(c) if "LOAD" in i.opname}
        read |= {name for i in dis.get_instructions(code) if isinstance(i.argval, tuple) for name in i.argval}
        return {arguments.index(name): name for name in arguments if name not in read}

    needless = ignored(reference)
    return tuple(name for place, name in ignored(function).items() if place not in needless)


class Defaults:
    """The defaults of a function, as they were before it ran."""

    def __init__(self, function):
        values = getattr(function, "__defaults__", None)
        self.values = [v for v in values or () if isinstance(v, (list, dict, set))]
        self.before = copy.deepcopy(self.values)

    def restore(self):
        """Make them again what they were. Returns a hint if they had changed."""
        changed_ones = [(v, b) for v, b in zip(self.values, self.before, strict=True) if len(v) != len(b)]
        for value, before in changed_ones:
            value.clear()
            (value.extend if isinstance(value, list) else value.update)(before)
        return LINES["mutable default"] if changed_ones else ""
