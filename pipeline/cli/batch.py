"""Commands that fill the database: run, and the quarantine of files that no run gets through."""

from __future__ import annotations

import glob
import os
import signal
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import config
from pipeline.cli.options import Config, Db, Json, Paths, Workers, open_database, print_json

if TYPE_CHECKING:
    from pipeline.batch import Progress


class Action(StrEnum):
    """What to do with the quarantine."""

    list = "list"
    explain = "explain"
    release = "release"


def run(
    paths: Paths, db: Db = None, workers: Workers = None, config_file: Config = None, as_json: Json = False,
    retry: Annotated[bool, typer.Option(help="Try again what could not be read before.")] = False,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A dask scheduler, as tcp://host:8786; or `local`.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write run.html and run.json there: failures, slowest files.")
    ] = None,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="One line a document, without its text.")] = None,
) -> None:  # fmt: skip
    """Read reports, extract, and store them. What is done already is skipped; interrupt and repeat at will.

    With --json the summary is one object on standard output, and each document one on standard error.
    """
    from pipeline import batch, remote
    from pipeline.cli import progress, summary
    from pipeline.cli.terminal import complain

    settings = config.load(config_file)
    if not any(remote.is_url(path) or glob.has_magic(path) or os.path.lexists(path) for path in paths):
        raise typer.BadParameter(f"{', '.join(paths)}: no such file or folder", param_hint="PATH...")
    with ExitStack() as stack:
        # the end that a job queue sends is as clean as Ctrl-C
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, signal.default_int_handler))
        database = stack.enter_context(open_database(db, settings, read_only=False, create=True))
        executor = None
        if cluster:
            from pipeline.cluster import Cluster

            executor = stack.enter_context(Cluster(cluster, settings, workers))
        kept = partial(summary.write_report, given=paths, version=batch.version(), folder=report) if report else None
        diary = progress.Log(log) if log else None
        if diary:
            stack.callback(diary.close)
        try:
            with progress.progress(as_json) as watcher:

                def step(done: Progress) -> None:
                    watcher(done)
                    if diary:
                        diary(done)

                done = batch.run(
                    paths, database, settings, workers, step, retry=retry, executor=executor, on_listed=watcher.listed,
                    on_stopped=kept,
                )
        except KeyboardInterrupt:
            complain("interrupted; what is stored stays, the same command goes on from here")
            raise typer.Exit(130) from None
        if diary:
            diary.say(f"run {done.run} ended: {done.extracted} read, {len(done.failed)} failed, {done.seconds} s")
        if kept:
            kept(done)
        if as_json:
            print_json(summary.table(done) | {"database": str(database.path)})
        else:
            summary.summarise(done, database.path)
    raise typer.Exit(done.exit_status)


def quarantine(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.list,
    document: Annotated[
        str, typer.Argument(metavar="DOC", help="A path, a file name, or digits of the sha256; or `all`.")
    ] = "",
    db: Db = None, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Files that ended the program again and again: list them, explain one, or release it for another try."""
    from pipeline.cli.terminal import console, safe
    from pipeline.store import attempts

    settings = config.load(config_file)
    if action == Action.release and not document:
        raise typer.BadParameter("name a document, or `all`", param_hint="DOC")
    with open_database(db, settings, read_only=action != Action.release) as database:
        connection = database.connection
        found = attempts.held(connection, settings.run.tries, "" if document == "all" else document)
        stories = {one: attempts.history(connection, one) for one in found}
        if action == Action.release:
            for one in found:
                attempts.release(connection, one)
    if as_json:
        print_json([one._asdict() | {"history": [t._asdict() for t in stories[one]]} for one in found])
        return
    out = console()
    for one in found:
        said = "released" if action == Action.release else f"{one.outcome}, {one.tries} tries, last {one.last}"
        out.print(safe(f"{one.sha256[:12]}  {one.path}: {said}"))
        if action == Action.explain:
            for one_try in stories[one]:
                how = f"{one_try.outcome}: {one_try.reason}" if one_try.outcome else "the program was ended under it"
                out.print(safe(f"    {one_try.begun}  run {one_try.run}: {how}"))
    if not found:
        out.print("nothing is in quarantine")
    elif action == Action.release:
        out.print("the next `hebao run` over them reads them again")
    elif action == Action.list:
        out.print("next: hebao quarantine explain DIGITS, hebao quarantine release DIGITS")
