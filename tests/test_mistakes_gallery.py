"""The gallery of mistakes without a browser: which digits it shows, verdicts, tallies, and its two ends."""

import numpy as np
import pytest

from hwd_lib import evaluation
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.widgets.mistakes_gallery import VERDICTS, MistakesGallery

NETWORK, UNSURE, LABEL = VERDICTS


@pytest.fixture(scope="module")
def judged_by_network(mnist):
    """A network, the first 1,000 validation digits, and its probabilities."""
    network = Network.load(SAVED_NN / "784-10.npz")
    few = type(mnist.validation)(mnist.validation.images[:1000], mnist.validation.labels[:1000])
    return network, few, evaluation.probabilities(network, few.images)


@pytest.fixture
def gallery(judged_by_network):
    _, few, probabilities = judged_by_network
    return MistakesGallery(few.images, few.labels, probabilities)


def press(gallery, verdict):
    gallery.buttons[verdict].click()


def test_it_shows_all_mistakes_the_surest_first(gallery, judged_by_network):
    network, few, _ = judged_by_network
    expected = evaluation.mistakes(network, few)
    assert len(expected.index) > 10
    np.testing.assert_array_equal(gallery.mistakes, expected.index)


def test_it_says_label_answer_and_how_sure(gallery, judged_by_network):
    network, few, _ = judged_by_network
    expected = evaluation.mistakes(network, few)
    for i in (0, 1, 2):
        text = gallery._claims.value
        assert f"The label says</span><b>{expected.label[i]}</b>" in text
        assert f"The network says</span><b>{expected.predicted[i]}</b>" in text
        assert f"{100 * expected.confidence[i]:.1f} % sure" in text
        assert f"Mistake {i + 1} of {len(expected.index)}" in gallery._digit.value
        gallery._next.click()


def test_a_verdict_is_kept_and_leads_on(gallery):
    press(gallery, NETWORK)
    press(gallery, LABEL)
    press(gallery, LABEL)
    assert gallery.verdicts == {0: NETWORK, 1: LABEL, 2: LABEL}
    assert gallery.place == 3
    np.testing.assert_array_equal(gallery.judged(LABEL), gallery.mistakes[[1, 2]])
    assert gallery.judged(UNSURE).size == 0


def test_tallies_are_told_in_numbers_and_in_words(gallery):
    press(gallery, NETWORK)
    press(gallery, LABEL)
    press(gallery, LABEL)
    words = "the network is wrong: 1, i cannot tell: 0, the label is wrong: 2."
    assert f"3 of {len(gallery.mistakes)} judged. {words}" in gallery._tally.value
    assert [f"<span>{count}</span>" in gallery._tally.value for count in (1, 0, 2)] == [True] * 3
    assert gallery._tally.value.count("<li>") == 2  # the digits whose label is doubted


def test_going_back_shows_the_verdict_and_lets_one_change_it(gallery):
    press(gallery, NETWORK)
    gallery._back.click()
    assert "Your verdict: the network is wrong." in gallery._claims.value
    assert "mod-active" in gallery.buttons[NETWORK]._dom_classes
    press(gallery, UNSURE)
    assert gallery.verdicts == {0: UNSURE}
    assert "mod-active" not in gallery.buttons[NETWORK]._dom_classes  # the next digit has none yet


def test_it_stops_at_both_ends(gallery):
    gallery._back.click()
    assert gallery.place == 0
    for _ in range(len(gallery.mistakes) + 5):
        press(gallery, UNSURE)
    assert gallery.place == len(gallery.mistakes) - 1
    assert len(gallery.verdicts) == len(gallery.mistakes)


def test_a_network_without_mistakes(judged_by_network):
    _, few, _ = judged_by_network
    perfect = MistakesGallery(few.images, few.labels, np.eye(10)[few.labels])
    assert "misread none" in perfect._claims.value
    perfect.judge(LABEL)
    assert perfect.verdicts == {}
    assert all(button.disabled for button in perfect.buttons.values())


def test_every_control_has_a_name_that_can_be_read_aloud(gallery):
    assert all(button.description for button in (*gallery.buttons.values(), gallery._back, gallery._next))
    assert 'role="img" aria-label="Mistake 1 of' in gallery._digit.value
    assert 'role="status"' in gallery._claims.value
