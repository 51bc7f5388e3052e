// One small column chart a metric, in the periods of CloudWatch; long runs are put together to twelve columns.
import { escape, translate as _ } from "../lib/dom.js";
import { lasting } from "./words.js";

const WIDTH = 184, BASE = 62, TALL = 42, MOST = 12;

function gather(metric) {
  const per = Math.ceil(metric.values.length / MOST);
  if (per <= 1) return { values: metric.values, period_s: metric.period_s, stat: metric.stat };
  const sums = metric.stat === "Sum" || metric.stat === "SampleCount";
  const values = [];
  for (let n = 0; n < metric.values.length; n += per) {
    const known = metric.values.slice(n, n + per).filter((value) => value !== null);
    values.push(!known.length ? null : sums ? known.reduce((a, b) => a + b, 0) : Math.max(...known));
  }
  return { values, period_s: metric.period_s * per, stat: sums ? metric.stat : `${_("highest")} ${metric.stat}` };
}

const UNITS = { Milliseconds: "ms", Seconds: "s", Count: "" };
const number = (value) => (Number.isInteger(value) ? value : value >= 100 ? Math.round(value) : +value.toFixed(2)).toLocaleString("en");
/** A value above its column: milliseconds become seconds where they are many. */
const said = (value, unit) => (unit === "Milliseconds" && value >= 1000 ? `${number(value / 1000)} s` : `${number(value)}`);

function axis(count, period_s) {
  const at = (n) => (period_s * n >= 3600 ? `${+((period_s * n) / 3600).toFixed(1)} h` : `${+((period_s * n) / 60).toFixed(1)} min`);
  const middle = (n) => ((n + 0.5) * WIDTH) / count;
  if (count === 1) return `<text x="${WIDTH / 2}" y="76" class="ax">${at(0)}</text>`;
  const shown = count <= 4 ? [...Array(count).keys()] : [0, Math.floor(count / 2), count - 1];
  return shown.map((n) => `<text x="${middle(n)}" y="76" class="ax">${n === 0 ? "0" : at(n)}</text>`).join("");
}

function column(value, n, count, max, { tone, unit }, later) {
  const middle = ((n + 0.5) * WIDTH) / count;
  if (value === null) return count <= 4 ? `<text x="${middle}" y="58" class="nil">${_("no data")}</text>` : "";
  const height = value ? Math.max((value / max) * TALL, 2) : 0;
  const wide = Math.min(16, (WIDTH / count) * 0.62);
  const label = value || count <= 6 ? `<text x="${middle}" y="${BASE - height - 4}">${said(value, unit)}</text>` : "";
  return `<rect x="${middle - wide / 2}" y="${BASE - height}" width="${wide}" height="${height}" rx="2" class="${tone ?? ""}${later ? " later" : ""}"/>${later ? "" : label}`;
}

/** A figure for one metric; columns that begin after `t` are shown as not yet there. */
export function chartHtml(metric, t) {
  const { values, period_s, stat } = gather(metric);
  const max = Math.max(...values.map((value) => value ?? 0), 1e-9);
  const columns = values.map((value, n) => column(value, n, values.length, max, metric, n * period_s > t));
  const heard = values.map((value) => (value === null ? _("no data") : said(value, metric.unit))).join(", ");
  const unit = UNITS[metric.unit] ?? metric.unit;
  const caption = escape([stat, unit, `${_("every")} ${lasting(period_s)}`].filter(Boolean).join(", "));
  const owner = metric.function ? `, ${escape(metric.function)}` : "";
  return `<figure><figcaption><b>${escape(metric.name)}</b>${caption}${owner}</figcaption>
    <svg viewBox="0 0 ${WIDTH} 80" role="img" aria-label="${escape(metric.name)}, ${caption}: ${escape(heard)}"><path d="M0 62.5H${WIDTH}" class="base"/>${columns.join("")}${axis(values.length, period_s)}</svg></figure>`;
}
