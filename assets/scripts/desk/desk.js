/** The desk as a whole: the address decides which list is shown, and everything else follows it. */

import { required } from '../dom.js';
import { part } from '../lifecycle.js';
import { beginBar } from '../page/desk_bar.js';
import { followHistory, go, onState, state } from './address.js';
import { area, setMoment, showArea } from './city.js';
import { chosenColumns } from './columns.js';
import { countFacets, countKinds, countQueues, countState, countText, knownFacets, knownKinds, knownQueues } from './counts.js';
import { paintCrumb } from './crumb.js';
import { facts, say } from './facts.js';
import { beginFoot, paintRange } from './foot.js';
import { beginSaved } from './kept/saved.js';
import { ownQueues, paintRail } from './rail.js';
import { get, sentenceOf } from './server.js';
import { ENDED_STATES, endedToo, FIRST_ORDER, isSought, listQuery, sameList } from './state.js';
import { paintStrip } from './strip.js';
import { CaseTable, PAGE } from './table.js';
import { beginToolRow, paintNews, paintToolRow } from './tool_row.js';

const TYPING_MS = 250;
const TICK_MS = 30000;

/** @type {CaseTable} */
let table;
/** The order in which the list was last read. */
let sortable = FIRST_ORDER;
/** Ends what is asked for the rows of an older list. */
let listing = new AbortController();
/** Ends what is being counted for an older list. */
let counting = new AbortController();
/** @type {Awaited<ReturnType<typeof countFacets>> | null} */
let facets = null;
/** @type {Record<string, {n: number, more: boolean} | undefined>} */
let queues = {};
/** @type {Awaited<ReturnType<typeof countKinds>>} */
let kinds = null;
/** How many ended cases the words that are sought would find, too. @type {import('./counts.js').Count | null} */
let ended = null;
/** Who is told of another list, another case in the address, or another selected row. @type {Set<(what: 'list' | 'case' | 'selected') => void>} */
const listeners = new Set();

/** The table of this page. */
export const cases = () => table;

/** @param {(what: 'list' | 'case' | 'selected') => void} listener */
export const onDesk = (listener) => void listeners.add(listener);

