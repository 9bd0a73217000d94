"""Checks for notebook 1: from the bytes of a file to arrays, and to three parts that do not overlap."""

import numpy as np

from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for

hand_in = hand_in_for("01_mnist.ipynb")

# Files to try things on -------------------------------------------------------------------------------------


def _header(*shape):
    return bytes([0, 0, 8, len(shape)]) + b"".join(length.to_bytes(4, "big") for length in shape)


def _idx(*shape):
    """The bytes of a small IDX file."""
    return _header(*shape) + np.random.default_rng(0).integers(0, 256, shape, np.uint8).tobytes()


def _headers():
    return {
        "a file of 3 pictures": (_idx(3, 4, 5),),
        "a file of 1000 labels": (_idx(1000),),
        "a header that promises 60000 pictures": (_header(60000, 28, 28),),
        "a header that promises 70000 labels": (_header(70000),),
        "a file with 2 axes, 300 and 7": (_idx(300, 7),),
    }


def _files():
    return {
        "a file of 3 pictures": (_idx(3, 4, 5),),
        "a file of 12 labels": (_idx(12),),
        "a file with 2 axes, 6 and 7": (_idx(6, 7),),
    }


# 1.1 --------------------------------------------------------------------------------------------------------


@exercise(
    "1.1",
    cases=_headers,
    tested="pictures, labels, headers of 60000 and of 70000, a file with two axes",
    hints=(
        "Print `list(raw[:16])` and write below each number what it means.",
        "Byte 3 says how many axes there are. Each has a length of 4 bytes, the first of them at byte 4.",
        "`tuple(int.from_bytes(raw[i : i + 4], 'big') for i in range(4, 4 + 4 * raw[3], 4))`",
    ),
)
def parse_header(raw):
    """Bytes of an IDX file -> the length of each axis, such as (60000, 28, 28)."""
    return tuple(int.from_bytes(raw[i : i + 4], "big") for i in range(4, 4 + 4 * raw[3], 4))


@parse_header.mistake(
    "read from the wrong end",
    "Your lengths are huge, or not what they should be. What are the four bytes 0, 0, 0, 28 together?",
    "In this file the most important byte comes first, as in the numbers that you write. That is big-endian.",
    "`int.from_bytes(raw[i : i + 4], 'big')`",
)
def _little_endian(raw):
    return tuple(int.from_bytes(raw[i : i + 4], "little") for i in range(4, 4 + 4 * raw[3], 4))


@parse_header.mistake(
    "the first four bytes counted as a length",
    "Which is the first number that you return, and where in the file does it come from?",
    "Bytes 0 to 3 say what kind of file this is. The lengths begin behind them.",
    "Begin at byte 4: `range(4, 4 + 4 * raw[3], 4)`.",
)
def _magic_included(raw):
    return tuple(int.from_bytes(raw[i : i + 4], "big") for i in range(0, 4 + 4 * raw[3], 4))


@parse_header.mistake(
    "one axis is missing at the end",
    "How many lengths does byte 3 promise, and how many do you return?",
    "The header is 4 bytes, plus 4 for each axis. `range` stops before its end.",
    "`range(4, 4 + 4 * raw[3], 4)`: the end is 4 + 4 times the number of axes.",
)
def _one_short(raw):
    return tuple(int.from_bytes(raw[i : i + 4], "big") for i in range(4, 4 * raw[3], 4))


@parse_header.mistake(
    "always three axes",
    "Try it on a file of labels. How many axes does it have?",
    "Pictures have three axes, labels have one. Byte 3 tells you how many there are.",
    "Let the range depend on `raw[3]`: `range(4, 4 + 4 * raw[3], 4)`.",
)
def _always_three(raw):
    return tuple(int.from_bytes(raw[i : i + 4], "big") for i in (4, 8, 12))


@parse_header.mistake(
    "only the last byte of each length counts",
    "Your 28 is right. What about 1000? Does it fit into one byte?",
    "A byte holds 0 to 255, and so does a uint8, which runs over when it is shifted or multiplied. A length "
    "takes four bytes together.",
    "Take a slice of four bytes, `raw[i : i + 4]`, and `int.from_bytes(..., 'big')` of it.",
)
def _last_byte(raw):
    return tuple(raw[i + 3] for i in range(4, 4 + 4 * raw[3], 4))


