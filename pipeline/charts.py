"""Pictures of a panel: dot strips with ranges, and the coverage matrix, as SVG or PNG with Chinese labels.

They show the figures of the panel and nothing else: no ranking (places stand in the order of the panel), no score, and
an empty cell says why it is empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.compare.cells import COMPARABLE, catalogue

if TYPE_CHECKING:
    import pandas

FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
         "Microsoft YaHei", "SimHei", "PingFang SC", "Heiti SC", "Noto Serif CJK SC", "SimSun")  # fmt: skip
INSTALL = "install a Chinese font, for example the package fonts-noto-cjk, or Source Han Sans"
STRIPS, ROWS = 12, 80  # indicators, and rows of a matrix, that one picture shows
GLYPHS = {"exact": "●", "range": "◒", "approx": "◐", "bounded": "◑", "conflicting": "≠", "several": "⋮",
          "corrupted": "×", "partly_masked": "▒", "masked": "▒", "unit_differs": "◇", "target_only": "▷",
          "scope_only": "◔", "no_denominator": "∅", "not_divisible": "∅", "not_mentioned": "·",
          "no_document": ""}  # fmt: skip
MEANINGS = {"exact": "确数", "range": "区间", "approx": "约数", "bounded": "上下限", "conflicting": "前后不一",
            "several": "分项无合计", "corrupted": "疑被改写", "masked": "遮蔽", "unit_differs": "单位不同",
            "target_only": "只有目标", "scope_only": "只涉局部", "no_denominator": "无分母", "not_mentioned": "未提及",
            "no_document": "无报告"}  # fmt: skip
INK, BLUE, RED, AMBER, SOFT = "#26323a", "#1f6f8b", "#b3412f", "#b07d18", "#9aa5ab"
COLOURS = dict.fromkeys(COMPARABLE, BLUE)
COLOURS |= {"conflicting": RED, "corrupted": RED, "masked": AMBER, "partly_masked": AMBER, "not_mentioned": SOFT}


class ChartError(Exception):
    """A picture that cannot be drawn; the message is one line that names the remedy."""


def draw(long: pandas.DataFrame, path: Path) -> str | None:
    """Draw a long panel to a .svg or .png file; what the picture leaves out, if anything. Raises ChartError.

    Up to twelve indicators are dot strips, above the matrix of all of them by place and year.
    """
    if path.suffix.lower() not in (".svg", ".png"):
        raise ChartError(f"{path}: a picture ends in .svg or .png")
    if not path.parent.is_dir():
        raise ChartError(f"{path}: its folder does not exist")
    if long.empty:
        raise ChartError("nothing to draw: no indicator is told by a report whose place and year are known")
    plt = _pyplot()
    cells = long.to_dict("records")
    codes = list(dict.fromkeys(long["indicator"]))[:STRIPS]
    told = [(p, y) for p, y in dict.fromkeys(zip(long["place"], long["year"], strict=True)) if _reports(cells, p, y)]
    rows = told[:ROWS]
    places = list(dict.fromkeys(place for place, _ in rows))
    matrix_height, strip_height = 1.2 + 0.24 * len(rows), 0.7 + 0.2 * len(places)
    figure, axes = plt.subplots(
        len(codes) + 1, 1, figsize=(9, strip_height * len(codes) + matrix_height + 0.8), layout="constrained",
        gridspec_kw={"height_ratios": [strip_height] * len(codes) + [matrix_height]}, squeeze=False,
    )  # fmt: skip
    for axis, code in zip(axes[:-1, 0], codes, strict=True):
        _strip(axis, [cell for cell in cells if cell["indicator"] == code], places)
    _matrix(axes[-1, 0], cells, codes, rows)
    # The same panel gives the same bytes.
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix.lower() == ".svg" else {"Software": None})
    plt.close(figure)
    left = [f"{len(set(long['indicator'])) - STRIPS} indicators"] if len(set(long["indicator"])) > STRIPS else []
    left += [f"{len(told) - ROWS} place-years"] if len(told) > ROWS else []
    return f"the picture leaves out {' and '.join(left)}; name fewer with --indicator" if left else None


def _pyplot() -> Any:
    try:
        import matplotlib
    except ImportError as error:
        raise ChartError("pictures need matplotlib: install hebao[charts]") from error
    matplotlib.use("agg")
    from matplotlib import font_manager, pyplot

    installed = {font.name for font in font_manager.fontManager.ttflist}
    chosen = [name for name in FONTS if name in installed]
    if not chosen:
        raise ChartError(f"no font here has Chinese characters: {INSTALL}")
    matplotlib.rcParams |= {
        "font.family": [chosen[0], "DejaVu Sans"], "svg.fonttype": "path", "svg.hashsalt": "hebao",
        "axes.edgecolor": SOFT, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
        "font.size": 9,
    }  # fmt: skip
    return pyplot


def _reports(cells: list[dict[Any, Any]], place: str, year: int) -> bool:
    return any(c["place"] == place and c["year"] == year and c["state"] != "no_document" for c in cells)


def _strip(axis: Any, cells: list[dict[Any, Any]], places: list[str]) -> None:
    """One line a place: a dot a value, darker the later its year; a bar from end to end of a range; an arrow where one
    end is open."""
    years = sorted({int(cell["year"]) for cell in cells})
    drawn = [cell for cell in cells if cell["state"] in COMPARABLE and cell["place"] in places]
    for cell in drawn:
        at = places.index(cell["place"])
        shade = 0.35 + 0.65 * (years.index(int(cell["year"])) + 1) / len(years)
        low, high = (None if end is None else float(end) for end in (cell["value_low"], cell["value_high"]))
        known = low if low is not None else high
        if low is not None and high is not None and low != high:
            axis.plot([low, high], [at, at], color=BLUE, alpha=shade, linewidth=4, solid_capstyle="round")
        marker = ">" if high is None else "<" if low is None else "o"
        face = "white" if cell["state"] == "approx" else BLUE
        axis.plot([known], [at], marker, color=BLUE, markerfacecolor=face, alpha=shade, markersize=6)
    first = cells[0]
    units = [cell["unit"] for cell in drawn if isinstance(cell["unit"], str)]
    unit = max(sorted(set(units)), key=units.count) if units else catalogue()[first["indicator"]].unit
    span = f"{years[0]}–{years[-1]}（越深越近）" if len(years) > 1 else f"{years[0]}"
    axis.set_title(f"{first['name']}（{unit or ''}）  {span}，{len(drawn)} 个数值", loc="left", fontsize=10)
    axis.set_yticks(range(len(places)), places)
    axis.set_ylim(len(places) - 0.5, -0.5)
    axis.grid(axis="y", color=SOFT, alpha=0.3, linewidth=0.6)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(length=0)
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    if drawn and all(float(cell["value_low"] or 0) >= 0 for cell in drawn):
        axis.set_xlim(left=0)


def _matrix(axis: Any, cells: list[dict[Any, Any]], codes: list[str], rows: list[tuple[str, int]]) -> None:
    """One row a place and year, one column an indicator, one glyph a state."""
    states = {(c["place"], c["year"], c["indicator"]): c["state"] for c in cells}
    names = {c["indicator"]: c["name"] for c in cells}
    for y, (place, year) in enumerate(rows):
        for x, code in enumerate(codes):
            state = states[place, year, code]
            axis.text(x, y, GLYPHS[state], ha="center", va="center", color=COLOURS.get(state, INK), fontsize=10,
                      family=["DejaVu Sans"])  # fmt: skip
    axis.set_xlim(-0.5, len(codes) - 0.5)
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xticks(range(len(codes)), [_folded(names[code]) for code in codes])
    axis.xaxis.tick_top()
    axis.set_yticks(range(len(rows)), [f"{place} {year}" for place, year in rows])
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    shown = dict.fromkeys(states.values())
    legend = "   ".join(f"{GLYPHS[s] or '空'} {m}" for s, m in MEANINGS.items() if s in shown)
    axis.text(0, -0.02, legend, transform=axis.transAxes, va="top", fontsize=8, family=["DejaVu Sans", *_chinese()])


def _chinese() -> list[str]:
    import matplotlib

    return list(matplotlib.rcParams["font.family"])


def _folded(name: str, width: int = 8) -> str:
    return "\n".join(name[i : i + width] for i in range(0, len(name), width))
