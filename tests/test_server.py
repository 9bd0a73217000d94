"""The REST endpoint as programs meet it: a real process on loopback, good questions and very bad ones."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from urllib.parse import quote

import jsonschema
import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwd_lib import png
from hwd_lib.__main__ import main
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.paper.drawn import clear_hand, draw_page
from hwd_lib.preprocessing import preprocess
from hwd_lib.serving import server
from hwd_lib.serving.server import LARGEST_BODY
from hwd_lib.stroke_styles import make_strokes
from hwd_lib.widgets import reading
from tools.letters import LETTERS

NAME = "784-100-10"


@contextlib.contextmanager
def serving(root, *arguments):
    """`hwd serve` in a process of its own; gives (process, port)."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "hwd_lib", "serve", "--port", "0", *map(str, arguments)],
        cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert line.startswith("Reading digits at http://127.0.0.1:"), line + process.stderr.read()
        yield process, int(line.split("/recognize")[0].rpartition(":")[2])
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def port(root):
    with serving(root, "--network", NAME) as (_, port):
        yield port


@pytest.fixture(scope="module")
def connection(port):
    """One connection for all questions; http.client opens it anew when the server has closed it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def ask(connection):
    """``ask("GET", "/health")`` -> status, headers, body (read as JSON where it is JSON)."""

    def ask(method, path, body=None, **headers):
        body = body if body is None else as_bytes(body)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
        except ConnectionError:  # it has been idle for so long that the server has closed it
            connection.close()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
        content = answer.read().decode()
        if content and answer.headers["Content-Type"].startswith("application/json"):
            content = json.loads(content)
        return answer.status, answer.headers, content

    return ask


def as_bytes(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def imgdata(image):
    """What HWD-Perceptron's page sends: x outside, y inside, -1 paper, 1 ink."""
    image = image.reshape(28, 28)  # (784,) -> (28, 28)
    return ",".join(f"{2 * image[y, x] - 1:.6g}" for x in range(28) for y in range(28))


@pytest.fixture(scope="module")
def some(mnist):
    """Validation digits, and what the network says to each: asked directly, not over HTTP."""
    images = mnist.validation.images[:60]
    return images, Network.load(SAVED_NN / f"{NAME}.npz").probabilities(images)


# Good questions ---------------------------------------------------------------------------------------------


def test_the_form_of_hwd_perceptron(ask, some, mnist):
    images, expected = some
    assert set(mnist.validation.labels[:60]) == set(range(10))
    for image, probabilities in zip(images, expected, strict=True):
        status, headers, digit = ask("GET", "/recognize?imgdata=" + imgdata(image))
        assert status == 200, digit
        assert headers["Content-Type"].startswith("text/plain")
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert digit == str(probabilities.argmax())


