"""The sheet without a browser: events as the page sends them, strokes as Python sees them."""

import asyncio
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("ipycanvas")
from ipycanvas.canvas import COMMANDS  # noqa: E402

from hwd_lib.preprocessing import preprocess  # noqa: E402
from hwd_lib.widgets.canvas import INK_EVERY, MOST_POINTS, MOST_STROKES, SIZE, DigitCanvas  # noqa: E402

NAMES = {number: name for name, number in COMMANDS.items()}


def send(canvas, event, *points):
    """What the page sends: one point for the mouse, a list of touches for fingers."""
    if event.startswith("mouse"):
        content = {"event": event, "x": points[0][0], "y": points[0][1]}
    else:
        content = {"event": event, "touches": [{"x": x, "y": y} for x, y in points]}
    canvas._handle_frontend_event(None, content, None)


def draw(canvas, points, kind="mouse"):
    send(canvas, "mouse_down" if kind == "mouse" else "touch_start", points[0])
    for point in points[1:]:
        send(canvas, f"{kind}_move", point)
    send(canvas, "mouse_up", points[-1]) if kind == "mouse" else send(canvas, "touch_end")


@pytest.fixture
def canvas():
    return DigitCanvas()


@pytest.fixture
def commands(monkeypatch):
    """The drawing commands that leave for the page: a list of messages, each a list of names."""
    messages = []

    def record(self, command, buffers=()):
        several = bool(command) and isinstance(command[0], list)
        messages.append([NAMES[c[0]] for c in (command if several else [command])])

    monkeypatch.setattr("ipycanvas.canvas._CanvasManager._send_custom", record)
    return messages


@pytest.mark.parametrize("kind", ["mouse", "touch"])
def test_a_stroke_is_the_path_of_the_pen(canvas, kind):
    path = [(10, 20), (30.5, 40), (50, 60)]
    draw(canvas, path, kind)
    draw(canvas, [(100, 100), (120, 100)], kind)
    assert [stroke.shape for stroke in canvas.strokes] == [(3, 2), (2, 2)]
    assert canvas.strokes[0].dtype == np.float64
    np.testing.assert_array_equal(canvas.strokes[0], path)
    np.testing.assert_array_equal(canvas.image, preprocess(canvas.strokes))
    assert not canvas.drawing


def test_an_empty_sheet(canvas):
    assert canvas.strokes == [] and canvas.points == 0
    assert canvas.image.shape == (28, 28) and not canvas.image.any()


def test_hovering_draws_nothing(canvas):
    send(canvas, "mouse_move", (10, 10))
    send(canvas, "mouse_out", (10, 10))
    send(canvas, "mouse_up", (10, 10))
    assert canvas.strokes == []


def test_leaving_the_sheet_ends_the_stroke_at_its_edge(canvas):
    send(canvas, "mouse_down", (10, 10))
    send(canvas, "mouse_out", (-40, 10))
    send(canvas, "mouse_move", (50, 50))
    np.testing.assert_array_equal(canvas.strokes[0], [(10, 10), (0, 10)])
    assert len(canvas.strokes) == 1


def test_a_lost_button_does_not_join_two_strokes(canvas):
    send(canvas, "mouse_down", (10, 10))
    send(canvas, "mouse_down", (200, 200))
    send(canvas, "mouse_up", (210, 200))
    assert [len(stroke) for stroke in canvas.strokes] == [1, 2]


def test_only_the_first_finger_draws(canvas):
    send(canvas, "touch_start", (10, 10))
    send(canvas, "touch_start", (10, 10), (600, 600))
    send(canvas, "touch_move", (20, 10), (610, 600))
    send(canvas, "touch_end", (20, 10))  # the second finger is lifted, the first goes on
    send(canvas, "touch_move", (30, 10))
    send(canvas, "touch_end")
    np.testing.assert_array_equal(canvas.strokes, [[(10, 10), (20, 10), (30, 10)]])


