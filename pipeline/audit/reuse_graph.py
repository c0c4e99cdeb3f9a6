"""Reuse as a network: documents are the nodes, shared passages the edges, from the earlier to the later document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.audit.reuse_archive import Pair, Writing
from pipeline.store.export import UNWRITABLE


def write_gexf(documents: Sequence[Writing], pairs: Sequence[Pair], path: Path) -> None:
    """Write a GEXF file as Gephi and other network tools read it. The same reuse gives the same bytes.

    Nodes have place, year, letters, own_share, phrase_share and cluster; edges have weight (share of the later one's
    letters), shared, passages, similarity, and directed = false where the years do not tell which came first.
    """
    import networkx

    graph = networkx.DiGraph()
    for one in documents:
        values = {"label": _xml(one.name), "place": _xml(one.place), "year": one.year, "letters": one.letters,
                  "own_share": one.own_share, "phrase_share": one.phrase_share, "cluster": one.cluster}  # fmt: skip
        graph.add_node(one.sha256, **{k: v for k, v in values.items() if v is not None})
    for pair in pairs:
        graph.add_edge(
            pair.earlier.sha256, pair.later.sha256, weight=round(pair.share, 4), shared=pair.shared,
            passages=len(pair.passages), similarity=pair.similarity, directed=pair.directed,
        )  # fmt: skip
    graph.graph["mode"] = "static"
    writer = networkx.readwrite.gexf.GEXFWriter(encoding="utf-8", prettyprint=True, version="1.2draft")
    writer.add_graph(graph)
    for meta in writer.xml.findall(f"{{{writer.NS_GEXF}}}meta") + writer.xml.findall("meta"):
        writer.xml.remove(meta)  # it holds the day of writing
    text = str(writer)
    path.write_text("<?xml version='1.0' encoding='utf-8'?>\n" + text, "utf-8")


def _xml(text: str | None) -> str | None:
    return text and UNWRITABLE.sub("\ufffd", text)
