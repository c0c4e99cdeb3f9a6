"""`hebao audit` and `hebao selfcheck`: leads on the screen and in sheets, verdicts, replies."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import config
from pipeline.cli.options import Config, Db, Json, OutputFile, open_database, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.audit.leads import Lead
    from pipeline.store import Database

audit_app = typer.Typer(no_args_is_help=False, help="Leads: figures to ask about, why, and what else explains them.")
STYLES = {1: "bold red", 2: "yellow", 3: "dim"}


class SheetFormat(StrEnum):
    """What leads are written as; `table` is for the screen."""

    table = "table"
    jsonl = "jsonl"
    xlsx = "xlsx"
    docx = "docx"
    html = "html"


Check = Annotated[list[str] | None, typer.Option("--check", metavar="CODE", help="Again for several; T01, N04, …")]
Severity = Annotated[int, typer.Option(min=1, max=3, help="Only leads this urgent: 1 ask first, 2 look, 3 hint.")]
Place = Annotated[list[str] | None, typer.Option("--place", help="Again for several.")]


@audit_app.callback(invoke_without_command=True)
def audit(
    context: typer.Context, check: Check = None, severity: Severity = 3, place: Place = None,
    form: Annotated[SheetFormat, typer.Option("--format", help="How to write it.")] = SheetFormat.table,
    output: OutputFile = None,
    listed: Annotated[bool, typer.Option("--list", help="Explain each check in two lines.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Check again though nothing has changed.")] = False,
    db: Db = None, config_file: Config = None,
) -> None:  # fmt: skip
    """Check every report of the archive and list the leads. What was checked already is not checked again."""
    if context.invoked_subcommand is not None:
        return
    from pipeline import audit as auditing
    from pipeline.audit.leads import leads
    from pipeline.cli.terminal import console

    if listed:
        _explain(console())
        return
    chosen = auditing.chosen(check)
    if output is not None and form == SheetFormat.table:
        form = _by_ending(output)
    if output is None and form in (SheetFormat.xlsx, SheetFormat.docx, SheetFormat.html):
        raise typer.BadParameter(f"{form.value} goes to a file: name it with -o", param_hint="--format")
    with open_database(db, config.load(config_file), read_only=False) as database:
        auditing.run(database, anew=anew)
        filters = {"place": _stored_names(database, place)} if place else {}
        found = leads(database, check=list(chosen), severity=list(range(1, severity + 1)), **filters)
        _write(found, form, output, console())


def _write(found: list[Lead], form: SheetFormat, output: Path | None, out: Console) -> None:
    from pipeline.audit import sheets

    if output is not None:
        written = sheets.write(found, output, form.value)
        left = len(found) - written
        beside = f"; {left:,} that only tell what a website left in the file stay off the sheet" if left else ""
        out.print(f"written to {output}: {written:,} leads{beside}")
    elif form == SheetFormat.jsonl:
        sys.stdout.writelines(f"{line}\n" for line in sheets.lines(found))
    else:
        _show(found, out)


def _by_ending(output: Path) -> SheetFormat:
    ending = output.suffix.lstrip(".").lower()
    if ending not in (known := [form.value for form in SheetFormat if form != SheetFormat.table]):
        raise typer.BadParameter(f"{output.name}: say --format, or end the name in {', '.join(known)}", param_hint="-o")
    return SheetFormat(ending)


def _stored_names(database: Database, places: list[str]) -> list[str]:
    """Places as they are stored: a masked one (XX镇) carries a pseudonym."""
    stored = [name for (name,) in database.connection.execute("SELECT place FROM places")]
    found = [name for name in stored if name in places or name.partition("#")[0] in places]
    if missing := sorted(set(places) - {*found, *(name.partition("#")[0] for name in found)}):
        names = ", ".join(missing)
        raise typer.BadParameter(f"{names}: no such place here; see `hebao places list`", param_hint="--place")
    return found


def _show(found: list[Lead], out: Console) -> None:
    from rich.text import Text

    from pipeline.audit.sheets import by_place
    from pipeline.cli.terminal import safe

    for place, group in by_place(found):
        out.print(Text(f"\n{safe(place)}  {len(group)} 条", style="bold"))
        for lead in group:
            page = f" 第{lead.page}页" if lead.page else ""
            decided = f"  〔{lead.verdict}{'，数值已变，请重新核定' if lead.again else ''}〕" if lead.verdict else ""
            line = f"{lead.severity}级 {lead.check} {lead.message}{decided}"
            out.print(Text(safe(line), style=STYLES[lead.severity]))
            out.print(Text(safe(f"    {lead.document}{page}：{lead.quote}")))
            for extra in (lead.formula, lead.suggestion):
                if extra:
                    out.print(Text(safe(f"    {extra}")))
            out.print(Text(safe(f"    {lead.innocent}{lead.ask}  编号 {lead.id}"), style="dim"))
    counts = "，".join(f"{n}级 {sum(lead.severity == n for lead in found)}" for n in (1, 2, 3))
    out.print(
        f"\n{len(found)} 条线索（{counts}）。线索不是结论：`hebao audit verdict 编号 属实 --person 姓名` 记下核定结果"
    )


def _explain(out: Console) -> None:
    from pipeline.audit import base, known

    settings = base.settings()
    for code in sorted(settings):
        own = settings[code]
        state = "" if code in known() else "（关）" if not own.on else "（未装）"
        out.print(f"{code} {own.family}·{own.name}  级别{own.severity}{state}")
        for line in own.about:
            out.print(f"    {line}")


@audit_app.command()
def verdict(
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="The lead's number.")],
    word: Annotated[str, typer.Argument(metavar="VERDICT", help="属实, 已解释, 误报 or 待核.")],
    person: Annotated[str, typer.Option(help="Who decides.")],
    note: Annotated[str, typer.Option(help="Why.")] = "",
    db: Db = None, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Write down what was decided on a lead. Nothing is overwritten: a later verdict stands beside the earlier ones."""
    from dataclasses import asdict

    from pipeline.cli.terminal import safe
    from pipeline.store.audit import decide

    with open_database(db, config.load(config_file), read_only=False) as database:
        decided = decide(database, finding, word, note, person)
    if as_json:
        print_json(asdict(decided))
    else:
        print(safe(f"{decided.finding}  {decided.verdict}  {decided.person}  {decided.time}  {decided.note}"))


