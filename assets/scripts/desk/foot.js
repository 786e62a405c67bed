/** The line under the table: which rows are in view, whether the page hears what happens, and the keys. */

import { required } from '../dom.js';
import { box } from './cells.js';
import { area, now } from './city.js';
import { say } from './facts.js';
import { deviceTime } from './live/sign.js';
import { onWaiting, waiting } from './live/waiting.js';

/** Since when nothing is heard, or null while the page hears. @type {number | null} */
let lostAt = null;
/** The moment of the last event; 0 before the first. */
let heardAt = 0;

/** @param {string} keys @param {string} does */
const key = (keys, does) => box('span', 'key', ...keys.split(' ').map((one) => box('kbd', '', one)), box('span', '', say(does)));

/** Draw it once. */
export function beginFoot() {
  required('#foot').replaceChildren(
    box('span', 'range'),
    box('span', 'live', box('i', ''), box('span', '', say('live'))),
    box('span', 'keys', key('j k', 'key_move'), key('Enter', 'key_open'), key('/', 'key_search'), key('?', 'keys')),
  );
  onWaiting(paintLive);
}

/**
 * Which rows are in view, and of how many; nothing where there is none.
 *
 * @param {{first: number, rows: DeskCase[]}} view
 * @param {string} total
 */
export function paintRange({ first, rows }, total) {
  const text = rows.length && first >= 0 ? say('range', { first: first + 1, last: first + rows.length, total: total || '…' }) : '';
  required('#foot .range').textContent = text;
}

/** @param {boolean} live @param {number} [since] */
export function setLive(live, since = Date.now()) {
  lostAt = live ? null : since;
  paintLive();
}

/** An event has come. */
export function heard() {
  heardAt = now();
  paintLive();
}

function paintLive() {
  const live = required('#foot .live');
  // Whose own questions are not answered hears nothing either, whatever the stream has said last.
  const now = waiting();
  const since = lostAt ?? (now?.notice === 'silent' ? now.since : null);
  live.classList.toggle('lost', since !== null);
  const told = heardAt ? say('live_at', { time: area().clock.time(heardAt) }) : say('live');
  required('span', live).textContent = since === null ? told : say('not_live', { time: deviceTime(since) });
}
