/** Earlier cases: of the place where the open case stands, and of who reported it. */

import { element } from '../../dom.js';
import { go } from '../address.js';
import { box, stageName, titleOf } from '../cells.js';
import { area, now } from '../city.js';
import { say } from '../facts.js';
import { get } from '../server.js';
import { addressed, inCity } from './key.js';

const SHOWN = 4;

/** @typedef {{months: number, of_place: DeskCase[], of_reporter: DeskCase[] | null}} Earlier */

/**
 * Ask for earlier cases; null where there is no answer. Where the account may see reporters, the server writes it to the audit log.
 *
 * @param {CaseTold} told
 * @param {AbortSignal} signal
 * @returns {Promise<Earlier | null>}
 */
export async function askEarlier({ case: row }, signal) {
  const answer = await get(`/api/cases/${encodeURIComponent(row.number)}/earlier`, inCity(row.city), signal).catch(() => null);
  return answer?.ok ? answer.body : null;
}

/** Both sections of the drawer; what has no cases is left out. @param {Earlier | null} found */
export function earlier(found) {
  if (!found) return [];
  return [list(say('earlier_here'), found.of_place, found.months), list(say('earlier_reporter'), found.of_reporter ?? [], found.months)];
}

/** @param {string} title @param {DeskCase[]} rows @param {number} months */
function list(title, rows, months) {
  if (!rows.length) return null;
  const lines = rows.slice(0, SHOWN).map(line);
  if (rows.length > SHOWN) lines.push(element('li', 'dim', say('n_more', { n: rows.length - SHOWN })));
  return box(
    'section',
    'part earlier',
    box('div', 'part-head', box('h3', '', title), element('span', 'dim', say('in_months', { n: rows.length, months }))),
    box('ol', 'earlier-list', ...lines),
  );
}

/** @param {DeskCase} row */
function line(row) {
  const open = box('button', 'linked', titleOf(row));
  open.type = 'button';
  open.title = row.number;
  open.addEventListener('click', () => go(addressed(row)));
  const ended = row.closed_at && row.due_at ? say(row.closed_at <= row.due_at ? 'closed_in_time' : 'closed_late') : stageName(row.stage);
  return box('li', '', open, element('span', 'dim', `${area().clock.moment(row.reported_at, now())} · ${ended}`));
}
