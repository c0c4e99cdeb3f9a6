"""Reuse: letters, fingerprints, exact alignment, set phrases, and what of it stands in a database."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handmade import full_report
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import pipeline
from pipeline.__main__ import app
from pipeline.audit import reuse, reuse_align, reuse_archive, reuse_letters
from pipeline.audit.reuse_align import passages, side
from pipeline.audit.reuse_graph import write_gexf
from pipeline.audit.reuse_letters import GRAM, RUN, hashes, letters
from pipeline.script import shadow
from pipeline.store import Database

SHARED = Path(__file__).parents[2] / "shared"
HAN = "".join(chr(code) for code in range(0x4E00, 0x9FA0))
PHRASE = "在县委县政府的正确领导下坚持政府组织部门协调群众动手科学治理社会监督的方针扎实推进爱国卫生运动"


def prose(seed: object, length: int = 400) -> str:
    """Text that nobody else has, with a mark every dozen characters."""
    draw = random.Random(str(seed))
    return "".join(draw.choice(HAN) + "，" * (number % 12 == 11) for number in range(length))


def plain(text: str) -> str:
    """The letters of a text."""
    return "".join(map(chr, letters(text)[0]))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("清理垃圾 320 吨，", "清理垃圾320吨"),
        ("清理垃圾３２０吨。\n", "清理垃圾320吨"),
        ("ＡＢ“五乱”①", "AB五乱①"),
        ("𠮷野家", "𠮷野家"),
        ("，。、 \n", ""),
        ("", ""),
    ],
)
def test_letters(text: str, wanted: str) -> None:
    assert plain(text) == wanted


@given(st.text(max_size=60))
def test_every_letter_knows_its_place(text: str) -> None:
    codes, places = letters(text)
    assert len(codes) == len(places)
    for code, place in zip(codes.tolist(), places.tolist(), strict=True):
        assert code in (ord(text[place]), ord(text[place]) - 0xFEE0)


@given(st.text("一二三1", min_size=0, max_size=80))
def test_grams_have_one_hash_if_they_are_the_same(text: str) -> None:
    found = hashes(letters(text)[0]).tolist()
    grams = [text[at : at + GRAM] for at in range(len(text) - GRAM + 1)]
    assert len(found) == len(grams)
    assert [found.index(value) for value in found] == [grams.index(gram) for gram in grams]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(RUN, 120), st.integers(0, 300), st.integers(0, 300))
def test_no_common_run_is_missed(seed: int, length: int, before: int, after: int) -> None:
    """Winnowing promises it: wherever it stands, a shared run of RUN letters is found, with its exact bounds."""
    run = plain(prose(seed, length))
    one, other = prose(("one", seed), before) + "甲" + run + "乙" + prose(1), prose(2, after) + "丙" + run + "丁"
    pair = reuse.find([one, other], ["A", "B"]).pairs[0]
    (passage,) = pair.passages
    for text, (start, end) in ((one, passage.earlier), (other, passage.later)):
        assert plain(text)[start:end] == run
    assert (passage.shared, passage.own) == (length, length)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_aligned_letters_are_the_same_and_counted_once(seed: int) -> None:
    draw = random.Random(seed)
    pieces = [prose((seed, number), draw.randrange(5, 90)) for number in range(8)]
    one = "".join(draw.choice(pieces) for _ in range(9))
    other = "".join(draw.choice(pieces) + draw.choice(["", "320吨", prose(draw.random(), 30)]) for _ in range(9))
    codes, later = letters(one)[0], letters(other)[0]
    taken: tuple[list[int], list[int]] = ([], [])
    for passage in passages(side(codes, np.zeros(len(codes), bool)), side(later, np.zeros(len(later), bool))):
        assert passage.own >= RUN
        for run in passage.runs:
            assert run.length >= GRAM
            assert np.array_equal(
                codes[run.earlier : run.earlier + run.length], later[run.later : run.later + run.length]
            )
            taken[0].extend(range(run.earlier, run.earlier + run.length))
            taken[1].extend(range(run.later, run.later + run.length))
    assert all(len(side_) == len(set(side_)) for side_ in taken)


def test_a_changed_number_does_not_end_a_passage() -> None:
    old = prose("a", 60) + "清理垃圾320吨" + prose("b", 60)
    pair = reuse.find([old, prose("c", 90) + old.replace("320", "488")], ["A", "B"]).pairs[0]
    assert len(pair.passages) == 1
    assert pair.passages[0].shared == len(plain(old)) - 3


@pytest.mark.parametrize(("length", "found"), [(RUN - 1, False), (RUN, True)])
def test_the_shortest_passage(length: int, found: bool) -> None:
    run = plain(prose("run", 60))[:length]
    assert bool(reuse.find([prose(1) + run + prose(2), prose(3) + run + prose(4)], ["A", "B"]).pairs) is found


@pytest.mark.parametrize(("issuers", "found"), [(2, True), (4, True), (5, False), (9, False)])
def test_what_many_say_is_a_set_phrase(issuers: int, found: bool) -> None:
    texts = [prose(number) + PHRASE + prose(-number - 1) for number in range(issuers)]
    result = reuse.find(texts, [str(number) for number in range(issuers)])
    assert bool(result.pairs) is found
    assert all((count == len(PHRASE)) is not found for count in result.phrases)


def test_years_of_one_issuer_teach_no_phrase() -> None:
    texts = [prose(number) + PHRASE + prose(-number - 1) for number in range(6)]
    assert reuse.find(texts, ["A"] * 6).pairs


def test_a_known_phrase_needs_no_archive() -> None:
    texts = [prose(number) + PHRASE + prose(-number - 1) for number in range(2)]
    assert reuse.find(texts, ["A", "B"], [PHRASE]).pairs == ()


def test_a_text_that_everybody_copied_is_found_all_the_same() -> None:
    whole = prose("whole", 600)
    texts = [whole.replace("，", f"，{number}", 1) for number in range(7)]
    found = reuse.find(texts, list("ABCDEFG"))
    assert found.phrases[0] > 500
    assert {pair.later for pair in found.pairs} == set(range(1, 7))
    assert min(pair.shared for pair in found.pairs) > 550
    assert {pair.passages[0].own for pair in found.pairs} == {0}


def test_who_has_it_first_is_told_by_order() -> None:
    texts = [prose(1), prose(2) + prose(1)[:100] + prose(3), prose(4)]
    found = reuse.find(texts, ["A", "B", "C"])
    assert [(pair.earlier, pair.later) for pair in found.pairs] == [(0, 1)]
    assert found.reused[0] == found.reused[2] == 0
    assert found.reused[1] == found.pairs[0].shared


def test_cost_of_many_copies_grows_with_their_number() -> None:
    texts = [prose("base", 300) + prose(number, 300) for number in range(60)]
    pairs = reuse.find(texts, ["A"] * 60).pairs
    assert {pair.later for pair in pairs} == set(range(1, 60))
    assert len(pairs) <= 60 * (2 * reuse.NEAREST + 2)


def test_the_same_texts_give_the_same_reuse(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [prose(number % 7, 200) + PHRASE + prose(number) for number in range(20)]
    issuers = [str(number % 9) for number in range(20)]
    first = reuse.find(texts, issuers)
    monkeypatch.setattr(reuse_letters, "GRAMS_AT_ONCE", 500)  # phrases are counted in many parts
    assert reuse.find(texts, issuers) == first
    assert first.pairs


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["短"], ["短", prose(1)], [prose(1)]])
def test_little_text_has_no_reuse(texts: list[str]) -> None:
    assert reuse.find(texts, [str(number) for number in range(len(texts))]).pairs == ()


def test_clusters_are_what_pairs_connect() -> None:
    assert reuse.clusters(6, [(4, 1), (1, 3), (5, 0)]) == [0, 1, 2, 1, 1, 0]


def test_a_refrain_is_no_anchor() -> None:
    refrain = plain(prose("refrain", 20)) * 30
    one = side(letters(refrain)[0], np.zeros(len(refrain), bool))
    assert passages(one, one) == ()
    assert reuse_align.REPEATS < 30


# In a database

FACTS = "全年清理垃圾4821吨，改造户厕637户，新建公厕3座，投入资金287.6万元，张贴标语1432条，出动干部群众6218人次"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Three towns; the second has a passage and its figures from the first, a year later."""
    folder = tmp_path_factory.mktemp("reuse")
    own = [prose(f"town {number}", 500) for number in range(3)]
    texts = {
        "东泽镇2020年爱国卫生工作总结.txt": own[0] + "。" + FACTS + "，" + prose("kept", 60),
        "西泽镇2021年爱国卫生工作总结.txt": own[1] + "。" + FACTS + "，\n" + prose("kept", 60),
        "南泽镇2021年爱国卫生工作总结.txt": own[2],
    }
    with Database(folder / "hebao.db") as database:
        for name, text in texts.items():
            (folder / name).write_text(f"{name[:-4]}\n{text}。\n", "utf-8")
            database.store(pipeline.process(folder / name))
        reuse_archive.refresh(database)
        yield database


