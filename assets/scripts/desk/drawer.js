/** The drawer of one case: what is known of it, and the next steps. What somebody types stays, whatever happens to the case meanwhile. */

import { element, required } from '../dom.js';
import { go, state } from './address.js';
import { actorOf, chips, description, people, reporters, subtitle, timeLine, where, why } from './case_parts.js';
import { box, categoryTile, titleOf } from './cells.js';
import { askSimilar, duplicates } from './case/duplicates.js';
import { askEarlier, earlier } from './case/earlier.js';
import { photos } from './case/photos.js';
import { replacePhoto } from './case/replace.js';
import { Templates } from './case/templates.js';
import { addressed, inCity, isSame, openCity } from './case/key.js';
import { area, fetchArea, now } from './city.js';
import { Composer } from './composer.js';
import { cases } from './desk.js';
import { facts, say } from './facts.js';
import { enlarge } from './gallery.js';
import { roundButton } from './icons.js';
import { askPurpose } from './reveal.js';
import { get, sentenceOf } from './server.js';
import { Steps } from './steps.js';

const UNDO_MS = 60000;

/** @type {CaseTold | null} */
let told = null;
/** Report of the cell in which the case stands. @type {any} */
let place = null;
/** Cases that may be about the same thing. @type {import('./case/duplicates.js').Similar | null} */
let similar = null;
/** @type {import('./case/earlier.js').Earlier | null} */
let before = null;
/** Ends what is asked for another case. */
let asking = new AbortController();
/** Versions that this page's own steps have made. @type {Set<string>} */
const own = new Set();
/** Where the focus was before the drawer opened. @type {Element | null} */
let came = null;
/** Ends when the case that was opened last is here. @type {Promise<unknown>} */
let loading = Promise.resolve();

/** Wait until the case that was opened last is here. */
export const whenLoaded = () => loading;

const composer = new Composer(() => void steps.take(composer.tab));
const steps = new Steps(composer, { case: () => told, done, doneElsewhere, changed: stale, refused: (text) => tell(text, 'wrong') });

/** The case that is open, or null. */
export const opened = () => told;

/** The steps of the open case. */
export const nextSteps = () => steps;
export const words = () => composer;

const templates = new Templates(composer, () => told);
composer.tools.append(templates.host);
/** Open the remark templates. */
export const openTemplates = () => templates.open();

/** Draw the frame once. */
export function beginDrawer() {
  const close = roundButton('close', say('close'), closeDrawer);
  const tools = box(
    'div',
    'drawer-tools',
    roundButton('previous', say('previous_case'), () => void step(-1)),
    roundButton('next', say('next_case'), () => void step(1)),
    roundButton('link', say('copy_link'), copyLink),
    roundButton('print', say('print'), () => print()),
    close,
  );
  required('#drawer').replaceChildren(
    box('div', 'drawer-head', box('span', 'drawer-tile'), box('div', 'drawer-title', element('h2', ''), element('p', 'dim', '')), tools),
    box('div', 'drawer-notices'),
    box('div', 'drawer-body'),
    box('div', 'drawer-foot', steps.formHost, composer.host, steps.host),
  );
}

/** Show the case of the address, or none. */
export async function showDrawer() {
  const number = state().case;
  if (number === null) return hide();
  if (told && isSame(told.case, { number, city: openCity() })) return;
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const drawer = required('#drawer');
  if (drawer.hidden) came = document.activeElement;
  notices().replaceChildren();
  drawer.hidden = false;
  required('#desk').classList.add('open');
  const row = cases().pages.find(number);
  told =
    place =
    similar =
    before =
      null;
  steps.clear();
  composer.rest();
  paintHead(row);
  required('.drawer-body', drawer).replaceChildren(element('p', 'dim', say('loading')));
  await (loading = load(number, signal));
}

/** @param {string} number @param {AbortSignal} signal */
async function load(number, signal) {
  const answer = await find(number, signal);
  if (!answer || signal.aborted) return false;
  if (!answer.ok) {
    required('#drawer .drawer-body').replaceChildren(element('p', 'trouble', whyMissing(answer)));
    required('#drawer .drawer-foot').hidden = true; // nothing can be done with it
    return false;
  }
  required('#drawer .drawer-foot').hidden = false;
  told = answer.body;
  const here = /** @type {CaseTold} */ (told);
  // An older link names no city: from here on the address says which one it is.
  go(addressed(here.case), { replace: true });
  composer.begin(here);
  paint();
  void askSimilar(here, signal).then((found) => {
    if (signal.aborted || !found) return;
    similar = found;
    paint();
  });
  void askEarlier(here, signal).then((found) => {
    if (signal.aborted || !found) return;
    before = found;
    paint();
  });
  const cell = await fetchArea(/** @type {CaseTold} */ (told).case.grid);
  if (signal.aborted) return false;
  place = cell;
  paint();
  return true;
}

