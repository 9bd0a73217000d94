"""Set the course up, and start it. This is the one command that a newcomer types.

    python3 start.py           the course, in JupyterLab
    python3 start.py app       the drawing app alone, as a web page
    python3 start.py test      all tests
    python3 start.py setup     installs, and starts nothing
    python3 start.py site      the course as static web pages, in the folder site
    python3 start.py bundle FOLDER    the course with all packages, for computers without internet

What follows goes to the program that is started: --no-browser, --port 8899, app --public, test -k canvas.
"""

# Standard library only, and no syntax that an old Python cannot read: it must live to say that it is too old.
import argparse
import glob
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))  # real: a link to it may lie on the desktop
VENV = os.path.join(HERE, ".venv")
PYTHON = os.path.join(VENV, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
STAMP = os.path.join(VENV, "installed.txt")  # there only while the installation is whole
WHEELS = os.path.join(HERE, "wheels")
ROOM = 1500  # megabytes that an installation takes, with room to unpack

# No setting of one's own may lead out of .venv, or stand in the way. Of pip's, those are kept that say where
# packages come from. And `!hwd` must work in a notebook. What Python compiles is kept, or each kernel would
# do it again.
KEPT = ("CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL", "FIND_LINKS",
        "INDEX_URL", "KEYRING_PROVIDER", "NO_CACHE_DIR", "PROXY", "RETRIES", "TIMEOUT", "TRUSTED_HOST")
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name.replace("PIP_", "") in KEPT or not name.startswith("PIP_")}
ENVIRONMENT.update(PIP_USER="0", PIP_TARGET="", PIP_PREFIX="", PIP_ROOT="", PIP_CONSTRAINT="",
                   PIP_DRY_RUN="0", PIP_NO_INDEX="0", PYTHONPATH="", PYTHONHOME="",
                   PYTHONDONTWRITEBYTECODE="")
for name in ("JUPYTERLAB_DIR", "JUPYTER_PREFER_ENV_PATH"):
    ENVIRONMENT.pop(name, None)
ENVIRONMENT["PATH"] = os.path.dirname(PYTHON) + os.pathsep + os.environ.get("PATH", "")


def stop(sentence):
    sys.exit("start.py: " + sentence)


def check_python():
    if sys.version_info < (3, 11):
        stop("the course needs Python 3.11 or newer, and this is Python %d.%d.%d. Install a newer one from "
             "python.org and start with that, for example: python3.13 start.py" % tuple(sys.version_info[:3]))
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        stop("this Python has no venv module. On Debian and Ubuntu type: sudo apt install python3-venv - "
             "elsewhere install Python from python.org. Then run the same command again.")


def check_folder():
    wrong = [character for character in "[]*?" + os.pathsep if character in HERE[2:]]
    try:
        HERE.encode("utf-8")
    except UnicodeEncodeError:
        wrong = ["that are no UTF-8"]
    if wrong:
        stop("expected a folder whose path Jupyter and pip can read, found the characters %s in %s. Rename "
             "the folder, then run the same command again." % (" ".join(wrong), ascii(HERE)))
    if not os.path.isfile(os.path.join(HERE, "requirements.lock")):
        stop("the rest of the course is not beside it. Unpack the whole ZIP file, and run the start.py that "
             "lies in its folder.")


def check_home():
    """Jupyter keeps a few files of its own. Where the home folder takes none, they go beside the course."""
    home = os.path.expanduser("~")
    if not (os.path.isdir(home) and os.access(home, os.W_OK)):
        jupyter = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        for name in (*jupyter, "IPYTHONDIR", "MPLCONFIGDIR"):
            ENVIRONMENT.setdefault(name, os.path.join(HERE, ".hwd", name.lower()))


def check_disk(megabytes):
    free = shutil.disk_usage(HERE).free // 10**6
    if free < megabytes:
        stop("the disk is full: the course takes %d MB, and %d MB are left for %s. Make room, then run "
             "the same command again." % (ROOM, free, HERE))


def read(path):
    with open(os.path.join(HERE, path), "rb") as file:
        return file.read()


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".part", "wb") as file:
        file.write(content)
    os.replace(path + ".part", path)


