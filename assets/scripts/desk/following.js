/** The desk follows what happens: rows, counts and drawer change in place; new cases announce themselves and never push. */

import { onStop, part } from '../lifecycle.js';
import { connect } from '../live/listening.js';
import { state } from './address.js';
import { inCity } from './case/key.js';
import { area } from './city.js';
import { cases, onDesk, recount } from './desk.js';
import { follow, refresh, rowOf } from './drawer.js';
import { facts } from './facts.js';
import { heard, setLive } from './foot.js';
import { hearReminder } from './live/reminded.js';
import { onWaiting, waiting as isWaiting } from './live/waiting.js';
import { get } from './server.js';
import { hasStage, listQuery, OPEN_STATES } from './state.js';
import { paintNews } from './tool_row.js';

const SOON_MS = 400;
const LEAST_MS = 2500;
/** So many rows are asked for again in one go; what is not on screen keeps what the event says. */
const MOST_ASKED = 12;
/** Of more new cases than this only that many are checked one by one. */
const MOST_CHECKED = 40;

/** What of a row is compared with what the server tells: an imported case changes without a new version. @type {(keyof DeskCase)[]} */
const COMPARED = ['state', 'version', 'stage', 'severity', 'category', 'unit', 'assignee', 'title', 'due_at'];

/** New cases that belong to this list. @type {Set<string>} */
const news = new Set();
/** Cases that may belong to it. @type {Set<string>} */
const waiting = new Set();
/** Rows whose other columns may have changed, too. @type {Set<string>} */
const stale = new Set();
let checking = false;
/** Whether something is to be asked for again once the server answers. */
let postponed = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let counted = 0;

/** Who else wants to hear what happens. @type {Set<(news: import('../live/stream.js').News) => void>} */
const listeners = new Set();

/** @param {(news: import('../live/stream.js').News) => void} listener */
export const onHeard = (listener) => void listeners.add(listener);

export const following = part((signal) => {
  onDesk((what) => {
    if (what !== 'list') return;
    news.clear();
    waiting.clear();
  });
  const leave = connect(hear, signal);
  onWaiting((now) => now === null && postponed && plan());
  onStop(signal, () => {
    leave();
    clearTimeout(timer);
  });
});

/** @param {import('../live/stream.js').News} told */
function hear(told) {
  const { kind, body, since } = told;
  if (kind === 'live') return setLive(true);
  if (kind === 'lost') return setLive(false, since);
  if (kind === 'case') hearCase(body);
  if (kind === 'figures' || kind === 'reset') void readAgain();
  if (kind === 'reset') void refresh();
  listeners.forEach((listener) => listener(told));
  plan();
}

/**
 * @typedef {{number: string, city: string, step: string, stage: string, state: string, version: number, severity: number, category: string, path: string[]}} CaseNews
 */

/** @param {CaseNews} event */
function hearCase(event) {
  heard();
  void follow(event);
  if (event.step === 'remind') hearReminder(event);
  // The list shows one city; another one may count alike.
  if (event.city !== area().city) return;
  const table = cases();
  const found = table.pages.find(event.number);
  const row = found?.city === event.city ? found : null; // cities may count alike
  if (row) {
    if (event.version > row.version) {
      const { stage, state: now, severity, category, version } = event;
      table.patch(event.number, { stage, state: now, severity, category, version });
      stale.add(event.number);
    }
  } else if (mayFit(event)) {
    waiting.add(event.number);
    void check();
  } else if (news.delete(event.number)) paintNews(news.size);
}

/** Whether a case that is not in the list may belong to it, as far as an event tells. @param {CaseNews} event */
function mayFit(event) {
  const now = state();
  // Of a list that was not read to its end, a case that existed before may stand further down.
  if (!cases().pages.complete && event.step !== 'report') return false;
  const inside = area().code === '' || now.queue === 'all' || area().level === 'zone' || event.path.includes(area().code);
  return inside &&
    (hasStage(now) ? !now.states.length || now.states.includes(event.state) : OPEN_STATES.includes(event.state)) &&
    (!now.stages.length || now.stages.includes(event.stage)) &&
    (!now.severities.length || now.severities.includes(String(event.severity)));
}

/** Ask the server which of the waiting cases belong to the list, one after the other. */
async function check() {
  if (checking) return;
  checking = true;
  try {
    while (waiting.size && news.size < MOST_CHECKED) {
      const [number] = waiting;
      waiting.delete(number);
      const query = listQuery(state(), facts());
      query.set('q', [query.get('q'), number].filter(Boolean).join(' '));
      query.set('limit', '5');
      query.set('counts', 'false');
      const { ok, body } = await get('/api/cases', query);
      if (!ok || !body.cases.some((/** @type {DeskCase} */ one) => one.number === number)) continue;
      if (cases().pages.find(number)) continue;
      news.add(number);
      paintNews(news.size);
    }
  } finally {
    checking = false;
  }
}

/** Deadlines have passed, or something was missed: the rows that were read first are read once more, and keep their places. */
async function readAgain() {
  const table = cases();
  const { pages } = table;
  const query = listQuery(state(), facts());
  query.set('limit', '200');
  query.set('counts', 'false');
  const { ok, body } = await get('/api/cases', query);
  if (!ok || pages !== table.pages) return;
  for (const row of body.cases) {
    const known = pages.find(row.number);
    if (known && COMPARED.some((name) => known[name] !== row[name])) table.patch(row.number, row);
  }
  // An import changes cases without an event of each: what it ended is not in the answer any more, and is asked for by itself.
  const told = new Set(body.cases.map((/** @type {DeskCase} */ { number }) => number));
  const gone = table.inView().rows.filter(({ number, state: now }) =>
    now !== null && OPEN_STATES.includes(now) && !told.has(number) && (pages.places.get(number) ?? Infinity) < body.cases.length
  );
  gone.forEach(({ number }) => stale.add(number));
  if (gone.length) plan();
}

/** Counts and rows are asked for soon, but not after every single event; a server that is full is not asked for more. */
function plan() {
  postponed = isWaiting() !== null;
  if (postponed) return;
  timer ??= setTimeout(() => {
    timer = undefined;
    counted = performance.now();
    void recount();
    void readStale();
  }, Math.max(SOON_MS, counted + LEAST_MS - performance.now()));
}

/** Rows on screen that have changed get their other columns, too. */
async function readStale() {
  const table = cases();
  const seen = new Set(table.inView().rows.map(({ number }) => number));
  const wanted = [...stale].filter((number) => seen.has(number)).slice(0, MOST_ASKED);
  stale.clear();
  for (const number of wanted) {
    const { ok, body } = await get(`/api/cases/${encodeURIComponent(number)}`, inCity(area().city));
    if (ok) table.patch(number, rowOf(body.case), false);
  }
}
