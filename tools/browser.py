"""A hand that draws in a real browser, the servers that it draws on, and a wire between them that can be cut.

The browser tests, the benchmarks and the scripts of the documentation share it.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = [
    "--no-sandbox",  # in a container there is no other user to be
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Each window would bring two pages for its address bar, unseen: a third of what opening one costs.
    # Of several lists Chromium obeys the last, so here is what Playwright switches off, too.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,AimEnabled,"
    "AvoidCorsURLLoaderRestartOnRedirect,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,"
    "OptimizationHints,PaintHolding,PreconnectToSearch,ThirdPartyStoragePartitioning",
]
LOOPBACK = ("http://127.0.0.1:", "http://localhost:", "ws://127.0.0.1:", "ws://localhost:", "data:", "blob:")

# Digits as strokes, in the unit square: x to the right, y down.
DIGITS = {
    0: [".50 .20, .36 .26, .30 .50, .36 .74, .50 .80, .64 .74, .70 .50, .64 .26, .50 .20"],
    2: [".30 .34, .36 .23, .50 .19, .64 .24, .67 .36, .60 .50, .45 .65, .30 .79, .50 .78, .72 .79"],
    3: [".32 .24, .50 .18, .65 .26, .64 .40, .46 .48, .64 .55, .68 .70, .52 .82, .32 .76"],
    4: [".42 .20, .36 .36, .31 .52, .45 .53, .70 .50", ".64 .30, .61 .50, .58 .82"],
    7: [".28 .25, .46 .24, .70 .24, .62 .42, .52 .62, .46 .80"],
}
DIGITS = {
    digit: [[tuple(map(float, point.split())) for point in stroke.split(",")] for stroke in strokes]
    for digit, strokes in DIGITS.items()
}


def find_chromium():
    """The path of a Chromium, or None."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    names += ("google-chrome-stable",)
    return next((path for path in map(shutil.which, names) if path), None)


class Server:
    """A server on loopback in a process of its own, with settings of its own."""

    def __init__(self, command, folder, ready, **environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
        settings = {name: str(folder / name.lower()) for name in folders} | {"OPENBLAS_NUM_THREADS": "1"}
        settings["HWD_PROGRESS"] = str(folder / "progress.json")  # what is solved here is nobody's progress
        # The page template as it is here, and not as it was when the package was installed: this path comes
        # first.
        shutil.copytree(ROOT / "voila_template", folder / "here" / "voila" / "templates" / "hwd")
        paths = [str(folder / "here"), *filter(None, [environment.get("JUPYTER_PATH")])]
        environment["JUPYTER_PATH"] = os.pathsep.join(paths)
        self.log = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, f"--port={self.port}", "--no-browser"],
            cwd=ROOT, env=os.environ | settings | environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        is_ready = threading.Event()

        def listen():  # the pipe must be emptied as long as the server runs
            for line in self.process.stdout:
                self.log.append(line)
                if ready in line:
                    is_ready.set()
            is_ready.set()

        threading.Thread(target=listen, daemon=True).start()
        is_ready.wait(60)
        if self.process.poll() is not None or not any(ready in line for line in self.log):
            self.stop()
            raise RuntimeError("The server did not start:\n" + "".join(self.log))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


# Scroll to an element, and wait until it stays where it is: JupyterLab lays out what comes into view.
STANDS_STILL = """element => new Promise(done => {
  let before = '', frames = 0;
  const look = () => {
    const {x, y, bottom} = element.getBoundingClientRect(), here = `${x} ${y}`;
    frames = here === before ? frames + 1 : 0;
    before = here;
    if (frames > 5) return done();
    if (y < 0 || bottom > innerHeight) element.scrollIntoView({block: 'center'});
    requestAnimationFrame(look);
  };
  look();
})"""


class Hand:
    """Draws on the first canvas of a page, and presses its buttons, with the mouse or with a finger."""

    def __init__(self, page, kind="mouse"):
        self.page, self.kind = page, kind
        self.session = page.context.new_cdp_session(page) if kind == "touch" else None
        self.canvas = page.locator("canvas").first

    def at(self, point):
        """From the unit square to the place on the screen."""
        box = self.canvas.bounding_box()
        return box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"]

    def touch(self, kind, *points):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def down(self, point):
        if self.kind == "touch":
            self.touch("touchStart", self.at(point))
        else:
            self.page.mouse.move(*self.at(point))
            self.page.mouse.down()

    def move(self, point):
        if self.kind == "touch":
            return self.touch("touchMove", self.at(point))
        return self.page.mouse.move(*self.at(point))

    def up(self):
        return self.touch("touchEnd") if self.kind == "touch" else self.page.mouse.up()

    def press(self, name):
        """Press a button, given by its name or as what was found in the page."""
        button = self.page.get_by_role("button", name=name, exact=True) if isinstance(name, str) else name
        button.tap() if self.kind == "touch" else button.click()

    def draw(self, strokes, steps=2):
        """Draw strokes given in the unit square, each of their lines in so many steps."""
        self.canvas.evaluate(STANDS_STILL)
        for stroke in strokes:
            self.down(stroke[0])
            for (x0, y0), (x1, y1) in zip(stroke, stroke[1:], strict=False):
                for k in range(1, steps + 1):
                    self.move((x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps))
            self.up()


