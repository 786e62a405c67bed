/** The band of hazards: the most serious one in force, by the server's clock, so that it begins and ends also while the server is away. */

import { facts, inLanguage, say } from '../desk/facts.js';
import { required } from '../dom.js';
import { dayInWords, readCity } from './clock.js';
import { box, redraw } from './parts.js';

/** Levels by shape too, for who cannot tell their colours. */
const SYMBOLS = ['◆', '▲', '■', '●', '○'];
/** A longer place is left out: the band is one line, and nothing in it is cut. */
const LONGEST_PLACE = 24;

/**
 * Hazards in force at a moment, the most serious first, as the server told them.
 *
 * @param {WallHazard[]} hazards
 * @param {number} now
 */
export const inForce = (hazards, now) => hazards.filter((one) => Date.parse(one.starts_at) <= now && now < Date.parse(one.ends_at));

/** @param {WallFigures} told @param {{now(): number}} clock */
export function paintHazard(told, clock) {
  const now = clock.now();
  const found = inForce(told.hazards, now);
  const [first] = found;
  const at = required('#hazard');
  at.hidden = !first;
  if (!first) return void redraw(at, null, () => []);
  at.dataset.level = String(first.level);
  const parts = wordsOf(first, told.timezone, now);
  const more = found.length > 1 ? [say('hazard_more', { n: found.length - 1 })] : [];
  redraw(at, [parts, more], () => [
    box('i', '', SYMBOLS[first.level - 1]),
    box('b', '', parts[0]),
    ...[...parts.slice(1), ...more].map((text) => box('span', '', text)),
  ]);
}

/** Some feeds write the colour into the name of the event: 暴雨红色预警. @param {string} event @param {string | null} colour */
export const hasColour = (event, colour) => Boolean(colour) && new RegExp(`[红橙黄蓝]色|\\b${colour}\\b`, 'i').test(event);

/** Others only that it is a warning, which the level says, too: 暴雨预警信号. @param {string} event */
export const bareOf = (event) => event.replace(/(.)(预警信号|预警|\s+warning)$/i, '$1');

/** @param {WallHazard} one @param {string} timezone @param {number} now */
function wordsOf(one, timezone, now) {
  const event = inLanguage(one.event, one.event_en);
  const level = one.colour ? say(`hazard_${one.colour}`) : say(`hazard_level_${one.level}`);
  const said = hasColour(event, one.colour) ? event : say('hazard', { event: bareOf(event), level });
  const place = inLanguage(one.place, one.place_en);
  return [
    said,
    ...(place && place.length <= LONGEST_PLACE ? [place] : []),
    ...(one.is_end_said ? [say('hazard_until', { time: untilOf(Date.parse(one.ends_at), timezone, now) })] : []),
  ];
}

/** @param {number} end @param {string} timezone @param {number} now */
function untilOf(end, timezone, now) {
  const [there, here] = [readCity(end, timezone), readCity(now, timezone)];
  if (there.day === here.day) return there.time;
  const { lang } = facts();
  return `${dayInWords(end, timezone, lang).split('\n')[lang === 'zh' ? 0 : 1]} ${there.time}`;
}
