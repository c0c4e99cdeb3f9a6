"""Facts and text → leads: figures to ask about, why, and what else could explain them. Never a verdict.

    for finding in audit.check_report(pipeline.process("report.docx")):    # one report, no database
        print(finding.message, finding.formula)
    audit.run(database)                                                     # the archive: computed, stored, returned

Each check is one small function under its code in `CHECKS` (sees one report) or `ARCHIVE_CHECKS` (sees the database).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.audit import (
    archive_goals,
    archive_peers,
    archive_reuse,
    archive_totals,
    archive_years,
    base,
    closure,
    consistency,
    conversions,
    dates,
    document_numbers,
    gaps,
    growth,
    identity,
    items,
    listing,
    measures,
    persons,
    postdated,
    promises,
    rates,
    repeats,
    residue,
    scopes,
    shares,
    standards,
    sums,
    template,
    text_parts,
    text_words,
    wrapper,
)
from pipeline.config import models_path
from pipeline.lexicon import TableError
from pipeline.records import Finding, Report

if TYPE_CHECKING:
    from pipeline.store import Database

CHECKS: dict[str, base.Check] = {
    **closure.CHECKS,
    **consistency.CHECKS,
    **conversions.CHECKS,
    **dates.CHECKS,
    **document_numbers.CHECKS,
    **gaps.CHECKS,
    **growth.CHECKS,
    **identity.CHECKS,
    **items.CHECKS,
    **listing.CHECKS,
    **measures.CHECKS,
    **persons.CHECKS,
    **postdated.CHECKS,
    **promises.CHECKS,
    **rates.CHECKS,
    **repeats.CHECKS,
    **residue.CHECKS,
    **scopes.CHECKS,
    **shares.CHECKS,
    **standards.CHECKS,
    **sums.CHECKS,
    **template.CHECKS,
    **text_parts.CHECKS,
    **text_words.CHECKS,
    **wrapper.CHECKS,
}
ARCHIVE_CHECKS: dict[str, base.ArchiveCheck] = {
    **archive_goals.ARCHIVE_CHECKS,
    **archive_peers.ARCHIVE_CHECKS,
    **archive_reuse.ARCHIVE_CHECKS,
    **archive_totals.ARCHIVE_CHECKS,
    **archive_years.ARCHIVE_CHECKS,
}


def known() -> tuple[str, ...]:
    """The codes of all checks that are switched on."""
    settings = base.settings()
    if missing := sorted({*CHECKS, *ARCHIVE_CHECKS} - set(settings)):
        raise TableError(f"{models_path() / 'checks.toml'}: no section for {', '.join(missing)}; restore the table")
    return tuple(code for code in sorted({*CHECKS, *ARCHIVE_CHECKS}) if settings[code].on)


def chosen(checks: Iterable[str] | None) -> tuple[str, ...]:
    """The codes asked for; all that are on where none is. Raises TableError for a code that no check has."""
    if checks is None:
        return known()
    if unknown := sorted(set(checks) - {*CHECKS, *ARCHIVE_CHECKS}):
        raise TableError(f"{', '.join(unknown)}: no such check; `hebao audit --list` names them all")
    return tuple(sorted(set(checks)))


def check_report(report: Report, checks: Iterable[str] | None = None) -> list[Finding]:
    """What the report checks find in one report, in the order of its text. A file without text has no findings."""
    codes = [code for code in chosen(checks) if code in CHECKS]
    if not codes or not report.document.readable:
        return []
    settings = base.settings()
    context = base.context_of(report, settings[codes[0]])
    found = (f for code in codes for f in CHECKS[code](base.for_check(context, settings[code])))
    return sorted(_unique(found), key=lambda f: (f.evidence[0].start, f.severity, f.check, f.id))


def run(database: Database, checks: Iterable[str] | None = None, anew: bool = False) -> list[Finding]:
    """All findings of the archive, stored in place of older ones in one transaction; verdicts stay by finding id.

    Where neither the documents nor the checks have changed since the last audit, the stored findings are returned,
    unless `anew`. With `checks` only these are computed and replaced.
    """
    from pipeline.store import audit as stored

    codes = chosen(checks)
    archive = stored.archive_digest(database)
    if not anew and stored.audited(database) == (archive, checks_digest()):
        return [finding for finding in stored.findings(database) if finding.check in codes]
    found: list[Finding] = []
    for report in stored.reports(database):
        found += check_report(report, codes)
    settings = base.settings()
    for code in codes:
        if code in ARCHIVE_CHECKS:
            found += _unique(ARCHIVE_CHECKS[code](base.ArchiveContext(database, settings[code])))
    stored.replace(database, found, None if checks is None else codes, archive, checks_digest())
    return [finding for finding in stored.findings(database) if finding.check in codes]


@cache
def checks_digest() -> str:
    """Digest of the checks: their code, their settings and their tables."""
    total = hashlib.sha256()
    tables = [*models_path().glob("*.csv"), models_path() / "checks.toml"]
    for path in sorted([*Path(__file__).parent.glob("*.py"), *tables]):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def _unique(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings, the first of each id: two ways to the same lead are one lead."""
    seen: set[str] = set()
    for finding in findings:
        if finding.id not in seen:
            seen.add(finding.id)
            yield finding
