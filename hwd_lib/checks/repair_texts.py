"""What is said of each kind of small change that makes an answer right."""

# kind -> (title, nudge, idea); the nudge comes with the line, and the last hint is the line as it should be.
TEXTS = {
    "notebook variable": (
        "A variable of the notebook instead of an argument",
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
        "Which number in it would have to change, if you were given something else?",
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
        "The right steps, with one name instead of another.",
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
