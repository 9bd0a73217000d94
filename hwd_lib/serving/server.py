"""Recognition over HTTP, for programs - and for the page of HWD-Perceptron, which works against it unchanged.

``GET /recognize?imgdata=…`` speaks HWD-Perceptron's language: 784 numbers, a digit as plain text.
``POST /recognize`` takes JSON, or a picture of paper, and tells more. What comes in is parsed and checked,
never evaluated.
"""

import contextlib
import errno
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tornado.ioloop
import tornado.netutil
import tornado.web

from hwd_lib import __version__
from hwd_lib.network import SAVED_NN
from hwd_lib.numbers import describe, read_number
from hwd_lib.preprocessing import SIDE, could_be_digit, preprocess
from hwd_lib.saved import DIGITS, class_names, listed, load_reader, reading_networks
from hwd_lib.serving.door import Door, in_url, more_files
from hwd_lib.serving.log import tame

PORT = 5000  # HWD-Perceptron's
LARGEST_BODY = 2**20  # bytes; a drawing of 3,000 points takes a twentieth of that
LARGEST_PICTURE = 8 * LARGEST_BODY  # what telephones make, and more
PICTURES = ("image/jpeg", "image/png", "image/webp")
LARGEST_UPLOAD = 64 * LARGEST_BODY  # what is read of a body that is too large
LONGEST_UPLOAD = 60  # seconds
FAINTEST = 0.1  # ink; what has no more anywhere is a blank sheet
DIGIT, SURE = 0.35, 0.75  # the app's: hwd_lib.widgets.reading
BLANK, NO_DIGIT, NO_CLASS = "blank", "no digit", "no class"
OPENAPI = Path(__file__).with_name("openapi.json")


def parse_imgdata(text):
    """HWD-Perceptron's image: 784 numbers from -1 (paper) to 1 (ink), column after column, with commas.

    Returns
    -------
    (28, 28) float32, paper 0 and ink 1; value 28 x + y of the text is pixel ``[y, x]``.

    Raises
    ------
    ValueError
    """
    texts = text.split(",") if text else []
    if len(texts) != SIDE**2:
        raise ValueError(f"imgdata: expected {SIDE**2} numbers with commas between, found {len(texts)}.")
    try:
        if "_" in text or not text.isascii():  # Python would read 1_0, and digits of other scripts
            raise ValueError
        values = np.array([float(number) for number in texts])
    except ValueError:
        raise ValueError("imgdata: expected numbers, found something else among them.") from None
    columns = _check_pixels(values, "imgdata", -1, (SIDE**2,)).reshape(SIDE, SIDE)  # (784,) -> (28, 28)
    return (columns.T + 1) / 2  # x first -> y first


def parse_question(body):
    """The JSON of a ``POST``: {"image": 28 rows of 28 numbers from 0 to 1} or {"strokes": [[[x, y], …], …]}.

    Returns
    -------
    (28, 28) float32; the strokes that it was made of, or None; and the name of the network that is asked for,
    or None

    Raises
    ------
    ValueError
    """
    try:
        question = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"Expected JSON in the body, found something else ({error}).") from error
    if not isinstance(question, dict) or ("image" in question) == ("strokes" in question):
        raise ValueError('Expected an object with either "image" or "strokes", and "network" if you like.')
    name = question.get("network")
    if name is not None and not isinstance(name, str):
        raise ValueError('network: expected a name that "GET /networks" lists.')
    if "strokes" in question:
        strokes = _check_strokes(question["strokes"])
        return preprocess(strokes), strokes, name
    rows = question["image"]
    if not (_is_list(rows, SIDE) and all(_is_list(row, SIDE) and _are_numbers(row) for row in rows)):
        raise ValueError("image: expected 28 rows of 28 numbers, found something else.")
    return _check_pixels(np.array(rows), "image", 0, (SIDE, SIDE)), None, name


def find_doubt(image, strokes, probabilities, names=DIGITS):
    """Why an answer should not be believed: `BLANK`, `NO_DIGIT`, `NO_CLASS`, or None; what the app asks, too.

    `image` is (28, 28), `strokes` a list of (n, 2) arrays or None, `probabilities` (n,) the network's, and
    `names` those of its classes.
    """
    if image.max() <= FAINTEST:
        return BLANK
    if names != DIGITS:
        return NO_CLASS if probabilities.max() < DIGIT else None
    unlike = strokes is not None and not could_be_digit(strokes, sure=probabilities.max() >= SURE)
    return NO_DIGIT if unlike or probabilities.max() < DIGIT else None


def _is_list(value, length):
    return isinstance(value, list) and len(value) == length


def _are_numbers(values):
    """Numbers that a float can hold: JSON knows longer ones. Neither true nor "1" is a number."""
    return all(type(v) is float or (type(v) is int and abs(v) < 1e300) for v in values)