def test_pairs_lead_to_the_source(archive: Database) -> None:
    (pair,) = reuse_archive.pairs(archive)
    assert (pair.earlier.place, pair.later.place, pair.directed) == ("东泽镇", "西泽镇", True)
    for passage in pair.passages:
        one, other = (
            archive.report(sha256).document.text[slice(*span)]
            for sha256, span in ((pair.earlier.sha256, passage.earlier), (pair.later.sha256, passage.later))
        )
        assert plain(one) == plain(other)
        assert FACTS in one
        assert passage.shared == len(plain(one))
    numbers = reuse_archive.same_numbers(archive, pair)
    surfaces = dict(archive.connection.execute("SELECT id, surface FROM claims"))
    assert [surfaces[later] for _, later in numbers] == ["4821吨", "637户", "3座", "287.6万元", "1432条", "6218人次"]
    assert [surfaces[earlier] for earlier, _ in numbers] == [surfaces[later] for _, later in numbers]


def test_own_content_is_what_no_earlier_report_has(archive: Database) -> None:
    shares = {writing.place: writing.own_share for writing in reuse_archive.writings(archive)}
    assert shares["东泽镇"] == shares["南泽镇"] == 1
    assert shares["西泽镇"] == pytest.approx(0.8, abs=0.05)
    clusters = [writing.cluster for writing in reuse_archive.writings(archive)]
    assert len(set(clusters)) == 2


