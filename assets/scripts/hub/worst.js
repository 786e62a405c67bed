/** Feeds that need somebody, the worst first; and crossings as a list, for phones and for who prefers it. */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { element } from '../dom.js';
import { percent, whole } from './numbers.js';
import { addressWith } from './here.js';
import { byWorst, classOf, isFaulty, keyOf, toneOf } from './reckoning.js';
import { stateSymbol } from './symbols.js';
import { dayOf, levelName, short, shortDay, stateText } from './words.js';

const FIRST = 6;

/**
 * @param {HTMLElement} host
 * @param {HubAnswer} answer
 * @param {HubPick | null} picked
 * @param {(to: {level: string, department: string, feed: string}) => void} open
 */
export function drawWorst(host, answer, picked, open) {
  const { worst } = answer;
  const all = host.dataset.all === 'yes';
  const shown = all ? worst : worst.slice(0, FIRST);
  const head = box('div', 'hub-part-head', element('h2', '', say('hub_worst')));
  if (worst.length > FIRST) {
    const more = element('button', 'plain', say(all ? 'hub_worst_fewer' : 'hub_worst_all', { n: worst.length }));
    more.type = 'button';
    more.addEventListener('click', () => {
      host.dataset.all = all ? '' : 'yes';
      drawWorst(host, answer, picked, open);
      host.querySelector('button')?.focus();
    });
    head.append(box('span', 'hub-small', all ? '' : say('hub_first_of', { n: FIRST, of: worst.length })), more);
  }
  if (!worst.length) return host.replaceChildren(head, element('p', 'dim', say('hub_worst_none')));
  const heads = ['hub_column_state', 'hub_column_level', 'hub_column_department', 'hub_column_feed', 'hub_column_cause', 'hub_contact'];
  const rows = shown.map((one) => {
    const tr = element('tr', picked && keyOf(picked) === keyOf(one) ? 'here' : '');
    const link = element('a', '', one.name);
    link.href = addressWith({ cell: { level: one.level, department: one.department }, feed: one.feed });
    link.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      open(one);
    });
    const tone = toneOf({ ...one, feeds: 1, hidden: false });
    const department = answer.departments.find(({ code }) => code === one.department);
    tr.append(
      box('td', '', box('span', `hub-of ${classOf(tone)}`, stateSymbol(tone), stateText(one.state, one.late_days))),
      element('td', '', levelName(one.level)),
      element('td', '', department?.short ?? one.department),
      box('td', '', link),
      element('td', '', causeOf(one)),
      element('td', '', one.contact ?? ''),
    );
    return tr;
  });
  const heading = element('tr', '');
  heading.append(...heads.map((name) => Object.assign(element('th', '', say(name)), { scope: 'col' })));
  host.replaceChildren(head, box('table', 'hub-rows', box('thead', '', heading), box('tbody', '', ...rows)));
}

/** @param {HubWorst} one */
function causeOf({ problem, due_at: due }) {
  if (problem) return problem;
  return due ? say('hub_due_on', { day: shortDay(dayOf(due)) }) : '';
}

/**
 * @param {HTMLElement} host
 * @param {HubAnswer} answer
 * @param {HubPick | null} picked
 * @param {(pick: HubPick) => void} open
 */
export function drawList(host, answer, picked, open) {
  const shown = answer.cells.filter(({ feeds, hidden }) => feeds || hidden).toSorted((one, other) =>
    Number(one.hidden) - Number(other.hidden) || byWorst(one, other)
  );
  const items = shown.map((cell) => {
    const department = answer.departments.find(({ code }) => code === cell.department);
    const tone = toneOf(cell);
    const place = say('hub_crossing', { level: levelName(cell.level), department: department?.short ?? cell.department });
    const numbers = [say('hub_feeds', { n: whole(cell.feeds ?? 0) })];
    if (cell.records) numbers.push(say('hub_records', { n: short(cell.records) }));
    if (typeof cell.completeness === 'number') numbers.push(say('hub_complete', { n: percent(cell.completeness) }));
    const button = box(
      'button',
      `hub-item ${isFaulty(cell) ? 'faulty' : ''}`,
      box('i', `hub-mark ${classOf(tone)}`, stateSymbol(tone, 16)),
      box(
        'span',
        'hub-item-words',
        element('b', '', place),
        element('span', 'hub-small', tone === 'hidden' ? say('hub_hidden') : numbers.join(' · ')),
      ),
      tone === 'hidden' ? '' : element('span', `hub-of ${classOf(tone)}`, stateText(cell.state, cell.late_days)),
    );
    button.type = 'button';
    if (picked && keyOf(picked) === keyOf(cell)) button.setAttribute('aria-current', 'true');
    button.dataset.cell = keyOf(cell);
    button.addEventListener('click', () => open({ level: cell.level, department: cell.department }));
    return box('li', '', button);
  });
  host.replaceChildren(box('ul', 'hub-list', ...items));
}
