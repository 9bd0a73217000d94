"""The published page against somebody who means harm: paths, messages, foreign pages, files, a crowd.

One server of `hwd app` with two places, and visitors that speak HTTP and the websocket themselves
(tools/visitors.py).
"""

import asyncio
import base64
import contextlib
import fnmatch
import http.client
import io
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import uuid
import venv
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
from jinja2 import DictLoader, Environment
from tornado.httpclient import HTTPRequest

from hwd_lib.__main__ import main
from hwd_lib.network import SAVED_NN, Network
from hwd_lib.serving.publishing import PORT, ROOT, Compiled
from tools.visitors import PROTOCOL, Figures, Server, Visitor, join, parts

PLACES = 2
PREFIX = "/digits"
AWAY = 6  # seconds until a kernel without a page ends; the published page waits longer


class Published(Server):
    """The server, asked over HTTP."""

    def get(self, path, method="GET", body=None, **headers):
        """Ask without following redirections; returns status, headers, text."""
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with OPENER.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode(errors="replace")


class NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirection)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    published = Published(folder, PLACES, PREFIX, public=False, away=AWAY, loading=15, cull_interval=1)
    try:
        yield published
        log = "".join(published.log)
        assert not re.search(r"Uncaught exception (in write_error|[A-Z]+ /)", log), log
    finally:
        status = published.stop()
    assert status == 0, "".join(published.log)


def visiting(server, action):
    """Open the page as a visitor does, do something there, say good-bye."""

    async def run():
        figures = Figures()
        visitor = Visitor(server, figures, [], drawing=1, seed=0)
        try:
            assert await visitor.enter(until=float("inf"))
            return await action(visitor)
        finally:
            await visitor.good_bye()
            if visitor.socket:
                await visitor.leave()

    return asyncio.run(asyncio.wait_for(run(), 150))


async def collect(visitor, *kinds):
    """What the kernel answers, until it has answered one of these kinds of message."""
    answers = []
    while True:
        message = await asyncio.wait_for(visitor.socket.read_message(), 60)
        assert message is not None
        fields = parts(message)
        answers.append((json.loads(fields[1])["msg_type"], json.loads(fields[4])))
        if answers[-1][0] in kinds:
            return answers


# Paths ------------------------------------------------------------------------------------------------------

SECRET = re.compile(r"hwd_lib|Recognizer|nbformat|root:x:|import |Traceback|allow_template_override")


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/app.ipynb", "/voila/files/../hwd_lib/network.py", "/voila/files/%2e%2e/voila.json",
        "/app.ipynb", "/voila/static/../../../../../../etc/passwd", "/voila/static//etc/passwd",
        "/voila/static/%2fetc%2fpasswd", "/voila/static/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/voila/templates/hwd/static/../conf.json", "/voila/templates/hwd/static/%2e%2e/index.html.j2",
        "/voila/templates/../static/x", "/voila/templates/x", "/voila/templates/hwd/static//etc/passwd",
        "/voila/labextensions/../../../etc/passwd", "/voila/labextensions//etc/passwd",
        "/voila/api/contents/", "/voila/api/themes/x", "/api/contents", "/api/sessions", "/api/kernels",
        "/api/kernelspecs", "/api/terminals", "/files/app.ipynb", "/tree", "/lab", "/notebooks/app.ipynb",
        "/voila/render/app.ipynb", "/voila/tree", "/login", "/voila/query/1-1-1-1-1",
        "/voila/execution/1-1-1-1-1", "/../saved_nn/default.npz", "/%00", "/voila/static/%00",
    ],
)  # fmt: skip
def test_no_path_leads_to_a_file_of_the_project(server, path):
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        status, _, text = server.get(path, method, b"{}" if method in ("POST", "PUT") else None)
        assert status in (400, 403, 404, 405), (method, status)
        assert not SECRET.search(text), text


