/** Who must act: open cases beyond their deadline by unit and person, the oldest first. A stock: it belongs to no period. */

import { box } from '../desk/cells.js';
import { area, fetchArea } from '../desk/city.js';
import { openDialog } from '../desk/dialogs.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { get, newKey, post, sentenceOf } from '../desk/server.js';
import { required } from '../dom.js';
import { behind, fetchAnswer, Panel, remark, select } from './panels.js';
import { whole } from './numbers.js';
import { SOON } from './state.js';
import { deskLink, go, query, state } from './where.js';

const SHOWN = 8;
/** From so many days on, the age of the oldest case is red. */
const OLD_DAYS = 5;
const HOUR = 3600000;

export const waitingPanel = new Panel('waiting', 'half');
let all = false;

export function showWaiting() {
  waitingPanel.name(say('waiting_title'), '');
  const hours = SOON.map((one) => /** @type {[string, string]} */ ([one, say('soon_hours', { hours: one })]));
  if (!facts().can.cases) return waitingPanel.tell(say('needs_cases'));
  waitingPanel.choose(
    box('span', 'dim', say('soon_within')),
    select(say('soon_within'), hours, state().soon, (soon) => go({ soon }, { replace: true })),
  );
  const kept = new URLSearchParams([...query()].filter(([name]) => !['from', 'to'].includes(name)));
  kept.set('soon', state().soon);
  waitingPanel.offer('/api/indicators/overdue', kept);
  void waitingPanel.fill((signal) => fetchAnswer('/api/indicators/overdue', kept, signal), paint);
}

/** @param {any} told @returns {(Node | null)[]} */
function paint(told) {
  const hours = told.soon_h;
  const how = { n: whole(told.overdue), soon: whole(told.due_soon), hours };
  waitingPanel.name(say('waiting_title'), say('waiting_how', how));
  if (!told.waiting.length) return [remark(say('nobody_waits', { hours }))];
  const most = Math.max(1, ...told.waiting.map((/** @type {any} */ one) => one.overdue));
  const shown = all ? told.waiting : told.waiting.slice(0, SHOWN);
  const columns = [say('column_unit'), '', say('column_overdue'), say('column_oldest'), say('column_soon', { hours }), ''];
  const heads = box('div', 'waiting-row waiting-heads', ...columns.map((one) => box('span', '', one)));
  heads.setAttribute('aria-hidden', 'true');
  const rows = shown.map((/** @type {any} */ one) => row(one, told, most));
  return [
    heads,
    box('ol', 'waiting-list', ...rows),
    told.waiting.length > SHOWN ? rest(told) : null,
    remark(told.by_person ? say('no_phones') : say('only_units')),
  ];
}

/** The others in one line, so that each column adds up. @param {any} told */
function rest(told) {
  const others = told.waiting.slice(SHOWN);
  const button = box('button', 'plain', all ? say('show_fewer') : say('show_all', { n: told.waiting.length }));
  button.type = 'button';
  button.addEventListener('click', () => {
    all = !all;
    waitingPanel.body.replaceChildren(...paint(told).filter((one) => one !== null));
    /** @type {HTMLElement | null} */ (waitingPanel.body.querySelector('.waiting-rest button'))?.focus();
  });
  if (all) return box('div', 'waiting-rest', button);
  // Where people are told beside units, lines overlap, and a sum would count cases twice.
  const of = (/** @type {string} */ name) => others.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one[name], 0);
  const oldest = others.find((/** @type {any} */ one) => one.oldest_due);
  const sums = told.by_person
    ? [
      box('b', 'count', whole(of('overdue'))),
      box('span', 'age', oldest ? ageOf(oldest.oldest_due, told.as_of).text : ''),
      box('span', 'soon count', whole(of('due_soon'))),
    ]
    : [box('span', ''), box('span', ''), box('span', '')];
  return box(
    'div',
    'waiting-row waiting-rest',
    box('span', 'dim', say('rest_of_waiting', { n: others.length })),
    box('span', ''),
    ...sums,
    button,
  );
}

/** How long a case is overdue: days, or hours within the first. @param {string} due @param {string} now */
export function ageOf(due, now) {
  const hours = Math.max(0, Date.parse(now) - Date.parse(due)) / HOUR;
  return {
    days: Math.floor(hours / 24),
    text: hours >= 24 ? say('days', { n: Math.floor(hours / 24) }) : say('hours', { n: Math.floor(hours) }),
  };
}

