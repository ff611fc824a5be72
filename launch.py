"""Set FundLaunch up and run it, with nothing but Python 3.11 and its venv module.

    python3 launch.py demo                  a whole site with invented campaigns, no key and no network needed
    python3 launch.py test                  every check of the project
    python3 launch.py test tests/rules -x   pytest alone, with these arguments
    python3 launch.py coverage              is every branch walked that decides about money, stock and collection?
    python3 launch.py COMMAND ...           any command of the program; --help lists them

The first start makes .venv beside this file and installs what the hashed locks name; later starts only compare a stamp.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(f"FundLaunch needs Python 3.11 or newer; this is {sys.version.split()[0]}. Run it with a newer one.")

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "fundlaunch-ready.json"
UNFINISHED = VENV / "fundlaunch-unfinished"
RELEASE = f"{sys.version_info[0]}.{sys.version_info[1]}"

RUNTIME_LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "dev.lock"

COMMAND = "import sys; from fundlaunch.cli import main; sys.argv[0] = 'fundlaunch'; sys.exit(main())"

TEST_REPORT = ROOT / ".cache" / "tests.xml"
TEST_PROCESSES = str(max(2, min(8, (os.cpu_count() or 2) + 1)))
"""One more than there are processors: tests wait for browsers, for programs that they start, and for the database."""
TEST_STEPS = (
    ("style", ("ruff", "check", "--quiet")),
    ("format", ("ruff", "format", "--check", "--quiet")),
    (
        "tests",
        (
            *("pytest", "-q", "-n", TEST_PROCESSES, "--dist", "worksteal"),
            *("--durations", "5", f"--junit-xml={TEST_REPORT}"),
        ),
    ),
)
"""The checks that run one after the other. Directions and sizes are tests (tests/project)."""

COVERAGE = (
    *("-m", "pytest", "-q", "-n", TEST_PROCESSES, "--dist", "worksteal", "-m", "not no_cover"),
    *("--cov", "--cov-report", "term", *(f"tests/{kind}" for kind in ("rules", "database", "machines", "webhooks"))),
)
"""The gate of coverage: every branch that decides about money, stock, collection and webhooks (pyproject.toml says in
which files) is walked by these tests. Tracing costs half of the time again, so it is a command of its own."""

SLOW_CHECKS = (("types", ("mypy",)),)
"""Checks that run beside the others: they use one processor, and the tests leave some time of each unused."""


class Trouble(Exception):
    """Set-up cannot go on; the sentence says what to do."""


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then run it; its exit code."""
    for_tests = arguments[:1] in (["test"], ["coverage"])
    try:
        set_up(DEVELOPMENT_LOCK if for_tests else RUNTIME_LOCK)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    if not for_tests:
        keep_data_here()
        return become("-P", "-c", COMMAND, *(arguments or ["--help"]))
    os.chdir(ROOT)
    if arguments[0] == "coverage":
        return become(*COVERAGE)
    if arguments[1:]:
        return become("-m", "pytest", *arguments[1:])
    return run_steps()


# --- set-up ------------------------------------------------------------------------------------------------------


def set_up(lock: str) -> None:
    """Make .venv hold exactly what `lock` names; does nothing where the stamp says that it does."""
    wanted = {name: digest(ROOT / name) for name in (RUNTIME_LOCK, DEVELOPMENT_LOCK)}
    stamp = read_stamp()
    if is_usable() and stamp.get("python") == RELEASE and stamp.get(lock) == wanted[lock]:
        return
    started = time.monotonic()
    try:
        if not is_usable():
            make_venv()
        UNFINISHED.touch()
        install(lock)
        link_project()
        # What is needed to test contains what is needed to run.
        done = wanted if lock == DEVELOPMENT_LOCK else {lock: wanted[lock]}
        STAMP.write_text(json.dumps({"python": RELEASE, **done}), encoding="utf-8")
        UNFINISHED.unlink()
    except OSError as error:
        raise Trouble(
            f"FundLaunch cannot set itself up in {VENV} ({error.strerror or error}). "
            "Copy the project to a folder that you may write to, with room for 500 MB, and start it there."
        ) from None
    print(f"Ready after {time.monotonic() - started:.0f} s; the next start is immediate.", flush=True)


def digest(path: Path) -> str:
    """What identifies the lock at `path`."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise Trouble(
            f"{path.name} cannot be read ({error.strerror}): it says what to install. Take a whole copy of the project."
        ) from None


def read_stamp() -> dict[str, str]:
    """What an earlier set-up left: the release of Python and the digest of each lock."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_usable() -> bool:
    """True for an environment of this release of Python whose set-up was not cut short."""
    return PYTHON.exists() and (site_packages() / "pip").is_dir() and not UNFINISHED.exists()


def site_packages() -> Path:
    """Where the environment keeps its packages."""
    return VENV / ("Lib/site-packages" if os.name == "nt" else f"lib/python{RELEASE}/site-packages")


