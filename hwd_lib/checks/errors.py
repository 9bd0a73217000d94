"""What an error in an answer means: hints that follow from the error, and from the line it came from."""

import re

# name -> (title, nudge, idea, nearly the line)
TEXTS = {
    "brackets for &": (
        "`&` comes before the comparison",
        "In which order does Python work this line out: `&` first, or the comparisons?",
        "`&` and `|` bind more tightly than `==`, `!=`, `<` and `>`. Without brackets, the two numbers "
        "beside the sign are taken together first.",
        "`(a == b) & (c == d)`: brackets around each comparison.",
    ),
    "chain": (
        "Two comparisons in a row, on a whole array",
        "`low < a < high` is short for `low < a and a < high`. Is an array true?",
        "For arrays, each comparison stands alone, in brackets, with `&` between the two.",
        "`(low < a) & (a < high)`.",
    ),
    "words for arrays": (
        "`not`, `and` or `or` on whole arrays",
        "Is an array true? It has many elements, and no single answer.",
        "These words want a single True or False. For arrays there are `~`, `&` and `|`, element by element.",
        "`~a` for `not a`, `(a) & (b)` for `a and b`, with brackets around each comparison.",
    ),
    "truth": (
        "`if`, `max` or `min` on a whole array",
        "Is an array true? It has many elements, and no single answer.",
        "`if`, `while`, and Python's own `max` and `min` want a single True or False.",
        "`np.where(condition, a, b)`, `np.maximum(a, b)`: these decide for each element.",
    ),
    "caret": (
        "`^` is not the power",
        "How does Python write a power: a with a small 2?",
        "`^` works on the bits of whole numbers. The power is `**`.",
        "`d ** 2` instead of `d ^ 2`.",
    ),
    "none": (
        "What changes its argument returns `None`",
        "Print what you got from the line before. Is there anything in it?",
        "`sort`, `append`, `reverse`, `shuffle` and `np.fill_diagonal` change what they are given, and "
        "return `None`.",
        "Call it on a line of its own, and go on with what it changed; or take `sorted(a)`, `np.sort(a)`.",
    ),
    "no return": (
        "A function that returns nothing was used",
        "Which function in this line should have given you a value?",
        "A function without `return` gives `None`.",
        "Look at the function whose result you use here, and at its `return`.",
    ),
    "whole numbers": (
        "Whole numbers cannot hold the result",
        "What is the `dtype` of the array on the left of this line?",
        "`a /= b` writes fractions into the array that is there, and one of whole numbers has no "
        "room for them.",
        "Make a new array: `a = a / b`; or `a = a.astype(np.float32)` first.",
    ),
    "lists": (
        "Calculating with lists",
        "Is it an array, or a list?",
        "NumPy calculates with arrays. A list can be joined and repeated, but not multiplied by 0.1 or "
        "subtracted.",
        "Go through the lists together, `for a, b in zip(one, other):`, or make an array: `np.array(one)`.",
    ),
    "star": (
        "A sign between two factors is missing",
        "What does Python do with brackets right behind a name?",
        "`a(b)` calls a function a. To multiply, Python needs a sign between the two.",
        "`a * (b)` instead of `a(b)`.",
    ),
    "ragged": (
        "Parts of different length in one array",
        "How long is each part that you put together here?",
        "An array is a rectangle: all its rows have the same length. Parts of different length do not fit.",
        "`np.concatenate(parts)` writes them one behind the other.",
    ),
    "concatenate": (
        "The parts must come in one list",
        "How many arguments does `np.concatenate` take its parts in?",
        "It takes one list or tuple of arrays; the second argument is the axis.",
        "`np.concatenate([a, b])`, with square brackets.",
    ),
    "unlike parts": (
        "Arrays of unlike shape are joined",
        "Print the shape of each part that you join here.",
        "To stand one behind the other, arrays must agree in all axes but one.",
        "Make each of them flat first: `np.concatenate([a.ravel() for a in arrays])`.",
    ),
    "recursion": (
        "Too many calls of itself, one within the other",
        "How many calls of your function wait for another one to end, at the most?",
        "Python lets about a thousand wait. Either no case ends it, and each call makes one more; or it "
        "comes to an end, but only after more steps than that.",
        "Begin with the case that ends it, `if ...: return ...`. If there is one: keep what is still to be "
        "done in a list, and write a loop, `while todo:`.",
    ),
    "exit": (
        "It ends the program",
        "What should happen in this case: the end of everything, or the end of this function?",
        "`exit()`, `quit()` and `sys.exit()` end Python itself. The check did not let them.",
        "`return` ends a function, and gives its result back.",
    ),
    "name": (
        "A name that is not known here",
        "Is it written in the same way where it gets its value? Capital letters count.",
        "A function knows its arguments, what it makes itself, and what stands in cells that have been run.",
        "Compare the name in the error with the names in the line with `def`.",
    ),
    "unbound": (
        "A name is used before it has a value",
        "In which line does it get its first value? Does your function always come through there?",
        "A name that is set inside of a loop or an `if` has no value when that part does not run.",
        "Give it a value at the beginning of the function.",
    ),
    "unpack": (
        "Another number of values than names",
        "How many values are there on the right of this line, and how many names on the left?",
        "The number of parts depends on the arguments: it is not the same in every case.",
        "Take what you need by its place, `parts[0]`, `parts[-1]`, or go through all of them in a loop.",
    ),
    "too few": (
        "A place behind the end",
        "How long is what you look into here, in this case? And which place do you ask for?",
        "The last place of n is n - 1. And n comes with the arguments: it is not the same in every case.",
        "Let the number come from the array: `len(a)`, or `a.shape[1]` for the columns.",
    ),
    "fit": (
        "The numbers do not fit into the shape",
        "Multiply the lengths in the shape. How many numbers are there?",
        "`reshape` needs exactly as many numbers as the shape has places.",
        "Let the lengths come from the array itself: `len(a)`, `a.shape`, or -1 for one of them.",
    ),
    "shapes": (
        "Two shapes do not go together",
        "Write the two shapes from the error one below the other. Which lengths should agree?",
        "`+`, `-`, `*` and `/` compare the shapes from the right: two lengths must be equal, or one of them "
        "1. `@` wants the inner lengths equal: (a, b) @ (b, c).",
        "`.T` turns an array, `[:, None]` gives it an axis of length 1, `keepdims=True` keeps one.",
    ),
}
# What the error says so plainly that nothing else needs to be tried.
PLAIN = {"exit", "recursion", "caret", "none", "ragged", "concatenate", "star"}
MAKES_NOTHING = re.compile(
    r"(\.(sort|append|extend|reverse|shuffle|insert|clear|update|fill|resize)\(|fill_diagonal\()"
)
WORDS = re.compile(r"\b(not|and|or)\b")
CHAIN = re.compile(r"[<>]=?[^<>&|=]+[<>]=?")
BITS = re.compile(r"[&|]")
COMPARES = re.compile(r"==|!=|<|>")


