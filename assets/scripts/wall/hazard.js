/** The band of hazards: the most serious one in force, by the server's clock, so that it begins and ends also while the server is away. */

import { facts, inLanguage, say } from '../desk/facts.js';
import { required } from '../dom.js';
import { dayInWords, readCity } from './clock.js';
import { box, redraw } from './parts.js';
import { leaveOut } from './room.js';

/** Levels by shape too, for who cannot tell their colours. */
const SYMBOLS = ['◆', '▲', '■', '●', '○'];
/** A longer place is left out, and of a longer name of an event the end. */
const LONGEST_PLACE = 24;
const LONGEST_EVENT = { zh: 20, en: 34 };
/** What is left out first where the line has no room for all: until when, then where, then how many more there are. */
const RANKS = { until: 3, place: 2, more: 1 };

/** @typedef {{kind: keyof typeof RANKS, text: string}} Detail */

/**
 * Hazards in force at a moment, the most serious first, as the server told them.
 *
 * @param {WallHazard[]} hazards
 * @param {number} now
 */
export const inForce = (hazards, now) => hazards.filter((one) => Date.parse(one.starts_at) <= now && now < Date.parse(one.ends_at));

/**
 * Show the most serious one; gives back whether the band may take another room than before.
 *
 * @param {WallFigures} told
 * @param {{now(): number}} clock
 */
export function paintHazard(told, clock) {
  const now = clock.now();
  const found = inForce(told.hazards, now);
  const [first] = found;
  const [at, root] = [required('#hazard'), document.documentElement];
  at.hidden = !first;
  root.toggleAttribute('data-hazard', Boolean(first));
  if (!first) return redraw(at, null, () => []);
  at.dataset.level = String(first.level);
  const title = titleOf(first);
  const details = detailsOf(first, told.timezone, now, found.length - 1);
  const size = [root.style.fontSize, root.dataset.layout, innerWidth];
  const isNew = redraw(at, [title, details, size], () => [
    box('i', '', SYMBOLS[first.level - 1]),
    box('b', '', title),
    ...details.map(({ text }) => box('span', '', text)),
  ]);
  if (isNew) fitBand(at, details);
  return isNew;
}

/** One line with as much as has room; only a title that is wider itself takes more lines. @param {HTMLElement} at @param {Detail[]} details */
function fitBand(at, details) {
  at.removeAttribute('data-long');
  const spans = /** @type {HTMLElement[]} */ ([...at.querySelectorAll('span')]);
  const rankOf = (/** @type {HTMLElement} */ one) => RANKS[details[spans.indexOf(one)].kind];
  const lacksRoom = () => at.scrollWidth > at.clientWidth + 1;
  leaveOut(spans, rankOf, lacksRoom, (one) => (one.hidden = true));
  at.toggleAttribute('data-long', lacksRoom());
  // What is short may have room where something long was left out.
  for (const one of spans.filter(({ hidden }) => hidden).sort((a, b) => rankOf(a) - rankOf(b))) {
    one.hidden = false;
    one.hidden = 'long' in at.dataset || lacksRoom();
  }
}

/** Some feeds write the colour into the name of the event: 暴雨红色预警. @param {string} event @param {string | null} colour */
export const hasColour = (event, colour) => Boolean(colour) && new RegExp(`[红橙黄蓝]色|\\b${colour}\\b`, 'i').test(event);

/** Others only that it is a warning, which the level says, too: 暴雨预警信号. @param {string} event */
export const bareOf = (event) => event.replace(/(.)(预警信号|预警|\s+warning)$/i, '$1');

/** At most so many letters; Latin ones end with a whole word. @param {string} text @param {number} most */
export function shorten(text, most) {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  return `${cut.replace(/([A-Za-z,]) [^ ]*$/, '$1').replace(/[\s,，、（(]+$/, '')}…`;
}

/** @param {WallHazard} one */
function titleOf(one) {
  const event = inLanguage(one.event, one.event_en);
  const level = one.colour ? say(`hazard_${one.colour}`) : say(`hazard_level_${one.level}`);
  const most = LONGEST_EVENT[facts().lang === 'zh' ? 'zh' : 'en'];
  if (hasColour(event, one.colour) && event.length <= most) return event;
  return say('hazard', { event: shorten(bareOf(event), most), level });
}

/** @param {WallHazard} one @param {string} timezone @param {number} now @param {number} more @returns {Detail[]} */
function detailsOf(one, timezone, now, more) {
  const place = inLanguage(one.place, one.place_en);
  return [
    ...(place && place.length <= LONGEST_PLACE ? [/** @type {Detail} */ ({ kind: 'place', text: place })] : []),
    ...(one.is_end_said
      ? [/** @type {Detail} */ ({ kind: 'until', text: say('hazard_until', { time: untilOf(Date.parse(one.ends_at), timezone, now) }) })]
      : []),
    ...(more > 0 ? [/** @type {Detail} */ ({ kind: 'more', text: say('hazard_more', { n: more }) })] : []),
  ];
}

/** @param {number} end @param {string} timezone @param {number} now */
function untilOf(end, timezone, now) {
  const [there, here] = [readCity(end, timezone), readCity(now, timezone)];
  if (there.day === here.day) return there.time;
  const { lang } = facts();
  const day = dayInWords(end, timezone, lang).split('\n')[lang === 'zh' ? 0 : 1];
  return `${day.replace(/([A-Z][a-z]{2})[a-z]+/, '$1')} ${there.time}`; // 11月30日, 30 Nov
}
