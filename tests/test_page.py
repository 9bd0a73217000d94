"""The page of one file, as text: what its policy allows, and what it says of the network, an odd one too."""

import base64
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest

from hwd_lib.__main__ import main
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.page import make_page

EVIL = '"><script>alert(1)</script>&amp;{script}'


class Reader(HTMLParser):
    """Collects the elements of a page with their attributes, and the text of each script and style."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.words = [("", {})], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        self.elements.append(("", {}))

    def handle_data(self, data):
        tag, attributes = self.elements[-1]
        if tag in ("script", "style"):
            name = attributes.get("id", tag)
            self.texts[name] = self.texts.get(name, "") + data
        else:
            self.words.append(data)

    @property
    def parameters(self):
        halves = np.frombuffer(zlib.decompress(base64.b64decode(self.texts["weights"])), np.uint8)
        return halves.reshape(2, -1).T.copy().view("<f2").ravel()  # (2, n) bytes -> (n,)


def small(**metadata):
    network = Network([784, 12, 10], seed=1)
    network.metadata = metadata
    return network


def test_the_policy_allows_what_is_in_the_page_and_nothing_else():
    page = Reader(make_page(small(), "small"))
    (policy,) = (a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.texts[kind].encode()).digest()).decode()
        assert rules.pop(f"{kind}-src") == f"'sha256-{digest}'"
    assert set(rules) == {"default-src", "base-uri", "form-action", "img-src"} and rules["img-src"] == "data:"
    assert not [a for _, a in page.elements if "style" in a or any(name.startswith("on") for name in a)]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", make_page(small(), "small"))


def test_the_weights_are_those_of_the_network():
    network = Network.load(SAVED_NN / "784-100-10.npz")
    page = Reader(make_page(network, "784-100-10"))
    np.testing.assert_array_equal(page.parameters.astype(np.float32), network.parameters)
    about = json.loads(page.texts["about"])
    assert about == {"layers": [784, 100, 10], "activation": "relu", "biases": True}


def test_a_network_of_letters_says_what_it_reads(letters):
    page = Reader(make_page(letters, "letters"))
    assert json.loads(page.texts["about"])["names"] == letters.metadata["names"]
    words = " ".join(page.words)
    for expected in ("Draw what it knows", "“letters” reads A, B, C, … Z", "Its own test set 93.0 % right"):
        assert expected in re.sub(r"\s+", " ", words)
    assert "Write a number" not in words and "MNIST" not in words


def test_names_of_classes_are_text():
    network = Network([784, 3])
    network.metadata = {"names": ["</script>", "<!--<script>", "c"]}
    page = Reader(make_page(network, "odd"))
    assert json.loads(page.texts["about"])["names"] == network.metadata["names"]
    assert [tag for tag, _ in page.elements].count("script") == 3


def test_whose_it_is_and_what_it_scored_stands_on_it():
    network = Network.load(SAVED_NN / "784-100-10.npz")
    words = " ".join(Reader(make_page(network, "my_network", "Ann")).words)
    score = f"{100 * network.metadata['test_accuracy']:.1f} % right"
    for expected in ("Ann’s network “my_network”", "784 – 100 – 10, relu", "79,510", score, "20 epochs"):
        assert expected in words


@pytest.mark.parametrize(
    "metadata",
    [
        {"recipe": EVIL, "optimizer": EVIL, "date": EVIL, "styles": EVIL},
        {"recipe": 3, "optimizer": None, "date": [], "styles": [], "epochs": "many", "seconds": float("nan")},
        {"test_accuracy": "1", "validation_accuracy": True, "strokes_accuracy": 1e300, "taught": {}},
        {"strokes_accuracy": {EVIL: EVIL, "a": None}, "numbers_accuracy": {}, "shown_as_digit": [0.5]},
        {"seconds": -1, "epochs": float("inf"), "taught": 0, "test_accuracy": None},
    ],
)
def test_foreign_metadata_do_no_harm(metadata):
    page = Reader(make_page(small(**metadata), EVIL, EVIL))
    assert [tag for tag, _ in page.elements].count("script") == 3
    assert not any("nan" in word or "inf" in word or "None" in word for word in page.words)
    assert sum(EVIL in word for word in page.words) >= 2  # it stands there as text


def test_numbers_too_large_for_the_page_are_refused():
    network = small()
    network.parameters[7] = 7e4
    with pytest.raises(ValueError, match="small: expected weights up to 65504.*smaller learning rate"):
        make_page(network, "small")


def test_the_command_writes_the_page(tmp_path, capsys):
    out = tmp_path / "pages" / "my.html"
    small(recipe="mine").save(tmp_path / "mine.npz")
    assert main(["page", str(tmp_path / "mine.npz"), "--by", "Ann", "--out", str(out)]) == 0
    assert "MB" in capsys.readouterr().out
    assert out.read_text("utf-8") == make_page(Network.load(tmp_path / "mine.npz"), "mine", "Ann")
    assert main(["page", str(tmp_path / "none.npz"), "--out", str(out)]) == 2
    (tmp_path / "digits.npz").write_bytes(b"no network")
    assert main(["page", str(tmp_path / "digits.npz"), "--out", str(out)]) == 2


def test_the_default_page_is_small_and_fresh(root, say):
    name = "read-my-handwriting.html"
    committed = (root / "docs" / name).read_bytes()
    fresh = make_page(Network.load(SAVED_NN / "default.npz"), "default")
    say(f"docs/{name}: {len(committed) / 1e6:.2f} MB")
    assert len(committed) < 1.3e6

    def parts(text):  # another zlib may pack the same numbers otherwise
        weights = Reader(text).texts["weights"]
        return text.replace(weights, ""), Reader(text).parameters.tobytes()

    assert parts(committed.decode().replace("\r\n", "\n")) == parts(fresh), (
        f"make it anew: hwd page default --out docs/{name}"
    )