def make_venv() -> None:
    """Make .venv anew, whatever an earlier set-up left there; it counts as unfinished before pip is put in."""
    try:
        import ensurepip
        import venv

        ensurepip.version()
    except ImportError:
        raise Trouble(
            f"Python's venv module is missing or not whole. On Debian and Ubuntu the package python{RELEASE}-venv "
            f"brings it: run “apt install python{RELEASE}-venv”, then start again."
        ) from None
    print(f"Setting up FundLaunch in {VENV} (once).", flush=True)
    try:
        venv.create(VENV, clear=True, symlinks=os.name != "nt")
        UNFINISHED.touch()
        subprocess.run([str(PYTHON), "-I", "-m", "ensurepip"], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        raise Trouble(f"Python's venv module could not make {VENV} ({error}).") from None


def install(lock: str) -> None:
    """Install what `lock` names, checked against its hashes; one plain line for each package."""
    count = sum("==" in line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines())
    print(f"Installing up to {count} packages from {lock}, each checked against its hash.", flush=True)
    # The lock is whole, so that nothing has to be resolved; byte code is made when a module is first used.
    options = ["--require-hashes", "--no-deps", "--no-compile", "--no-input", "--progress-bar", "off"]
    environment = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [str(PYTHON), "-I", "-m", "pip", "install", *options, "-r", str(ROOT / lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as pip:
        complaints = [line for line in show_progress(pip.stdout or ()) if line.startswith("ERROR:")]
    if pip.returncode:
        reason = complaints[-1].removeprefix("ERROR:").strip() if complaints else f"pip ended with {pip.returncode}"
        raise Trouble(f"The packages could not be installed: {reason}\nCheck the network and start again.")


def show_progress(lines: Iterable[str]) -> Iterator[str]:
    """Pip's own words, passed on, with a short line on the screen for each package."""
    number = 0
    for line in lines:
        if line.startswith("Collecting "):
            number += 1
            print(f"  {number:3} {line.split()[1]}", flush=True)
        elif line.startswith("Installing collected packages"):
            print("  unpacking", flush=True)
        yield line


def link_project() -> None:
    """Let the environment find this checkout; the paths are relative, so that the folder may be moved."""
    root = os.path.relpath(ROOT, site_packages())
    lines = [str(Path(root) / folder) + "\n" for folder in ("src", "webhooks")]
    (site_packages() / "fundlaunch.pth").write_text("".join(lines), encoding="utf-8")
    script = PROGRAMS / "fundlaunch"
    script.write_text(f'#!/bin/sh\nexec "$(dirname "$0")/python" -P -c "{COMMAND}" "$@"\n', encoding="utf-8")
    script.chmod(0o755)


# --- running -----------------------------------------------------------------------------------------------------


def keep_data_here() -> None:
    """Let every start find the same data, whatever folder it is started from."""
    if "FUNDLAUNCH_DATA_DIR_FILE" not in os.environ:
        os.environ.setdefault("FUNDLAUNCH_DATA_DIR", str(ROOT / "data"))


def become(*arguments: str) -> int:
    """Run the environment's Python in place of this process, so that signals and exit codes are its own."""
    sys.stdout.flush()
    # Nothing was compiled at the set-up: where this is set, every start would read all libraries from their source.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [str(PYTHON), *arguments]
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.call(command)


def run_steps() -> int:
    """Run every check, sum them up; the exit code of the first that failed."""
    TEST_REPORT.parent.mkdir(exist_ok=True)
    TEST_REPORT.unlink(missing_ok=True)
    results = []
    beside = {name: start(name, command) for name, command in SLOW_CHECKS}
    for name, command in TEST_STEPS:
        print(f"--- {name}: {' '.join(command)}", flush=True)
        started = time.monotonic()
        code = subprocess.call([str(PYTHON), "-m", *command])
        results.append((name, code, time.monotonic() - started))
    for name, (check, told, started) in beside.items():
        code = check.wait()
        print(f"--- {name}\n{told.read_text(encoding='utf-8')}", end="", flush=True)
        results.append((name, code, told.stat().st_mtime - started))
    print("--- summary")
    for name, code, seconds in results:
        print(f"{name:8} {seconds:6.1f} s  {'passed' if code == 0 else f'FAILED (exit code {code})'}")
    passed, failed = counts()
    failed += sum(code != 0 for name, code, _ in results if name != "tests" or not failed)
    print(f"{passed} passed, {failed} failed")
    return next((code for _, code, _ in results if code), 0)


def start(name: str, command: tuple[str, ...]) -> tuple["subprocess.Popen[bytes]", Path, float]:
    """A check in a process of its own; what it says goes to a file, to be shown when it is over."""
    told = TEST_REPORT.with_name(f"{name}.txt")
    with told.open("wb") as output:
        check = subprocess.Popen([str(PYTHON), "-m", *command], stdout=output, stderr=subprocess.STDOUT)
    return check, told, time.time()


def counts() -> tuple[int, int]:
    """How many tests passed and failed, from pytest's own report."""
    try:
        suite = ElementTree.parse(TEST_REPORT).getroot().find("testsuite")
    except (OSError, ElementTree.ParseError):
        suite = None
    if suite is None:
        return 0, 0
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return int(suite.get("tests", 0)) - failed - int(suite.get("skipped", 0)), failed


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
