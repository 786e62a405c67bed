/** Whoever handles a case is told at once that somebody reminds of it, whatever list is shown; the way to the case is one click. */

import { required } from '../../dom.js';
import { go } from '../address.js';
import { addressed, inCity } from '../case/key.js';
import { box, titleOf } from '../cells.js';
import { facts, say } from '../facts.js';
import { icon } from '../icons.js';
import { get } from '../server.js';

/** Cases of which somebody reminded and that were not looked at since, the latest last. @type {Map<string, DeskCase>} */
const held = new Map();

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
export async function hearReminder({ number, city }) {
  const query = inCity(city);
  query.set('reporters', 'false');
  const answer = await get(`/api/cases/${encodeURIComponent(number)}`, query).catch(() => null);
  if (!answer?.ok || !isHandler(answer.body.case)) return;
  const event = answer.body.history.findLast((/** @type {CaseEventTold} */ one) => one.step === 'remind');
  if (event?.account === facts().me) return;
  held.set(`${city} ${number}`, answer.body.case);
  paint();
  required('#told').textContent = required('#reminded span').textContent;
}

function paint() {
  const pill = required('#reminded');
  const row = [...held.values()].at(-1);
  pill.hidden = !row;
  required('span', pill).textContent = row ? say('reminded_of', { title: titleOf(row) }) : '';
}
