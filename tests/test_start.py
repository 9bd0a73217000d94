"""start.py, on a tiny project with packages made here: real environments, real pip, no network."""

import ast
import base64
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import jsonschema
import pytest

BACKEND = """
import zipfile

NAME = "tiny-1.0-py3-none-any.whl"

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/{NAME}", "w") as wheel:
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    return NAME
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1.0"
"""
PROGRAM = """
import json, os, sys
said = {"program": __package__, "options": sys.argv[1:], "folder": os.getcwd(), "python": sys.prefix}
said["compiles"] = not sys.dont_write_bytecode
said["settings"] = {name: value for name, value in os.environ.items() if name.startswith("JUPYTER")}
print(json.dumps(said))
"""


def make_wheel(folder, name):
    """A package that only says how it was called. Returns its line for a lock file."""
    files = {
        f"{name}/__init__.py": "",
        f"{name}/__main__.py": PROGRAM,
        f"{name}/serving/course.py": PROGRAM,
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text.encode())}\n"
    files[f"{name}-1.0.dist-info/RECORD"] = record + f"{name}-1.0.dist-info/RECORD,,\n"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inside, text in files.items():
            wheel.writestr(inside, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Packages:
    """The packages, served over HTTP on this machine. ``asked`` counts the requests."""

    def __init__(self, folder):
        self.lines = {name: make_wheel(folder, name) for name in ("hwd_lib", "pytest")}
        self.folder, self.asked = folder, 0

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(handler):
                self.asked += 1
                super().do_GET()

            def log_message(handler, *_):
                pass

        self.web = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
        )
        self.address = f"http://127.0.0.1:{self.web.server_port}/"