@parse_header.mistake(
    "only the last two bytes of each length count",
    "Your 60000 is right. What about 70000? Does it fit into two bytes?",
    "Two bytes hold 0 to 65,535. A length takes four of them together.",
    "`int.from_bytes(raw[i : i + 4], 'big')` takes all four.",
)
def _last_two_bytes(raw):
    return tuple(256 * raw[i + 2] + raw[i + 3] for i in range(4, 4 + 4 * raw[3], 4))


@parse_header.mistake(
    "the bytes were not put together",
    "You return more numbers than there are axes. How many bytes make one length?",
    "Four bytes together are one length: the first counts 256 * 256 * 256, the last counts 1.",
    "`int.from_bytes(raw[i : i + 4], 'big')` makes one number of four bytes.",
)
def _bytes_apart(raw):
    return tuple(raw[4 : 4 + 4 * raw[3]])


# 1.2 --------------------------------------------------------------------------------------------------------


@exercise(
    "1.2",
    cases=_files,
    dtype=True,
    tested="pictures, labels, a file with two axes; every byte in its place, as uint8",
    hints=(
        "Compare `raw[16:20]` with the first values in your array.",
        "Two steps: skip the header and read the rest as bytes, then give the row of numbers its shape.",
        "`np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(parse_header(raw))`",
    ),
)
def bytes_to_array(raw):
    """Bytes of an IDX file -> uint8 array of the shape that the header gives."""
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(parse_header.reference(raw))


def _shape(raw):
    return parse_header.reference(raw)


@bytes_to_array.mistake(
    "the header is read as pixels",
    "What are the first numbers in your array? Have you seen them before?",
    "The header is part of `raw`. The first pixel stands behind it.",
    "`np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])` begins behind the header.",
)
def _header_as_pixels(raw):
    return np.frombuffer(raw, np.uint8)[: np.prod(_shape(raw))].reshape(_shape(raw))


@bytes_to_array.mistake(
    "header and pixels do not fit the shape",
    "Count: how many bytes does `raw` have, and how many numbers fit into the shape?",
    "`reshape` needs exactly as many numbers as the shape has places. The bytes of the header are too many.",
    "Leave the header out: `np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])`.",
)
def _no_offset(raw):
    return np.frombuffer(raw, np.uint8).reshape(_shape(raw))


@bytes_to_array.mistake(
    "always 16 bytes of header",
    "It works for pictures. How long is the header of a file of labels?",
    "The header has 4 bytes and then 4 for each axis: 16 with three axes, 8 with one.",
    "`offset=4 + 4 * raw[3]`",
)
def _always_16(raw):
    return np.frombuffer(raw, np.uint8, offset=16).reshape(_shape(raw))


@bytes_to_array.mistake(
    "no shape yet",
    "What is `array.shape`? What should it be?",
    "The numbers are right, in one long row. `reshape` folds the row into rows and columns.",
    "`... .reshape(parse_header(raw))`",
)
def _flat(raw):
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])


@bytes_to_array.mistake(
    "dark pixels became negative",
    "What is the largest number in your array, and what is the smallest?",
    "An int8 holds -128 to 127, a uint8 holds 0 to 255. Pixels are 0 to 255.",
    "`np.uint8` instead of `np.int8`.",
)
def _signed(raw):
    return np.frombuffer(raw, np.int8, offset=4 + 4 * raw[3]).reshape(_shape(raw))


@bytes_to_array.mistake(
    "columns are filled before rows",
    "Look at one picture. Which way does the pen go?",
    "The file holds the first row from left to right, then the second. `order='F'` fills columns first.",
    "`reshape(shape)`, with no `order`.",
)
def _columns_first(raw):
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(_shape(raw), order="F")


