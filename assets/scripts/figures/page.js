/** The page of figures as a whole: the address decides what is shown; every panel loads by itself. */

import { fetchArea, showArea } from '../desk/city.js';
import { facts } from '../desk/facts.js';
import { element, required } from '../dom.js';
import { onStop, part } from '../lifecycle.js';
import { remember } from '../page/cookies.js';
import { repaintCharts } from './charts.js';
import { compositePanel, paintComposite } from './composite.js';
import { hoursPanel, showHours } from './hours.js';
import { paintKeyFigures } from './key_figures.js';
import { fetchAnswer } from './panels.js';
import { resort, showTable, tablePanel } from './tables.js';
import { paintArea, paintToolbar } from './toolbar.js';
import { multiplesPanel, showMultiples, showTrend, trendPanel } from './trend.js';
import { showWaiting, waitingPanel } from './waiting.js';
import { followHistory, onMove, query, setToday, state } from './where.js';
import { showWorse, worsePanel } from './worse.js';

/** Ends what is loading for an older state. */
let turn = new AbortController();
/** The state that is drawn, without how the table is sorted. */
let drawn = '';

const key = () => JSON.stringify({ ...state(), sort: '' });

export const figures = part((signal) => {
  followHistory(signal);
  onMove(() => void show());
  beginBar(signal);
  void show();
});

async function show() {
  if (drawn === key()) return resort();
  const wanted = drawn = key();
  turn.abort();
  turn = new AbortController();
  const code = state().area ?? facts().start;
  const [report] = await Promise.all([fetchArea(code), showArea(code)]);
  if (wanted !== drawn) return;
  if (report) setToday(report.city.today);
  paintArea();
  paintToolbar();
  paintPanels(turn.signal);
}

/** @param {AbortSignal} signal */
function paintPanels(signal) {
  const { view } = state();
  const panels = view === 'overview'
    ? [worsePanel, waitingPanel, trendPanel, hoursPanel, compositePanel, tablePanel]
    : view === 'area'
    ? [tablePanel, multiplesPanel]
    : view === 'time'
    ? [trendPanel, hoursPanel, tablePanel]
    : [tablePanel];
  const host = required('#panels');
  const roots = panels.map(({ root }) => root);
  if (roots.some((one, n) => host.children[n] !== one) || host.childElementCount !== roots.length) host.replaceChildren(...roots);
  required('#key-figures').hidden = view !== 'overview';
  if (view === 'overview') {
    const graded = askComposite(signal);
    void paintKeyFigures(required('#key-figures'), signal, graded);
    void compositePanel.fill(() => graded, paintComposite);
    showWorse();
    showWaiting();
  }
  if (panels.includes(trendPanel)) showTrend();
  if (panels.includes(hoursPanel)) showHours();
  if (panels.includes(multiplesPanel)) showMultiples();
  showTable();
}

/** The composite with every part that it is made of. @param {AbortSignal} signal */
async function askComposite(signal) {
  // What is told as it stands is quick, and names the composite.
  const told = await fetchAnswer('/api/indicators', query({ indicator: 'coverage' }), signal);
  const parts = Object.keys(told.composite?.weights ?? {});
  return parts.length ? fetchAnswer('/api/indicators', query({ indicator: parts }), signal) : told;
}

// ---- The bar ----

const THEMES = ['auto', 'light', 'dark'];

/** @param {AbortSignal} signal */
function beginBar(signal) {
  const { dataset } = document.documentElement;
  const button = required('#theme');
  button.replaceChildren(element('i', 'theme-sign'));
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(dataset.theme ?? 'auto') + 1) % THEMES.length];
    dataset.theme = next;
    remember('theme', next);
    repaintCharts();
  }, { signal });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', repaintCharts);
  onStop(signal, () => dark.removeEventListener('change', repaintCharts));
  document.querySelectorAll('.languages a').forEach((link) =>
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const lang = link.getAttribute('lang') ?? '';
      remember('lang', lang);
      const search = new URLSearchParams(location.search);
      search.set('lang', lang);
      location.search = search.toString();
    }, { signal })
  );
  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute('open');
    }
  }, { signal });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !(event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement)) {
      event.preventDefault();
      required('#search').focus();
    }
    const open = /** @type {HTMLElement | null} */ (document.querySelector('details.menu[open]'));
    if (event.key !== 'Escape' || !open) return;
    open.removeAttribute('open');
    required('summary', open).focus();
  }, { signal });
}
