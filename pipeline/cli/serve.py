"""`hebao serve x.db`: the web desk, on loopback unless told otherwise."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline import config
from pipeline.cli.options import Config, Db

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::", "")
PASSWORD_VARIABLE = "HEBAO_PASSWORD"
PORT = 8420


def serve(
    database: Annotated[Path | None, typer.Argument(metavar="[DATABASE]", help="The same as --db.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help="0 takes any free one.")] = PORT,
    address: Annotated[
        str, typer.Option(metavar="ADDRESS", help=f"Another than loopback needs {PASSWORD_VARIABLE} to be set.")
    ] = LOOPBACK[0],
    read_only: Annotated[bool, typer.Option("--read-only", help="Show only: no verdicts, no new files.")] = False,
    allow_run: Annotated[
        bool | None, typer.Option("--allow-run/--no-run", help="Add files from the desk; default on loopback only.")
    ] = None,
    person: Annotated[str, typer.Option(metavar="NAME", help="Who signs verdicts; default the login name.")] = "",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the desk in the browser.")] = True,
    db: Db = None, config_file: Config = None,
) -> None:  # fmt: skip
    """The web desk in the browser.

    Archive, audit desk, claim ledger, comparison, search and reports, on this machine only."""
    password = os.environ.get(PASSWORD_VARIABLE)
    if address in EVERYWHERE:
        raise typer.BadParameter("name the one address that others reach this machine by", param_hint="--address")
    if address not in LOOPBACK and not password:
        raise typer.BadParameter(f"others may reach it: set {PASSWORD_VARIABLE}", param_hint="--address")

    import uvicorn

    from pipeline.serve.app import application
    from pipeline.serve.security import ENTRANCE, Access, host_names

    settings = config.load(config_file)
    path = database or db or Path(settings.store.path)
    if not (path.exists() or read_only):
        print(f"{path} is new: an empty archive, to be filled from the desk")
    listener = _listen(address, port)
    port = listener.getsockname()[1]
    access = Access(host_names(address, port), secrets.token_urlsafe(32), password)
    may_run = address in LOOPBACK if allow_run is None else allow_run
    app = application(
        path, settings, access,
        may_write=not read_only, may_run=may_run, person=person or _login_name(),
    )  # fmt: skip
    shown = f"[{address}]" if ":" in address else address
    where = f"http://{shown}:{port}{ENTRANCE}?token={access.token}"
    print(f"Hebao 核报  {where}\nopen this address in a browser; Ctrl-C ends the desk", flush=True)
    if browser and address in LOOPBACK and (sys.platform != "linux" or os.environ.get("DISPLAY")):
        import webbrowser

        webbrowser.open(where)
    quiet = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(quiet).run(sockets=[listener])


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family)
    except OSError as error:
        raise OSError(f"{address}:{port}: {error.strerror}; --port names another, --port 0 takes a free one") from error


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
