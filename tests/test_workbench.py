"""The bench for one's own app, and the writer who does not exist."""

import numpy as np
from ipywidgets import HTML

from hwd_lib.network import SAVED_NN, Network
from hwd_lib.widgets.canvas import DigitCanvas
from hwd_lib.widgets.workbench import bench, made_up_hand


def test_the_bench_shows_sheet_and_answer():
    canvas, answer = DigitCanvas(), HTML("nothing yet")
    shown = list(widgets(bench(canvas, answer)))
    assert canvas in shown
    assert answer in shown


def test_a_new_sheet_tells_the_learners_function():
    canvas, told = DigitCanvas(), []
    canvas.on_change(told.append)
    (button,) = [w for w in widgets(bench(canvas, HTML())) if getattr(w, "description", "") == "New sheet"]
    canvas.strokes = [[[100, 100], [200, 300]]]
    button.click()
    assert canvas.empty
    assert told == [True, True]


def test_a_hand_keeps_to_one_way_and_is_misread():
    network = Network.load(SAVED_NN / "784-100-10.npz")
    hand = made_up_hand(network)
    assert hand.images.shape == (16, 784)
    assert hand.images.dtype == np.float32
    assert set(hand.labels) == {1}
    assert (network.predict(hand.images) != 1).mean() > 0.8
    distances = np.linalg.norm(hand.images[:, None] - hand.images, axis=2)
    assert (distances + np.eye(16) > 0).all()  # never twice alike
    other = made_up_hand(network, seed=1)
    assert np.median(distances) < np.median(np.linalg.norm(hand.images - other.images, axis=1))


def test_the_same_seed_gives_the_same_hand():
    network = Network.load(SAVED_NN / "784-100-10.npz")
    one, other = made_up_hand(network, digit=7, n=4), made_up_hand(network, digit=7, n=4)
    np.testing.assert_array_equal(one.images, other.images)


def test_a_network_that_reads_everything_gets_a_hand_all_the_same():
    class Always7(Network):
        def predict(self, x):
            return np.full(len(x), 7)

    assert made_up_hand(Always7([784, 10]), digit=7, n=3).images.shape == (3, 784)


def widgets(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets(child)
