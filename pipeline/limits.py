"""What a process that reads other people's files may use: processor time, memory, output, open files; no network.

The limits of the kernel hold whatever the parser does; nothing here needs more rights than an ordinary user has.
"""

from __future__ import annotations

import ctypes
import math
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from functools import cache

from pipeline.config import Run, Settings

WALL = 5.0  # seconds by the clock for each of processor time, after which a worker must have done something
IDLE = 0.01  # of a processor: with less a worker does nothing
MAX_OUTPUT = 256_000_000  # bytes of one file that a worker or a converter writes
MAX_OPEN_FILES = 256
STARVED = 0.8  # of the memory limit: whatever failed above that failed for want of memory
WORN = 0.5  # of the memory limit: a worker that has once held so much is not used again

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_NETWORK = {"socket.bind", "socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}


def seconds(size: int, settings: Settings) -> tuple[float, float]:
    """Processor time for a file of that size in bytes, and for how long its worker may do nothing. A page that is
    recognised from its picture brings its own time with it (`pipeline.ingest.ocr`)."""
    allowed = settings.run.cpu_seconds + settings.run.cpu_seconds_per_megabyte * size / 1e6
    return allowed, WALL * allowed


def confine(run: Run) -> None:
    """Put this process, and all that it will start, under the limits that hold for every file."""
    _without_network()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, MAX_OUTPUT)
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    _limit(resource.RLIMIT_DATA, run.memory_megabytes << 20)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # what a killed worker leaves behind becomes a child of this process


def die_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, however that may come."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def allow_cpu(seconds: float) -> None:
    """From now on this process may use so much processor time; then the kernel ends it with SIGXCPU."""
    used = time_used()
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds), hard))


def time_used() -> float:
    """Processor seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def time_used_by(pid: int) -> float:
    """Processor seconds of another process so far; 0 where it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def starved(peak_kilobytes: int, run: Run, share: float = STARVED) -> bool:
    """Whether a process whose memory once reached `peak_kilobytes` came that near to its limit."""
    return peak_kilobytes >= share * (run.memory_megabytes << 10)


def peak_kilobytes() -> int:
    """The most memory that this process has held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _without_network() -> None:
    """A network name space of its own where the kernel grants one, and in any case no socket of Python's."""
    uid, gid = os.getuid(), os.getgid()
    if _libc().unshare(_CLONE_NEWNET) != 0 and _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        # without the map this process is nobody to itself, which does no harm
        for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with suppress(OSError), open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(line)
    sys.addaudithook(_refuse_network)


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in _NETWORK and getattr(arguments[0], "family", None) != socket.AF_UNIX:
        raise PermissionError(f"{event}: a process that reads files has no network")


def _prctl(option: int, value: int) -> None:
    if _libc().prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
