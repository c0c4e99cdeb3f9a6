"""The same work on many machines, by dask.distributed: each of its threads keeps one worker process under the limits
of `pipeline.limits`, so a hostile file costs that process and never a machine, and every status is as on one machine.

What a machine held when it was lost goes to another. Reports come back to the one process that writes the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Self

from pipeline.config import Settings
from pipeline.pool import TICK, Pool
from pipeline.workers import BatchError, Begin, Cancelled, Job, Processor, Result, failed

if TYPE_CHECKING:
    from types import TracebackType

BATCH = 16  # contents that travel together: a task costs a millisecond or two
WAITING = 3  # tasks for each thread of the cluster, so that none waits for the client
MINUTE = 60.0
LOST = "every machine that held it was lost"

_mine = threading.local()


def read(work: list[Job], settings: Settings, processor: Processor | None, fingerprint: str) -> list[Result]:
    """What a machine does with a task: each job's results, from a worker process that this thread keeps."""
    if settings.fingerprint() != fingerprint:
        raise BatchError("the machines have another version of Hebao or of its tables; install the same everywhere")
    if getattr(_mine, "made_for", None) != (settings, processor):
        if hasattr(_mine, "pool"):
            _mine.pool.close()
        _mine.pool, _mine.made_for = Pool(settings, 1, processor), (settings, processor)
    return list(_mine.pool.results(work))


def _map(function: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    return [function(item) for item in items]


class Cluster:
    """An executor for `batch.run`: a dask scheduler by its address, or `local` for one on this machine."""

    def __init__(
        self, address: str, settings: Settings, workers: int | None = None, timeout: float = 20.0
    ) -> None:
        """Connect within `timeout` seconds; with `local` start `workers` processes. Raises BatchError."""
        try:
            distributed: Any = import_module("distributed")
        except ImportError as error:
            raise BatchError("--cluster needs more packages: pip install hebao[cluster]") from error
        self.local: Any = None
        if address == "local":
            number = (settings.run.workers if workers is None else workers) or None
            self.local = distributed.LocalCluster(
                n_workers=number, threads_per_worker=1, processes=True, dashboard_address=None
            )
        try:
            self.client: Any = distributed.Client(self.local or address, timeout=timeout, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise BatchError(f"no scheduler answers at {address}; start one with `dask scheduler`") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        if self.local:
            self.local.close()

    def size(self) -> int:
        """The threads of the machines that are there now."""
        return int(sum(self.client.nthreads().values()))

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """As the builtin, `function` and items must travel."""
        todo = iter(items)
        batches = iter(lambda: list(islice(todo, BATCH * 8)), [])
        running = [self.client.submit(_map, function, batch, pure=False) for batch in islice(batches, self._width())]
        while running:
            yield from running.pop(0).result()
            running += [self.client.submit(_map, function, batch, pure=False) for batch in islice(batches, 1)]

    def results(
        self, work: Sequence[Job], settings: Settings, processor: Processor | None, begin: Begin,
        cancel: Callable[[], bool] | None,
    ) -> Iterator[Result]:  # fmt: skip
        """As `pool.results`. A task whose machine is lost is given to another; where that happens to it again and
        again its jobs are sent one by one, and a job that even then never comes back is a crash."""
        fingerprint = settings.fingerprint()
        todo = iter(sorted(work, key=lambda job: job.suspect))
        batches = iter(lambda: list(islice(todo, BATCH)), [])
        running: dict[Any, list[Job]] = {}
        ended: SimpleQueue[Any] = SimpleQueue()

        def submit(batch: list[Job]) -> None:
            for job in batch:
                begin(job)
            future = self.client.submit(read, batch, settings, processor, fingerprint, pure=False)
            running[future] = batch
            future.add_done_callback(ended.put)

        for batch in islice(batches, self._width()):
            submit(batch)
        while running:
            future = _next(ended, cancel)
            batch = running.pop(future)
            found = self._found(future, batch)
            if found is None:
                for job in batch:
                    submit([job])
                continue
            for following in islice(batches, 1):
                submit(following)
            for result in found:
                yield result
                if result.again:  # the machine has tried it once more
                    begin(result.job)

    def _found(self, future: Any, batch: list[Job]) -> list[Result] | None:
        """What came of a task; None where its jobs are to be sent one by one."""
        error = future.exception()
        if error is None:
            found: list[Result] = future.result()
            return found
        if isinstance(error, BatchError):
            raise error
        if len(batch) > 1:
            return None
        return [Result(job, failed(job, "crash", f"{LOST} ({type(error).__name__})"), 0.0) for job in batch]

    def _width(self) -> int:
        """How many tasks to have under way. Raises BatchError where no machine has come within a minute."""
        try:
            self.client.wait_for_workers(1, timeout=MINUTE)
        except TimeoutError as error:
            raise BatchError("the scheduler has no workers; start some with `dask worker ADDRESS`") from error
        return WAITING * self.size()


def _next(ended: SimpleQueue[Any], cancel: Callable[[], bool] | None) -> Any:
    """The next task that has ended. Asks `cancel` now and then."""
    while True:
        if cancel and cancel():
            raise Cancelled("stopped as asked; what is stored stays")
        with suppress(Empty):
            return ended.get(timeout=TICK)
