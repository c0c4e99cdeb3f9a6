"""Speed of reading as ratios to yardsticks in the same run: python -m benchmarks.reading [FOLDER]

The yardsticks: for PDF bare pdfium (text and every character's box, nothing made of them) and pdfplumber's
extract_text; for DOCX the paragraphs of python-docx. All figures are CPU time of one process, all of them in
turn in each round, so that another machine, or a busy one, gives about the same ratios. Default folder: corpus/reports.
With --memory N it reads the files over and over until N were read, and prints the resident size on the way.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import logging
import resource
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

import docx
import pdfplumber
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.config import Ingest
from pipeline.ingest.pdf import read_pdf
from pipeline.ingest.word import read_word

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
LIMITS = Ingest(ocr=False)  # a picture that is recognised takes seconds, and no other reader here does it
Reader = Callable[[bytes], object]


def hebao_pdf(data: bytes) -> int:
    """Blocks with the box of every character, by this program; the number of pages."""
    return read_pdf(data, LIMITS).pages or 0


def hebao_docx(data: bytes) -> int:
    """Blocks of a Word package, by this program."""
    return len(read_word(data, LIMITS).text)


def bare_pdfium(data: bytes) -> int:
    """Text and every character's box, by the fewest calls; the number of characters."""
    count = 0
    document = pdfium.PdfDocument(data)
    sides = [ctypes.c_double() for _ in range(4)]
    pointers = [ctypes.byref(side) for side in sides]
    for index in range(len(document)):
        page = document[index]
        textpage = page.get_textpage()
        characters = textpage.count_chars()
        text = ctypes.create_string_buffer(2 * characters + 2)
        raw.FPDFText_GetText(textpage, 0, characters, ctypes.cast(text, ctypes.POINTER(ctypes.c_ushort)))
        boxes = []
        for place in range(characters):
            raw.FPDFText_GetCharBox(textpage, place, *pointers)
            boxes.append((sides[0].value, sides[1].value, sides[2].value, sides[3].value))
        count += len(boxes)
        textpage.close()
        page.close()
    document.close()
    return count


def plumber_text(data: bytes) -> int:
    """pdfplumber's plain text of all pages."""
    with pdfplumber.open(BytesIO(data)) as document:
        return sum(len(page.extract_text()) for page in document.pages)


def docx_paragraphs(data: bytes) -> int:
    """The paragraphs that python-docx gives."""
    return sum(len(paragraph.text) for paragraph in docx.Document(BytesIO(data)).paragraphs)


def ratios(files: list[bytes], own: Reader, yardsticks: list[Reader]) -> tuple[float, list[float]]:
    """CPU seconds of one round of `own`, and how many times as long each yardstick takes; medians over ROUNDS."""
    readers = [own, *yardsticks]
    rounds: list[list[float]] = []
    for number in range(ROUNDS + 1):
        seconds = []
        for reader in readers:
            gc.collect()  # nobody pays for what another left behind
            begun = time.process_time()
            for data in files:
                reader(data)
            seconds.append(time.process_time() - begun)
        if number:  # the first loads tables and fonts
            rounds.append(seconds)
    times = [median(row[index] / row[0] for row in rounds) for index in range(1, len(readers))]
    return median(row[0] for row in rounds), times


def memory(folder: Path, count: int) -> None:
    """Read `count` files, those of the folder over and over, and print the resident size at each tenth."""
    files = [(path.suffix, path.read_bytes()) for path in _files(folder, (".pdf", ".docx"))]
    for number in range(count):
        suffix, data = files[number % len(files)]
        (hebao_pdf if suffix == ".pdf" else hebao_docx)(data)
        if (number + 1) % (count // 10) == 0:
            resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
            print(f"{number + 1:6} files {resident / 1e6:7.1f} MB")


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes)


def main() -> None:
    """Print the tables."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font that it does not like
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "corpus" / "reports")
    parser.add_argument("--memory", type=int, metavar="N", help="read N files and print the resident size instead")
    arguments = parser.parse_args()
    folder = arguments.folder
    if arguments.memory:
        memory(folder, arguments.memory)
        return
    files = [path.read_bytes() for path in _files(folder, (".pdf",))]
    if files:
        pages = sum(map(hebao_pdf, files))
        seconds, (bare, plumber) = ratios(files, hebao_pdf, [bare_pdfium, plumber_text])
        print(f"PDF: {len(files)} files, {pages} pages, {pages / seconds:.0f} pages a second")
        print(f"  {bare:6.2f} x the speed of bare pdfium characters with boxes")
        print(f"  {plumber:6.2f} x the speed of pdfplumber's extract_text")
    files = [path.read_bytes() for path in _files(folder, (".docx",))]
    if files:
        seconds, (paragraphs,) = ratios(files, hebao_docx, [docx_paragraphs])
        print(f"DOCX: {len(files)} files, {len(files) / seconds:.0f} files a second")
        print(f"  {paragraphs:6.2f} x the speed of python-docx's paragraphs")


if __name__ == "__main__":
    main()
