"""Runs the learner's function so that nothing bad comes of it: no error, no hang, no print, no new seed."""

import contextlib
import contextvars
import ctypes
import io
import linecache
import random
import sys
import threading
import time
import warnings
from dataclasses import dataclass

import numpy as np

DEADLINE = 5.0  # seconds for the first case of an exercise; a right answer takes milliseconds
PATIENCE = 15.0  # seconds for all of them, when the first came to an end
SEARCH = 2.0  # seconds in which to look for the change that makes an answer right
SHORT = 0.5  # seconds of computing for one changed answer: it may well be one that does not end
GRACE = 1.0  # seconds in which a function that was told to stop may do so
RAISE_IN = ctypes.pythonapi.PyThreadState_SetAsyncExc  # looked up now: an audit hook may forbid it later


class Stopped(BaseException):
    """Raised inside a function that does not end. No Exception: `except Exception` must let it through."""


@dataclass
class Run:
    """How running a function went: what it printed, whether and where it was stopped, and if that worked."""

    printed: str = ""
    seconds: float = 0.0
    timed_out: bool = False
    line: tuple = ()  # (number, text) of the learner's own line, when it timed out
    alive: bool = False  # it could not even be stopped


@contextlib.contextmanager
def quiet():
    """Keep back prints and warnings, and leave the random numbers to come as they were. Yields the prints."""
    numbers, everyday, printed = np.random.get_state(), random.getstate(), io.StringIO()  # noqa: NPY002
    try:
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            yield printed
    finally:
        np.random.set_state(numbers)  # noqa: NPY002 (the learner may well use the old functions)
        random.setstate(everyday)


@contextlib.contextmanager
def heed_warnings():
    """Yield a list that fills with what NumPy warns of: numbers too large, nan, division by zero."""
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(over="warn", divide="warn", invalid="warn", under="ignore"),
    ):
        warnings.simplefilter("always", RuntimeWarning)
        yield caught


def run(function, work, gets_on=lambda: False, limit=None):
    """Call ``work()``, which calls the learner's `function`, and stop it at the deadline.

    The deadline is `limit` seconds, as a rule DEADLINE; and PATIENCE where ``gets_on()`` is true by then.

    It runs in a thread, because that works on every system and inside a Jupyter kernel: Windows has no alarm
    signal, and another process would not know the functions of the notebook. What `work` raises is lost.
    """
    outcome, before = Run(), time.monotonic()

    def target():
        with contextlib.suppress(BaseException):
            work()

    with quiet() as printed, no_exit(function):
        # The context takes np.errstate, and in newer Pythons the warning filters, into the thread.
        thread = threading.Thread(target=contextvars.copy_context().run, args=(target,), daemon=True)
        thread.start()
        try:
            thread.join(limit or DEADLINE)
            if thread.is_alive() and gets_on():
                thread.join(PATIENCE - DEADLINE)
            outcome.timed_out = thread.is_alive()
            if outcome.timed_out:
                outcome.line = line_of_frame(function, sys._current_frames().get(thread.ident))
        finally:  # the learner's own Ctrl-C comes this way too
            outcome.alive = not _stop(thread)
        outcome.printed, outcome.seconds = printed.getvalue(), time.monotonic() - before
    return outcome


@contextlib.contextmanager
def no_exit(function):
    """Let `exit()` and `quit()` raise SystemExit: the notebook's own ones would end the kernel."""

    def leave(*_):
        raise SystemExit

    names = getattr(function, "__globals__", {})
    before = {name: names.get(name, ...) for name in ("exit", "quit")}
    names.update(exit=leave, quit=leave)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is ...:
                del names[name]
            else:
                names[name] = value


@contextlib.contextmanager
def briefly(file):
    """Raise `Stopped` in functions from `file`, in this thread, once they have computed for SHORT seconds."""
    end = time.thread_time() + SHORT  # not what other programs take

    def each_line(frame, event, _):
        if time.thread_time() > end:
            raise Stopped
        return each_line

    before = sys.gettrace()
    sys.settrace(lambda frame, event, _: each_line if frame.f_code.co_filename == file else None)
    try:
        yield
    finally:
        sys.settrace(before)


def _stop(thread):
    """Raise `Stopped` in a thread until it ends (a bare ``except:`` may swallow some). True when it did."""
    give_up = time.monotonic() + GRACE
    while thread.is_alive() and time.monotonic() < give_up:
        thread_id = ctypes.c_ulong(thread.ident)
        RAISE_IN(thread_id, ctypes.py_object(Stopped))
        thread.join(0.02)
    return not thread.is_alive()


def line_of_error(function, error):
    """Find the learner's own line that led to an error: (number, text), or () when there is none."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return _last_own_line(function, frames)


def line_of_frame(function, frame):
    """Find the learner's own line that is being run: (number, text), or () when there is none."""
    frames = []
    while frame is not None:
        frames.insert(0, (frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return _last_own_line(function, frames)


def _last_own_line(function, frames):
    own = getattr(getattr(function, "__code__", None), "co_filename", None)  # each cell is a file to Python
    lines = [number for name, number in frames if name == own and number]  # a frame may be between lines
    return (lines[-1], linecache.getline(own, lines[-1]).strip()) if lines else ()