def test_the_second_finger_does_not_take_over(canvas):
    send(canvas, "touch_start", (10, 10))
    send(canvas, "touch_start", (10, 10), (600, 600))
    send(canvas, "touch_end", (600, 600))  # the first finger is lifted
    send(canvas, "touch_move", (500, 500))
    send(canvas, "touch_end")
    send(canvas, "touch_start", (50, 50))
    send(canvas, "touch_end")
    assert [stroke.tolist() for stroke in canvas.strokes] == [[[10, 10]], [[50, 50]]]


EVIL = ["evil", None, True, [], {}, math.nan, math.inf, -math.inf, 1e308, -1e308, 10**400]


@pytest.mark.parametrize("value", EVIL, ids=repr)
def test_evil_coordinates_are_dropped_or_moved_to_the_edge(canvas, value):
    send(canvas, "mouse_down", (value, 10))
    send(canvas, "mouse_up", (10, value))
    send(canvas, "mouse_down", (10, 10))
    send(canvas, "mouse_move", (value, 20))
    send(canvas, "mouse_move", (20, value))
    send(canvas, "mouse_up", (30, 30))
    send(canvas, "touch_start", (value, value))
    send(canvas, "touch_move", (value, 5), (value, value))
    send(canvas, "touch_end", (value, value))
    send(canvas, "touch_end")
    for stroke in canvas.strokes:
        assert len(stroke) and np.isfinite(stroke).all() and stroke.min() >= 0 and stroke.max() <= SIZE
    assert np.isfinite(canvas.image).all()
    assert not canvas.drawing


EVENTS = [f"mouse_{what}" for what in ("down", "move", "up", "out")]
EVENTS += [f"touch_{what}" for what in ("start", "move", "end", "cancel")]
NUMBERS = st.one_of(st.floats(), st.integers(-100, SIZE + 100), st.none(), st.text(max_size=2))


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1))))
@settings(max_examples=30, deadline=None)
def test_no_sequence_of_events_breaks_it(events):
    canvas = DigitCanvas()
    for event, points in events:
        send(canvas, event, *points)
    send(canvas, "touch_end")
    send(canvas, "mouse_up", (1, 1))
    assert not canvas.drawing
    assert canvas.points == sum(map(len, canvas.strokes))
    assert all(0 <= value <= SIZE for stroke in canvas.strokes for value in stroke.ravel())


def test_a_page_cannot_fill_the_memory(canvas):
    canvas.strokes = [[(i % 700, j) for i in range(1000)] for j in range(100)]
    assert canvas.points == MOST_POINTS
    draw(canvas, [(1, 1), (2, 2)])
    assert canvas.points == MOST_POINTS
    canvas.strokes = [[(1, 1)]] * (MOST_STROKES + 10)
    assert len(canvas.strokes) == MOST_STROKES


def test_strokes_can_be_put_on_the_sheet(canvas):
    canvas.strokes = [[(1, 2), (3, 4)], "nonsense", [(5, 6), None, (7, "x")], np.array([[8.0, 9.0]])]
    assert [stroke.tolist() for stroke in canvas.strokes] == [[[1, 2], [3, 4]], [[5, 6]], [[8, 9]]]
    kept = canvas.strokes
    canvas.strokes = kept
    assert [stroke.tolist() for stroke in canvas.strokes] == [stroke.tolist() for stroke in kept]


def test_a_picture_stays_until_the_next_stroke(canvas, commands):
    image = np.zeros((28, 28), np.float32)
    image[10:14, 5:9] = 0.5
    draw(canvas, [(1, 1), (2, 2)])
    canvas.show(image)
    assert commands[-1].count("fillStyledRects") == 1
    assert canvas.strokes == [] and not canvas.empty
    np.testing.assert_array_equal(canvas.image, image)
    np.testing.assert_array_equal(canvas.picture, image)
    draw(canvas, [(100, 100), (200, 200)])
    assert canvas.picture is None and len(canvas.strokes) == 1
    np.testing.assert_array_equal(canvas.image, preprocess(canvas.strokes))
    canvas.show(image.ravel())
    canvas.clear()
    assert canvas.empty and not canvas.image.any()
    canvas.show(np.zeros(784))  # nothing to see, and no error
    canvas.redraw()


