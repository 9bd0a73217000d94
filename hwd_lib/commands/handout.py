"""`hwd handout`: sheets of paper for a class, as HTML pages that print on A4 or Letter."""

import re
from pathlib import Path

import nbformat
import numpy as np

from hwd_lib.checks import progress
from hwd_lib.checks.memory import ROOT
from hwd_lib.evaluation import confusion_matrix
from hwd_lib.files import written_whole
from hwd_lib.network import Network, softmax

SUMMARY = "make sheets to print: shapes, predictions, a worksheet, the glossary"
EXAMPLES = ("hwd handout handout/     writes HTML pages there; print them from the browser",)
PREDICT = re.compile(r"^(?:> )?\*{1,2}Predict\.\*{1,2}\s*(.+?)(?:\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)
STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")

# The worksheet: numbers that come out by hand, and what is asked about them.
X = np.array([[1.0, 2.0]])
WEIGHTS = [np.array([[1.0, -1.0], [0.5, 1.0]]), np.array([[1.0, 0.0], [1.0, 2.0]])]
BIASES = [np.array([0.0, -2.0]), np.array([1.0, 1.0])]
POINT = {"x": 3.0, "w": 2.0, "b": 1.0, "target": 5.0, "rate": 0.05}
LABELS = np.array([4, 4, 4, 4, 7, 7, 7, 7, 9, 9, 9, 9])
ANSWERS = np.array([4, 4, 9, 4, 7, 9, 7, 7, 9, 4, 9, 4])


def add_arguments(parser):
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the pages go")


def run(arguments):
    for name, page in pages().items():
        with written_whole(arguments.folder / name) as file:
            file.write(page.encode())
        print(f"wrote {arguments.folder / name}")
    return 0


def pages():
    """All pages: {name of the file: HTML}."""
    return {
        "shapes.html": page("Shapes", shapes()),
        "predictions.html": page("Predictions", predictions()),
        "worksheet.html": page("Worksheet", worksheet()),
        "worksheet_solutions.html": page("Worksheet: solutions", solutions()),
        "glossary.html": page("Glossary", glossary()),
    }


def page(title, body):
    """One HTML page, complete in itself."""
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style>{body}</html>\n"
    )


def table(head, rows, kind=""):
    """A table; cells are HTML."""
    line = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="{kind}"><tr>{line}</tr>{body}</table>'


def shapes():
    """The table of shapes, for the wall: those of the course's first network."""
    network = Network([784, 100, 10], seed=0)
    n_in, hidden, n_out = network.layers
    rows = [
        ("a batch of n images", "x", f"(n, {n_in})"),
        ("weights into the hidden layer", "weights[0]", str(network.weights[0].shape)),
        ("biases of the hidden layer", "biases[0]", str(network.biases[0].shape)),
        ("the hidden layer", "relu(x @ weights[0] + biases[0])", f"(n, {hidden})"),
        ("weights into the last layer", "weights[1]", str(network.weights[1].shape)),
        ("biases of the last layer", "biases[1]", str(network.biases[1].shape)),
        ("logits", "hidden @ weights[1] + biases[1]", f"(n, {n_out})"),
        ("probabilities; each row sums to 1", "softmax(logits)", f"(n, {n_out})"),
        ("labels", "labels", "(n,)"),
        ("what the last layer did wrong", "delta = (probabilities - one_hot) / n", f"(n, {n_out})"),
        ("gradient of the last weights", "hidden.T @ delta", str(network.weights[1].shape)),
        ("gradient of the last biases", "delta.sum(axis=0)", str(network.biases[1].shape)),
        ("back into the hidden layer", "(delta @ weights[1].T) * (hidden &gt; 0)", f"(n, {hidden})"),
    ]
    return (
        "<h1>Shapes</h1><p>One row is one example. In <code>a @ b</code> the inner two numbers must agree: "
        "(n, <b>784</b>) @ (<b>784</b>, 100) is (n, 100). A gradient has the shape of what it belongs to.</p>"
        + table(("what", "in the code", "shape"), rows, "wall")
    )


