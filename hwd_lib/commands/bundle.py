"""`hwd bundle`: the course and its packages in one folder, for computers that have no internet."""

import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

SUMMARY = "pack the course with its packages, for computers without internet"
EXAMPLES = (
    "hwd bundle /media/stick/course",
    "hwd bundle course --systems windows --pythons 3.13 --zip",
)
ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# What each system calls itself, its processor included: the conditions in the lock file ask for that. And the
# kinds of files that it takes.
WINDOWS = {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}
MACOS = {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"}
LINUX = {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
GLIBC = [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 26, 24, 17)]
SYSTEMS = {
    "windows": [(WINDOWS | {"platform_machine": "AMD64"}, ["win_amd64"])],
    "macos": [
        (MACOS | {"platform_machine": machine}, [f"macosx_14_0_{machine}"]) for machine in ("arm64", "x86_64")
    ],
    "linux": [(LINUX | {"platform_machine": "x86_64"}, [*GLIBC, "manylinux2014_x86_64"])],
}
LEFT = {".git", ".venv", ".hwd", "wheels", "node_modules", "__pycache__", ".ipynb_checkpoints", "tests"}


def add_arguments(parser):
    parser.add_argument("folder", type=Path, help="where to; it must not be there yet")
    parser.add_argument(
        "--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), metavar="SYSTEM",
        help=f"which computers: {', '.join(SYSTEMS)} (all)",
    )  # fmt: skip
    parser.add_argument(
        "--pythons", nargs="+", choices=PYTHONS, default=list(PYTHONS), metavar="VERSION",
        help=f"which versions of Python they have: {', '.join(PYTHONS)} (all)",
    )  # fmt: skip
    parser.add_argument("--zip", action="store_true", help="make a ZIP file of the folder as well")


def run(arguments):
    folder = arguments.folder
    if folder.exists():
        raise ValueError(f"{folder}: expected a name that is free, found something there. Choose another.")
    if not (ROOT / "requirements.lock").is_file():
        raise ValueError(f"{ROOT}: expected the folder of the course, found no requirements.lock in it.")
    part = folder.with_name(f"{folder.name}.part")  # renamed when it is whole
    shutil.rmtree(part, ignore_errors=True)
    left = shutil.ignore_patterns(*LEFT, "*.pyc", "my_network.npz", part.name, folder.name)
    shutil.copytree(ROOT, part, ignore=left)
    wheels = part / "wheels"
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for name, version in product(arguments.systems, arguments.pythons):
        for system, platforms in SYSTEMS[name]:
            # Some packages differ between the first releases of a version of Python and the later ones.
            wanted = {release: needed(lock, system, release) for release in (f"{version}.9", f"{version}.0")}
            if wanted[f"{version}.0"] == wanted[f"{version}.9"]:
                del wanted[f"{version}.0"]
            for release, entries in wanted.items():
                print(f"{name}, Python {release}, {platforms[0]}: {len(entries)} packages ...", flush=True)
                fetch(entries, platforms, release, wheels)
    size = sum(path.stat().st_size for path in wheels.iterdir()) / 1e6
    part.rename(folder)
    print(f"{folder}: the course, and {len(list((folder / 'wheels').iterdir()))} packages ({size:.0f} MB).")
    if arguments.zip:
        print(f"{shutil.make_archive(str(folder), 'zip', folder.parent, folder.name)}: the same as one file.")
    print("On each computer: copy the folder to the disk, and run `python3 start.py` there (Windows: `py`).")
    return 0


def needed(lock, system, version):
    """The entries of a lock file that a computer with this release of Python wants, without their conditions.

    `pip download` would ask the conditions of the computer that it runs on, and not of the other one.
    """
    from packaging.requirements import Requirement

    there = system | {"python_version": version.rpartition(".")[0], "python_full_version": version}
    there |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    entries = []
    for entry in re.split(r"\n(?=\S)", lock):
        if entry.strip() and not entry.startswith("#"):
            first, _, hashes = entry.partition("\\\n")
            requirement = Requirement(first.strip())
            if requirement.marker is None or requirement.marker.evaluate(there):
                entries.append(f"{requirement.name}{requirement.specifier} \\\n{hashes.rstrip()}")
    return entries


def fetch(entries, platforms, version, wheels):
    """Download the packages, and see that each has a file for that system; pip compares the hashes."""
    wheels.mkdir(exist_ok=True)
    list_of_them = wheels / "wanted.txt"
    list_of_them.write_text("\n".join(entries), "utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--python-version", version, "--dest", str(wheels)]
    command += [f"--platform={platform}" for platform in platforms]
    done = subprocess.run([*command, "-r", str(list_of_them)], capture_output=True, text=True)
    list_of_them.unlink()
    if done.returncode:
        raise ValueError(
            f"The packages for Python {version} on {platforms[0]} could not be fetched: "
            f"{done.stderr.strip()[-500:]} Check the connection, then run the same command again."
        )
