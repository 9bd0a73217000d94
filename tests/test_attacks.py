"""The published page under attack: what it costs the server, and whether others can draw on meanwhile.

One server, one visitor who draws, one who attacks. The server's memory is looked at a hundred times a second.
"""

import asyncio
import http.client
import os
import re
import time

import pytest

from hwd_lib.serving.door import MOST_CONNECTIONS
from tools import attacks
from tools.fuzz import fuzz
from tools.visitors import Figures, Server, Visitor

AT_MOST = 50  # MiB that an attack may take for a while
FOR_GOOD = 10  # MiB a minute later
NOISE = 4  # MiB: what the server's memory moves by itself, when somebody draws
CONNECTION = 16 / 1024  # MiB: what Tornado holds of one that is open, however little it says
PATIENCE = 0.5  # seconds until another visitor's drawing is read


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("attacked"), 8, "/a+b", cull_interval=1)
    try:
        yield server
        log = "".join(server.log)
        assert "Uncaught" not in log, log[-5000:]
        assert len(log) < 100_000, log[:2000]
    finally:
        server.stop()


async def enter(server, seed):
    visitor = Visitor(server, Figures(), [], drawing=1, seed=seed)
    assert await visitor.enter(until=float("inf"))
    return visitor


def only_fetch(server):
    """Fetch a page and do no more; returns its kernel."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", f"{server.prefix}/")
    page = connection.getresponse().read().decode()
    connection.close()
    return page.split('"kernelId": "')[1].split('"')[0]


async def attacked(server, attack, more):
    """Attack while somebody draws; returns MiB sent, connections, slowest reading before, and the Cost."""
    evil, drawing = await enter(server, 1), await enter(server, 2)
    wires = []
    try:
        others = [await asyncio.to_thread(only_fetch, server) for _ in range(more)]
        quiet = await attacks.quiet(drawing)
        cost = await attacks.attacked(server, drawing, attack, server, [evil, *others], wires)
        sent = sum(wire.sent for wire in wires) / 2**20
        await evil.good_bye()
        for kernel in others:
            await evil.good_bye(kernel)
        until = time.monotonic() + 60
        gone = {evil.kernel, *others}
        while server.own_memory() > cost.before + FOR_GOOD or gone & server.named().keys():
            assert time.monotonic() < until, f"{server.own_memory():.0f} MiB, {cost.before:.0f} before"
            await drawing.listen(0.2)
        await drawing.good_bye()
        return sent, len(wires), quiet, cost
    finally:
        for wire in wires:
            wire.close()
        await evil.leave()
        await drawing.leave()


@pytest.mark.parametrize(
    ("attack", "more"),
    [
        (attacks.older_protocol, 0), (attacks.overlaps, 0), (attacks.not_reading, 0),
        (attacks.busy_kernel, 0), (attacks.many_connections, 0), (attacks.fragments, 4), (attacks.flood, 0),
        (attacks.half_open, 0),
    ],
)  # fmt: skip
def test_an_attack_costs_little_and_others_draw_on(server, attack, more, say):
    sent, connections, quiet, cost = asyncio.run(asyncio.wait_for(attacked(server, attack, more), 200))
    slowest, load = max(cost.readings), os.getloadavg()[0]
    say(
        f"{attack.__name__}: {sent:.1f} MiB sent in {connections}, {cost.grown:+.1f} MiB; slowest reading of "
        f"another {slowest:.2f} s ({quiet:.2f} before; load {load:.0f})"
    )
    held = CONNECTION * min(connections, MOST_CONNECTIONS)
    assert cost.grown < min(AT_MOST, 4 * sent + held + NOISE)
    assert slowest < PATIENCE * max(1, load / os.cpu_count())  # others may be at work here


def test_messages_that_no_page_would_send(server, say):
    n, lines = int(os.environ.get("HWD_EXAMPLES", "500")), len(server.log)
    before = server.own_memory()
    found = asyncio.run(asyncio.wait_for(fuzz(server, n), 550))
    assert len(found.answers) == n and found.cut > n / 10
    written = "".join(server.log[lines:])
    say(
        f"fuzz: {n} messages of {found.sent / 2**20:.1f} MiB, {found.cut} connections cut; an honest visitor "
        f"answered after each, slowest {max(found.answers):.2f} s; log of {len(written) / 1024:.0f} KiB"
    )
    assert not re.search(r"Uncaught|Future exception|never retrieved", written), written[-5000:]
    assert server.own_memory() < before + AT_MOST