def test_the_page_holds_no_source_and_the_headers_hold_it_in(server):
    async def look(visitor):
        answer = await visitor.client.fetch(f"{server.url}/nothing", raise_error=False)
        return visitor.page, visitor.headers, answer

    page, headers, missing = visiting(server, look)
    assert "Getting paper and pen" in page
    assert not re.search(r"import |hwd_lib|Traceback|" + re.escape(str(ROOT)), page)
    for answer in (headers, missing.headers):
        policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
        assert policy["connect-src"] == policy["frame-ancestors"] == "'self'"
        assert (
            "http" not in answer["Content-Security-Policy"]
            and "eval" not in answer["Content-Security-Policy"]
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert missing.code == 404 and f'href="{PREFIX}/"' in missing.body.decode()


def test_template_and_theme_cannot_be_chosen_by_the_visitor(server):
    status, _, page = server.get("/?template=classic&theme=dark")
    assert status == 200
    assert "Getting paper and pen" in page and "theme-light" in page
    end(server, page)


def end(server, page):
    """End the kernel of a page that was only fetched."""
    kernel = re.search(r'"kernelId": "([\w-]+)"', page)[1]
    assert server.get(f"/voila/api/shutdown/{kernel}", "POST", b"_xsrf=1", Cookie="_xsrf=1")[0] == 204


def test_other_names_of_this_computer_are_refused(server):
    # A page elsewhere can give its own name this computer's address, and would be of the same origin.
    assert server.get("/", Host="evil.example")[0] == 403
    assert server.get("/voila/static/voila.js")[0] == 200


def test_large_requests_are_refused(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as raw:
        raw.sendall(
            f"POST {PREFIX}/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n".encode()
        )
        assert raw.recv(100)[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 413")


# Messages ---------------------------------------------------------------------------------------------------

FORBIDDEN = {
    "execute_request": {
        "silent": False,
        "store_history": False,
        "user_expressions": {},
        "allow_stdin": False,
    },
    "inspect_request": {"code": "open", "cursor_pos": 4, "detail_level": 1},
    "complete_request": {"code": "op", "cursor_pos": 2},
    "history_request": {"hist_access_type": "tail", "n": 10, "output": True, "raw": True},
    "is_complete_request": {"code": "1"},
    "debug_request": {"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}},
    "interrupt_request": {},
    "input_reply": {"value": "1"},
    "create_subshell_request": {},
}


def test_nothing_is_executed(server, tmp_path):
    marker = tmp_path / "marker"
    code = {"code": f"open({str(marker)!r}, 'w').close()"}

    async def attack(visitor):
        for channel in ("shell", "control", "stdin", "iopub", "nothing"):
            for kind, content in FORBIDDEN.items():
                visitor.send(kind, content | code, channel)
        for kinds in (("comm_msg", "execute_request"), ("execute_request", "comm_msg")):
            double = ",".join(f'"msg_type": "{kind}"' for kind in kinds)
            header = f'{{"msg_id": "1", {double}, "session": "{visitor.session}", "version": "5.2"}}'.encode()
            content = json.dumps(FORBIDDEN["execute_request"] | code | {"comm_id": "1", "data": {}}).encode()
            if kinds[-1] == "execute_request":  # the last one counts, for the server and for the kernel
                visitor.socket.write_message(join([b"shell", header, b"{}", b"{}", content]), binary=True)
        visitor.send("kernel_info_request", {})
        return await collect(visitor, "kernel_info_reply")

    answers = visiting(server, attack)
    assert not marker.exists()
    assert {kind for kind, _ in answers} <= {"status", "kernel_info_reply", "comm_msg"}


def test_only_the_protocol_of_the_page_is_spoken(server):
    """In the older one, Voilà takes the first bytes of a drawing for the length of a list."""

    async def attack(visitor):
        url = f"{server.url}/api/kernels/{visitor.kernel}/channels?session_id={uuid.uuid4()}"
        headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        headers["Sec-WebSocket-Key"] = base64.b64encode(bytes(16)).decode()
        for names in (None, "v0.kernel.websocket.jupyter.org", f"{PROTOCOL}X", f"X{PROTOCOL}, v0"):
            protocol = {"Sec-WebSocket-Protocol": names} if names else {}
            request = HTTPRequest(url, headers=headers | protocol)
            answer = await visitor.client.fetch(request, raise_error=False)
            assert answer.code == 400

    visiting(server, attack)


def overlapping(kind):
    """A megabyte that would be one of 500 with offsets that go back and forth: 490 copies of it, if made."""
    header = json.dumps({"msg_id": "1", "msg_type": kind, "session": "1", "version": "5.2"}).encode()
    offsets = [8 * 987, 8 * 987 + 5, 8 * 987 + 5 + len(header)] + [8 * 987, 2**20] * 491 + [2**20]
    message = b"".join(n.to_bytes(8, "little") for n in (len(offsets), *offsets)) + b"shell" + header
    return message.ljust(2**20, b"{")


@pytest.mark.parametrize(
    "message",
    [
        b"", b"\xff" * 8, (10**9).to_bytes(8, "little"), bytes(8), "{}", (6).to_bytes(8, "little") + bytes(8),
        overlapping("execute_request"), overlapping("comm_msg"),
    ],
    ids=["empty", "many", "billion", "none", "text", "older protocol", "dropped copies", "copies"],
)  # fmt: skip
def test_a_message_that_is_none_costs_only_its_sender(server, message):
    memory = psutil.Process(server.process.pid).memory_info().rss

    async def attack(visitor):
        await visitor.socket.write_message(message, binary=isinstance(message, bytes))
        while await asyncio.wait_for(visitor.socket.read_message(), 60) is not None:  # until it is closed
            pass
        await visitor.connect()
        visitor.send("kernel_info_request", {})
        return await collect(visitor, "kernel_info_reply")

    assert visiting(server, attack)
    assert psutil.Process(server.process.pid).memory_info().rss < memory + 20e6


def test_errors_of_the_kernel_stay_on_the_server(server, root):
    async def provoke(visitor):
        menu = next(key for key, widget in visitor.widgets.items() if widget["model_name"] == "DropdownModel")
        for comm, state in (
            (menu, {"index": "x"}),
            (menu, {"index": 10**6}),
            (visitor.canvas, {"width": "wide"}),
        ):
            visitor.send("comm_msg", {"comm_id": comm, "data": {"method": "update", "state": state}})
        visitor.send("comm_open", {"comm_id": "1", "target_name": "nobody", "data": {}})
        visitor.send("comm_msg", {"comm_id": "2", "data": {"method": "custom", "content": {}}})
        evil = {"_model_module": "os", "_model_name": "system", "_view_module": "os", "_view_name": "system"}
        content = {
            "comm_id": "3",
            "target_name": "jupyter.widget",
            "data": {"state": evil, "buffer_paths": []},
        }
        visitor.send("comm_open", content)
        visitor.send("kernel_info_request", {})
        answers = await collect(visitor, "kernel_info_reply")
        visitor.event("mouse_down", 400, 400)  # and the app still works
        await visitor.receive(lambda m: b'data-points=\\"1\\"' in m)
        return answers

    answers = visiting(server, provoke)
    assert {kind for kind, _ in answers} <= {"status", "kernel_info_reply", "comm_msg", "comm_close"}
    assert not re.search(f"Traceback|{re.escape(str(root))}", json.dumps(answers))


def upgrade(server, kernel, origin):
    """Try to connect to a kernel; returns the status."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": "v1.kernel.websocket.jupyter.org",
        "Origin": origin,
    }
    headers["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    with contextlib.closing(connection):
        path = f"{PREFIX}/api/kernels/{kernel}/channels?session_id=1"
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status


def test_a_foreign_page_cannot_connect_and_other_kernels_cannot_be_found(server):
    async def attack(visitor):
        own = server.url.removesuffix(PREFIX)
        codes = [
            upgrade(server, kernel, origin)
            for kernel, origin in (
                (visitor.kernel, "http://evil.example"), (visitor.kernel, "null"),
                (visitor.kernel, "http://127.0.0.1:1"), (str(uuid.uuid4()), own), ("1-1-1-1-1", own),
            )
        ]  # fmt: skip
        foreign = {"Origin": "http://evil.example"}
        look = HTTPRequest(f"{server.url}/api/kernels/{visitor.kernel}", headers=foreign)
        end = HTTPRequest(f"{server.url}/voila/api/shutdown/{visitor.kernel}", "POST", foreign, body="")
        return (
            codes,
            await visitor.client.fetch(look, raise_error=False),
            await visitor.client.fetch(end, raise_error=False),
        )

    codes, answer, ended = visiting(server, attack)
    assert codes == [403, 403, 403, 404, 404]
    assert answer.code == 404 and "Access-Control-Allow-Origin" not in answer.headers
    assert ended.code in (403, 404)


# Files ------------------------------------------------------------------------------------------------------


class Pickled:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def zipped(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def hostile_files(marker):
    """{name: content}: nothing of this is a network."""
    good = Network([784, 10])
    file = io.BytesIO()
    good.save(file)
    with np.load(io.BytesIO(file.getvalue())) as opened:
        arrays = dict(opened)
    about_text = str(arrays["metadata"])
    weights, about = arrays["weights_0"], json.loads(about_text)

    long_score = f', "test_accuracy": 1{"0" * 4000}}}'

    def about_with(**changes):
        return np.array(json.dumps(about | changes))

    huge = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        huge, {"descr": "<f4", "fortran_order": False, "shape": (10**9, 784)}
    )
    return {
        "pickle.npz": npz(**arrays | {"weights_0": np.array([Pickled(marker)], dtype=object)}),
        "pickle.metadata.npz": npz(**arrays | {"metadata": np.array(Pickled(marker), dtype=object)}),
        "bomb.npz": zipped(**{"weights_0.npy": bytes(400 * 2**20)}),
        "many.npz": zipped(**{f"a{k}.npy": bytes(2**20) for k in range(300)}),
        "huge_shape.npz": zipped(**{"weights_0.npy": huge.getvalue() + bytes(100)}),
        "huge_layers.npz": npz(**arrays | {"metadata": about_with(layers=[784, 10**12, 10])}),
        "many_layers.npz": npz(**arrays | {"metadata": about_with(layers=[1] * 10**5)}),
        "paths.npz": zipped(**{"..__..__..__tmp__marker.npy": b"x", "__etc__marker": b"x"}),
        "wrong_shape.npz": npz(**arrays | {"weights_0": weights.T}),
        "wrong_type.npz": npz(**arrays | {"weights_0": weights.astype("U3")}),
        "nan.npz": npz(**arrays | {"weights_0": weights * np.nan}),
        "infinite.npz": npz(**arrays | {"biases_0": np.full(10, np.inf, np.float32)}),
        "small.npz": _saved(Network([4, 3])),
        "long_score.npz": npz(**arrays | {"metadata": np.array(about_text[:-1] + long_score)}),
        "deep_metadata.npz": npz(**arrays | {"metadata": np.array("[" * 50_000)}),
        "infinite_epochs.npz": npz(arr_0=np.array([0.1, 0.9, np.inf, 1.0]), arr_1=weights.T),
        "entries.npz": npz(**arrays | {f"{k:05}": np.zeros(1, np.int8) for k in range(6000)}),
        "long name" * 1000 + ".npz": b"x",
        "empty.npz": b"",
        "text.npz": b"import os",
        "random.npz": np.random.default_rng(0).bytes(8_000_000),
        "<script>alert(1)</script>.npz": b"x",
        "../../../../marker.npz": b"x",
        "\0.npz": b"x",
        "deep.json": b"[" * 100_000,
        "digits.json": b'{"samples": [{"label": 1e999, "strokes": [[[1, 2]]]}]}',
        "evil.py": b"import os",
    }


def _saved(network):
    file = io.BytesIO()
    network.save(file)
    return file.getvalue()


def test_hostile_files_are_refused_with_a_sentence(server, tmp_path, root, say):
    marker = tmp_path / "marker"
    files = hostile_files(marker)  # before the visit: while it makes them, it would not answer the server
    before = networks()

    async def attack(visitor):
        upload = next(
            key for key, widget in visitor.widgets.items() if widget["model_name"] == "FileUploadModel"
        )
        kernel = max(server.kernels(), key=lambda process: process.cpu_times().user)
        said = {}
        for name, content in files.items():
            await send_file(visitor, upload, name, content)
            message = await visitor.receive(lambda m: b"hwd-wrong" in m)
            said[name] = json.loads(parts(message)[4])["data"]["state"]["value"]
        peak = kernel.memory_info().rss / 2**20
        await send_file(visitor, upload, "good.npz", _saved(Network([784, 12, 10])))
        await visitor.receive(lambda m: b"hwd-facts" in m)  # a good one is still taken
        return said, peak

    said, peak = visiting(server, attack)
    say(f"publishing: a visitor's kernel has {peak:.0f} MiB after {len(said)} hostile files")
    assert not marker.exists()
    assert networks() == before
    for name, sentence in said.items():
        assert "<script>" not in sentence and "Traceback" not in sentence and str(root) not in sentence, name
        assert "xpected" in sentence and len(sentence) < 2000, (name, sentence)


def networks():
    """The networks on the disk, but for the learner's own, which notebook 05 may be saving meanwhile."""
    return {path.name for path in SAVED_NN.iterdir() if not path.name.startswith("my_network.npz")}


async def send_file(visitor, upload, name, content):
    """What the page sends when a file was chosen."""
    about = {"name": name, "type": "", "size": len(content), "last_modified": 0}
    data = {"method": "update", "state": {"value": [about]}, "buffer_paths": [["value", 0, "content"]]}
    visitor.send("comm_msg", {"comm_id": upload, "data": data}, buffers=[content])


# Too many, too long, too much -------------------------------------------------------------------------------


def test_the_door_the_goodbye_and_the_culler(server):
    async def scene():
        visitors = [Visitor(server, Figures(), [], drawing=1, seed=k) for k in range(PLACES)]
        for visitor in visitors:
            assert await visitor.enter(until=float("inf"))
        full = await visitors[0].client.fetch(f"{server.url}/", raise_error=False)
        assert (full.code, full.headers["Retry-After"]) == (503, "5")
        words = full.body.decode()
        assert f"All {PLACES} places are taken" in words and "tries again by itself" in words
        assert re.search(r'http-equiv="refresh" content="[4-9]"', words)
        await visitors[0].good_bye()  # a place becomes free at once
        page = await visitors[0].client.fetch(f"{server.url}/", raise_error=False)
        assert page.code == 200
        visitors[1].socket.protocol.stream.close()  # no good-bye; and the new page never connects
        await visitors[0].leave()
        visitors[1].client.close()
        while await visitors[1].socket.read_message() is not None:
            pass
        visitors[1].socket.close()  # tells tornado, which has noticed nothing
        return re.search(r'"kernelId": "([\w-]+)"', page.body.decode())[1], visitors[1].kernel

    for kernel in asyncio.run(asyncio.wait_for(scene(), 150)):
        server.wait_for(f"Kernel shutdown: {kernel}", seconds=90)


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_DATA"), reason="only Linux has such a bound")
def test_the_memory_of_a_kernel_is_bounded_and_no_kernel_is_forgotten(server):
    async def look(visitor):
        started = re.findall(r"Kernel started: ([\w-]+)", "".join(server.log))
        kernels = server.named()
        assert visitor.kernel in kernels and len(kernels) <= 2 * PLACES + 2
        for name in kernels.keys() & set(started):  # a new one gets its bound a moment later
            kernel = kernels[name]
            assert kernel.rlimit(psutil.RLIMIT_DATA) == (512 * 2**20, 512 * 2**20)

    visiting(server, look)


def test_dead_kernels_are_noticed_by_the_page_and_by_the_server(server):
    async def murder(visitor):
        kernels = server.named()
        assert visitor.kernel in kernels
        for kernel in kernels.values():  # those that wait for a visitor as well
            kernel.kill()
        while await asyncio.wait_for(visitor.socket.read_message(), 60) is not None:
            pass  # the server closes the connection, and the page says so
        assert upgrade(server, visitor.kernel, server.url.removesuffix(PREFIX)) == 404
        return kernels

    async def draw(visitor):
        visitor.event("mouse_down", 400, 400)
        await visitor.receive(lambda m: b'data-points=\\"1\\"' in m)

    for kernel in visiting(server, murder):
        server.wait_for(f"Kernel shutdown: {kernel}")
    visiting(server, draw)


def test_templates_are_compiled_once_and_again_when_they_change(monkeypatch):
    compiled, texts = Compiled(), {"page": "Hello {{ name }}"}

    def page():
        environment = Environment(loader=DictLoader(texts), bytecode_cache=compiled)
        return environment.get_template("page").render(name="you")

    assert page() == "Hello you"
    with monkeypatch.context() as patch:
        patch.delattr(Environment, "_generate")
        assert page() == "Hello you"
    texts["page"] = "Bye {{ name }}"
    assert page() == "Bye you"


# The command ------------------------------------------------------------------------------------------------


def test_a_busy_port_ends_in_one_sentence(server, capsys):
    assert main(["app", "--no-browser", "--port", str(server.port)]) == 2
    errors = capsys.readouterr().err
    assert f"127.0.0.1:{server.port}" in errors and errors.count("\n") == 1
    assert main(["app", "--no-browser", "--address", "256.0.0.1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["app", "--no-browser", "--prefix", "/a(b)/"]) == 2
    assert "/a(b)/" in capsys.readouterr().err


# The container ----------------------------------------------------------------------------------------------


def instructions(text):
    """The instructions of a Dockerfile, as (name, arguments)."""
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line and not line.startswith("#")]


def sent_to_docker(root):
    """The files of the project that `COPY . ./` copies: those that git knows, but for .dockerignore's."""
    rules = [line for line in (root / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        parts = name.split("/")
        starts = ["/".join(parts[: k + 1]) for k in range(len(parts))]
        inside = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
        ignored = any(fnmatch.fnmatch(start, rule) for start in starts for rule in rules if "/" not in start)
        ignored |= any(start == rule for start in starts for rule in rules)
        ignored |= any(fnmatch.fnmatch(part, rule) for part in parts for rule in inside)
        if not ignored and (root / name).is_file():
            yield name


@pytest.fixture
def bare(tmp_path):
    """A Python of its own, as in the image; what is installed here already need not be installed anew.

    With HWD_CLEAN_INSTALL=1 in the environment everything is: that takes a minute, and the network.
    """
    venv.create(tmp_path / "python", with_pip=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    environment["HOME"] = str(tmp_path / "home")
    if os.environ.get("HWD_CLEAN_INSTALL") != "1":
        (site,) = (tmp_path / "python").glob("lib/python*/site-packages")
        (site / "here.pth").write_text(sysconfig.get_path("purelib"))
        environment["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "useradd").write_text(f'#!/bin/sh\necho "$@" > {shlex.quote(str(tmp_path))}/user\n')
    (tmp_path / "bin" / "useradd").chmod(0o755)
    own = os.pathsep.join([str(tmp_path / "bin"), str(tmp_path / "python" / "bin")])
    return environment | {"PATH": own + os.pathsep + os.environ["PATH"]}


@pytest.mark.slow
def test_the_steps_of_the_dockerfile(root, tmp_path, bare, say):
    steps = instructions((root / "Dockerfile").read_text())
    names = [name for name, _ in steps]
    assert re.fullmatch(r"python:3\.1[1-9]-slim", dict(steps)["FROM"])
    assert names.index("USER") > max(k for k, name in enumerate(names) if name in ("RUN", "COPY"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    folder, check, began = None, None, time.monotonic()
    for name, text in steps:
        if name == "WORKDIR":
            folder = tmp_path / text.strip("/")
            folder.mkdir()
        elif name == "RUN":
            done = subprocess.run(["sh", "-c", text], cwd=folder, env=bare, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
        elif name == "COPY":
            source, target = text.split()
            assert target == "./"
            for path in sent_to_docker(root) if source == "." else [source]:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / path, folder / path)
        elif name == "USER":
            assert text in (tmp_path / "user").read_text().split() and text != "root"
        elif name == "HEALTHCHECK":
            check = json.loads(text[text.index("CMD") + 4 :].replace("8866", port))
        elif name == "CMD":
            command = [*json.loads(text.replace("8866", port)), "--address", "127.0.0.1"]
        else:
            assert name in ("FROM", "EXPOSE"), f"a step that this test does not know: {name}"
    seconds = time.monotonic() - began
    assert not any((folder / name).exists() for name in ("tests", ".git", ".venv"))
    with subprocess.Popen(command, cwd=folder, env=bare, text=True, stderr=subprocess.PIPE) as app:
        try:
            missing = {"is running at", "is filled with"}
            for line in app.stderr:
                missing -= {words for words in missing if words in line}
                if not missing:
                    break
            healthy = subprocess.run(check, cwd=folder, env=bare, capture_output=True, text=True)
            assert healthy.returncode == 0, healthy.stderr
            with OPENER.open(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                assert "Getting paper and pen" in answer.read().decode()
        finally:
            app.terminate()
            app.stderr.read()
    assert app.returncode == 0
    assert subprocess.run(check, cwd=folder, env=bare, capture_output=True).returncode != 0
    say(f"publishing: the steps of the Dockerfile take {seconds:.0f} s")


def test_the_development_container(root):
    described = json.loads((root / ".devcontainer" / "devcontainer.json").read_text())
    assert described["postCreateCommand"] == "python3 start.py setup"
    assert described["forwardPorts"] == [8888, PORT]