def test_undo_and_clear(canvas):
    draw(canvas, [(10, 10), (50, 50)])
    one = canvas.image.copy()
    draw(canvas, [(10, 50), (50, 10)])
    assert (canvas.image != one).any()
    canvas.undo()
    np.testing.assert_array_equal(canvas.image, one)
    assert canvas.points == 2 or canvas.points == 3  # the end of a stroke may add a point
    canvas.undo()
    canvas.undo()  # nothing is left, and nothing happens
    assert canvas.strokes == []
    draw(canvas, [(10, 10), (50, 50)])
    canvas.clear()
    assert canvas.strokes == [] and not canvas.image.any()


def test_what_was_cleared_or_replaced_comes_back(canvas):
    draw(canvas, [(1, 1), (9, 9)])
    draw(canvas, [(5, 5)])
    canvas.clear()
    canvas.clear()  # of an empty sheet: nothing to remember
    canvas.undo()
    assert len(canvas.strokes) == 2 and canvas.points == 3 and canvas.can_redo
    canvas.show(np.eye(28))
    assert not canvas.can_redo
    draw(canvas, [(2, 2), (3, 3)])
    canvas.undo()
    np.testing.assert_array_equal(canvas.picture, np.eye(28))
    canvas.undo()
    assert len(canvas.strokes) == 2 and canvas.picture is None
    canvas.strokes = [[[7, 7]]]
    canvas.undo()
    canvas.redo()
    assert [stroke.tolist() for stroke in canvas.strokes] == [[[7, 7]]]


def test_any_way_there_leads_back(canvas):
    """Whatever was done: undoing all of it and doing it again passes the same drawings in both directions."""
    rng = np.random.default_rng(0)
    for _ in range(60):
        kind = rng.choice(["draw", "draw", "clear", "show"])
        if kind == "draw":
            draw(canvas, [tuple(point) for point in rng.uniform(0, 800, (3, 2))])
        else:
            canvas.clear() if kind == "clear" else canvas.show(rng.random((28, 28)))

    def now():
        picture = None if canvas.picture is None else canvas.picture.sum()
        return [stroke.tolist() for stroke in canvas.strokes], canvas.points, canvas.image.sum(), picture

    back = [now()]
    while canvas.can_undo:
        canvas.undo()
        back.append(now())
    assert canvas.empty
    there = [now()]
    while canvas.can_redo:
        canvas.redo()
        there.append(now())
    assert there == back[::-1] and len(there) > 40


@pytest.mark.parametrize("kind", ["mouse", "touch"])
def test_a_palm_is_taken_back_as_if_it_had_never_been(canvas, kind):
    draw(canvas, [(100, 100), (200, 200)])
    canvas.undo()
    send(canvas, "mouse_down" if kind == "mouse" else "touch_start", (5, 5))
    send(canvas, f"{kind}_move", (6, 6))
    told = []
    canvas.on_change(told.append)
    send(canvas, "touch_cancel")
    assert canvas.empty and not canvas.drawing and told == [True]
    send(canvas, "touch_cancel")  # there is nothing more to take back
    draw(canvas, [(1, 1)])
    canvas.undo()
    assert canvas.empty and not canvas.can_undo


def test_a_new_sheet_after_a_pause(canvas):
    draw(canvas, [(10, 10), (50, 50)])
    draw(canvas, [(20, 10), (60, 50)])
    assert len(canvas.strokes) == 2  # unless it was asked for, nothing is taken away
    canvas.new_sheet_after = 3600
    draw(canvas, [(30, 10), (70, 50)])
    assert len(canvas.strokes) == 3
    canvas.new_sheet_after = 0  # any pause is long enough
    draw(canvas, [(40, 10), (80, 50)])
    assert [stroke[0].tolist() for stroke in canvas.strokes] == [[40, 10]]


def test_listeners_hear_every_change(canvas):
    heard = []
    canvas.on_change(heard.append)
    draw(canvas, [(10, 10), (20, 20), (30, 30)])
    assert heard == [False, False, False, True]
    canvas.undo()
    canvas.clear()
    assert heard[4:] == [True, True]


