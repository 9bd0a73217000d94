"""What trying an answer gave, and what is found out about it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its name in words, the mistake as a function, a nudge, the idea, nearly the line."""

    name: str
    function: Callable
    hints: tuple

    @property
    def id(self):
        """Its name in tests."""
        return self.function.__name__.strip("_")


@dataclass(frozen=True)
class Outcome:
    """What one case gave: a value, or an error; which arguments had changed; a warning."""

    case: str
    value: object = None
    returned: object = None
    error: BaseException | None = None
    changed: tuple = ()
    warned: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a check has found.

    ``status`` is "right", "wrong" or "not yet". ``kind`` is the id of the known mistake, or one of "right",
    "empty", "unknown" and the names in `wording.GENERAL`, `errors.TEXTS` and `repair.TEXTS`: the mistakes
    that can happen in every exercise.
    """

    exercise: Any = field(repr=False)  # the Exercise; it knows all mistakes and hints, not to be printed
    status: str
    kind: str
    title: str
    sentence: str = ""
    hints: tuple = ()
