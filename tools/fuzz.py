"""Messages that no page would send, made by Hypothesis of those that it does send."""

import asyncio
import json
import struct
import time
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tools import attacks
from tools.visitors import Figures, Visitor, custom, join, parts

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
HOW = ("table", "bytes", "cut", "header", "content", "value", "deep", "file", "none")
DEEP = b"[" * 50_000 + b"]" * 50_000


class Seeds(list):
    """The messages to begin with; Hypothesis would else print all of them."""

    def __repr__(self):
        return f"{len(self)} messages"


def seeds(visitor):
    """What the page sends: its first words, events, a value for each trait of each widget, files."""
    yield attacks.message("kernel_info_request", {})
    yield attacks.message("comm_info_request", {"target_name": "jupyter.widget"})
    yield attacks.message("comm_open", {"comm_id": "1", "target_name": "jupyter.widget.control", "data": {}})
    yield attacks.message("comm_msg", {"comm_id": "1", "data": {"method": "request_states"}})
    for name, widget in visitor.widgets.items():
        yield attacks.message("comm_msg", custom(name, {"event": "mouse_down", "x": 100.0, "y": 100.0}))
        yield attacks.message("comm_msg", custom(name, {"event": "click"}))
        for trait, value in widget["state"].items():
            if not trait.startswith("_"):
                yield attacks.update(name, {trait: value})
        if widget["model_name"] == "FileUploadModel":
            for file in ("digits.json", "network.npz", "picture.png"):
                yield attacks.file(name, file, b'{"y_axis": "down", "samples": []}')


@st.composite
def changed(draw, messages):
    """One of these messages, with something in it otherwise."""
    message = messages[draw(st.integers(0, len(messages) - 1))]
    how = draw(st.sampled_from(HOW))
    fields = parts(message)
    if how == "table":
        k = draw(st.integers(0, len(fields) + 1))
        number = draw(st.integers(0, 2**64 - 1) | st.integers(0, 2 * len(message)))
        return message[: 8 * k] + struct.pack("<Q", number) + message[8 * k + 8 :]
    if how == "bytes":
        k = draw(st.integers(0, len(message) - 1))
        return message[:k] + draw(st.binary(min_size=1, max_size=20)) + message[k + 1 :]
    if how == "cut":
        return message[: draw(st.integers(0, len(message)))]
    if how == "deep":
        fields[draw(st.integers(1, 4))] = DEEP
    elif how == "file":
        fields.append(draw(st.binary(max_size=1000)))
    elif how in ("header", "content"):
        k = 1 if how == "header" else 4
        about = json.loads(fields[k])
        about[draw(names(about))] = draw(JSON)
        fields[k] = as_json(about)
    elif how == "value":
        content = json.loads(fields[4])
        data = content.get("data") or {}
        inner = data.get("state") or data.get("content") or data
        inner[draw(names(inner))] = draw(JSON)
        fields[4] = as_json(content)
    return join(fields)


def names(about):
    """A name that is in a dictionary, or another one."""
    return st.sampled_from(sorted(about)) | st.text(max_size=8) if about else st.text(max_size=8)


def as_json(value):
    return json.dumps(value).encode(errors="replace")


@dataclass
class Found:
    """What came of it."""

    sent: int = 0  # bytes
    cut: int = 0  # connections that the server closed
    kernels: int = 0  # how many the attacker wore out
    answers: list = field(default_factory=list)  # seconds until somebody else was answered


async def fuzz(server, n):
    """Send `n` changed messages, and ask after each whether somebody else is still answered."""
    found, honest = Found(), Visitor(server, Figures(), [], drawing=1, seed=0)
    await honest.enter(until=float("inf"))
    state = {"evil": None, "wire": None}

    async def attacker():
        """The attacker's connection; a new one when it was cut, of a new page when the kernel is gone."""
        while state["wire"] is None or state["wire"].status != 101:
            if state["wire"] is None or state["wire"].status == 404:
                if state["evil"]:
                    await state["evil"].leave()
                state["evil"] = Visitor(server, Figures(), [], drawing=1, seed=1)
                await state["evil"].enter(until=float("inf"))
                found.kernels += 1
            state["wire"] = await asyncio.to_thread(attacks.Wire, server, state["evil"].kernel)
        return state["wire"]

    await attacker()
    messages = Seeds(seeds(state["evil"]))
    made = []

    @settings(
        max_examples=n, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(changed(messages))
    def collect(message):
        made.append(message)

    making = asyncio.ensure_future(asyncio.to_thread(collect))
    while not making.done():
        await honest.listen(0.5)  # who does not even answer pings is taken for gone
    await making
    for message in made[:n]:
        wire = await attacker()
        before = wire.sent
        await asyncio.to_thread(wire.send, message)
        found.sent += wire.sent - before
        if await asyncio.to_thread(wire.drained):
            wire.close()
            wire.status = 0  # connect again
            found.cut += 1
        asked = time.monotonic()
        honest.send("kernel_info_request", {})
        await honest.receive(lambda m: b"kernel_info_reply" in m)
        found.answers.append(time.monotonic() - asked)
    state["wire"].close()
    for visitor in (state["evil"], honest):
        await visitor.good_bye()
        await visitor.leave()
    return found
