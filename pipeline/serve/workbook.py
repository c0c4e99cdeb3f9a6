"""What a screen lists as an Excel workbook: headings in the desk's language, columns as wide as what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.responses import Response

from pipeline.serve import view
from pipeline.store.safe import CELL_CHARACTERS, is_exact, plain, writable
from pipeline.store.sheets import WIDEST, width, workbook

NARROW = 6  # characters of Latin type
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def response(name: str, title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The table as a file `name`. A Decimal is a number where a sheet holds it exactly, text never a formula."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        with workbook(path) as book:
            sheet = book.add_worksheet(title)
            bold, top = book.add_format({"bold": True, "bottom": 1}), book.add_format({"valign": "top"})
            wrapped = book.add_format({"text_wrap": True, "valign": "top"})
            widths, last = [width(said) + 3 for said in head], 0  # room for the arrow of the filter
            for place, said in enumerate(head):
                sheet.write_string(0, place, said, bold)
            for last, row in enumerate(rows, 1):
                for place, value in enumerate(row):
                    if value is None or value == "":
                        continue
                    if isinstance(value, (int, Decimal)) and is_exact(value):
                        sheet.write_number(last, place, value, top)
                        said = plain(value)
                    else:
                        said = writable(value if isinstance(value, str) else plain(value))[:CELL_CHARACTERS]
                        sheet.write_string(last, place, said, wrapped)
                    widths[place] = max(widths[place], width(said) + 1)
            for place, wide in enumerate(widths):
                sheet.set_column(place, place, min(max(wide, NARROW), WIDEST))  # what is wider is wrapped
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, last, len(head) - 1)
            sheet.set_landscape()
            sheet.set_paper(9)  # A4
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
        return Response(path.read_bytes(), media_type=MEDIA, headers=view.attachment(name))
