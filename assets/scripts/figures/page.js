/** The page of figures as a whole: the address decides what is shown; every panel loads by itself. */

import { fetchArea, showArea } from '../desk/city.js';
import { facts } from '../desk/facts.js';
import { required } from '../dom.js';
import { part } from '../lifecycle.js';
import { beginBar, closeMenusByKey } from '../page/desk_bar.js';
import { beginKeyList } from '../page/key_list.js';
import { repaintCharts } from './charts.js';
import { compositePanel, paintComposite } from './composite.js';
import { coveragePanel, showCoverage } from './coverage.js';
import { hoursPanel, showHours } from './hours.js';
import { paintKeyFigures } from './key_figures.js';
import { fetchAnswer } from './panels.js';
import { resort, showTable, tablePanel } from './tables.js';
import { paintArea, paintToolbar } from './toolbar.js';
import { multiplesPanel, showMultiples, showTrend, trendPanel } from './trend.js';
import { showWaiting, waitingPanel } from './waiting.js';
import { day, followHistory, onMove, query, setToday, state } from './where.js';
import { showWorse, worsePanel } from './worse.js';

/** Ends what is loading for an older state. */
let turn = new AbortController();
/** The state that is drawn, without how the table is sorted. */
let drawn = '';
/** Answer with the composite and all its parts; the key figure and the panel show the same one. @type {Promise<any>} */
let graded = Promise.resolve(null);

const key = () => JSON.stringify({ ...state(), sort: '' });

export const figures = part((signal) => {
  followHistory(signal);
  onMove(() => void show());
  beginBar(signal, repaintCharts);
  closeMenusByKey(signal);
  beginSearchKey(signal);
  beginKeyList(signal, true);
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

/** What the present view consists of, from top to bottom. */
function panelsOf() {
  const { view } = state();
  if (view === 'overview') return [worsePanel, waitingPanel, trendPanel, hoursPanel, compositePanel, coveragePanel, tablePanel];
  if (view === 'area') return [tablePanel, multiplesPanel];
  return view === 'time' ? [trendPanel, hoursPanel, tablePanel] : [tablePanel];
}

/** @param {AbortSignal} signal */
function paintPanels(signal) {
  const { view } = state();
  const panels = panelsOf();
  const host = required('#panels');
  const roots = panels.map(({ root }) => root);
  if (roots.some((one, n) => host.children[n] !== one) || host.childElementCount !== roots.length) host.replaceChildren(...roots);
  required('#key-figures').hidden = view !== 'overview';
  if (view === 'overview') {
    graded = askComposite(signal);
    void paintKeyFigures(required('#key-figures'), signal, graded);
    void compositePanel.fill(() => graded, paintComposite);
    showWorse();
    showWaiting();
    showCoverage();
  }
  if (panels.includes(trendPanel)) showTrend();
  if (panels.includes(hoursPanel)) showHours();
  if (panels.includes(multiplesPanel)) showMultiples();
  showTable();
}

/**
 * Count anew what is shown. Numbers change where they stand: what is focused, selected, opened or scrolled stays so, and nothing is paled.
 */
export async function refresh() {
  const wanted = drawn;
  const fresh = await fetchArea(state().area ?? facts().start, true);
  if (wanted !== drawn) return;
  // A new day moves the periods, and with them every question.
  if (fresh && fresh.city.today !== day()) {
    drawn = '';
    return show();
  }
  const { signal } = turn;
  const asked = [];
  if (state().view === 'overview') {
    graded = askComposite(signal);
    asked.push(paintKeyFigures(required('#key-figures'), signal, graded, true));
  }
  await Promise.allSettled([...asked, ...panelsOf().map((panel) => panel.refresh())]);
}

/** The composite with every part that it is made of. @param {AbortSignal} signal */
async function askComposite(signal) {
  // What is told as it stands is quick, and names the composite.
  const told = await fetchAnswer('/api/indicators', query({ indicator: 'coverage' }), signal);
  const parts = Object.keys(told.composite?.weights ?? {});
  return parts.length ? fetchAnswer('/api/indicators', query({ indicator: parts }), signal) : told;
}

/** @param {AbortSignal} signal */
function beginSearchKey(signal) {
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    required('#search').focus();
  }, { signal });
}