class Tiny:
    """A project of the same form as ours, with packages that take no time."""

    def __init__(self, folder, start, server):
        self.folder, self.server = folder, server
        (folder / "notebooks").mkdir(parents=True)
        (folder / "start.py").write_text(start)
        (folder / "backend.py").write_text(BACKEND)
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (folder / "requirements.lock").write_text(server.lines["hwd_lib"])
        (folder / "requirements-test.lock").write_text("".join(server.lines.values()))

    def environment(self, **changes):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        address = self.server.address
        pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{address}none/", "PIP_FIND_LINKS": address}
        return {**kept, **pip, "PIP_RETRIES": "1", "PIP_NO_CACHE_DIR": "1", **changes}

    def command(self, *options):
        return [sys.executable, str(self.folder / "start.py"), *options]

    def run(self, *options, **changes):
        return subprocess.run(
            self.command(*options),
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def called(self, *options):
        """What the program that start.py started says about its call."""
        done = self.run(*options)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def start(root):
    return (root / "start.py").read_text("utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    packages = Packages(tmp_path_factory.mktemp("packages"))
    thread = threading.Thread(target=packages.web.serve_forever)
    thread.start()
    yield packages
    packages.web.shutdown()
    thread.join()
    packages.web.server_close()


@pytest.fixture
def tiny(tmp_path, start, server):
    return Tiny(
        tmp_path / "a folder", start, server
    )  # with a blank in its name, as many people's folders have


@pytest.fixture(scope="module")
def installed(tmp_path_factory, start, server):
    """A tiny project that is set up, tests included, by somebody with settings of their own."""
    project = Tiny(tmp_path_factory.mktemp("installed"), start, server)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    own = {"PIP_TARGET": str(elsewhere), "PIP_USER": "1", "PYTHONPATH": str(elsewhere), "PIP_NO_INDEX": "1"}
    own |= {"PIP_DRY_RUN": "1", "PIP_ROOT": str(elsewhere), "PIP_CONSTRAINT": "nowhere.txt"}
    own |= {"PYTHONDONTWRITEBYTECODE": "1"}
    first = project.run("test", **own)
    assert first.returncode == 0, first.stdout + first.stderr
    assert not list(elsewhere.iterdir())
    assert '"compiles": true' in first.stdout
    project.first_output = first.stdout
    return project


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def sentence(done):
    """The one sentence with which start.py gave up."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("start.py: ")
    return last


# The file itself --------------------------------------------------------------------------------------------


def test_is_short_and_needs_nothing(start):
    assert len(start.splitlines()) < 250
    imported = {
        alias.name
        for node in ast.walk(ast.parse(start))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= set(sys.stdlib_module_names)


def test_an_old_python_can_read_it(start):
    ast.parse(start, feature_version=(3, 6))
    assert not re.search(r"\bf[\"']", start), "Python 2 and 3.5 do not know f-strings"


# What goes well ---------------------------------------------------------------------------------------------


def test_first_run_says_what_it_does(installed):
    assert "Making an environment" in installed.first_output
    assert "requirements.lock" in installed.first_output
    assert re.search(r"^  hwd_lib==1\.0$", installed.first_output, flags=re.M)


def test_second_run_is_quick_and_asks_nobody(installed):
    asked, before = installed.server.asked, os.times()
    done = installed.run("setup")
    after = os.times()  # what it worked: the machine may be busy with something else
    assert after.children_user + after.children_system - before.children_user - before.children_system < 2
    assert installed.server.asked == asked > 0
    assert done.stdout == "The course is installed. Start it with: python3 start.py\n"


def test_opens_the_course_on_its_first_notebook(installed, root):
    port = free_port()
    call = installed.called("--no-browser", "--port", port)
    assert call["program"] == "hwd_lib.serving"
    assert call["python"] == str(installed.folder / ".venv")
    assert {f"--port={port}", f"--ServerApp.root_dir={installed.folder}"} <= set(call["options"])
    assert call["options"][-1] == "--no-browser"
    (first,) = [option.partition("=/lab/tree/")[2] for option in call["options"] if "default_url" in option]
    assert (root / first).is_file()


def test_jupyterlab_asks_nothing(installed):
    place = installed.folder / ".venv" / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings = json.loads(place.read_text("utf-8"))
    news, notebook = "@jupyterlab/apputils-extension:notification", "@jupyterlab/notebook-extension:tracker"
    assert settings == {
        news: {"fetchNews": "false", "checkForUpdates": False},
        notebook: {"autoStartDefaultKernel": True},
    }
    # JupyterLab says nothing of a setting that it does not know.
    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
    for plugin, values in settings.items():
        extension, _, name = plugin.partition(":")
        schema = json.loads((schemas / extension / f"{name}.json").read_text("utf-8"))
        assert set(values) <= set(schema["properties"])
        jsonschema.validate(values, schema)


def test_app_and_tests_get_the_options_that_follow(installed):
    port = free_port()
    app = installed.called("app", f"--port={port}", "--no-browser", "--public")
    assert (app["program"], app["options"][0]) == ("hwd_lib", "app")
    assert app["options"][-2:] == ["--no-browser", "--public"]
    assert app["options"].count(f"--port={port}") == 1
    tests = installed.called("test", "-k", "canvas", "-x")
    assert tests["program"] == "pytest"
    assert tests["options"][-3:] == ["-k", "canvas", "-x"]
    assert tests["folder"] == str(installed.folder)


def test_help_installs_nothing(tiny):
    done = tiny.run("--help")
    assert done.returncode == 0
    assert "python3 start.py app" in done.stdout
    assert not (tiny.folder / ".venv").exists()


# What goes wrong --------------------------------------------------------------------------------------------


def test_no_network_and_an_interruption_are_mended_by_the_next_run(tiny):
    nobody = f"http://127.0.0.1:{free_port()}/"
    done = tiny.run("setup", PIP_FIND_LINKS=nobody, PIP_INDEX_URL=nobody)
    assert "first start needs the internet" in sentence(done)

    with subprocess.Popen(
        tiny.command("setup"),
        env=tiny.environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert "Making an environment" in process.stdout.readline()
        os.killpg(process.pid, signal.SIGKILL)  # the terminal was closed: .venv is half made

    again = tiny.run("setup")
    assert again.returncode == 0, again.stdout + again.stderr


def test_moved_folder_is_mended_and_a_changed_lock_installed(installed, tmp_path):
    moved = Tiny.__new__(Tiny)
    moved.server, moved.folder = installed.server, tmp_path / "elsewhere"
    shutil.copytree(installed.folder, moved.folder, symlinks=True)
    assert moved.called("app", "--port", free_port())["python"] == str(moved.folder / ".venv")

    lock = moved.folder / "requirements.lock"
    lock.write_text(lock.read_text() + make_wheel(moved.server.folder, "newcomer"))
    changed = moved.run("setup")
    assert changed.returncode == 0, changed.stdout + changed.stderr
    assert "Making an environment" not in changed.stdout
    assert re.findall(r"^  (\S+)$", changed.stdout, flags=re.M) == ["newcomer==1.0"]


def test_package_with_another_hash_is_refused(tiny):
    lock = tiny.folder / "requirements.lock"
    lock.write_text(re.sub(r"sha256:\w{8}", "sha256:00000000", lock.read_text()))
    done = tiny.run("setup")
    assert "failed" in sentence(done)
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert not (tiny.folder / ".venv" / "installed.txt").exists()


def test_packages_beside_the_course_need_no_network(tiny):
    wheels = tiny.folder / "wheels"
    shutil.copytree(tiny.server.folder, wheels)
    nobody = f"http://127.0.0.1:{free_port()}/"
    done = tiny.run("setup", PIP_INDEX_URL=nobody, PIP_FIND_LINKS="")
    assert done.returncode == 0, done.stdout + done.stderr
    for wheel in wheels.glob("hwd_lib*"):  # as when it was made for another Python
        wheel.unlink()
    (tiny.folder / ".venv" / "installed.txt").unlink()
    shutil.rmtree(tiny.folder / ".venv")
    assert "no packages for Python" in sentence(tiny.run("setup"))


PRETEND = "import runpy, sys; {}; sys.argv = ['start.py']; runpy.run_path({!r}, run_name='__main__')"


def pretend(what, tiny):
    """Run start.py in a Python that was told something about itself."""
    line = [sys.executable, "-c", PRETEND.format(what, str(tiny.folder / "start.py"))]
    return subprocess.run(line, capture_output=True, text=True)


def test_wrong_python(tiny):
    said = sentence(pretend("sys.version_info = (3, 10, 13, 'final', 0)", tiny))
    assert "needs Python 3.11 or newer" in said
    assert "3.10.13" in said


def test_wrong_python_for_real(tiny):
    names = [f"python{version}" for version in ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10")]
    old = [name for name in names if shutil.which(name) and not subprocess.call([name, "-c", ""], stderr=-3)]
    if not old:
        pytest.skip("this machine has no old Python")
    for name in old:
        done = subprocess.run([name, str(tiny.folder / "start.py")], capture_output=True, text=True)
        assert "needs Python 3.11 or newer" in sentence(done)


def test_python_without_venv(tiny):
    # As on Debian, where ensurepip comes in the package python3-venv.
    assert "sudo apt install python3-venv" in sentence(pretend("sys.modules['ensurepip'] = None", tiny))
    assert not (tiny.folder / ".venv").exists()


def test_busy_port(installed):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = sentence(installed.run("app", "--port", str(port)))
        assert f"port {port} is busy" in said
        assert f"python3 start.py app --port {port + 11}" in said


@pytest.mark.parametrize(("command", "port"), [("lab", 8888), ("app", 8866)])
def test_usual_port_is_busy(installed, command, port):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", port))
            other.listen()
        except OSError:
            pass  # another program has it: all the better
        assert f"port {port} is busy" in sentence(installed.run(command))


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 40 MB, where the machine lets us make one: room for an environment, and for no more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this machine does not let the tests mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_full_disk_is_seen_beforehand(small_disk, start, server):
    said = sentence(Tiny(small_disk / "project", start, server).run("setup"))
    assert "disk is full" in said
    assert "1500 MB" in said


def test_disk_that_fills_up_on_the_way(small_disk, start, server):
    tiny = Tiny(small_disk / "project", start.replace("ROOM = 1500", "ROOM = 0"), server)
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - 5_000_000))
    assert "disk is full" in sentence(tiny.run("setup"))


def test_start_py_without_the_rest(tmp_path, start):
    (tmp_path / "start.py").write_text(start)
    done = subprocess.run([sys.executable, str(tmp_path / "start.py")], capture_output=True, text=True)
    assert "Unpack the whole ZIP file" in sentence(done)


NO_UTF8 = b"\xff".decode(errors="surrogateescape")


@pytest.mark.parametrize("name", ["a[b", "a]b", "a*b", "a?b", "a:b", NO_UTF8])
def test_folder_that_nothing_can_be_found_in(tmp_path, start, server, name):
    tiny = Tiny(tmp_path / name, start, server)
    said = sentence(tiny.run("setup"))
    assert "Rename the folder" in said and ascii(name)[1:-1] in said
    assert not (tiny.folder / ".venv").exists()


def test_every_other_character_may_stand_in_the_folders_name(tmp_path, start, server):
    letters = "".join(chr(c) for c in range(32, 127) if not chr(c).isalnum() and chr(c) not in "[]*?:/\\")
    tiny = Tiny(tmp_path / f"{letters}é中", start, server)
    link = tmp_path / "link.py"  # on somebody's desktop
    link.symlink_to(tiny.folder / "start.py")
    done = subprocess.run(
        [sys.executable, str(link), "app", "--port", free_port()],
        env=tiny.environment(HOME=os.devnull, JUPYTERLAB_DIR="nowhere"), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    called = json.loads(done.stdout.splitlines()[-1])
    assert called["folder"] == str(tiny.folder)
    settings = called["settings"]
    assert settings["JUPYTER_DATA_DIR"].startswith(str(tiny.folder))  # the home folder takes no files
    assert "JUPYTERLAB_DIR" not in settings


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_port_that_there_is_not(installed, port):
    assert f"found {port}" in sentence(installed.run("app", f"--port={port}"))


def test_unknown_command(tiny):
    assert "There are app, test, setup, site and bundle" in sentence(tiny.run("ap"))


# The real thing ---------------------------------------------------------------------------------------------


def fetch(address, patience=30):
    """The page at an address. JupyterLab prints its own before it listens, so refusals are waited out."""
    until = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                assert answer.status == 200
                return answer.read().decode()
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > until:
                raise
            time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lab", "app"])
def test_course_and_app_answer(root, command, say):
    if not (root / ".venv" / "installed.txt").exists():
        pytest.skip("the course is not installed here by start.py")
    port = free_port()
    line = [sys.executable, "start.py", command, "--no-browser", "--port", port]
    before = time.perf_counter()
    with subprocess.Popen(
        line, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            for line in process.stdout:
                if address := re.search(rf"http://(?:localhost|127\.0\.0\.1):{port}\S*", line):
                    break
            else:
                pytest.fail("start.py ended before it gave an address")
            say(f"start.py {command}: gives its address after {time.perf_counter() - before:.1f} s")
            page = fetch(address[0])
            assert ("jupyter-config-data" if command == "lab" else "<title>") in page
        finally:
            process.send_signal(signal.SIGINT)
            process.stdout.read()
        assert process.wait(30) == 0