/** @param {any} one @param {any} told @param {number} most */
function row(one, told, most) {
  const unit = one.unit === null ? say('no_unit') : inLanguage(one.unit_name, one.unit_name_en) || one.unit;
  const head = inLanguage(one.unit_head, one.unit_head_en);
  const person = [
    one.person_shown ?? one.person ?? (told.by_person ? say('nobody') : say('whole_unit')),
    head ? say('led_by', { who: head }) : '',
  ]
    .filter(Boolean).join(' · ');
  const age = one.oldest_due ? ageOf(one.oldest_due, told.as_of) : null;
  const bar = box('i', 'late-bar');
  bar.style.width = `${one.overdue / most * 100}%`;
  const track = box('span', 'late-track', bar);
  track.setAttribute('aria-hidden', 'true');
  return box(
    'li',
    'waiting-row',
    box('span', 'who', box('b', '', unit), box('span', 'dim', person)),
    track,
    one.overdue ? behind(whole(one.overdue), one.cases, 'late count') : box('span', 'dim count', '0'),
    age ? oldestCase(one, age) : box('span', 'dim age', '–'),
    one.due_soon ? behind(whole(one.due_soon), one.due_soon_cases, 'soon count') : box('span', 'dim count', '0'),
    age && facts().can.remind ? hurry(`${unit}, ${person}`, one.oldest_case, age.text) : null,
  );
}

/** @param {any} one @param {{days: number, text: string}} age */
function oldestCase(one, age) {
  const made = box('a', age.days >= OLD_DAYS ? 'behind age late' : 'behind age', age.text);
  made.href = `${deskLink(one.cases)}&case=${encodeURIComponent(one.oldest_case)}`;
  made.title = one.oldest_case;
  return made;
}

/** @param {string} who @param {string} number @param {string} span */
function hurry(who, number, span) {
  const made = box('button', 'second small hurry', say('hurry'));
  made.type = 'button';
  made.setAttribute('aria-label', say('hurry_title', { who }));
  made.addEventListener('click', () => ask(who, number, span));
  return made;
}

/** Ask what is said; whoever handles the case that waits for longest is reminded. @param {string} who @param {string} number @param {string} span */
function ask(who, number, span) {
  const dialog = /** @type {HTMLDialogElement} */ (required('#hurry'));
  const text = document.createElement('textarea');
  text.value = say('hurry_text', { span });
  text.rows = 3;
  text.maxLength = 2000;
  text.setAttribute('aria-label', say('remark'));
  const told = box('p', 'dim', '');
  told.setAttribute('role', 'status');
  const send = box('button', 'small', say('send'));
  const cancel = box('button', 'second small', say('cancel'));
  cancel.type = 'button';
  cancel.addEventListener('click', () => dialog.close());
  const form = box(
    'form',
    'step-form',
    box('h2', '', say('hurry_title', { who })),
    box('p', '', say('hurry_case', { number })),
    text,
    told,
    box('div', 'step-acts', send, cancel),
  );
  const key = newKey();
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    send.disabled = true;
    const sentence = await write(number, text.value.trim(), key);
    send.disabled = false;
    told.textContent = sentence || say('hurried');
    if (!sentence) dialog.close(), required('#told').textContent = say('hurried');
  });
  dialog.replaceChildren(form);
  openDialog(dialog);
  text.focus();
}

/** Remind the handler; returns what went wrong, if anything did. @param {string} number @param {string} remark @param {string} key */
async function write(number, remark, key) {
  const report = await fetchArea(area().code);
  const where = new URLSearchParams(report ? { city: report.city.code } : {});
  const read = await get(`/api/cases/${encodeURIComponent(number)}`, where);
  if (!read.ok) return sentenceOf(read, say('failed'));
  const answer = await post(
    `/api/cases/${encodeURIComponent(number)}/steps`,
    { step: 'remind', version: read.body.case.version, remark },
    key,
    where,
  );
  return answer.ok ? '' : answer.body?.error?.fields?.[0]?.sentence ?? sentenceOf(answer, say('failed'));
}