@bytes_to_array.mistake(
    "the axes are in reversed order",
    "What does the first axis of your array count: pictures, rows or columns?",
    "The header names the axes in the order in which the file is laid out: picture, row, column.",
    "Give `reshape` the shape as it comes from `parse_header`.",
)
def _reversed_axes(raw):
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(_shape(raw)[::-1])


@bytes_to_array.mistake(
    "right numbers, but eight bytes for each",
    "Look at `array.dtype`. How much memory do 47 million pixels take that way?",
    "Each pixel is one byte in the file, and one byte in memory will do.",
    "Stay with `np.uint8`, and leave out `astype`.",
)
def _too_wide(raw):
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(_shape(raw)).astype(np.int64)


# 1.3 --------------------------------------------------------------------------------------------------------


def _pictures():
    stroke = np.zeros((28, 28), np.uint8)
    stroke[5:20, 8], stroke[19, 8:24], stroke[3, 3] = 250, 130, 10
    edge = np.repeat(np.array([[127, 128, 129, 255]], np.uint8), 7, axis=1).repeat(28, axis=0)  # (28, 28)
    noise = np.random.default_rng(3).integers(0, 256, (28, 28), np.uint8)
    return {"an L": (stroke,), "pixels of 127, 128, 129 and 255": (edge,), "noise": (noise,)}


@exercise(
    "1.3",
    cases=_pictures,
    result=lambda text, image: text.removesuffix("\n").split("\n"),
    tested="rows and columns in their places, the threshold of 128, 28 lines for 28 rows",
    hints=(
        "Try it on a tiny picture: `ascii_digit(np.array([[0, 255], [255, 255]]))` should give two lines.",
        "Go through the rows. Within a row, go through the pixels, and pick a letter for each.",
        "`'\\n'.join(''.join('#' if pixel >= 128 else '.' for pixel in row) for row in image)`",
    ),
)
def ascii_digit(image):
    """One picture (rows, columns) uint8 -> a string, a line for each row: # for 128 and more, . below."""
    return "\n".join("".join("#" if pixel >= 128 else "." for pixel in row) for row in image)


@ascii_digit.mistake(
    "the picture lies on its side",
    "Draw an L. Which way does its foot point?",
    "The first index of an image is the row, from top to bottom; the second is the column.",
    "Let the outer loop run over the rows: `for row in image`.",
)
def _transposed(image):
    return ascii_digit.reference(image.T)


@ascii_digit.mistake(
    "ink and paper are swapped",
    "Which letter should stand where there is no ink?",
    "In MNIST a large number is much ink, and 0 is paper.",
    "`'#' if pixel >= 128 else '.'`",
)
def _inverted(image):
    return ascii_digit.reference(255 - image)


@ascii_digit.mistake(
    "all in one line",
    "Where does one row end and the next begin?",
    "A new line in a string is one more letter, written `'\\n'`.",
    "`'\\n'.join(lines)`, with one string for each row.",
)
def _one_line(image):
    return "".join("#" if pixel >= 128 else "." for row in image for pixel in row)


@ascii_digit.mistake(
    "a little ink counts as much",
    "What should become of a pixel with the value 10?",
    "Any ink at all is more than 0. The task asks for half of full ink, which is 128.",
    "`pixel >= 128` instead of `pixel > 0`.",
)
def _any_ink(image):
    return "\n".join("".join("#" if pixel > 0 else "." for pixel in row) for row in image)


@ascii_digit.mistake(
    "exactly 128 falls on the wrong side",
    "Which letter do you give to a pixel of exactly 128?",
    "The task says: 128 and more. `>` leaves 128 itself out.",
    "`pixel >= 128`",
)
def _above_128(image):
    return "\n".join("".join("#" if pixel > 128 else "." for pixel in row) for row in image)


@ascii_digit.mistake(
    "a list instead of one string",
    "What does `type(ascii_digit(image))` say?",
    "The lines are right. They only have to become one string.",
    "`'\\n'.join(lines)`",
)
def _lines(image):
    return ascii_digit.reference(image).split("\n")


# 1.4 --------------------------------------------------------------------------------------------------------


