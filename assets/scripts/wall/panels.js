/** The panels at the right: the rhythm of the day, last week by hour, and the areas that changed most. */

import { required } from '../dom.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { bar, box, drawing, line, redraw, whole } from './parts.js';

const WIDE = 460;
const HIGH = 120;
const HOURS = 24;
const ROW = 26;
const WEEK_WIDE = 396;
const HEAT_CLASSES = 6;
/** A ratio so far from 1 fills its half of the bar. */
const MOST_RATIO = 2;
/** How many areas that changed have room; a wide picture has a column for them. */
const MOST_CHANGED = { band: 10, other: 5 };

/** @param {WallFigures} told @param {number} hour The running one; -1: none of the present day is known. @param {boolean} present Whether the day is the present one. */
export function paintPanels(told, hour, present) {
  const host = required('#panels');
  if (!host.childElementCount) {
    for (const [name, rank] of [['rhythm', 1], ['week', 3], ['changed', 2]]) {
      const made = box('section', 'wall-panel', box('header', ''), box('div', 'wall-body'));
      made.dataset.panel = String(name);
      made.dataset.rank = String(rank);
      host.append(made);
    }
    head('rhythm').append(box('h2', '', say('rhythm')), box('span', ''));
    head('week').append(box('h2', '', say('week')), box('span', '', say('week_note')));
    head('changed').append(box('h2', '', say('changed')), box('span', '', say('changed_note')));
  }
  const { days } = told.reported;
  redraw(required('span', head('rhythm')), days, () => [box('i', ''), say('rhythm_today'), ...(days ? markMean(days) : [])]);
  redraw(body('rhythm'), [told.hours, hour, present], () => rhythm(told.hours, present ? hour : HOURS));
  redraw(body('week'), told.week, () => week(told.week));
  const most = document.documentElement.dataset.layout === 'band' ? MOST_CHANGED.band : MOST_CHANGED.other;
  redraw(body('changed'), [told.changes, most], () => changed(told.changes, most));
}

/** @param {string} name */
const head = (name) => required(`[data-panel="${name}"] header`);
/** @param {string} name */
const body = (name) => required(`[data-panel="${name}"] .wall-body`);

/** What the dashes say. @param {number} days */
const markMean = (days) => [box('i', 'mean'), say('rhythm_usual', { days: whole(days) })];

/** @param {WallFigures['hours']} told @param {number} now */
function rhythm(told, now) {
  if (!told) return [box('p', 'none', say('no_hours'))];
  const usual = told.usual ?? told.today.map(() => 0);
  const most = Math.max(1, ...usual, ...told.today) * 1.08;
  const wide = WIDE / HOURS;
  const drawn = usual.flatMap((mean, hour) => {
    const x = hour * wide;
    const high = (/** @type {number} */ n) => (n / most) * HIGH;
    const shapes = [bar('wall-bar-behind', x + wide * 0.16, HIGH - high(mean), wide * 0.68, high(mean), 2)];
    const n = told.today[hour];
    if (n && hour <= now) {
      shapes.push(bar(hour === now ? 'wall-bar running' : 'wall-bar', x + wide * 0.16, HIGH - high(n), wide * 0.68, high(n), 2));
    }
    if (mean > 0) shapes.push(line('wall-mean', x + wide * 0.06, x + wide * 0.94, HIGH - high(mean)));
    return shapes;
  });
  const axis = [0, 6, 12, 18, 24].map((hour) => {
    const made = box('span', '', `${String(hour).padStart(2, '0')}:00`);
    made.style.left = `${(hour / HOURS) * 100}%`;
    return made;
  });
  return [drawing(WIDE, HIGH, ...drawn), box('div', 'wall-axis', ...axis)];
}

/** @param {WallFigures['week']} told */
function week(told) {
  if (!told) return [box('p', 'none', say('no_hours'))];
  const most = Math.max(1, ...told.cells.flat());
  const wide = WEEK_WIDE / HOURS;
  const cells = told.cells.flatMap((row, day) =>
    row.map((n, hour) => {
      const shade = n === 0 ? 0 : 1 + Math.min(HEAT_CLASSES - 2, Math.floor((n / most) * (HEAT_CLASSES - 1)));
      return bar(`wall-heat-${shade}`, hour * wide, day * ROW, wide - 2, ROW - 2, 2.5);
    })
  );
  const days = told.cells.map((_, day) => box('li', '', say(`weekday_${day + 1}`)));
  return [box('div', 'wall-week', box('ol', '', ...days), drawing(WEEK_WIDE, told.cells.length * ROW, ...cells))];
}

/** The areas that changed most come first; they are shown from the largest rise to the largest fall. @param {WallFigures['changes']} told @param {number} most */
function changed(told, most) {
  if (!told.areas.length) return [box('p', 'none', say('unchanged'))];
  const shown = told.areas.slice(0, most).sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0) || (a.code < b.code ? -1 : 1));
  return shown.map((one) => {
    const side = one.verdict === 'more' || one.verdict === 'less' ? one.verdict : 'unclear';
    const by = Math.round(((one.ratio ?? 1) - 1) * 100);
    const sign = by > 0 ? '+' : by < 0 ? '−' : '±';
    return box(
      'div',
      `wall-change ${side}`,
      box('span', 'name', inLanguage(one.name, one.name_en)),
      interval(one),
      box('span', 'counts', `${whole(one.before)} → ${whole(one.now)}${facts().lang === 'zh' ? ` ${say('cases_unit')}` : ''}`),
      box('b', '', `${sign}${Math.abs(by)}%`),
    );
  });
}

/** A bar from the middle to the ratio, and a line over the 95 % interval, on a scale of its logarithm. @param {WallFigures['changes']['areas'][number]} one */
function interval({ ratio, low, high }) {
  const at = (/** @type {number} */ value) => 50 + 48 * Math.max(-1, Math.min(1, Math.log(Math.max(value, 1e-3)) / Math.log(MOST_RATIO)));
  const [from, to] = [at(Math.min(1, ratio ?? 1)), at(Math.max(1, ratio ?? 1))];
  const [left, right] = [at(low ?? 1 / MOST_RATIO), at(high ?? MOST_RATIO)];
  return drawing(
    100,
    22,
    bar('axis', 49.4, 0, 1.2, 22),
    bar('bar', from, 4, Math.max(1, to - from), 14, 1),
    bar('range', left, 10, Math.max(1, right - left), 2),
  );
}
