"""What lies beside exported tables so that others can read them: the codebook, and a frictionless datapackage.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.lexicon import rows
from pipeline.store import frames
from pipeline.store.export import Notes, replacing, write_table

if TYPE_CHECKING:
    import pandas

TYPES = {"string": "string", "path": "string", "slice": "string", "sentence": "string", "Int64": "integer",
         "float64": "number", "boolean": "boolean", "decimal": "number", "tuple": "string"}  # fmt: skip
INDICATOR = ("code", "name_zh", "name_en", "dimension", "base_unit", "units", "aggregation", "denominator", "notes")


def write(folder: Path, format_: str, tables: Sequence[str], notes: Notes) -> list[Path]:
    """The codebook of these tables (as `format_` and as Markdown), the indicators, and datapackage.json."""
    paths = [folder / f"codebook.{format_}", folder / f"indicators.{format_}"]
    write_table(codebook(tables), paths[0], format_, personal=True)
    write_table(indicators(), paths[1], format_, personal=True)
    texts = {"codebook.md": markdown(tables, notes), "datapackage.json": json.dumps(
        descriptor(tables, format_, notes), ensure_ascii=False, indent=1) + "\n"}  # fmt: skip
    for name, text in texts.items():
        with replacing(folder / name) as fresh:
            fresh.write_text(text, "utf-8")
    return [*paths, *(folder / name for name in texts)]


def codebook(tables: Iterable[str] | None = None) -> pandas.DataFrame:
    """Every exported column: table, column, dtype, meaning in English and in Chinese."""
    import pandas

    chosen = None if tables is None else set(tables)
    listed = [(c.table, c.column, c.dtype, c.meaning, c.meaning_zh) for c in frames.codebook()
              if chosen is None or c.table in chosen]  # fmt: skip
    return pandas.DataFrame(listed, columns=["table", "column", "dtype", "meaning", "meaning_zh"], dtype="string")


def indicators() -> pandas.DataFrame:
    """The catalogue as far as a reader of a panel needs it."""
    import pandas

    listed = [[row[name] or None for name in INDICATOR] for row in rows("indicators")]
    return pandas.DataFrame(listed, columns=list(INDICATOR), dtype="string")


def markdown(tables: Iterable[str], notes: Notes) -> str:
    """The codebook for people: columns of each table, the indicators, and what to know of these files."""
    lines = ["# Codebook 编码手册", ""]
    lines += [f"- {note}" for note in notes.lines] + ([""] if notes.lines else [])
    for table in tables:
        lines += [f"## {table}", "", "| column | type | meaning | 含义 |", "| --- | --- | --- | --- |"]
        lines += [f"| {c.column} | {c.dtype} | {_cell(c.meaning)} | {_cell(c.meaning_zh)} |"
                  for c in frames.columns(table)]  # fmt: skip
        lines.append("")
    lines += ["## Indicators 指标", "", "| code | 名称 | name | unit | aggregation |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    lines += [f"| {r['code']} | {r['name_zh']} | {r['name_en']} | {r['base_unit']} | {r['aggregation']} |"
              for r in rows("indicators")]  # fmt: skip
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def descriptor(tables: Sequence[str], format_: str, notes: Notes) -> dict[str, Any]:
    """datapackage.json: every table with the type and meaning of its columns."""
    return {
        "profile": "tabular-data-package" if format_ == "csv" else "data-package",
        "name": "hebao",
        "title": "Numeric claims of work reports 工作报告中的数字",
        "description": " ".join(notes.lines),
        "contributors": [{"title": f"Hebao {metadata.version('hebao')}", "role": "wrangler"}],
        "resources": [_resource(table, format_) for table in tables],
    }


def _resource(table: str, format_: str) -> dict[str, Any]:
    fields = [_field(column, format_) for column in frames.columns(table)]
    resource = {"name": table, "path": f"{table}.{format_}", "format": format_,
                "schema": {"fields": fields, "missingValues": [""]}}  # fmt: skip
    if format_ == "csv":
        resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "mediatype": "text/csv"}
    return resource


def _field(column: frames.Column, format_: str) -> dict[str, Any]:
    type_ = TYPES[column.dtype]
    if format_ in ("json", "parquet"):
        type_ = {"decimal": "string", "tuple": "array"}.get(column.dtype, type_)
    found = {"name": column.column, "type": type_, "title": column.meaning_zh, "description": column.meaning}
    if type_ == "boolean" and format_ == "csv":
        found |= {"trueValues": ["True"], "falseValues": ["False"]}  # type: ignore[dict-item]
    return found