def test_a_seven_sent_column_after_column_is_a_seven(ask):
    image = np.zeros((28, 28))
    image[6:9, 7:21] = 1  # the bar, from left to right
    for step in range(14):  # and the stem, down to the left
        image[8 + step, 18 - step // 2 : 21 - step // 2] = 1
    assert ask("GET", "/recognize?imgdata=" + imgdata(image))[2] == "7"
    assert ask("POST", "/recognize", {"image": image.tolist()})[2]["digit"] == 7
    status, _, _ = ask("GET", "/recognize?imgdata=" + imgdata(image.T))
    assert status == 200  # a mirrored 7 is something, too


def test_percent_encoded_commas(ask, some):
    images, expected = some
    text = quote(imgdata(images[0]), safe="")
    assert "%2C" in text
    assert ask("GET", "/recognize?imgdata=" + text)[2] == str(expected[0].argmax())


def test_post_an_image(ask, some):
    images, expected = some
    for image, probabilities in zip(images[:10], expected, strict=False):
        status, headers, answer = ask("POST", "/recognize", {"image": image.reshape(28, 28).tolist()})
        assert status == 200, answer
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert (answer["digit"], answer["network"]) == (probabilities.argmax(), NAME)
        np.testing.assert_allclose(answer["probabilities"], probabilities, atol=2e-6)


def test_post_strokes_and_choose_a_network(ask):
    rng = np.random.default_rng(4)
    other = Network.load(SAVED_NN / "784-10.npz")
    for digit in range(10):
        strokes = [np.round(stroke, 2).tolist() for stroke in make_strokes(digit, rng)]
        status, _, answer = ask("POST", "/recognize", {"strokes": strokes, "network": "784-10"})
        assert status == 200, answer
        assert answer["network"] == "784-10"
        expected = other.probabilities(preprocess(strokes).reshape(1, 784))[0]  # (28, 28) -> (1, 784)
        np.testing.assert_allclose(answer["probabilities"], expected, atol=2e-6)


def test_post_a_number(ask):
    seven, zero = [[0, 0], [50, 0], [20, 90]], [[30, 0], [5, 40], [30, 90], [60, 40], [31, 0]]
    strokes = [[[x + 200 * i, y] for x, y in stroke] for i, stroke in enumerate((seven, zero, seven))]
    below = [[[x, y + 300] for x, y in seven]]
    status, _, answer = ask("POST", "/recognize", {"strokes": [*strokes[::-1], *below]})
    assert status == 200, answer
    assert answer["text"] == "707\n7"
    assert [digit["text"] for digit in answer["digits"]] == list("7077")
    assert [digit["strokes"] for digit in answer["digits"]] == [[stroke] for stroke in (*strokes, *below)]
    assert answer["digits"][0]["box"] == [0, 0, 50, 90] and answer["digits"][3]["box"] == [0, 300, 50, 390]
    for digit in answer["digits"]:
        assert str(np.argmax(digit["probabilities"])) == digit["text"]
    status, _, answer = ask("POST", "/recognize", {"strokes": [[[0, 0]]]})
    assert (status, answer["text"]) == (200, "?")  # a dot


def test_what_is_no_digit_is_said(ask, some):
    assert (server.DIGIT, server.SURE) == (reading.DIGIT, reading.SURE)
    status, _, answer = ask("POST", "/recognize", {"image": BLANK})
    assert (status, answer["digit"], answer["doubt"]) == (200, None, "blank")
    assert ask("GET", "/recognize?imgdata=" + ",".join(["-1"] * 784))[::2] == (200, "")
    image = some[0][0].reshape(28, 28).tolist()
    assert ask("POST", "/recognize", {"image": image})[2]["doubt"] is None
    seven = [[[10, 10], [60, 10], [30, 90]]]
    for strokes, doubt in (
        (seven, None),
        ([[[5, 5]]], "no digit"),
        ([[[0, 5], [90, 6]]], "no digit"),
        ([[[k % 2 * 50, k] for k in range(60)]], "no digit"),
        (seven + [[[x + 70, y] for x, y in seven[0]]], "no digit"),  # 77 is a number
    ):
        assert ask("POST", "/recognize", {"strokes": strokes})[2]["doubt"] == doubt, strokes


def test_a_network_of_letters_answers_with_letters(root, tmp_path, letters):
    letters.save(tmp_path / "letters.npz")
    Network.load(SAVED_NN / f"{NAME}.npz").save(tmp_path / "digits.npz")
    strokes = [[[800 * x, 800 * y] for x, y in stroke] for stroke in LETTERS["A"]]
    image = preprocess(strokes)
    with serving(root, "--network", tmp_path / "letters.npz") as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

        def ask(method, path, body=None, kind="application/json"):
            body = json.dumps(body) if isinstance(body, dict) else body
            connection.request(method, path, body, {"Content-Type": kind})
            text = connection.getresponse().read().decode()
            return json.loads(text) if text[:1] == "{" else text

        listed = ask("GET", "/networks")["networks"]
        assert [(one["name"], len(one["classes"])) for one in listed] == [("letters", 26), ("digits", 10)]
        assert ask("GET", "/recognize?imgdata=" + imgdata(image)) == "A"
        for question in ({"strokes": strokes}, {"image": image.tolist()}):
            answer = ask("POST", "/recognize", question)
            assert (answer["class"], answer["digit"], answer["doubt"]) == ("A", None, None)
            assert len(answer["probabilities"]) == 26 and "text" not in answer
        assert ask("POST", "/recognize", {"image": BLANK})["class"] is None
        picture = png.encode(np.full((100, 100, 3), 255, np.uint8))
        refused = ask("POST", "/recognize", picture, "image/png")
        assert refused == {"error": "Expected a network of digits for a picture, found one of A, B, C, … Z."}
        answer = ask("POST", "/recognize", {"image": image.tolist(), "network": "digits"})
        assert answer["class"] == str(answer["digit"]) and len(answer["probabilities"]) == 10
        connection.close()


def test_of_which_class_nobody_can_tell():
    unsure = np.full(26, 1 / 26)
    assert server.find_doubt(np.eye(28), None, unsure, tuple(LETTERS)) == "no class"
    assert server.find_doubt(np.zeros((28, 28)), None, unsure, tuple(LETTERS)) == "blank"


def test_health_and_networks(ask):
    status, _, health = ask("GET", "/health")
    assert (status, health["status"], health["network"]) == (200, "ok", NAME)
    status, _, answer = ask("GET", "/networks")
    listed = {network["name"]: network for network in answer["networks"]}
    assert status == 200
    assert answer["networks"][0]["name"] == NAME
    assert listed[NAME]["layers"] == [784, 100, 10]
    assert listed["784-10"]["activation"] == Network.load(SAVED_NN / "784-10.npz").activation
    assert 0.9 < listed["784-10"]["test_accuracy"] < 1


def test_what_the_openapi_document_says_is_true(ask, some):
    status, headers, document = ask("GET", "/openapi.json")
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    assert set(document["paths"]) == {"/recognize", "/health", "/networks"}
    image = some[0][0].reshape(28, 28).tolist()
    for method, path, body in (
        ("GET", "/health", None), ("GET", "/networks", None), ("POST", "/recognize", {"image": image}),
        ("POST", "/recognize", {"strokes": [[[0, 0], [1, 9]]] * 2}), ("POST", "/recognize", {"strokes": []}),
        ("POST", "/recognize", {"image": image, "network": "no"}),
        ("GET", "/recognize?imgdata=1", None), ("POST", "/recognize", b" " * (LARGEST_BODY + 1)),
    ):  # fmt: skip
        status, _, answer = ask(method, path, body)
        responses = document["paths"][path.split("?")[0]][method.lower()]["responses"]
        schema = responses[str(status)]["content"]["application/json"]["schema"]
        jsonschema.validate(answer, schema | {"components": document["components"]})


def test_head_and_preflight(ask):
    status, headers, body = ask("HEAD", "/health")
    assert (status, body) == (200, "")
    assert int(headers["Content-Length"]) > 0
    status, headers, _ = ask("OPTIONS", "/recognize", Origin="http://example.org")
    assert status == 204
    assert headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert headers["Access-Control-Allow-Headers"] == "Content-Type"


# Bad ones ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "", "0", ",".join(["0"] * 783), ",".join(["0"] * 785), ",".join(["0"] * 784) + ",", "x" * 1000,
        *(",".join(["0"] * 783 + [bad]) for bad in ("nan", "inf", "-inf", "1e999", "1_0", "0x1", "1.01", "",
                                                    "-1.001", "one", "%D9%A1", "__import__('os')", "%00")),
    ],
)  # fmt: skip
def test_imgdata_that_is_refused(ask, text):
    status, headers, answer = ask("GET", "/recognize?imgdata=" + text)
    assert status == 400
    assert headers["Access-Control-Allow-Origin"] == "*"  # so that a page can read the sentence
    assert "xpected" in answer["error"]