@audit_app.command()
def replies(
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", help="A sheet that came back, .xlsx or .docx.")],
    person: Annotated[str | None, typer.Option(help="Who replies, where the sheet does not say.")] = None,
    db: Db = None, config_file: Config = None,
) -> None:  # fmt: skip
    """Read the replies of a sheet. Each becomes a note on its lead: 待核, unless the sheet says what was decided."""
    from pipeline.audit.sheets import read_replies
    from pipeline.cli.terminal import complain
    from pipeline.store.audit import import_replies

    with open_database(db, config.load(config_file), read_only=False) as database:
        result = import_replies(database, read_replies(sheet), person)
    print(f"{result.written} replies written, {result.repeated} known already")
    for number in result.unknown:
        complain(f"{number}: no such lead in the database; its reply was not written")
    raise typer.Exit(1 if result.unknown else 0)


def selfcheck(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A report, before it is filed.")],
    check: Check = None, severity: Severity = 3, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Check one report before filing, without a database; status 1 where something should be asked first."""
    from dataclasses import asdict

    from rich.text import Text

    from pipeline import audit as auditing
    from pipeline.cli.terminal import complain, console, safe
    from pipeline.run import process

    report = process(file, config.load(config_file))
    found = [f for f in auditing.check_report(report, check) if f.severity <= severity]
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        out = console()
        for finding in found:
            out.print(Text(safe(f"{finding.check} {finding.message}"), style=STYLES[finding.severity]))
            for extra in (finding.formula, finding.suggestion, finding.innocent + finding.ask):
                if extra:
                    out.print(Text(safe(f"    {extra}")))
        out.print(f"{len(found)} 条提示，其中 {sum(f.severity == 1 for f in found)} 条宜先核对")
    if not report.document.readable:
        complain(f"{file}: cannot be read ({report.document.outcome})")
        raise typer.Exit(2)
    raise typer.Exit(1 if any(f.severity == 1 for f in found) else 0)