export const desk = part((signal) => {
  table = new CaseTable(required('#table'), { select, selected, open, sort, view, ask });
  beginFoot();
  beginToolRow({ columns: (chosen) => table.choose(chosen), news: takeNews, rows: () => table.pages.rows });
  paintStrip(null);
  followHistory(signal);
  onState((now, before) => void (sameList(now, before) ? showCase() : showList()));
  beginSaved(signal, paint);
  beginSearch(signal);
  beginBar(signal);
  const timer = setInterval(() => document.visibilityState === 'visible' && table.tick(), TICK_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  void begin(signal);
});

/** @param {AbortSignal} signal */
async function begin(signal) {
  await table.begin(signal);
  await showList();
}

/** Code of the area whose cases are shown. */
const wantedArea = () => (state().queue === 'all' ? null : state().area) ?? facts().start;

/** Show the list of the address, from its beginning. */
export async function showList() {
  paintNews(0);
  trouble('');
  listing.abort();
  const { signal } = listing = new AbortController();
  await showArea(wantedArea());
  if (signal.aborted) return; // another list is wanted by now
  if (area().code !== wantedArea() && wantedArea() !== facts().start) {
    // Somebody who sees more has shared the address, or the area is gone: the own area is shown, and named.
    go({ area: null }, { replace: true });
    queueMicrotask(() => trouble(say('area_not_seen')));
    return;
  }
  table.show(listQuery(state(), facts()), chosenColumns());
  showCase();
  takeKnown();
  paint();
  const input = /** @type {HTMLInputElement} */ (required('#search'));
  if (document.activeElement !== input) input.value = state().q;
  listeners.forEach((listener) => listener('list'));
  await recount();
}

function showCase() {
  // A drawer that was closed leaves its row selected, so that Enter opens it again.
  if (state().case !== null) table.select(state().case);
  listeners.forEach((listener) => listener('case'));
}

function paint() {
  paintStrip(facets);
  paintRail(queues, kinds);
  paintCrumb(queues);
  paintToolRow(facets?.held, endedToo(state()) ? ended : null);
}

/** Numbers of another list are not this one's: what was not counted for it is not known yet. */
function takeKnown() {
  facets = knownFacets(state());
  queues = knownQueues(state(), ownQueues());
  kinds = knownKinds(state());
  ended = null;
}

/** Count anew. What was counted before for the same list stays until the new numbers are there. */
export async function recount() {
  counting.abort();
  const turn = counting = new AbortController();
  try {
    const [strip, rail] = await Promise.all([countFacets(state(), turn.signal), countQueues(state(), ownQueues(), turn.signal)]);
    if (turn.signal.aborted) return;
    facets = strip;
    queues = rail;
    paint();
    kinds = await countKinds(state(), turn.signal);
    if (turn.signal.aborted) return;
    paint();
    ended = endedToo(state()) ? await countState({ ...state(), states: ENDED_STATES }, turn.signal) : null;
    if (turn.signal.aborted) return;
    paint();
    view();
  } catch (error) {
    if (!turn.signal.aborted) throw error;
  }
}

// ---- What the table says ----

/** @param {DeskCase} row */
function select(row) {
  table.select(row.number);
  // With a drawer that is open, the drawer follows; without one the address stays.
  if (state().case) go({ case: row.number }, { replace: true });
}

function selected() {
  listeners.forEach((listener) => listener('selected'));
}

/** @param {DeskCase} row */
function open(row) {
  go({ case: row.number }, { replace: state().case !== null });
}

/** @param {string} order */
const sort = (order) => go({ sort: order }, { replace: true });

function view() {
  if (!table.api) return;
  const { complete, rows } = table.pages;
  // A number that was counted only so far says so here, too.
  const held = complete ? { n: rows.length, more: false } : facets?.held ?? (table.total === null ? null : { n: table.total, more: false });
  paintRange(table.inView(), countText(held));
}

/** @param {URLSearchParams} query @param {string | null} cursor */
async function ask(query, cursor) {
  const wanted = new URLSearchParams(query);
  wanted.set('limit', String(PAGE));
  if (cursor) wanted.set('cursor', cursor);
  const { signal } = listing;
  const answer = await get('/api/cases', wanted, signal).catch(() => null);
  if (!answer || signal.aborted) return { cases: [], next: null, total: null };
  if (!answer.ok && answer.body?.error?.code === 'too_many_to_sort') {
    // The list stays in an order that can be read, and the sentence stays over it.
    go({ sort: sortable }, { replace: true });
    queueMicrotask(() => trouble(sentenceOf(answer, say('failed'))));
    return { cases: [], next: null, total: 0 };
  }
  if (!answer.ok) {
    trouble(sentenceOf(answer, say('failed')));
    return { cases: [], next: null, total: 0 };
  }
  const { body } = answer;
  sortable = query.get('sort') ?? FIRST_ORDER;
  setMoment(body.as_of);
  const total = body.counts && !body.counts.total.more ? body.counts.total.n : null;
  return { cases: body.cases, next: body.next, total };
}

/** Show the list anew, with what has come meanwhile. */
export function takeNews() {
  void showList();
  table.focus();
}

/** Say what is wrong with the list; an empty text takes it away. @param {string} sentence */
export function trouble(sentence) {
  const told = required('#trouble');
  told.hidden = sentence === '';
  // A list that was refused is not empty: nothing is known of it.
  required('#table').toggleAttribute('data-refused', sentence !== '');
  told.textContent = sentence;
}

// ---- The bar ----

/** @param {AbortSignal} signal */
function beginSearch(signal) {
  const input = /** @type {HTMLInputElement} */ (required('#search'));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const seek = () => {
    clearTimeout(timer);
    const q = input.value.trim();
    if (q === '' || isSought(q)) go({ q }, { replace: true });
    else trouble(say('too_short'));
  };
  input.addEventListener('input', (event) => {
    clearTimeout(timer);
    if (!(/** @type {InputEvent} */ (event).isComposing)) timer = setTimeout(seek, TYPING_MS);
  }, { signal });
  input.addEventListener('compositionend', () => (timer = setTimeout(seek, TYPING_MS)), { signal });
  required('#find').addEventListener('submit', (event) => {
    event.preventDefault();
    seek();
    table.focus();
  }, { signal });
}

export const shownArea = () => area().code;