def test_no_imgdata_twice_imgdata_and_bytes_that_are_no_text(ask):
    for query in ("", "?", "?imgdata=1&imgdata=1", "?imgdata=%ff%fe"):
        status, _, answer = ask("GET", "/recognize" + query)
        assert (status, list(answer)) == (400, ["error"])


BLANK = [[0] * 28 for _ in range(28)]
LAST = lambda value: {"image": [*BLANK[1:], [0] * 27 + [value]]}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"seven", b"\xff\xfe", b"[" * 100_000, b'{"image":' * 50_000, b"null", b"[]", b"{}", b"7",
        b"1" * 5000, {"image": BLANK, "strokes": [[[1, 2]]]}, {"image": BLANK, "network": 7},
        {"image": None}, {"image": []}, {"image": BLANK[1:]}, {"image": [*BLANK[1:], [0] * 27]},
        {"image": {"0": 1}}, {"image": [0] * 784}, {"image": "0" * 784}, {"image": [[BLANK]]},
        LAST(float("nan")), LAST(float("inf")), LAST(1.1), LAST(-0.1), LAST(10**400), LAST("0"), LAST(True),
        LAST(None), LAST([0]), json.dumps(LAST(7)).replace("7", "1e999").encode(),
        {"strokes": []}, {"strokes": [[]]}, {"strokes": [[1, 2]]}, {"strokes": [[[1, 2, 3]]]},
        {"strokes": [[["1", "2"]]]}, {"strokes": [[[True, False]]]}, {"strokes": "12"}, {"strokes": {"a": 1}},
        {"strokes": [[[1, float("nan")]]]}, {"strokes": [[[1, 10**400]]]}, {"strokes": [[[1, None]]]},
    ],
    ids=lambda body: repr(body)[:30],
)  # fmt: skip
def test_json_that_is_refused(ask, body):
    status, headers, answer = ask("POST", "/recognize", body)
    assert status == 400, answer
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "xpected" in answer["error"]


