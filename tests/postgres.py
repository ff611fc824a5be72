"""A private PostgreSQL for one test run: found on the machine, started once for all workers, gone with the run.

The run's main process holds a named pipe open; the server's guard reads from it and so learns when the run is over,
also when it was killed. The server never runs as root, keeps its data in a folder of its own under the temporary
folder, and is reached through a socket in there that nobody else may open.
"""

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

USER = "fundlaunch"
START_SECONDS = 60

# fsync and its like guard against a machine that loses power; the data of a test is not worth the wait.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "autovacuum": "off",
    "timezone": "UTC",
}

GUARD = """
(
  "$1" -D "$2/data" -k "$2" $3 >"$2/log" 2>&1 &
  server=$!
  read -r _ <"$2/alive"
  kill -INT "$server"
  wait "$server"
  rm -rf "$2"
) &
"""


def make_folder() -> Path:
    """The folder of this run's server, which is started only when a test asks for it."""
    folder = Path(tempfile.mkdtemp(prefix="fundlaunch-postgres-"))
    os.mkfifo(folder / "alive")
    if other := _other_user():
        for path in (folder, folder / "alive"):
            os.chown(path, other.pw_uid, other.pw_gid)
    return folder


def hold(folder: Path) -> int:
    """Keep the server of `folder` alive until the answer, a file descriptor, is closed or this process ends."""
    return os.open(folder / "alive", os.O_RDWR | os.O_CLOEXEC)


def release(folder: Path, descriptor: int) -> None:
    """End the server of `folder`, if one was started; its guard takes the folder away."""
    os.close(descriptor)
    if not (folder / "data").exists():
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path | None:
    """The newest folder with PostgreSQL's own programs."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_release)
    if debian:
        return debian[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def start(folder: Path, binaries: Path) -> str:
    """Start the run's server unless it runs already; its URL, ending in the name of the first database."""
    with _locked(folder / "lock"):
        if not (folder / "data" / "PG_VERSION").exists():
            _initialise(folder, binaries)
            _start_guarded(folder, binaries)
            _wait(folder)
    return f"postgresql+psycopg://{USER}@/postgres?host={folder}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _initialise(folder: Path, binaries: Path) -> None:
    initdb = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8"]
    _run([*initdb, "--locale=C.UTF-8", "--no-sync"], folder)


def _start_guarded(folder: Path, binaries: Path) -> None:
    options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    _run(["/bin/sh", "-c", GUARD, "guard", str(binaries / "postgres"), str(folder), options], folder)


def _run(command: list[str], folder: Path) -> None:
    other = _other_user()
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        start_new_session=True,
        user=other.pw_uid if other else None,
        group=other.pw_gid if other else None,
        extra_groups=[] if other else None,
    )


def _wait(folder: Path) -> None:
    pauses = int(START_SECONDS / 0.05)
    for _ in range(pauses):
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            # There is no sign to wait on before the first answer; a child that ends at once serves as the pause.
            subprocess.run(["sleep", "0.05"], check=True)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text(encoding='utf-8')}")


def _other_user() -> pwd.struct_passwd | None:
    """Root hands the server to a user without rights; everybody else keeps their own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it")


def _release(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path.parts[-3]))