def set_up(locks):
    """Make .venv hold what the lock files list. If it does already, this takes no time and no network."""
    own = b"".join(map(read, ["start.py", "pyproject.toml"] + sorted(glob.glob(HERE + "/voila_template/*"))))
    wanted = [HERE.encode()]  # an environment cannot be moved, so its place is part of the stamp
    wanted += [hashlib.sha256(read(lock) + own).hexdigest().encode() for lock in locks]
    found = read(STAMP).splitlines() if os.path.exists(STAMP) and os.path.exists(PYTHON) else []
    if set(wanted) <= set(found):
        return
    if HERE.encode() not in found:
        check_disk(ROOM)
        print("Making an environment for the course, in the folder .venv ...")
        step([sys.executable, "-m", "venv", "--clear", VENV])
    elif os.path.exists(STAMP):
        os.remove(STAMP)
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if os.path.isdir(WHEELS):  # they came with the course: no network is needed, and none is asked
        pip += ["--no-index", "--find-links", WHEELS]
        ENVIRONMENT["PIP_FIND_LINKS"] = ""
    for lock in locks:
        print("Installing what %s lists. The first time, this takes a minute or two ..." % lock)
        step(pip + ["--require-hashes", "-r", lock])
    print("Installing the course itself ...")
    step(pip + ["--no-index", "--no-deps", "--no-build-isolation", "-e", "."])
    # JupyterLab would ask whether to show news and, on a busy machine, which kernel to take.
    write(VENV + "/share/jupyter/lab/settings/overrides.json", b"""{
  "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false},
  "@jupyterlab/notebook-extension:tracker": {"autoStartDefaultKernel": true}}""")
    shipped = os.path.join(HERE, ".hwd", "shipped")  # what `hwd restore` goes back to, where there is no git
    for path in [] if os.path.isdir(shipped) else glob.glob(os.path.join(HERE, "notebooks", "*.ipynb")):
        write(os.path.join(shipped, os.path.basename(path)), read(path))
    write(STAMP, b"\n".join(wanted))


def step(command):
    """Run one step of the installation. Name the packages as they come; turn a failure into a sentence."""
    process = subprocess.Popen(command, cwd=HERE, env=ENVIRONMENT, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, universal_newlines=True, errors="replace")
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("Collecting "):
            print("  " + line.split()[1])
        sys.stdout.flush()
    if process.wait() == 0:
        return
    sys.stderr.write(said[-3000:])
    check_disk(10**9 if "No space left" in said or "not enough space" in said else 50)
    if os.path.isdir(WHEELS) and "No matching distribution" in said:
        stop("the folder wheels has no packages for Python %d.%d on this system. On a computer with internet "
             "make a bundle for it: python3 start.py bundle FOLDER" % tuple(sys.version_info[:2]))
    if "connection broken" in said or "timed out" in said:
        stop("the packages could not be fetched. The first start needs the internet: check the connection "
             "or the proxy, then run the same command again.")
    stop("'%s' failed; what it said stands above. Mend what it names, then run "
         "the same command again." % " ".join(command[1:4]))


def main(options):
    if options[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    command = options.pop(0) if options and not options[0].startswith("-") else "lab"
    if command not in ("lab", "app", "test", "setup", "site", "bundle"):
        stop("there is no command '%s'. There are app, test, setup, site and bundle; and none, "
             "for the course." % command)
    check_python()
    check_folder()
    check_home()
    parser = argparse.ArgumentParser("start.py", add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int, default={"lab": 8888, "app": 8866}.get(command, 0))
    known, options = parser.parse_known_args(options)
    if not 0 <= known.port <= 65535:
        stop("expected a port from 1 to 65535, found %d. Leave --port out, or take another." % known.port)
    if socket.socket().connect_ex(("127.0.0.1", known.port)) == 0:  # somebody answers there
        stop("port %d is busy: another program has it, perhaps the course in another window. Close that, "
             "or take another port: python3 start.py %s --port %d" % (known.port, command, known.port + 11))
    set_up(["requirements.lock"] + (["requirements-test.lock"] if command in ("test", "site") else []))
    if command == "setup":
        print("The course is installed. Start it with: python3 start.py")
        return 0
    port, first = "--port=%d" % known.port, "/lab/tree/notebooks/00_draw_first.ipynb"
    program = {  # -y: do not ask whether to stop. In a container everybody is root.
        "lab": ["hwd_lib.serving.course", port, "--ServerApp.port_retries=0", "--ServerApp.root_dir=" + HERE,
                "--LabApp.default_url=" + first, "-y", "--allow-root",
                "--ServerApp.kernel_spec_manager_class=hwd_lib.serving.interpreter.OwnInterpreter"],
        "app": ["hwd_lib", "app", port],
        "bundle": ["hwd_lib", "bundle"],
        "test": ["pytest", "-n=auto"],  # as many at once as there are cores
        "site": ["docs.site.build"],
    }
    line = [PYTHON, "-m"] + program[command] + options
    os.chdir(HERE)
    if os.name != "nt":
        os.execve(PYTHON, line, ENVIRONMENT)  # the program takes our place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which then ends in good order
    return subprocess.call(line, env=ENVIRONMENT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