@pytest.mark.parametrize("name", ["", "nobody", "../default", "my_network", "\ud800", "default.npz\0"])
def test_a_network_that_is_not_there(ask, name):
    status, _, answer = ask("POST", "/recognize", {"image": BLANK, "network": name})
    assert status == 404
    assert NAME in answer["error"]


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, 40 * LARGEST_BODY])
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/recognize", "/health", "/nothing"])
def test_a_huge_body_is_answered(connection, size, chunked, path):
    body = (b" " * 2**19 for _ in range(size // 2**19 + 1)) if chunked else b" " * size
    connection.request("POST", path, body, encode_chunked=chunked, headers=(
        {"Transfer-Encoding": "chunked"} if chunked else {}
    ))  # fmt: skip
    answer = connection.getresponse()
    assert answer.status == {"/recognize": 413, "/health": 405, "/nothing": 413}[path]
    assert "xpected" in json.loads(answer.read())["error"]


@pytest.mark.parametrize("length", [b"900000000000", b"9" * 5000])
def test_a_huge_body_is_refused_before_it_is_sent(port, length):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        raw.sendall(b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert raw.recv(1000).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_wrong_methods(ask, method):
    for path, known in (("/recognize", "GET, POST, OPTIONS"), ("/health", "GET, OPTIONS")):
        status, headers, answer = ask(method, path, Connection="close")
        assert (status, list(answer), headers["Allow"]) == (405, ["error"], known)
        assert f"found {method}" in answer["error"]
    assert ask("POST", "/health", b"{}")[:1] == (405,)
    assert ask("POST", "/health", b"{}")[1]["Allow"] == "GET, OPTIONS"


@pytest.mark.parametrize("path", ["/", "/recognize/", "/saved_nn/default.npz", "/../x", "/%2e%2e/"])
def test_unknown_paths(ask, path):
    for method in ("GET", "POST", "OPTIONS"):
        status, headers, answer = ask(method, path)
        assert status == 404
        assert "/recognize" in answer["error"]
        assert headers["Access-Control-Allow-Origin"] == "*"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
POINT = st.tuples(st.floats(), st.floats()) | st.tuples(st.integers(), st.integers())
QUESTION = st.fixed_dictionaries(
    {},
    optional={
        "image": JSON | st.just(BLANK) | st.floats().map(lambda v: LAST(v)["image"]),
        "strokes": JSON | st.lists(st.lists(POINT, max_size=5), max_size=4),
        "network": JSON | st.sampled_from([NAME, "784-10"]),
    },
)
BOUNDED = settings(
    max_examples=int(os.environ.get("HWD_EXAMPLES", "100")), deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@pytest.fixture(scope="module")
def documented(ask):
    """``documented("post", status, answer)``: does the OpenAPI document know this answer of /recognize?"""
    document = ask("GET", "/openapi.json")[2]

    def check(method, status, answer):
        responses = document["paths"]["/recognize"][method]["responses"]
        assert str(status) in responses, (status, answer)
        ((_, content),) = responses[str(status)]["content"].items()
        jsonschema.validate(answer, content["schema"] | {"components": document["components"]})

    return check


@BOUNDED
@given(body=st.binary(max_size=200) | JSON | QUESTION)
def test_no_body_makes_it_fail(ask, documented, body):
    status, _, answer = ask("POST", "/recognize", body)
    assert status < 500, answer
    documented("post", status, answer)
    assert ("digit" in answer) == (status == 200)


@BOUNDED
@given(text=st.text(max_size=40) | st.lists(st.floats(), min_size=784, max_size=784).map(str))
def test_no_address_makes_it_fail(ask, documented, text):
    status, _, answer = ask("GET", "/recognize?imgdata=" + quote(text))
    assert status < 500, answer
    documented("get", status, answer)


def test_bad_questions_leave_nothing_behind(root, say):
    """The server's memory after many of them is that after a few."""
    count = 10 * BOUNDED.max_examples
    bad = [b"{" * k for k in range(1, 200)] + [as_bytes(LAST(k)) for k in range(2, 200)]
    with serving(root, "--network", NAME) as (process, port):
        memory = []
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for k in range(2 * count):
            connection.request("POST", "/recognize", bad[k % len(bad)])
            assert connection.getresponse().read()
            if k % count == count - 1:
                memory.append(psutil.Process(process.pid).memory_info().rss / 2**20)
        connection.close()
    say(f"hwd serve: {memory[0]:.1f} MiB after {count} bad questions, {memory[1]:.1f} after {2 * count}")
    assert memory[1] < 1.05 * memory[0] + 1


def test_it_still_answers_and_has_nothing_to_complain_about(root, some):
    images, expected = some
    with serving(root, "--network", SAVED_NN / f"{NAME}.npz") as (process, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for raw in (
            b"GET /recognize?imgdata=%ff%0a%1b HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\0" * 100 + b"\r\n\r\n",
            b"GET / HTTP/9\r\n\r\n",
            b"GET /?" + b"x" * 100_000 + b"\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=60) as broken:
                broken.sendall(raw)
                with contextlib.suppress(ConnectionError):
                    broken.recv(100)
        connection.request("POST", "/recognize", json.dumps({"image": images[0].reshape(28, 28).tolist()}))
        assert json.loads(connection.getresponse().read())["digit"] == expected[0].argmax()
        connection.close()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in errors and errors.isascii() and "\x1b" not in errors


# The command ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--network", "nobody"], "nobody.npz"),
        (["--network", "README.md"], "README.md"),
        (["--port", "65536"], "expected a number from 0 to 65535"),
        (["--address", "256.0.0.1", "--port", "0"], "256.0.0.1"),
    ],
)
def test_mistakes_end_in_one_sentence(arguments, words, capsys, monkeypatch, root):
    monkeypatch.chdir(root)
    assert main(["serve", *arguments]) == 2
    errors = capsys.readouterr().err
    assert words in errors
    assert errors.count("\n") == 1


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # tornado leaves its socket open
def test_a_busy_port_ends_in_one_sentence(port, capsys):
    assert main(["serve", "--port", str(port)]) == 2
    errors = capsys.readouterr().err
    assert f"Port {port}" in errors
    assert "--port" in errors
    assert errors.count("\n") == 1


def test_a_folder_with_broken_networks(root, tmp_path):
    (tmp_path / "good.npz").write_bytes((SAVED_NN / "784-10.npz").read_bytes())
    (tmp_path / "broken.npz").write_bytes(b"no network")
    Network([4, 3]).save(tmp_path / "small.npz")
    with serving(root, "--network", tmp_path / "good.npz") as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/networks")
        answer = json.loads(connection.getresponse().read())
        connection.close()
    assert [network["name"] for network in answer["networks"]] == ["good"]


# Pictures of paper ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page():
    """A page of digits that is drawn: as PNG, and what stands on it."""
    hand = clear_hand(Network.load(SAVED_NN / f"{NAME}.npz"))
    return png.encode(draw_page(["3 1", "7 4"], np.random.default_rng(5), write=hand)), ["31", "74"]


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/webp", "image/PNG; charset=binary"])
def test_a_picture_of_paper_is_read_whatever_its_type_says(ask, page, documented, kind):
    status, _, answer = ask("POST", "/recognize", page[0], **{"Content-Type": kind})
    assert status == 200 and answer["lines"] == page[1] and answer["network"] == NAME
    assert [digit["line"] for digit in answer["digits"]] == [0, 0, 1, 1]
    documented("post", status, answer)


def test_a_picture_is_read_by_the_network_that_is_asked_for(ask, page, documented):
    status, _, answer = ask("POST", "/recognize?network=best", page[0], **{"Content-Type": "image/png"})
    assert status == 200 and answer["network"] == "best" and answer["lines"] == page[1]
    status, _, answer = ask("POST", "/recognize?network=none", page[0], **{"Content-Type": "image/png"})
    assert status == 404 and answer["error"].startswith("network: expected one of")


def test_a_picture_that_is_none_or_too_large(ask, documented):
    for body, wanted in ((b"seven", 400), (b"", 400), (b" " * (8 * 2**20 + 1), 413)):
        status, _, answer = ask("POST", "/recognize", body, **{"Content-Type": "image/jpeg"})
        assert status == wanted and set(answer) == {"error"}
        documented("post", status, answer)
    assert ask("GET", "/health")[0] == 200
