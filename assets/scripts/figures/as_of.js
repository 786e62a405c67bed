/** As of when the numbers of the page stand, and whether it hears what happens. */

import { area } from '../desk/city.js';
import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { onMoment } from './panels.js';

/** Since when nothing is heard, or null while the page hears. @type {number | null} */
let lostAt = null;
/** The moment of the newest answer. */
let newest = '';

const told = box('span', '', '');
/** It stands in the row of tools, whatever else is drawn there anew. */
export const asOf = box('span', 'as-of', box('i', ''), told);

onMoment((moment) => {
  if (newest === '' || Date.parse(moment) > Date.parse(newest)) newest = moment;
  paint();
});

/** @param {number | null} since Of the device's clock; null: it hears. */
export function setLost(since) {
  lostAt = since;
  paint();
}

/** @param {number} ms Of the device's clock. */
const deviceTime = (ms) => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

function paint() {
  asOf.classList.toggle('lost', lostAt !== null);
  const stands = newest ? say('as_of', { moment: area().clock.moment(newest, Date.now()) }) : '';
  told.textContent = [stands, lostAt === null ? '' : say('not_live', { time: deviceTime(lostAt) })].filter(Boolean).join(' · ');
  asOf.title = lostAt === null ? say('follows') : '';
}