/** Why there is no case to show. @param {import('./server.js').Answer} answer */
const whyMissing = (answer) =>
  answer.status === 404 ? say('case_not_seen', { number: state().case ?? '' }) : sentenceOf(answer, say('failed'));

/**
 * The case of the address: of the city that it names or that is listed, otherwise of any.
 *
 * @param {string} number
 * @param {AbortSignal} signal
 */
async function find(number, signal) {
  const path = `/api/cases/${encodeURIComponent(number)}`;
  const answer = await get(path, inCity(openCity()), signal).catch(() => null);
  return answer?.status === 404 && !state().city ? await get(path, undefined, signal).catch(() => null) : answer;
}

function hide() {
  asking.abort();
  told = similar = null;
  const drawer = required('#drawer');
  if (drawer.hidden) return;
  drawer.hidden = true;
  required('#desk').classList.remove('open');
  if (came instanceof HTMLElement && came.isConnected) came.focus();
  else cases().focus();
}

/** Close it; the list keeps the row. */
export const closeDrawer = () => go({ case: null });

/** @param {DeskCase | null} row */
function paintHead(row) {
  const head = required('#drawer .drawer-head');
  required('h2', head).textContent = row ? titleOf(row) : state().case;
  required('p', head).textContent = told ? subtitle(told) : state().case;
  required('.drawer-tile', head).replaceChildren(...(row ? [categoryTile(row, 22)] : []));
}

/** What a button or link says. @param {Element} one */
const labelOf = (one) => `${one.getAttribute('aria-label') ?? ''} ${one.textContent} ${one.getAttribute('title') ?? ''}`;

/** What the focused button or link of a part says; null where there is none. @param {Element} host */
const labelIn = (host) => (document.activeElement && host.contains(document.activeElement) ? labelOf(document.activeElement) : null);

/** Draw everything that is not typed; scroll and focus stay where they are. */
function paint() {
  if (!told) return;
  const row = told.case.city === area().city ? cases().pages.find(told.case.number) : null;
  paintHead({ ...told.case, title_en: row?.title_en ?? told.case.title_en ?? null });
  const body = required('#drawer .drawer-body');
  const { scrollTop } = body;
  const focused = labelIn(body);
  const left = [
    chips(told),
    why(told),
    description(told),
    photos(told, openPhoto),
    duplicates(told, similar, merge),
    where(told, place, row),
  ];
  const right = [people(told, place, askPurpose), reporters(told, askPurpose), timeLine(told), ...earlier(before)];
  body.replaceChildren(
    box('div', 'drawer-column', ...left),
    box('div', 'drawer-column', ...right),
  );
  body.scrollTop = scrollTop;
  if (focused !== null) {
    [...body.querySelectorAll('button, a')].filter((one) => labelOf(one) === focused)
      .slice(0, 1).forEach((one) => /** @type {HTMLElement} */ (one).focus({ preventScroll: true }));
  }
  composer.offer(told);
  steps.paint(told);
}

/** A photo in large, and the way to blur it. @param {string[]} hashes @param {number} n */
function openPhoto(hashes, n) {
  const step = told?.steps.find((one) => one.step === 'blur');
  enlarge(hashes, n, step ? (hash) => void blur(hash) : null);
}

/** @param {string} hash */
async function blur(hash) {
  if (!told) return;
  const answer = await replacePhoto(told, hash);
  if (!answer) return;
  if (!answer.ok) return tell(sentenceOf(answer, say('failed')), 'wrong');
  own.add(`${told.case.city} ${answer.body.number} ${answer.body.case_version}`);
  tell(say('photo_replaced'), 'good');
  await refresh();
}

/** Merge the open case into another one. @param {StepOffered} step @param {string} into */
const merge = (step, into) => void steps.send(step, { into });

// ---- What happens meanwhile ----

const notices = () => required('#drawer .drawer-notices');

/**
 * Say something over the case. It stays until it is read, or something else is said.
 *
 * @param {string} text
 * @param {string} kind
 * @param {string} [below]
 * @param {Node} [act]
 */
