"""python -m benchmarks.plants [CHECK…] [--misses CHECK] [--arithmetic N] [--held-out | --frames FILE]"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.plants.cases import EACH, HELD_OUT, Case
from benchmarks.plants.score import Score, checks, clean_arithmetic, score
from pipeline.lexicon import TableError
from pipeline.records import Finding

AROUND = 40  # characters shown on either side of a span


def main() -> None:
    """Print the table, the misses of the checks asked for, and what clean arithmetic gave."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plants", description="recall and false alarms")
    parser.add_argument("check", nargs="*", help="codes; all where none is given")
    parser.add_argument("--misses", action="append", default=[], metavar="CHECK", help="print each miss; or all")
    parser.add_argument("--each", type=int, default=EACH, help=f"plants of a check, at most {EACH}")
    parser.add_argument("--arithmetic", type=int, default=2600, help="sentences of clean arithmetic")
    table = parser.add_mutually_exclusive_group()
    table.add_argument("--held-out", dest="table", action="store_const", const=HELD_OUT,
                       help="the frames that no check was mended with")  # fmt: skip
    table.add_argument("--frames", dest="table", type=Path, metavar="FILE", help="only this table of frames")
    arguments = parser.parse_args()
    everything = checks(arguments.table)
    asked = arguments.check or [code for code in arguments.misses if code != "all"] or everything
    misses: list[str] = []
    print("check  plants  found  recall  look-alikes  false alarms   rate")
    for code in asked:
        try:
            result = score(code, min(arguments.each, EACH), arguments.table)
        except TableError:
            print(f"{code:5}  not written yet")
            continue
        print(_row(result), flush=True)
        if code in arguments.misses or "all" in arguments.misses:
            misses += [_missed(case) for case in result.missed]
            misses += [_alarmed(case, finding) for case, finding in result.alarmed]
    if arguments.arithmetic and asked == everything and not arguments.table:
        count, faults = clean_arithmetic(arguments.arithmetic)
        print(f"clean arithmetic: {count} sentences, {len(faults)} false alarms")
        misses += [f"{finding.check} CLEAN  {line}\n      {finding.message}" for line, finding in faults]
    print("\n".join(misses))


def _row(result: Score) -> str:
    return (
        f"{result.check:5}  {result.plants:6}  {result.plants - len(result.missed):5}  {result.recall:6.2f}"
        f"  {result.lookalikes:11}  {len(result.alarmed):12}  {result.false_alarms:5.2f}"
    )


def _missed(case: Case) -> str:
    return f"{case.check} MISSED {_context(case)}"


def _alarmed(case: Case, finding: Finding) -> str:
    return f"{case.check} ALARM  {_context(case)}\n      {finding.message} [{finding.formula or ''}]"


def _context(case: Case) -> str:
    shown = []
    for paper in case.papers:
        at = paper.marked.find("⟦")
        if at < 0:
            shown.append(f"{paper.name} ({case.frame})")
            continue
        end = paper.marked.rfind("⟧")
        text = paper.marked[max(0, at - AROUND) : min(end + AROUND, at + 260)].replace("\n", "⏎")
        shown.append(f"{paper.name}: …{text}…")
    return " | ".join(shown)


if __name__ == "__main__":
    main()