def _check_pixels(values, what, lowest, shape):
    if values.shape != shape:
        raise ValueError(f"{what}: expected numbers of shape {shape}, found {values.shape}.")
    if not ((values >= lowest) & (values <= 1)).all():  # NaN is neither
        raise ValueError(f"{what}: expected numbers from {lowest} (paper) to 1 (ink), found others too.")
    return values.astype(np.float32)


def _check_strokes(strokes):
    """Here a program is talking, not a hand: what `preprocess` would forgive is told instead."""
    good = isinstance(strokes, list) and strokes and all(
        isinstance(stroke, list) and stroke and all(_is_list(p, 2) and _are_numbers(p) for p in stroke)
        for stroke in strokes
    )  # fmt: skip
    arrays = [np.array(stroke, np.float64) for stroke in strokes] if good else []
    if not good or not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("strokes: expected [[[x, y], …], …], a list of pairs of numbers for each stroke.")
    return arrays


@tornado.web.stream_request_body
class _Handler(tornado.web.RequestHandler):
    """What all addresses have in common: open to pages from anywhere, and errors in a sentence.

    A body that is too large is read to its end, so that who sends it hears the answer, but not kept; one
    that is larger still is refused at once, and the connection closed.
    """

    methods = ("GET", "OPTIONS")
    largest = LARGEST_BODY

    def initialize(self):
        self.body, self.received = bytearray(), 0

    def set_default_headers(self):
        self.set_header("Server", "hwd")
        self.set_header("Access-Control-Allow-Origin", "*")
        self.set_header("Access-Control-Allow-Headers", "Content-Type")
        self.set_header("Access-Control-Allow-Methods", ", ".join(self.methods))
        self.set_header("X-Content-Type-Options", "nosniff")

    def prepare(self):
        announced = self.request.headers.get("Content-Length", "0")
        if announced.isdecimal() and (len(announced) > 20 or int(announced) > LARGEST_UPLOAD):
            self.refuse_body()

    def data_received(self, chunk):
        self.received += len(chunk)
        if self.received <= self.largest:
            self.body += chunk
        elif self.received > LARGEST_UPLOAD and not self._finished:  # its length was not announced
            self.refuse_body()

    def get(self):
        """Every method comes here, when the body has been read."""
        method = self.request.method
        if method not in self.methods and method != "HEAD":  # tornado makes HEAD of GET
            self.refuse_method()
        elif self.received > self.largest:
            self.refuse_body()
        else:
            return self.answer()  # what takes long is awaited
        return None

    head = post = put = patch = delete = get

    def options(self):
        self.set_status(204)

    def refuse_method(self):
        """Answer that there is no such method here."""
        self.set_header("Allow", ", ".join(self.methods))
        self.refuse(405, f"Expected {' or '.join(self.methods)}, found {self.request.method}.")

    def refuse_body(self):
        """Answer that the body is too large."""
        self.refuse(413, f"Expected a body of at most {self.largest:,} bytes, found a larger one.")

    def refuse(self, status, sentence):
        """Answer with an error, and end the request."""
        self.set_status(status)
        self.finish({"error": sentence})

    def write_error(self, status_code, **_):
        if status_code == 405:  # a method that tornado itself does not know
            self.refuse_method()
            return
        self.finish({"error": f"{status_code}: {tornado.httputil.responses.get(status_code, 'error')}."})


class RecognizeHandler(_Handler):
    """Reads a digit, or a page of them."""

    methods = ("GET", "POST", "OPTIONS")

    def prepare(self):
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self.is_picture = self.request.method == "POST" and kind in PICTURES
        if self.is_picture:
            self.largest = LARGEST_PICTURE
        super().prepare()

    def answer(self):
        if self.is_picture:
            return self.answer_picture()
        if self.request.method == "POST":
            return self.answer_json()
        return self.answer_imgdata()

    async def answer_picture(self):
        """Read what stands on a picture of paper: one at a time, while others are answered."""
        networks = self.settings["networks"]
        name = self.get_query_argument("network", None)
        if name is not None and name not in networks.names():
            self.refuse(404, f"network: expected one of {', '.join(networks.names())}; found another.")
            return
        names = class_names(networks.get(name))
        if names != DIGITS:
            self.refuse(400, f"Expected a network of digits for a picture, found one of {listed(names)}.")
            return
        loop = tornado.ioloop.IOLoop.current()
        work = read_picture_bytes, bytes(self.body), networks.get(name)
        try:
            answer = await loop.run_in_executor(self.settings["reader"], *work)
        except ValueError as error:
            self.refuse(400, str(error))
            return
        self.finish(answer | {"network": name or networks.default})

    def answer_imgdata(self):
        values = self.get_query_arguments("imgdata")
        try:
            if len(values) != 1:
                raise ValueError(f"Expected one imgdata=… in the address, found {len(values)}.")
            image = parse_imgdata(values[0])
        except ValueError as error:
            self.refuse(400, str(error))
            return
        network = self.settings["networks"].get()
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        name = class_names(network)[network.predict(image.reshape(1, -1))[0]]  # (28, 28) -> (1, 784)
        self.finish(name if image.max() > FAINTEST else "")

    def answer_json(self):
        """Read an image or strokes, and say how sure the network is."""
        networks = self.settings["networks"]
        try:
            image, strokes, name = parse_question(bytes(self.body))
        except ValueError as error:
            self.refuse(400, str(error))
            return
        if name is not None and name not in networks.names():
            self.refuse(404, f"network: expected one of {', '.join(networks.names())}; found another.")
            return
        network = networks.get(name)
        names = class_names(network)
        probabilities = network.probabilities(image.reshape(1, -1))[0]  # (28, 28) -> (1, 784) -> (n,)
        doubt, k = find_doubt(image, strokes, probabilities, names), int(probabilities.argmax())
        answer = {
            "digit": None if doubt == BLANK or names != DIGITS else k,
            "class": None if doubt == BLANK else names[k],
            "doubt": doubt,
            "probabilities": [round(float(p), 6) for p in probabilities],
            "network": name or networks.default,
        }
        if strokes is not None and names == DIGITS:
            answer |= describe(read_number(strokes, network))
        self.finish(answer)