def test_an_archive_that_did_not_change_is_not_read_again(archive: Database) -> None:
    before = archive.connection.execute("SELECT * FROM reuse_passages").fetchall()
    assert not reuse_archive.refresh(archive)
    assert reuse_archive.refresh(archive, anew=True)
    assert archive.connection.execute("SELECT * FROM reuse_passages").fetchall() == before


def test_a_new_document_is_compared(archive: Database, tmp_path: Path) -> None:
    assert reuse_archive.pairs(archive, "0" * 64) == []
    with Database(tmp_path / "copy.db") as copy:
        archive.connection.backup(copy.connection)
        copy.store(full_report())
        assert reuse_archive.refresh(copy)
        assert len(reuse_archive.writings(copy)) == 4


def test_the_network_can_be_read_elsewhere(archive: Database, tmp_path: Path) -> None:
    import networkx

    for name in ("one.gexf", "two.gexf"):
        write_gexf(reuse_archive.writings(archive), reuse_archive.pairs(archive), tmp_path / name)
    assert (tmp_path / "one.gexf").read_bytes() == (tmp_path / "two.gexf").read_bytes()
    graph = networkx.read_gexf(tmp_path / "one.gexf")
    assert len(graph) == 3
    ((earlier, later, values),) = graph.edges(data=True)
    assert graph.nodes[earlier]["label"].startswith("东泽镇")
    assert graph.nodes[later]["place"] == "西泽镇"
    assert 0.15 < values["weight"] < 0.25
    assert values["directed"] is True


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], ["东泽镇2020年爱国卫生工作总结.txt", "1 pairs", "→"]),
        (["西泽镇2021年爱国卫生工作总结.txt"], ["全年清理垃圾4821吨"]),
        (["南泽镇2021年爱国卫生工作总结.txt"], ["nothing that another report"]),
        (["--format", "csv"], ["earlier_text", "4821吨"]),
    ],
)
def test_the_command_line(archive: Database, arguments: list[str], wanted: list[str]) -> None:
    result = CliRunner().invoke(app, ["reuse", *arguments, "--db", str(archive.path)])
    assert all(word in result.output for word in wanted), result.output


def test_no_database_is_made_by_looking(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["reuse", "--db", str(tmp_path / "none.db")]).exit_code != 0
    assert not (tmp_path / "none.db").exists()


def test_machines_get_spans(archive: Database, tmp_path: Path) -> None:
    out = tmp_path / "network.gexf"
    result = CliRunner().invoke(app, ["reuse", "--json", "--gexf", str(out), "--db", str(archive.path)])
    tree = json.loads(result.stdout)
    assert len(tree["documents"]) == 3
    assert tree["pairs"][0]["passages"][0]["later"][1] > tree["pairs"][0]["passages"][0]["later"][0]
    assert out.is_file()


def test_copies_are_held_out_together(tmp_path: Path) -> None:
    from pipeline import evaluate

    (tmp_path / "texts").mkdir()
    for name, seed in (("甲镇2020年总结", "one"), ("乙镇2021年总结", "one"), ("丙镇2021年总结", "two")):
        (tmp_path / "texts" / f"{name}.txt").write_text(f"{name}\n{prose(seed)}。\n", "utf-8")
        parts = [{"start": 0, "end": 8, "label": "title", "topic": ""}]
        (tmp_path / f"{name}.sections.json").write_text(json.dumps(parts), "utf-8")
    groups = [example.group for example in evaluate.read(tmp_path)]
    assert len(set(groups)) == 2
    assert sorted(map(groups.count, groups)) == [1, 2, 2]


def test_known_duplicates_surface_first() -> None:
    if not (SHARED / "gov").is_dir():
        pytest.skip("other people's reports do not lie beside the checkout")
    paths = sorted((SHARED / "gov").glob("兰州市-*.md"))
    texts = [shadow(path.read_text("utf-8")) for path in paths]
    found = reuse.find(texts, [path.name.partition("-")[0] for path in paths])
    ranked = sorted(found.pairs, key=lambda pair: -pair.shared / found.letters[pair.later])
    first = [(paths[pair.earlier].stem, paths[pair.later].stem) for pair in ranked[:3]]
    assert first == [("兰州市-2021", "兰州市-2022"), ("兰州市-2024", "兰州市-2025"), ("兰州市-2025", "兰州市-2026")]
