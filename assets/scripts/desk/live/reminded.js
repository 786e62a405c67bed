/** Whoever handles a case is told at once that somebody reminds of it, whatever list is shown; the way to the case is one click. */

import { required } from '../../dom.js';
import { go } from '../address.js';
import { addressed, inCity } from '../case/key.js';
import { box, titleOf } from '../cells.js';
import { facts, say } from '../facts.js';
import { icon } from '../icons.js';
import { get } from '../server.js';

/** Of so many cases at most it is asked whose they are; a step on many cases reminds of up to a thousand. */
const MOST_ASKED = 20;
/** A case is asked for so often while the server is full or away. */
const TRIES = 4;

/** Cases of which somebody reminded and that were not looked at since, the latest last. @type {Map<string, DeskCase>} */
const held = new Map();
/** Cases of which it is not known yet whose they are, the latest last. @type {Map<string, {number: string, city: string}>} */
const unasked = new Map();
let asking = false;

/** The button over the list. */
export function remindedPill() {
  const pill = box('button', 'pill', icon('call', 14), box('span', ''));
  pill.type = 'button';
  pill.id = 'reminded';
  pill.hidden = true;
  pill.addEventListener('click', () => {
    const [key, row] = [...held].at(-1) ?? [];
    if (!key || !row) return;
    held.delete(key);
    paint();
    go(addressed(row));
  });
  return pill;
}

/** Whether this person handles a case: by name, or as a member of its unit while nobody has taken it. @param {DeskCase} row */
export const isHandler = (row, { me, units } = facts()) => row.assignee ? row.assignee === me : units.includes(row.unit ?? '');

/** Somebody was reminded of a case. @param {{number: string, city: string}} event */
export function hearReminder({ number, city }) {
  if (!facts().can.handle) return;
  putLast(unasked, `${city} ${number}`, { number, city });
  if (unasked.size > MOST_ASKED) unasked.delete([...unasked.keys()][0]);
  void askAll();
}

/** Ask whose the cases are, one after the other: every open desk hears of every reminder. */
async function askAll() {
  if (asking) return;
  asking = true;
  try {
    while (unasked.size) {
      const [[key, one]] = unasked;
      unasked.delete(key);
      await askFor(key, one);
    }
  } finally {
    asking = false;
  }
}

/** @param {string} key @param {{number: string, city: string}} of */
async function askFor(key, { number, city }) {
  const query = inCity(city);
  query.set('reporters', 'false');
  const answer = await get(`/api/cases/${encodeURIComponent(number)}`, query, undefined, TRIES).catch(() => null);
  if (!answer?.ok || !isHandler(answer.body.case)) return;
  const event = answer.body.history.findLast((/** @type {CaseEventTold} */ one) => one.step === 'remind');
  if (event?.account === facts().me) return;
  putLast(held, key, answer.body.case);
  paint();
  required('#told').textContent = required('#reminded span').textContent;
}

/** @template T @param {Map<string, T>} into @param {string} key @param {T} value */
function putLast(into, key, value) {
  into.delete(key);
  into.set(key, value);
}

function paint() {
  const pill = required('#reminded');
  const row = [...held.values()].at(-1);
  pill.hidden = !row;
  required('span', pill).textContent = row ? say('reminded_of', { title: titleOf(row) }) : '';
}
