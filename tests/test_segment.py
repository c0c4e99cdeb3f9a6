"""Words: the two engines cut alike, quantities stay whole, and nothing outside is touched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import CORPUS, SHARED, as_matched

from pipeline import quantities, segment
from pipeline.config import Segmentation

TEXTS = CORPUS + sorted((SHARED / "gov").glob("*2021.md"))
HAN = re.compile(r"[\u4e00-\u9fff]+")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_both_engines_cut_han_text_alike(path: Path) -> None:
    pieces = HAN.findall(as_matched(path.read_text("utf-8")).shadow)
    fast, reference = segment.cutter("rjieba"), segment.cutter("jieba")
    assert [piece for piece in pieces if fast(piece) != reference(piece)] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_both_engines_differ_only_where_listed(path: Path) -> None:
    """Whole texts, quantities locked: what is cut differently holds Latin letters, marks or dates, never Han alone."""
    shadow = as_matched(path.read_text("utf-8")).shadow
    found = quantities.find(shadow)
    fast, reference = (
        [(t.idx, t.text) for t in segment.segment(shadow, found, Segmentation(e))] for e in ("rjieba", "jieba")
    )
    differing = {word for _, word in set(fast) ^ set(reference)}
    assert {word for word in differing if HAN.fullmatch(word)} == set()


@settings(deadline=None)
@given(st.text(st.sampled_from("清理垃圾卫生死角一二三十百个处12.X%（）“”，。 \n\tabPM２近约以上"), max_size=60))
@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_tokens_join_to_the_text_and_keep_quantities_whole(engine: str, text: str) -> None:
    shadow = as_matched(text).shadow
    found = quantities.find(shadow)
    doc = segment.segment(shadow, found, Segmentation(engine))
    assert "".join(token.text for token in doc) == shadow == doc.text
    spans = {(token.idx, token.idx + len(token.text)) for token in doc}
    assert all((q.start, q.end) in spans for q in found if q.script != "chinese")
    assert all(doc[i].tag_ for i in range(len(doc)))


def test_real_texts_join() -> None:
    for path in CORPUS:
        shadow = as_matched(path.read_text("utf-8")).shadow
        doc = segment.segment(shadow, quantities.find(shadow), Segmentation())
        assert doc.text == shadow


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_our_dictionary_is_in_both(engine: str) -> None:
    cut = segment.cutter(engine)
    assert len(segment.dictionary()) > 100
    assert [word for word in segment.dictionary() if cut(word) != [word]] == []
    assert cut("清理卫生死角") == ["清理", "卫生死角"]


def test_a_numeral_in_a_name_stays_in_it() -> None:
    shadow = "五台社区清理垃圾五台"
    words = [token.text for token in segment.segment(shadow, quantities.find(shadow), Segmentation())]
    assert words[-1] == "五台"
    assert "".join(words[:-1]) == "五台社区清理垃圾"


def test_tags() -> None:
    shadow = "清理卫生死角12处"
    doc = segment.segment(shadow, quantities.find(shadow), Segmentation())
    assert [(token.text, token.tag_) for token in doc] == [
        ("清理", segment.tag("清理")),
        ("卫生死角", "n"),
        ("12处", "m"),
    ]


def test_jieba_is_left_as_it_was_and_its_cache_is_private(tmp_path: Path) -> None:
    """In a process of its own: the global tokenizer stays empty, the shared folder gets no file."""
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "import jieba\n"
        "from pipeline import segment\n"
        "assert segment.cutter('jieba')('清理卫生死角') == ['清理', '卫生死角']\n"
        "assert not jieba.dt.initialized\n"
        "assert '出店经营' not in jieba.dt.FREQ and not jieba.dt.user_word_tag_tab\n"
    )
    home, shared = tmp_path / "home", tmp_path / "shared"
    shared.mkdir()
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(home),
        "TMPDIR": str(shared),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(shared.iterdir()) == []
    assert (home / "hebao").stat().st_mode & 0o077 == 0
    assert [path.name for path in (home / "hebao").iterdir()] == ["jieba.cache"]