def test_nothing_is_sent_before_the_page_is_ready(commands):
    """Commands sent while no page is open are lost, and later ones then fail: the blank canvas of Voilà."""
    canvas = DigitCanvas()
    assert commands == []
    draw(canvas, [(10, 10), (20, 20)])
    commands.clear()
    for _ in range(2):  # a page opens, then another one
        canvas._handle_frontend_event(None, {"event": "client_ready"}, None)
    assert len(commands) == 2 and commands[0] == commands[1]  # one message each, the same each time
    message = commands[0]
    assert message.count("switchCanvas") == 2  # away and back: a page that has just opened has none selected
    message = message[message.index("switchCanvas", 1) + 1 :]
    assert message[:2] == ["set", "fillRect"]  # paper
    assert message.count("set") == 6  # the colour of the paper; two of the ink, three of the line
    assert message.index("fillCircle") > max(i for i, name in enumerate(message) if name == "set")


def test_new_ink_is_one_small_command(canvas, commands):
    """No event loop runs here, so that no ink is left for later."""
    canvas.redraw()
    commands.clear()
    draw(canvas, [(10, 10), (20, 20), (30, 30)])
    assert commands == [["fillCircle"], ["strokeLine"], ["strokeLine"]]


@pytest.fixture
def clock(monkeypatch):
    """The time that the canvas goes by: it stands still until a test moves its hand, ``clock.now``."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("hwd_lib.widgets.canvas.time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_ink_that_comes_fast_is_drawn_together(canvas, commands, clock):
    async def burst():  # in an event loop, as in a kernel
        draw(canvas, [(i, i) for i in range(200)])

    canvas.redraw()
    commands.clear()
    asyncio.run(burst())
    assert canvas.points == 200
    assert commands == [["fillCircle"], ["strokeLine"], ["strokeLines"]]  # the rest at the end of the stroke
    commands.clear()
    canvas.undo()  # no timer is left that would draw what is gone
    assert len(commands) == 1


def test_ink_of_an_even_stroke_follows_in_steps(canvas, commands, clock):
    async def stroke():  # 480 events a second, a quarter of a second long
        send(canvas, "mouse_down", (0, 0))
        for i in range(1, 121):
            clock.now += 1 / 480
            send(canvas, "mouse_move", (i, i))
        send(canvas, "mouse_up", (120, 120))

    canvas.redraw()
    commands.clear()
    asyncio.run(stroke())
    together = [command for command in commands if command == ["strokeLines"]]
    assert 0.25 / INK_EVERY * 0.8 < len(together) < 0.25 / INK_EVERY + 1


def test_ink_that_waits_is_drawn_when_the_pen_rests(canvas, commands, clock):
    async def rest():
        drawn, ink = asyncio.Event(), canvas._ink
        canvas._ink = lambda: (ink(), drawn.set())
        for event, point in (("mouse_down", (0, 0)), ("mouse_move", (1, 1)), ("mouse_move", (2, 2))):
            drawn.clear()
            send(canvas, event, point)
        assert not drawn.is_set()  # it waits: the last ink came at this very moment
        await asyncio.wait_for(drawn.wait(), 60)

    canvas.redraw()
    commands.clear()
    asyncio.run(rest())
    assert commands == [["fillCircle"], ["strokeLine"], ["strokeLine"]]


def test_a_picture_has_no_seams(canvas, monkeypatch):
    drawn = []
    monkeypatch.setattr(canvas, "fill_styled_rects", lambda *rects: drawn.append(rects))
    canvas.show(np.ones((28, 28)))
    (x, y, width, height, _, _), sheet = drawn[-1], np.zeros((800, 800), int)
    for left, top, right, bottom in zip(x, y, x + width, y + height, strict=True):
        assert (left, top, right, bottom) == tuple(map(int, (left, top, right, bottom)))  # whole pixels
        sheet[int(top) : int(bottom), int(left) : int(right)] += 1
    assert (sheet == 1).all()  # each once
