// Charts of prices and of the profit, drawn by uPlot out of JSON from data-src. Without it the tables below say the same.
"use strict";

const SERIES = 6;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const HEIGHT = 300;
const CENTS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// For steps of so many seconds: a tick, and what stands below it where a new year, month, day, hour or minute begins.
const TICKS = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [86_400, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  [1, ":{ss}", "\n{YYYY}-{MM}-{DD} {HH}:{mm}", null, "\n{MM}-{DD} {HH}:{mm}", null, "\n{HH}:{mm}", null, 1],
];

function axes(format) {
  const shared = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 } };
  return [{ ...shared, values: TICKS }, { ...shared, size: 64, values: (_, ticks) => ticks.map(format) }];
}

function momentText(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}

function priceText(value) {
  if (value === null || value === undefined) return "–";
  const exact = Math.round(value * 1000) % 10 !== 0;
  return value.toFixed(exact ? 3 : 2);
}

// A price stands until the next one: what a line shows between two of its own points. null: withdrawn.
function standing(values, place) {
  let at = place;
  while (at >= 0 && values[at] === undefined) at -= 1;
  return at < 0 ? null : values[at];
}

function pricePicture(answer) {
  const named = answer.series.filter((one) => one.points.length);
  if (!named.length) return null;
  const tables = named.map((one) => {
    const points = one.points.slice();
    const last = points[points.length - 1];
    if (answer.until !== null && last[1] !== null && last[0] < answer.until) points.push([answer.until, last[1]]);
    return [points.map((point) => point[0]), points.map((point) => point[1])];
  });
  const data = uPlot.join(tables);
  const stepped = uPlot.paths.stepped({ align: 1 });
  const series = named.map((one, place) => ({
    label: one.name,
    stroke: colour(`series-${(place % SERIES) + 1}`),
    dash: DASHES[Math.floor(place / SERIES) % DASHES.length],
    width: 2,
    paths: stepped,
    points: { show: one.points.length < 2 },
    value: (chart, _, number, at) => (at === null ? "–" : priceText(standing(chart.data[number], at))),
  }));
  return { data, series, format: priceText, mark: answer.kickoff };
}

function profitPicture(answer) {
  if (!answer.points.length) return null;
  const data = [answer.points.map((point) => point[0]), answer.points.map((point) => point[1])];
  const text = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en-GB", CENTS));
  const series = [{
    label: "profit up to the day's end",
    stroke: colour("series-1"),
    fill: `${colour("series-1")}22`,
    width: 2,
    points: { show: answer.points.length < 2 },
    value: (_, value) => text(value),
  }];
  return { data, series, format: (value) => value.toLocaleString("en-GB"), level: 0 };
}

const PICTURES = { prices: pricePicture, profit: profitPicture };

// An upright line at the kick-off, a level one at zero.
function markings(picture) {
  return (chart) => {
    const { ctx, bbox } = chart;
    const line = (fromX, fromY, toX, toY) => {
      ctx.save();
      ctx.beginPath();
      ctx.strokeStyle = colour("strong-line");
      ctx.lineWidth = 1;
      ctx.moveTo(fromX, fromY);
      ctx.lineTo(toX, toY);
      ctx.stroke();
      ctx.restore();
    };
    if (picture.mark !== undefined) {
      const { min, max } = chart.scales.x;
      if (picture.mark > min && picture.mark < max) {
        const x = chart.valToPos(picture.mark, "x", true);
        line(x, bbox.top, x, bbox.top + bbox.height);
      }
    }
    if (picture.level !== undefined) {
      const { min, max } = chart.scales.y;
      if (picture.level > min && picture.level < max) {
        const y = chart.valToPos(picture.level, "y", true);
        line(bbox.left, y, bbox.left + bbox.width, y);
      }
    }
  };
}

class Chart {
  #place;
  #chart = null;
  #answer = null;
  #asking = false;
  #again = false;

  constructor(place) {
    this.#place = place;
    new ResizeObserver(() => this.#fit()).observe(place.parentElement);
  }

  // One question at a time; what changes meanwhile is asked for once more.
  async ask() {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      const answer = await fetch(this.#place.dataset.src, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        this.#answer = await answer.json();
        this.draw();
      }
    } catch {
      // Not reachable: what is drawn stays, and the line above the page says that it is old.
    } finally {
      this.#asking = false;
    }
    if (this.#again) {
      this.#again = false;
      this.ask();
    }
  }

  draw() {
    if (!this.#answer) return;
    const picture = PICTURES[this.#place.dataset.chart](this.#answer);
    this.#chart?.destroy();
    this.#chart = null;
    this.#place.hidden = picture === null;
    if (picture === null) return;
    const options = {
      width: this.#width(),
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      cursor: { drag: { x: true, y: false } },
      legend: { live: true },
      scales: { x: { time: true } },
      axes: axes(picture.format),
      series: [{ label: "UTC", value: (_, seconds) => momentText(seconds) }, ...picture.series],
      hooks: { drawAxes: [markings(picture)] },
    };
    this.#chart = new uPlot(options, picture.data, this.#place);
  }

  #width() {
    const style = getComputedStyle(this.#place);
    const room = this.#place.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return Math.max(200, Math.floor(room));
  }

  #fit() {
    if (this.#chart && this.#chart.width !== this.#width()) this.#chart.setSize({ width: this.#width(), height: HEIGHT });
  }
}

const charts = new Map();
for (const place of document.querySelectorAll("[data-chart]")) {
  const chart = new Chart(place);
  charts.set(place.dataset.follows, chart);
  chart.ask();
}

// The table beside a chart was replaced: there is something new to draw.
document.addEventListener("htmx:afterSwap", (event) => charts.get(event.detail.target.id)?.ask());
document.addEventListener("proppr:theme", () => charts.forEach((chart) => chart.draw()));
