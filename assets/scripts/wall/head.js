/** The head of the picture: what is shown, how large it is, and of when the figures are. */

import { facts, inLanguage, say } from '../desk/facts.js';
import { required } from '../dom.js';
import { readCity } from './clock.js';
import { whole, write } from './parts.js';
import { fitLine } from './room.js';

/** @param {WallFigures} told @param {import('./tour/shown.js').Shown | null} shown */
export function paintHead(told, shown) {
  const area = inLanguage(told.area.name, told.area.name_en);
  write(required('#title'), say('title', { area }));
  const scene = shown ? inLanguage(shown.name, shown.name_en) : '';
  const counts = told.levels.filter((one) => one.level !== 'community' && (one.name || one.name_en)).map((one) => countOf(one));
  const { total } = told.residents;
  const time = readCity(Date.parse(told.as_of), told.timezone).time;
  const parts = [
    ...(scene && scene !== area ? [scene] : []),
    ...counts,
    ...(total === null ? [] : [say('residents', { n: whole(total) })]),
    say('updated', { time }),
  ];
  fitLine(required('#about'), parts);
}

/** @param {WallFigures['levels'][number]} one */
function countOf({ name, name_en, n }) {
  return say('count_of', { n: whole(n), things: facts().lang === 'en' ? plural(name_en, n) : name || name_en });
}

/** `Street or town` as in a sentence: `streets and towns`. @param {string} name @param {number} n */
export function plural(name, n) {
  const words = name.toLowerCase().split(' or ');
  return (n === 1 ? words : words.map((word) => (/[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`))).join(
    n === 1 ? ' or ' : ' and ',
  );
}

/** A time that has passed, in words. @param {number} ms */
export function spanOf(ms) {
  if (ms < 60000) return say('seconds', { n: Math.round(ms / 1000) });
  if (ms < 3600000) return say('minutes', { n: Math.floor(ms / 60000) });
  return say('hours', { n: Math.floor(ms / 3600000) });
}