function tell(text, kind, below, act) {
  const close = roundButton('close', say('close'), () => notices().replaceChildren());
  const made = box(
    'div',
    `drawer-notice ${kind}`,
    box('div', 'notice-words', element('b', '', text), below ? element('span', '', below) : null),
    act ?? null,
    close,
  );
  made.setAttribute('role', kind === 'wrong' ? 'alert' : 'status');
  notices().replaceChildren(made);
}

/**
 * A step of this page was taken.
 *
 * @param {StepOffered} step
 * @param {any} answer
 */
function done(step, answer) {
  own.add(`${told?.case.city} ${answer.number} ${answer.case_version}`);
  const undo = box('button', 'small second', say('undo'), box('kbd', '', 'z'));
  undo.type = 'button';
  undo.addEventListener('click', () => void steps.take('undo'));
  const able = answer.steps.some((/** @type {StepOffered} */ one) => one.step === 'undo') ||
    !facts().lasting.includes(step.step);
  tell(say('step_done', { step: step.name }), 'good', '', able ? undo : undefined);
  if (able) setTimeout(() => undo.remove(), UNDO_MS);
  if (told?.case.city === area().city) cases().patch(answer.number, { stage: answer.stage, version: answer.case_version }, false);
  void refresh();
}

/**
 * A step was taken of a case that is not open any more: it is told by its number, and cannot be taken back from here.
 *
 * @param {{number: string, city: string}} of
 * @param {StepOffered} step
 * @param {any} answer
 */
function doneElsewhere({ number, city }, step, answer) {
  own.add(`${city} ${answer.number} ${answer.case_version}`);
  const sentence = `${number}: ${say('step_done', { step: step.name })}`;
  tell(sentence, 'good');
  required('#told').textContent = sentence;
  if (city === area().city) cases().patch(answer.number, { stage: answer.stage, version: answer.case_version }, false);
}

/**
 * Somebody was faster: say who did what, and show the case as it is now. Nothing typed is lost.
 *
 * @param {any} error
 */
function stale(error) {
  const last = error.since?.at(-1);
  void refresh().then(() => tellOther(last ? last.seq : null));
}

/**
 * Say what somebody else did.
 *
 * @param {number | null} seq Of the event; otherwise the last one.
 */
function tellOther(seq) {
  const event = told?.history.find((one) => one.seq === seq) ?? told?.history.at(-1);
  if (!event) return;
  const who = actorOf(event);
  const text = say('other_did', { who, step: event.step_name, time: area().clock.moment(event.at, now()) });
  const show = box('button', 'small second', say('show'));
  show.type = 'button';
  show.addEventListener('click', () => {
    const line = document.querySelector('#drawer .time-line li.here');
    line?.scrollIntoView({ block: 'center' });
    notices().replaceChildren();
  });
  tell(text, 'told', composer.text ? say('kept_and_changed') : say('steps_changed'), show);
  required('#told').textContent = text;
}

/** Ask for the open case anew, and draw it in place. */
export async function refresh() {
  if (!told) return;
  const { number, city } = told.case;
  const { signal } = asking;
  const answer = await get(`/api/cases/${encodeURIComponent(number)}`, inCity(city), signal).catch(() => null);
  if (!answer?.ok || signal.aborted || state().case !== number) return;
  told = answer.body;
  paint();
  const { case: row } = answer.body;
  if (city === area().city) cases().patch(number, rowOf(row), false);
}

/** What of a case stands in its row. @param {any} row @returns {Partial<DeskCase>} */
export function rowOf(row) {
  const { title, category, severity, stage, state, due_at, stage_at, unit, assignee, assignee_shown, handler, version, address } = row;
  return { title, category, severity, stage, state, due_at, stage_at, unit, assignee, assignee_shown, handler, version, address };
}

/**
 * A step of the open case was told by the server.
 *
 * @param {{number: string, city: string, version: number}} event
 */
export async function follow({ number, city, version }) {
  if (!told || !isSame(told.case, { number, city }) || version <= told.case.version) return;
  if (steps.sending && isSame(steps.sending, told.case)) return;
  await refresh();
  if (!own.has(`${city} ${number} ${version}`)) tellOther(null);
}

// ---- Tools ----

/** @param {number} by */
async function step(by) {
  const row = await cases().move(by);
  if (row) go({ case: row.number }, { replace: true });
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    tell(say('link_copied'), 'good');
  } catch {
    tell(location.href, 'told');
  }
}