def predictions():
    """A sheet for each notebook, with every *Predict* and lines to write on."""
    sheets = []
    for chapter in progress.COURSE:
        cells = nbformat.read(ROOT / "notebooks" / chapter.file, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        asked = [" ".join(match.split()) for match in PREDICT.findall(text)]
        if asked:
            items = "".join(f'<li>{inline(question)}<div class="line"></div></li>' for question in asked)
            sheets.append(
                f'<div class="sheet"><span class="name">Name: ____________________</span>'
                f"<h1>{chapter.number} {chapter.title}</h1><p>Write your guess before you run the cell.</p>"
                f"<ol>{items}</ol></div>"
            )
    return "".join(sheets)


def glossary():
    """The terms of the course, from the notebook that holds them."""
    cells = nbformat.read(ROOT / "notebooks" / "glossary.ipynb", as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    pieces = re.split(r"^### (.+)$", text, flags=re.MULTILINE)[1:]
    terms = zip(pieces[::2], pieces[1::2], strict=True)
    items = "".join(f"<dt>{inline(term)}</dt><dd>{inline(words)}</dd>" for term, words in terms)
    return f"<h1>Glossary</h1><dl>{items}</dl>"


def inline(text):
    """A paragraph of Markdown as HTML: code, emphasis, and links without their addresses."""
    text = re.sub(r"\n#+ .*", "", text).strip().replace("&", "&amp;").replace("<", "&lt;")
    text = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*?([^*]+)\*\*?", r"<i>\1</i>", text)


def matrix(values):
    """An array as a small table without a head."""
    rows = ["".join(f"<td>{value:g}</td>" for value in row) for row in np.atleast_2d(values)]
    return f'<table class="matrix"><tr>{"</tr><tr>".join(rows)}</tr></table>'


def worksheet():
    """Three exercises by hand: a forward pass, one gradient, a confusion matrix."""
    digits = np.unique(LABELS)
    pairs = table(("label", *LABELS), [("answer", *ANSWERS)])
    head = ("", *(f"read as {d}" for d in digits))
    empty = table(head, [(f"is a {d}", "", "", "") for d in digits], "fill")
    return f"""<span class="name">Name: ____________________</span><h1>By hand</h1>
<h2>1. A forward pass</h2>
<p>A network with two inputs, two hidden neurons with ReLU, and two outputs reads x = {matrix(X)}. Its
weights are
W<sub>0</sub> = {matrix(WEIGHTS[0])} and W<sub>1</sub> = {matrix(WEIGHTS[1])}, its biases b<sub>0</sub> =
{matrix(BIASES[0])} and b<sub>1</sub> = {matrix(BIASES[1])}.</p>
<ol type="a"><li>The hidden layer before ReLU: x W<sub>0</sub> + b<sub>0</sub> =<div class="line"></div></li>
<li>After ReLU, max(z, 0):<div class="line"></div></li>
<li>The two logits:<div class="line"></div></li>
<li>Which of the two does the network choose? How many times likelier does it call it than the other?
(softmax: e<sup>difference of the logits</sup>; e ≈ 2.718)<div class="line"></div></li></ol>
<h2>2. One gradient</h2>
<p>One neuron without a bend: y = w x + b, with x = {POINT["x"]:g}, w = {POINT["w"]:g}, b = {POINT["b"]:g}. It
should have given {POINT["target"]:g}, and the loss is (y − {POINT["target"]:g})<sup>2</sup>.</p>
<ol type="a"><li>y, and the loss:<div class="line"></div></li>
<li>The slope of the loss with respect to w, by the chain rule:<div class="line"></div></li>
<li>Check it: the loss at w = {POINT["w"] + 0.1:g} and at w = {POINT["w"] - 0.1:g}; their difference divided
by
0.2:<div class="line"></div></li>
<li>One step with the learning rate {POINT["rate"]:g}: the new w, and the new loss:<div
class="line"></div></li></ol>
<h2>3. A confusion matrix</h2>{pairs}
<ol type="a"><li>Fill it in: {empty}</li><li>The accuracy:<div class="line"></div></li>
<li>Which two digits does it confuse most? What would you look at next?<div class="line"></div></li></ol>"""


def solutions():
    """The same three, worked out: by the functions of the course where it has them."""
    z = X @ WEIGHTS[0] + BIASES[0]  # (1, 2)
    hidden = np.maximum(z, 0)
    logits = hidden @ WEIGHTS[1] + BIASES[1]  # (1, 2)
    chosen, probabilities = int(logits.argmax()), softmax(logits)
    times = float(probabilities.max() / probabilities.min())
    x, w, b, target, rate = POINT.values()

    def loss(weight):
        return (weight * x + b - target) ** 2

    slope, checked = 2 * (w * x + b - target) * x, (loss(w + 0.1) - loss(w - 0.1)) / 0.2
    new, digits = w - rate * slope, np.unique(LABELS)
    counts = confusion_matrix(LABELS, ANSWERS)[np.ix_(digits, digits)]  # (10, 10) -> (3, 3)
    wrong = counts + counts.T - 2 * np.diag(np.diag(counts))
    i, j = np.unravel_index(np.triu(wrong, 1).argmax(), wrong.shape)
    filled = table(
        ("", *(f"read as {d}" for d in digits)),
        [(f"is a {d}", *row) for d, row in zip(digits, counts.tolist(), strict=True)],
        "fill",
    )
    right = int(np.trace(counts))
    return f"""<h1>By hand: solutions</h1>
<h2>1. A forward pass</h2><ol type="a"><li>{matrix(z)}</li><li>{matrix(hidden)}</li><li>{matrix(logits)}</li>
<li>The {"first" if chosen == 0 else "second"} one, e<sup>{abs(logits[0, 0] - logits[0, 1]):g}</sup> ≈
{times:.1f}
times likelier: {probabilities.max():.0%} against {probabilities.min():.0%}.</li></ol>
<h2>2. One gradient</h2><ol type="a"><li>y = {w * x + b:g}, loss {loss(w):g}</li>
<li>2 (y − {target:g}) x = {slope:g}</li>
<li>({loss(w + 0.1):.2f} − {loss(w - 0.1):.2f}) / 0.2 = {checked:g}: the same.</li>
<li>w = {w:g} − {rate:g} · {slope:g} = {new:g}; the loss becomes {loss(new):.2f}.</li></ol>
<h2>3. A confusion matrix</h2><ol type="a"><li>{filled}</li>
<li>{right} of {len(LABELS)}, {right / len(LABELS):.0%}</li>
<li>{digits[i]} and {digits[j]}, {wrong[i, j]} times. Look at these digits, and at how sure it
was.</li></ol>"""