def kind(error, line, source):
    """Which of `TEXTS` an error belongs to; "" for none.

    Parameters
    ----------
    error : the exception
    line : str, the learner's own line that led to it
    source : str, the learner's whole function
    """
    said = str(error)
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        return "exit"
    if isinstance(error, RecursionError):
        return "recursion"
    if isinstance(error, UnboundLocalError):
        return "unbound"
    if isinstance(error, NameError):
        return "name"
    if "^" in line and ("bitwise_xor" in said or "for ^" in said):
        return "caret"
    if (
        BITS.search(line)
        and COMPARES.search(line)
        and ("bitwise" in said or "truth value" in said or "for &" in said)
    ):
        return "brackets for &"
    if "truth value" in said:
        return "words for arrays" if WORDS.search(line) else "chain" if CHAIN.search(line) else "truth"
    if "NoneType" in said:
        return "none" if MAKES_NOTHING.search(source) else "no return"
    if isinstance(error, TypeError):
        return _of_type(said, line)
    if isinstance(error, IndexError) and "out of" in said:
        return "too few"
    if isinstance(error, ValueError):
        return _of_value(said)
    return ""


def _of_type(said, line):
    if "Cannot cast ufunc" in said or "same_kind" in said:
        return "whole numbers"
    if "multiply sequence" in said or re.search(r"unsupported operand .*'list'", said):
        return "lists"
    if "not callable" in said and re.search(r"(ndarray|float|int|list)", said):
        return "star"
    if "concatenate(" in line and ("integer" in said or "scalar" in said):
        return "concatenate"
    return ""


def _of_value(said):
    if "inhomogeneous" in said:
        return "ragged"
    if "same number of dimensions" in said or "concatenation axis" in said or "same shape" in said:
        return "unlike parts"
    if "to unpack" in said:
        return "unpack"
    if "cannot reshape" in said:
        return "fit"
    if "broadcast" in said or "mismatch in its core dimension" in said:
        return "shapes"
    return ""