def _uint8_images():
    rng = np.random.default_rng(4)
    pale = rng.integers(0, 100, (2, 28, 28), np.uint8)
    return {
        "three pictures": (rng.integers(0, 256, (3, 28, 28), np.uint8),),
        "two pale pictures, with no pixel above 99": (pale,),
        "one picture": (rng.integers(0, 256, (1, 28, 28), np.uint8),),
    }


@exercise(
    "1.4",
    cases=_uint8_images,
    dtype=True,
    tested="one picture and several, pale ones too; shape (n, 784), float32, paper 0 and ink 1",
    hints=(
        "Look at three things, one after the other: `shape`, `dtype`, and the largest number.",
        "Give each picture one row of 784 numbers. Make them float32. Divide by 255, the largest byte.",
        "`images.reshape(len(images), 784).astype(np.float32) / 255`",
    ),
)
def scale(images):
    """Pictures (n, 28, 28) uint8, 0…255 -> (n, 784) float32, 0…1."""
    flat = images.reshape(len(images), 784)  # (n, 28, 28) -> (n, 784)
    return flat.astype(np.float32) / np.float32(255)


@scale.mistake(
    "everything became 0 or 1",
    "How many different values are left in a picture? Is there no grey any more?",
    "Whole numbers have no room for 0.5: `//` and `astype` to whole numbers cut it off.",
    "Divide with `/`, and make floats before you do: `.astype(np.float32) / 255`.",
)
def _whole_numbers(images):
    return (images.reshape(len(images), 784) // 255).astype(np.float32)


@scale.mistake(
    "right numbers, but float64",
    "What is the `dtype` of your result? How many bytes is that for each pixel?",
    "A uint8 array divided by 255 becomes float64. float32 takes half the memory, and is twice as fast.",
    "Convert before you divide: `images.astype(np.float32) / 255`.",
)
def _float64(images):
    return images.reshape(len(images), 784) / 255


@scale.mistake(
    "still in rows and columns",
    "What is the `shape` of your result?",
    "A network takes a picture as one row of numbers. The 28 rows are written one behind the other.",
    "`images.reshape(len(images), 784)`",
)
def _not_flat(images):
    return images.astype(np.float32) / 255


@scale.mistake(
    "one column for each picture, not one row",
    "Which axis of your result counts the pictures?",
    "All through this course, rows are examples: shape (n, 784).",
    "`images.reshape(len(images), 784)`, with the number of pictures first.",
)
def _columns(images):
    return (images.reshape(len(images), 784).astype(np.float32) / 255).T


@scale.mistake(
    "the pixels of several pictures are mixed",
    "Show the first row of your result as a picture: `.reshape(28, 28)`. What do you see?",
    "`reshape` never moves a number: it only cuts the long row elsewhere. Cut it into pieces of 784.",
    "`images.reshape(len(images), 784)`, and no `.T` behind it.",
)
def _mixed(images):
    return (images.reshape(784, len(images)).T).astype(np.float32) / 255


@scale.mistake(
    "divided by 256",
    "How much ink does the darkest pixel have in your result? Is it exactly 1?",
    "A byte has 256 values, and the largest of them is 255.",
    "Divide by 255.",
)
def _by_256(images):
    return images.reshape(len(images), 784).astype(np.float32) / 256


@scale.mistake(
    "divided by the darkest pixel there is",
    "Take two pale pictures. Are they still pale afterwards?",
    "The same pixel would mean something else in each batch. The scale has to be the same for all.",
    "Divide by 255, whatever the pictures hold.",
)
def _by_maximum(images):
    return images.reshape(len(images), 784).astype(np.float32) / images.max()


@scale.mistake(
    "not scaled at all",
    "What is the largest number in your result?",
    "The numbers are still 0 to 255. Here, ink is 1 and paper is 0.",
    "Divide by 255.",
)
def _not_scaled(images):
    return images.reshape(len(images), 784).astype(np.float32)


@scale.mistake(
    "paper is 1 and ink is 0",
    "What number does a pixel without ink have in your result?",
    "In MNIST it is the other way round from a photo: 0 is paper. Here it stays that way.",
    "Leave out the `1 - ...`.",
)
def _negative(images):
    return 1 - images.reshape(len(images), 784).astype(np.float32) / np.float32(255)


# 1.5 --------------------------------------------------------------------------------------------------------


def _labels():
    return {
        "the labels 3, 0, 9, 3": (np.array([3, 0, 9, 3]),),
        "the labels 1 and 2, no larger ones": (np.array([1, 2, 1]),),
        "one label": (np.array([7]),),
    }


@exercise(
    "1.5",
    cases=_labels,
    tested="several labels, only small ones, a single one; a row for each, with one 1 in it",
    hints=(
        "Write down by hand what should come out for the labels 3, 0 and 9.",
        "Begin with `np.zeros((n, 10))`. In row i, the place of the label becomes 1.",
        "`targets[np.arange(len(labels)), labels] = 1`; or, in one go, `np.eye(10)[labels]`.",
    ),
)
def one_hot(labels):
    """Labels (n,) -> (n, 10): 1 at the place of the label, 0 elsewhere."""
    return np.eye(10, dtype=np.float32)[labels]  # (n,) -> (n, 10)


@one_hot.mistake(
    "a column for each example, not a row",
    "What is the `shape` of your result?",
    "Rows are examples: shape (n, 10), all through this course.",
    "`np.zeros((len(labels), 10))`",
)
def _one_hot_columns(labels):
    return np.eye(10)[labels].T


@one_hot.mistake(
    "every row has all the labels",
    "Add up each of your rows. What should the sum be?",
    "`targets[:, labels] = 1` sets these columns in *every* row; and in `[[0] * 10] * n` all rows are "
    "one and "
    "the same list. Row i wants only its own label.",
    "`targets[np.arange(len(labels)), labels] = 1` pairs row i with label i.",
)
def _all_columns(labels):
    targets = np.zeros((len(labels), 10))
    targets[:, labels] = 1
    return targets


@one_hot.mistake(
    "as many columns as the largest label needs",
    "What comes out if there happens to be no 9 among the labels?",
    "There are always ten digits, whether or not this batch has them all.",
    "Write 10, not `labels.max() + 1`.",
)
def _as_many_as_seen(labels):
    return np.eye(labels.max() + 1)[labels]


@one_hot.mistake(
    "off by one",
    "At which place is the 1 for the label 0?",
    "Python counts from 0, and so do the digits. The label is the index itself.",
    "`targets[i, labels[i]] = 1`, with no - 1.",
)
def _off_by_one(labels):
    return np.eye(10)[labels - 1]


@one_hot.mistake(
    "ones up to the label",
    "How many ones stand in the row of label 3?",
    "One-hot means a single 1. Compare for equal, not for less or equal.",
    "`(np.arange(10) == labels[:, None])`",
)
def _thermometer(labels):
    return (np.arange(10) <= labels[:, None]).astype(float)


@one_hot.mistake(
    "the label itself instead of 1",
    "What stands in the row of the label 3? And in the row of the label 0?",
    "The place says which digit it is. The number there is 1 for all of them, a probability of 100 %.",
    "`targets[i, labels[i]] = 1`",
)
def _label_as_value(labels):
    return np.eye(10)[labels] * labels[:, None]


# 1.6 --------------------------------------------------------------------------------------------------------


def _examples():
    def make(n):  # each picture tells its own number, and the label can be worked out from it
        return np.arange(n, dtype=np.float32)[:, None] + np.zeros((1, 784), np.float32), np.arange(n) * 7 % 10

    return {
        "20 examples, 5 of them for validation": (*make(20), 5),
        "13 examples, 10 of them for validation": (*make(13), 10),
        "8 examples, none of them for validation": (*make(8), 0),
    }


def _describe_split(returned, images, labels, n_validation):
    """What matters about a split; which examples go where is the learner's choice."""
    train_images, train_labels, validation_images, validation_labels = returned
    train, validation = (part[:, 0].astype(int) for part in (train_images, validation_images))
    pairs = zip((train, validation), (train_labels, validation_labels), strict=True)
    return {
        "pictures to learn from": len(train),
        "pictures for validation": len(validation),
        "labels to learn from": len(train_labels),
        "labels for validation": len(validation_labels),
        "pictures in both parts": len(set(train) & set(validation)),
        "pictures in neither part": len(images) - len({*train, *validation}),
        "labels that belong to another picture": sum(
            int(a * 7 % 10 != b) for part, own in pairs for a, b in zip(part, own, strict=False)
        ),
    }


@exercise(
    "1.6",
    cases=_examples,
    result=_describe_split,
    tested="sizes, every picture in exactly one part, pictures and labels in step, no validation at all",
    hints=(
        "Try it on ten numbers instead of pictures, and print all four parts.",
        "Find the one place where to cut. Before it is for learning, behind it for validation, for pictures "
        "and labels alike.",
        "`cut = len(images) - n_validation`, then `images[:cut], labels[:cut], images[cut:], labels[cut:]`",
    ),
)
def split(images, labels, n_validation):
    """All examples -> training images, training labels, validation images, validation labels."""
    cut = len(images) - n_validation
    return images[:cut], labels[:cut], images[cut:], labels[cut:]


@split.mistake(
    "the validation examples are learned from as well",
    "Is there a picture that stands in both parts?",
    "Whoever has seen the questions before does well in any exam. What is for validation must not be learned "
    "from.",
    "`images[:cut]` for learning: leave out what comes behind the cut.",
)
def _leak(images, labels, n_validation):
    cut = len(images) - n_validation
    return images, labels, images[cut:], labels[cut:]


@split.mistake(
    "one example is in both parts",
    "Which is the last picture to learn from, and which is the first for validation?",
    "A slice `a[:cut]` ends before `cut`, and `a[cut:]` begins with it. So nothing is double.",
    "Use one and the same `cut` four times.",
)
def _overlap(images, labels, n_validation):
    cut = len(images) - n_validation
    return images[: cut + 1], labels[: cut + 1], images[cut:], labels[cut:]


@split.mistake(
    "one example is lost",
    "Add up the sizes of both parts. Is anything missing?",
    "A slice `a[:cut]` already leaves out the example at `cut`. It is the first of the other part.",
    "`images[:cut]` and `images[cut:]`, with no + 1 or - 1.",
)
def _lost(images, labels, n_validation):
    cut = len(images) - n_validation
    return images[: max(cut - 1, 0)], labels[: max(cut - 1, 0)], images[cut:], labels[cut:]


@split.mistake(
    "pictures and labels are out of step",
    "Take the first picture for validation. Is the first label there its own?",
    "Pictures and labels have to be cut at the same place, or every label says something wrong.",
    "`images[cut:], labels[cut:]`: the same slice for both.",
)
def _out_of_step(images, labels, n_validation):
    cut = len(images) - n_validation
    return images[:cut], labels[n_validation:], images[cut:], labels[:n_validation]


@split.mistake(
    "the two parts are swapped",
    "How many pictures should be left to learn from, and how many are there?",
    "`n_validation` is the size of the part for validation, the smaller one in real life.",
    "Return the part to learn from first: `images[:cut], labels[:cut], ...`",
)
def _swapped(images, labels, n_validation):
    cut = len(images) - n_validation
    return images[cut:], labels[cut:], images[:cut], labels[:cut]


@split.mistake(
    "nothing for validation takes everything",
    "What is `images[:-0]`? Try it.",
    "-0 is 0, so `[:-0]` is `[:0]`, which is empty, and `[-0:]` is everything.",
    "Count from the front: `cut = len(images) - n_validation`, then `[:cut]` and `[cut:]`.",
)
def _minus_zero(images, labels, n_validation):
    return images[:-n_validation], labels[:-n_validation], images[-n_validation:], labels[-n_validation:]


@split.mistake(
    "in another order",
    "Compare the order of the four parts with the line in the task.",
    "The caller takes them apart by position: learning first, pictures before labels.",
    "`return train_images, train_labels, validation_images, validation_labels`",
)
def _another_order(images, labels, n_validation):
    cut = len(images) - n_validation
    return images[:cut], images[cut:], labels[:cut], labels[cut:]