INK_AT = """([x, y]) => {
  const canvas = document.querySelector('canvas');
  const at = [Math.round(x * canvas.width), Math.round(y * canvas.height)];
  const [r, g, b, a] = canvas.getContext('2d').getImageData(...at, 1, 1).data;
  return a === 255 && r + g + b < 200;
}"""


def wait_for_ink(page, point, ink=True):
    """Wait until the canvas's own pixel at a point of the unit square is dark (or not)."""
    page.wait_for_function(f"at => ({INK_AT})(at) === {str(ink).lower()}", arg=list(point))


def wait_for_guess(page, text):
    """Wait until the app reads this digit; None: nothing."""
    script = "text => document.querySelector('.hwd-guess')?.textContent === text"
    page.wait_for_function(script, arg="" if text is None else str(text))


def wait_for_end(page):
    """Wait until the end of a stroke was announced: everything that follows from it is done by then.

    Of several strokes drawn at once it may be the first one's.
    """
    page.wait_for_function("() => !!document.querySelector('.hwd-said').textContent")


class Wire:
    """A line between the page and a server on loopback that can be slow, hang, be cut, and be mended."""

    def __init__(self, port, delay=0.0):
        self.port, self.delay, self.whole, self.ends = port, delay, True, []
        self.loop = asyncio.new_event_loop()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self.do(asyncio.start_server(self.connect, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    async def connect(self, reader, writer):
        self.ends.append(writer)
        if not self.whole:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.ends.append(far_writer)
        await asyncio.gather(self.carry(reader, far_writer), self.carry(far_reader, writer))

    async def carry(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                await self.flowing.wait()
                self.loop.call_later(self.delay, writer.write, data)
        self.loop.call_later(self.delay, writer.close)

    async def abort(self):
        for writer in self.ends:
            writer.transport.abort()
        for writer in self.ends:
            with suppress(OSError):
                await writer.wait_closed()

    def hang(self):
        """Let nothing through, and tell nobody: as when a phone leaves its network."""
        self.loop.call_soon_threadsafe(self.flowing.clear)

    def cut(self):
        self.whole = False
        self.do(self.abort())

    def mend(self):
        self.whole = True
        self.loop.call_soon_threadsafe(self.flowing.set)

    async def stop(self):
        self.server.close()  # in the thread of the connections, one of which may be ending right now
        await self.abort()

    def close(self):
        self.whole = False
        self.do(self.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def open_app(page, url):
    """Open the Voilà page, and wait until one can draw."""
    page.goto(url)
    page.wait_for_selector(".hwd-app[data-ready=yes]")
    wait_for_paper(page)
    return page


def wait_for_paper(page):
    """Wait until the sheet was painted: the page is ready to draw on."""
    page.wait_for_function(
        "() => document.querySelector('canvas')?.getContext('2d').getImageData(1, 1, 1, 1).data[3] === 255"
    )


FINISHED = """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every(
  prompt => /\\[\\d+\\]/.test(prompt.textContent))"""


def expect_kernel(page):
    """``with expect_kernel(page):`` what happens inside brings the page a kernel; wait until it is there."""
    return page.expect_websocket(lambda socket: socket.url.split("?")[0].endswith("/channels"))


def run_all_cells(page):
    """Have JupyterLab run all cells of the notebook, once its kernel (see `expect_kernel`) takes orders.

    Without a kernel it is called idle, too; and what is run then goes to a kernel that is soon replaced.
    """
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def run_notebook(page, url, name):
    """Open a notebook in JupyterLab, and have all its cells run."""
    with expect_kernel(page):
        page.goto(f"{url}/lab/tree/notebooks/{name}?reset")
    run_all_cells(page)


def open_notebook(page, url, name):
    """Open a notebook in JupyterLab, run all its cells, and wait until one can draw."""
    run_notebook(page, url, name)
    page.wait_for_selector(".hwd-app[data-ready=yes]")
    wait_for_paper(page)
    page.wait_for_function(FINISHED)  # then JupyterLab goes to the last cell: nobody should draw meanwhile
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    return page


# Draws a figure of eight on the sheet with so many mouse events a second, and notes when each point was sent,
# when it was inked (ipycanvas draws a line to it), and when it was read (data-points counts them).
EVEN_PACE = """([rate, seconds]) => new Promise(resolve => {
  const canvas = document.querySelector('canvas'), box = canvas.getBoundingClientRect();
  const sent = [], inked = new Map(), read = [];
  const stamp = note => requestAnimationFrame(() => note(performance.now()));  // when it can be seen
  const lineTo = CanvasRenderingContext2D.prototype.lineTo;
  CanvasRenderingContext2D.prototype.lineTo = function (x, y) {
    stamp(now => inked.set(Math.round(x) + ' ' + Math.round(y), now));
    return lineTo.call(this, x, y);
  };
  const live = document.querySelector('.hwd-live');
  const watch = new MutationObserver(() => {
    const points = +live.querySelector('[data-points]').dataset.points;
    stamp(now => read.push([points, now]));
  });
  watch.observe(live, {childList: true, subtree: true});
  const at = k => {
    const t = k / rate;
    return [0.5 + 0.3 * Math.sin(2.1 * t), 0.5 + 0.35 * Math.sin(1.3 * t)];
  };
  let before = '';
  const fire = (kind, k) => {
    let [x, y] = at(k).map((u, i) => Math.floor(i ? box.y + u * box.height : box.x + u * box.width));
    if (kind === 'mousemove' && before === x + ' ' + y) x += 1;  // the app ignores a move to the same place
    before = x + ' ' + y;
    canvas.dispatchEvent(new MouseEvent(kind, {clientX: x, clientY: y, bubbles: true}));
    return [canvas.width * (x - box.x) / box.width, canvas.height * (y - box.y) / box.height];
  };
  fire('mousedown', 0);
  const total = rate * seconds, start = performance.now();
  let k = 0;
  const step = () => {
    while (k < total && performance.now() - start >= 1000 * (k + 1) / rate) {
      k += 1;
      const [x, y] = fire('mousemove', k);
      sent.push([performance.now(), Math.round(x) + ' ' + Math.round(y), k + 1]);
    }
    if (k < total) return setTimeout(step, 1);
    fire('mouseup', k);
    const ended = performance.now();
    const wait = () => {
      const last = read.at(-1), done = last && last[0] >= total + 1 && inked.has(sent.at(-1)[1]);
      if (done || performance.now() - ended > 10000) {
        CanvasRenderingContext2D.prototype.lineTo = lineTo;
        watch.disconnect();
        return resolve({
          ink: sent.map(([t, place]) => (inked.get(place) ?? Infinity) - t),
          reading: sent.map(([t, , n]) => (read.find(([points]) => points >= n)?.[1] ?? Infinity) - t),
          backlog: (last?.[1] ?? Infinity) - ended,
        });
      }
      setTimeout(wait, 5);
    };
    wait();
  };
  step();
})"""


def draw_at_an_even_pace(page, rate, seconds):
    """Draw at an even pace: milliseconds until each point is inked, and read; and the backlog at the end."""
    measured = page.evaluate(EVEN_PACE, [rate, seconds])
    return np.array(measured["ink"]), np.array(measured["reading"]), measured["backlog"]


# Draws on the sheet of the page of one file, 60 pointer events a second, and measures each, in milliseconds,
# until the new reading is laid out.
WRITE = """n => new Promise(done => {
  const canvas = document.querySelector('canvas'), box = canvas.getBoundingClientRect(), times = [];
  const fire = (kind, t) => {
    const clientX = box.x + box.width * (0.5 + 0.3 * Math.sin(2.1 * t));
    const clientY = box.y + box.height * (0.5 + 0.35 * Math.sin(1.3 * t));
    const started = performance.now();
    const pen = {clientX, clientY, pointerId: 1, pointerType: 'pen', bubbles: true};
    canvas.dispatchEvent(new PointerEvent(kind, pen));
    document.body.getBoundingClientRect();  // with layout
    return performance.now() - started;
  };
  canvas.setPointerCapture = () => {};  // there is no such pointer
  fire('pointerdown', 0);
  const step = k => {
    times.push(fire('pointermove', k / 60));
    if (k < n) return setTimeout(step, 1000 / 60, k + 1);
    fire('pointerup', k / 60);
    done(times);
  };
  step(1);
})"""