def read_picture_bytes(data, network):
    """What stands on a picture of paper, for JSON. Raises ValueError when the bytes are no picture."""
    from hwd_lib.paper.picture import read_picture  # OpenCV is loaded when the first picture comes
    from hwd_lib.paper.reading import read_page

    picture, scale = read_picture(data)
    return read_page(picture, network).describe(scale)


class HealthHandler(_Handler):
    """Says that the server lives, and what it is."""

    def answer(self):
        self.finish({"status": "ok", "version": __version__, "network": self.settings["networks"].default})


class NetworksHandler(_Handler):
    """Lists the networks that can be asked."""

    def answer(self):
        networks = self.settings["networks"]
        self.finish({"networks": [networks.describe(name) for name in networks.names()]})


class OpenApiHandler(_Handler):
    """The description of all this, for programs that read such descriptions."""

    def answer(self):
        self.set_header("Content-Type", "application/json")
        self.finish(OPENAPI.read_bytes())


class NotFoundHandler(_Handler):
    """Everything else."""

    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    options = _Handler.get

    def answer(self):
        self.refuse(404, "Expected /recognize, /networks, /health or /openapi.json.")


class Networks:
    """The networks of a folder, by name: the default one, and those beside it that read images of 28 x 28.

    All are loaded at the start, so that a file that is broken or removed later is nobody's error.
    """

    def __init__(self, path):
        path = Path(path)
        self.default, self._loaded = path.stem, {path.stem: load_reader(path, digits=False)}
        for other in reading_networks(path.parent):
            if other.stem not in (path.stem, "my_network"):
                with contextlib.suppress(ValueError, OSError):  # damaged
                    self._loaded[other.stem] = load_reader(other, digits=False)

    def names(self):
        """The names, that of the default network first."""
        return list(self._loaded)

    def get(self, name=None):
        """The network of this name, or the default."""
        return self._loaded[name or self.default]

    def describe(self, name):
        """What a program may want to know to choose one."""
        network = self.get(name)
        about = {"name": name, "layers": network.layers, "activation": network.activation}
        about |= {"classes": class_names(network)}
        return about | {"test_accuracy": network.metadata.get("test_accuracy")}


def make_application(network=SAVED_NN / "default.npz"):
    """The tornado application that `serve` runs; `network` is the path of the default one."""
    return tornado.web.Application(
        [
            ("/recognize", RecognizeHandler),
            ("/health", HealthHandler),
            ("/networks", NetworksHandler),
            ("/openapi.json", OpenApiHandler),
        ],
        default_handler_class=NotFoundHandler,
        networks=Networks(network),
        reader=ThreadPoolExecutor(1, "pictures"),
        log_function=lambda handler: None,  # drawings are in the addresses, and are nobody's business
    )


def serve(network=SAVED_NN / "default.npz", port=PORT, address="127.0.0.1"):
    """Serve until Ctrl-C.

    Raises
    ------
    ValueError
        When the network cannot be loaded, or the port or the address cannot be had; says why.
    """
    application = make_application(network)
    try:
        sockets = tornado.netutil.bind_sockets(port, address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ValueError(f"Port {port} of {address} is in use. Choose another with --port.") from error
        raise ValueError(
            f"Expected an address and a port of this computer, found {address} and {port} "
            f"({(error.strerror or str(error)).lower()}). Choose others with --address and --port."
        ) from error
    # tornado's own limit would close the connection without a sentence; the handlers keep to theirs.
    server = Door(application, max_body_size=2**60, body_timeout=LONGEST_UPLOAD)
    more_files()
    tame()
    server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    print(f"Reading digits at http://{in_url(address)}:{port}/recognize - stop with Ctrl-C", flush=True)
    try:
        tornado.ioloop.IOLoop.current().start()
    except KeyboardInterrupt:
        print()
    finally:
        server.stop()
