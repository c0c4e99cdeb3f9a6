// Charts of the comparison: dots by place and year, or lines over the years. The numbers come with the page; a mark that
// has no comparable value keeps its row, with its glyph. A click on a mark opens its sentences.
"use strict";
(() => {
  const block = document.getElementById("chart-data");
  if (!block || !window.echarts) return;
  const { charts, glyphs, words } = JSON.parse(block.textContent);
  const host = document.getElementById("charts");
  const mode = { lines: false, log: false };
  const drawn = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palette = ["#2f6da3", "#b5542c", "#3c8063", "#8a5aa3", "#9a7b1c", "#4d7d8c", "#b04a70", "#687078"];
  const comparable = (chart, mark) => mark.comparable && mark.unit === chart.unit;
  const ends = (mark) => [mark.low, mark.high].map((end) => (end === null ? null : Number(end)));
  const symbols = { exact: "circle", range: "rect", approx: "emptyCircle", bounded: "triangle" };

  function said(mark) {
    return `${mark.place} ${mark.year}\n${mark.told || mark.said}${mark.told ? ` (${mark.said})` : ""}`;
  }

  const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 2 });

  function axis(name) {
    return {
      type: mode.log ? "log" : "value", name, nameLocation: "end", nameGap: 4, axisLabel: { hideOverlap: true, color: colour("--soft"), formatter: (value) => short.format(value) },
      splitLine: { lineStyle: { color: colour("--line") } }, nameTextStyle: { color: colour("--soft") },
    };
  }

  function dots(chart) {
    const marks = [...chart.marks].reverse();
    const label = (mark) => `${mark.place} ${mark.year}${comparable(chart, mark) ? "" : ` ${mark.comparable ? glyphs.unit_differs : glyphs[mark.state]}`}`;
    const values = marks.flatMap((mark, row) => {
      if (!comparable(chart, mark)) return [];
      const [low, high] = ends(mark);
      const shown = low === null ? high : low;
      if (mode.log && shown <= 0) return [];
      return [{ value: [shown, row], mark, symbol: symbols[mark.state] || "circle", symbolRotate: low === null ? 90 : -90 }];
    });
    const ranges = marks.flatMap((mark, row) => {
      const [low, high] = ends(mark);
      return comparable(chart, mark) && low !== null && high !== null && low !== high ? [[{ coord: [low, row] }, { coord: [high, row] }]] : [];
    });
    return {
      height: Math.max(140, 70 + 19 * marks.length),
      option: {
        grid: { left: 8, right: 40, top: 8, bottom: 26, containLabel: true },
        xAxis: axis(chart.unit),
        yAxis: { type: "category", data: marks.map(label), axisTick: { show: false }, axisLabel: { interval: 0, color: colour("--ink") }, axisLine: { lineStyle: { color: colour("--line") } } },
        series: [{
          type: "scatter", data: values, symbolSize: 10, itemStyle: { color: palette[0] },
          markLine: { data: ranges, symbol: ["rect", "rect"], symbolSize: [2, 9], label: { show: false }, silent: true, lineStyle: { type: "solid", width: 2, color: palette[0] } },
        }],
      },
    };
  }

  function lines(chart) {
    const years = [...new Set(chart.marks.map((mark) => mark.year))].sort((a, b) => a - b);
    const places = [...new Set(chart.marks.map((mark) => mark.place))];
    const series = places.map((place, number) => ({
      type: "line", name: place, labelLayout: { moveOverlap: "shiftY" }, symbolSize: 8, itemStyle: { color: palette[number % palette.length] },
      lineStyle: { width: 1.5, type: number < palette.length ? "solid" : "dashed" },
      endLabel: { show: places.length <= 12, formatter: "{a}", color: colour("--ink") },
      data: years.map((year) => {
        const mark = chart.marks.find((m) => m.place === place && m.year === year);
        if (!mark || !comparable(chart, mark)) return null;
        const [low, high] = ends(mark);
        return { value: low === null ? high : low, mark, symbol: symbols[mark.state] || "circle" };
      }),
    })).filter((one) => one.data.some((point) => point !== null));
    return {
      height: 260,
      option: {
        grid: { left: 8, right: places.length <= 12 ? 90 : 20, top: 26, bottom: 8, containLabel: true },
        xAxis: { type: "category", data: years.map(String), axisLabel: { color: colour("--soft") }, axisLine: { lineStyle: { color: colour("--line") } } },
        yAxis: axis(chart.unit), series,
      },
    };
  }

  function draw() {
    drawn.splice(0).forEach((chart) => chart.dispose());
    host.replaceChildren();
    charts.forEach((chart) => {
      const box = document.createElement("section");
      box.className = "chart";
      const head = document.createElement("header");
      const title = document.createElement("h3");
      title.textContent = chart.name;
      const save = document.createElement("a");
      save.href = "#charts";
      save.textContent = host.dataset.save;
      head.append(title, save);
      const plot = document.createElement("div");
      plot.className = "plot";
      plot.setAttribute("role", "img");
      plot.setAttribute("aria-label", chart.marks.filter((m) => comparable(chart, m)).map((m) => said(m).replace("\n", " ")).join("; ") || words.no_value);
      box.append(head, plot);
      host.append(box);
      const { height, option } = mode.lines ? lines(chart) : dots(chart);
      plot.style.height = `${height}px`;
      const shown = window.echarts.init(plot, null, { renderer: "canvas" });
      shown.setOption({
        animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("--ink") },
        tooltip: { renderMode: "richText", formatter: (point) => (point.data && point.data.mark ? said(point.data.mark) : ""), backgroundColor: colour("--sheet"), borderColor: colour("--strong"), textStyle: { color: colour("--ink") } },
        ...option,
      });
      shown.on("click", (point) => {
        if (point.data && point.data.mark) location.assign(point.data.mark.link);
      });
      save.addEventListener("click", (event) => {
        event.preventDefault();
        const link = document.createElement("a");
        link.href = shown.getDataURL({ pixelRatio: 2, backgroundColor: colour("--sheet") });
        link.download = `${chart.indicator}.png`;
        link.click();
      });
      drawn.push(shown);
    });
  }

  const toggles = document.getElementById("toggles");
  ["lines", "log"].forEach((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words[name];
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      mode[name] = !mode[name];
      button.setAttribute("aria-pressed", String(mode[name]));
      draw();
    });
    toggles.append(button);
  });
  draw();
  addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
