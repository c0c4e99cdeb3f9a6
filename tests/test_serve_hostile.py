"""Text of documents is never trusted: a page made of hostile strings has the elements of its harmless twin."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from desk import Skeleton, client, post
from hostile import HARMLESS, STRINGS, archive, identities

from pipeline.serve import view
from pipeline.store.export import FORMULA


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("hostile")
    with client(archive(folder / "a.db", STRINGS)) as hostile, client(archive(folder / "b.db", HARMLESS)) as harmless:
        yield hostile, harmless


def test_there_are_a_hundred() -> None:
    assert len(set(STRINGS)) == 100


@pytest.mark.parametrize("path", ["/", "/claims", "/claims?state=corrupted", "/leads", "/compare", "/search?q=垃圾"])
def test_screens_of_hostile_strings_have_no_other_element(desks, path: str) -> None:  # type: ignore[no-untyped-def]
    pages = [Skeleton(desk.get(path).text) for desk in desks]
    assert pages[0].nodes == pages[1].nodes
    assert any("alert(1)" in text for text in pages[0].texts), "the strings are shown, as text"


@pytest.mark.parametrize("number", range(len(STRINGS)))
def test_pages_of_one_document_have_no_other_element(desks, number: int) -> None:  # type: ignore[no-untyped-def]
    ids = identities(number)
    paths = (
        f"/reports/{ids.sha256}", f"/reports/{ids.sha256}?view=clean", f"/leads/{ids.finding}?verdict=all",
        f"/claims/{ids.claim}",
    )  # fmt: skip
    for path in paths:
        hostile, harmless = (desk.get(path) for desk in desks)
        assert (hostile.status_code, harmless.status_code) == (200, 200), path
        assert Skeleton(hostile.text).nodes == Skeleton(harmless.text).nodes, path


@pytest.mark.parametrize("text", STRINGS)
def test_what_a_request_says_is_no_markup_either(desks, text: str) -> None:  # type: ignore[no-untyped-def]
    hostile, _ = desks
    text, harmless = f"无此{text}", f"无此{'好' * len(text)}"
    asked = [
        [Skeleton(hostile.get(path, params={name: word}).text).nodes for word in (text, harmless)]
        for path, name in (("/search", "q"), ("/leads", "place"), ("/claims", "unit"), ("/compare/cell", "place"))
    ]
    assert all(one == other for one, other in asked)
    errors = [
        Skeleton(post(hostile, "/leads/0/verdict", verdict=word, person=word).text).nodes for word in (text, harmless)
    ]
    assert errors[0] == errors[1]
    decided = f"/leads/{identities(0).finding}/verdict"
    answers = [post(hostile, decided, verdict=word, person="人") for word in (text, harmless)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert Skeleton(answers[0].text).nodes == Skeleton(answers[1].text).nodes


def test_numbers_for_the_chart_cannot_leave_their_block(desks) -> None:  # type: ignore[no-untyped-def]
    hostile, _ = desks
    page = hostile.get("/compare").text
    block = page.partition('id="chart-data">')[2].partition("</script>")[0]
    assert "evil" in block
    assert not set("<>&\u2028") & set(block)
    assert view.data("</script>") == '"\\u003c/script\\u003e"'


@pytest.mark.parametrize(
    "path", ["/claims.csv", "/corrections.csv", "/compare.csv?indicator=remediation.garbage_cleared_mass"]
)
def test_no_download_has_a_formula(desks, path: str) -> None:  # type: ignore[no-untyped-def]
    hostile, _ = desks
    if path.startswith("/compare"):
        path += "".join(f"&place={number:03d}x" for number in range(3))
    answer = hostile.get(path)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for row in csv.reader(StringIO(answer.content.decode("utf-8-sig"))):
        assert not [cell for cell in row if cell.startswith(FORMULA)]
