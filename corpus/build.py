"""sources/ → reports/ and gold/. `python corpus/build.py` builds all; `--check` fails where a built file differs."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

from damage import damage
from markup import MarkupError, Mention, Source, parse
from writers import write

HERE = Path(__file__).resolve().parent
HELD_OUT = "held_out"  # reports that no rule, table or weight was made with
BUILT = ("reports", "gold", f"{HELD_OUT}/reports", f"{HELD_OUT}/gold")
PANEL = ["place", "year", "indicator", "status", "value_low", "value_high", "relation", "masked", "unit", "report"]
_SCALES = "百千万亿萬億"

Row = dict[str, object]


def _json_number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _mention_rows(source: Source) -> list[Row]:
    """One row a mention, and one of kind part for each 万 or 亿 behind digits."""
    ids = {id(m): f"{source.name}-{i:03d}" for i, m in enumerate(source.mentions)}
    rows: list[Row] = []
    for place, mention in enumerate(source.mentions):
        surface = source.text[mention.start : mention.end]
        row: Row = {"id": ids[id(mention)], "kind": mention.kind, "start": mention.start, "end": mention.end,
                    "surface": surface}  # fmt: skip
        if mention.quantity is not None:
            row |= _claim_fields(mention, ids)
        elif mention.kind == "part":
            whole = next((m for m in source.mentions[place:] if m.kind == "claim"), None)
            row["of"] = ids[id(whole)] if whole else None
        rows.append(row)
        scales = (i for i, c in enumerate(surface) if c in _SCALES) if surface[0].isascii() else ()
        rows += [{"id": f"{row['id']}-{i}", "kind": "part", "start": mention.start + i, "end": mention.start + i + 1,
                  "surface": surface[i], "of": row["id"]} for i in scales if mention.kind == "claim"]  # fmt: skip
    return rows


def _claim_fields(claim: Mention, ids: dict[int, str]) -> Row:
    quantity = claim.quantity
    assert quantity is not None
    return {
        "value_low": _json_number(quantity.low),
        "value_high": _json_number(quantity.high),
        "masked": quantity.masked,
        "relation": quantity.relation,
        "unit": quantity.unit,
        "dimension": quantity.dimension,
        "per": claim.keys.get("per") or None,
        "action": claim.action,
        "object": claim.object,
        "status": claim.status,
        "part_of": ids[id(claim.whole)] if claim.whole else None,
        "repeat": "repeat" in claim.keys,
        "indicator": claim.keys.get("code"),
    }


def _gold(source: Source) -> dict[str, bytes]:
    mentions = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _mention_rows(source))
    segments = [{"start": s.start, "end": s.end, "label": s.label, "topic": s.topic} for s in source.segments]
    sections = "[\n" + ",\n".join(json.dumps(s) for s in segments) + "\n]\n"
    return {
        f"gold/texts/{source.name}.txt": source.text.encode(),
        f"gold/{source.name}.mentions.jsonl": mentions.encode(),
        f"gold/{source.name}.sections.json": sections.encode(),
    }


def _panel(sources: list[Source]) -> bytes:
    """The true panel: one row a claim that has an indicator code and is no repetition."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(PANEL)
    rows = []
    for source in sources:
        for claim in source.claims():
            quantity = claim.quantity
            if quantity is None or "code" not in claim.keys or "repeat" in claim.keys:
                continue
            low, high = (None if v is None else f"{v.normalize():f}" for v in (quantity.low, quantity.high))
            rows.append([source.headers["place"], source.headers["year"], claim.keys["code"], claim.status, low, high,
                         quantity.relation, str(quantity.masked).lower(), quantity.unit, source.file])  # fmt: skip
    writer.writerows(sorted(rows, key=lambda row: [str(field) for field in row]))
    return stream.getvalue().encode()


def build() -> tuple[dict[str, bytes], list[str]]:
    """Path under corpus/ → bytes of all that is built, and the errors of the sources that were left out."""
    built: dict[str, bytes] = {}
    sources, errors = [], []
    for path in [*sorted((HERE / "sources").glob("*.txt")), *sorted((HERE / HELD_OUT / "sources").glob("*.txt"))]:
        blind = path.is_relative_to(HERE / HELD_OUT)
        try:
            source = parse(path)
            damage(source)
            files = {f"reports/{source.file}": write(source), **_gold(source)}
            files = {f"{HELD_OUT}/{name}": data for name, data in files.items()} if blind else files
        except MarkupError as error:
            errors.append(str(error))
            continue
        if not built.keys().isdisjoint(files):
            errors.append(f"{path.name}: another source builds {source.file} or a file of the same stem")
            continue
        built |= files
        sources += [] if blind else [source]
    built["gold/panel.csv"] = _panel(sources)
    return built, errors


def _content(data: bytes, name: str) -> object:
    """What two builds must share: the bytes; for a Word package its parts, since compression differs by zlib."""
    if not name.endswith(".docx"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [(member, package.read(member)) for member in package.namelist()]


def main() -> int:
    """Build or check; the exit status is 1 where something is wrong."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing; fail where a built file differs")
    check = arguments.parse_args().check
    built, errors = build()
    present = {p.relative_to(HERE).as_posix() for folder in BUILT for p in (HERE / folder).rglob("*.*")}
    stale = sorted(present - built.keys()) if not errors else []
    for name, data in built.items():
        target = HERE / name
        same = target.is_file() and _content(target.read_bytes(), name) == _content(data, name)
        if check and not same:
            errors.append(f"{name}: differs from what the sources give; run python corpus/build.py")
        elif not same:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    for name in stale:
        if check:
            errors.append(f"{name}: no source builds it")
        else:
            (HERE / name).unlink()
    print(*errors, sep="\n", end="\n" if errors else "", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
