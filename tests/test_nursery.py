"""The process that kernels are forked from: what it saves, and that nobody is left behind when it goes."""

import asyncio
import subprocess
import sys

import psutil
import pytest
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from hwd_lib.serving.nursery import LOADED, Nursery
from tools.visitors import Figures, Server, Visitor


def nursery_of(server):
    (process,) = psutil.Process(server.process.pid).children()
    return process


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("nursery"), 8, public=False)
    try:
        yield server
    finally:
        status = server.stop()
    assert status == 0


async def read_a_stroke(server):
    visitor = Visitor(server, Figures(), [], drawing=1, seed=1)
    assert await visitor.enter(until=float("inf"))
    visitor.event("mouse_down", 400, 400)
    await visitor.receive(lambda m: b'data-points=\\"1\\"' in m)
    await visitor.good_bye()
    await visitor.leave()


def test_a_kernel_starts_with_what_is_loaded_already(server, say):
    nursery, kernels = nursery_of(server), server.named()
    spent = [sum(kernel.cpu_times()[:2]) for kernel in kernels.values()]
    loading = sum(nursery.cpu_times()[:2])
    say(f"nursery: loads for {loading:.2f} s; a kernel that waits has worked for {max(spent):.2f} s")
    assert len(kernels) == 2
    assert max(spent) < loading
    assert {kernel.ppid() for kernel in kernels.values()} == {nursery.pid}


def test_a_nursery_that_died_is_replaced_and_its_kernels_end(server):
    first, kernels = nursery_of(server), server.kernels()
    first.kill()
    _, alive = psutil.wait_procs([first, *kernels], timeout=60)
    assert not alive
    asyncio.run(asyncio.wait_for(read_a_stroke(server), 60))
    assert nursery_of(server).pid != first.pid


def test_a_server_that_is_stopped_while_kernels_start_ends_well_and_leaves_nobody(tmp_path):
    class Early(Server):
        def wait_for(self, text, seconds=120, since=0):
            super().wait_for("is running at" if text == "is filled with" else text, seconds, since)

    server = Early(tmp_path, 8)
    family = psutil.Process(server.process.pid).children(recursive=True)
    assert server.stop() == 0, "".join(server.log)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive


def test_what_is_loaded_beforehand_has_made_no_widget():
    loads = f"import importlib; [importlib.import_module(name) for name in {LOADED}]"
    count = "from ipywidgets.widgets.widget import _instances; assert not _instances, _instances"
    subprocess.run([sys.executable, "-c", f"{loads}; {count}"], check=True, timeout=60)


def test_what_a_kernel_is_told_when_it_is_forked(tmp_path):
    file, _ = write_connection_file(str(tmp_path / "kernel-1.json"))
    nursery, client = Nursery(), BlockingKernelClient(connection_file=file)
    environment = {"PATH": "", "IPYTHONDIR": str(tmp_path), "ONLY": "this"}
    try:
        kernel = nursery.fork(["-f", file], environment, str(tmp_path))
        assert kernel.poll() is None
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        asked = {"here": "os.getcwd()", "only": "os.environ.get('ONLY')", "home": "os.environ.get('HOME')"}
        answer = client.execute_interactive("import os", user_expressions=asked, timeout=60)
        told = answer["content"]["user_expressions"].items()
        told = {name: value["data"]["text/plain"] for name, value in told}
        assert told == {"here": repr(str(tmp_path)), "only": "'this'", "home": "None"}
    finally:
        client.stop_channels()
        nursery.lines.close()
    assert nursery.process.wait(60) == 0  # the socket is closed: its work is done
    psutil.wait_procs([kernel], timeout=60)
    assert kernel.poll() == 0
