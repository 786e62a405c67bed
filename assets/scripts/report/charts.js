/** Charts of a report that answer to pointers: plotly's, in the place of the drawn ones, which stay for paper. Their numbers stand in a table beside. */

import { say } from '../desk/facts.js';
import { chart, pale, token } from '../figures/charts.js';
import { onStop } from '../lifecycle.js';

const BARS_PX = 212, CURVE_PX = 232;

/** As a chart comes into sight, it comes to life. @param {AbortSignal} signal */
export function beginCharts(signal) {
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !(target instanceof HTMLElement)) continue;
      watcher.unobserve(target);
      enliven(target);
    }
  }, { rootMargin: '200px' });
  document.querySelectorAll('[data-chart]').forEach((figure) => watcher.observe(figure));
  onStop(signal, () => watcher.disconnect());
}

/** @param {HTMLElement} figure */
function enliven(figure) {
  const given = JSON.parse(figure.dataset.values ?? '{}');
  const drawn = figure.querySelector('svg');
  const label = drawn?.getAttribute('aria-label') ?? '';
  drawn?.after(chart(label, () => (figure.dataset.chart === 'bars' ? bars(given) : curve(given))));
}

/** @param {{labels: string[], values: number[], before: (number | null)[], quiet: boolean[]}} given */
function bars({ labels, values, before, quiet }) {
  const at = labels.map((_, place) => place);
  const ink = [token('accent'), pale('accent', 0.45)];
  const told = values.length <= 8;
  const data = [{
    ...{ type: 'bar', x: at, y: values, customdata: labels, hovertemplate: '%{customdata}<br>%{y:,}<extra></extra>' },
    marker: { color: quiet.map((one) => ink[Number(one)]), cornerradius: 2 },
    ...(told ? { text: values, texttemplate: '%{y:,}', textposition: 'inside', insidetextanchor: 'start', textangle: 0 } : {}),
    textfont: { color: quiet.map((one) => token(one ? 'text' : 'on-accent')), size: 12, weight: 700 },
  }];
  const compared = before.some((one) => one !== null);
  const line = {
    ...{ type: 'scatter', mode: 'markers', x: at, y: before, customdata: labels },
    hovertemplate: `%{customdata}<br>${say('before_line')} %{y:,}<extra></extra>`,
    marker: { symbol: 'line-ew', size: Math.max(6, Math.min(20, 240 / labels.length)), line: { color: token('text'), width: 2 } },
  };
  const every = Math.ceil(labels.length / 12);
  const shown = at.filter((place) => place % every === 0);
  const layout = {
    ...{ height: BARS_PX, bargap: 0.32, margin: { l: 40, r: 4, t: 8, b: 28 } },
    xaxis: { tickvals: shown, ticktext: shown.map((place) => labels[place]), range: [-0.6, labels.length - 0.4] },
    yaxis: { rangemode: 'tozero', nticks: 5, tickformat: ',' },
  };
  return { data: compared ? [...data, line] : data, layout };
}

/** @param {{at: number[], share: number[], low: number[], high: number[], end: number, marks: [number, string][]}} given */
function curve({ at, share, low, high, end, marks }) {
  const x = [0, ...at, end];
  const whole = (/** @type {number[]} */ values) => [1, ...values, values[values.length - 1] ?? 1];
  const base = { type: 'scatter', mode: 'lines', x, line: { shape: 'hv', width: 0 }, hoverinfo: 'skip' };
  const [lows, highs] = [whole(low), whole(high)];
  const data = [
    { ...base, y: lows },
    { ...base, y: highs, fill: 'tonexty', fillcolor: pale('accent', 0.14) },
    {
      ...{ ...base, y: whole(share), customdata: lows.map((one, place) => [one, highs[place]]), hoverinfo: undefined },
      line: { shape: 'hv', width: 2, color: token('accent') },
      hovertemplate: `%{x:,.1f}<br>%{y:.1%}<br>${say('interval_95')} %{customdata[0]:.1%}–%{customdata[1]:.1%}<extra></extra>`,
    },
  ];
  const layout = {
    ...{ height: CURVE_PX, margin: { l: 44, r: 12, t: 8, b: 28 }, hovermode: 'x' },
    xaxis: { range: [0, end], tickvals: marks.map(([place]) => place), ticktext: marks.map(([, text]) => text) },
    yaxis: { range: [0, 1.02], tickformat: '.0%', nticks: 5 },
  };
  return { data, layout };
}
