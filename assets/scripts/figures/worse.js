/** Which areas got worse: the ratio of two rates with its interval, the surest worsening first; areas with too few cases are set apart. */

import { box } from '../desk/cells.js';
import { area } from '../desk/city.js';
import { inLanguage, say } from '../desk/facts.js';
import { behind, fetchAnswer, Panel, remark, select } from './panels.js';
import { fixed, logPlace, whole } from './numbers.js';
import { LEVELS, MEASURES } from './state.js';
import { addressWith, day, go, query, state } from './where.js';

const SHOWN = 7;
/** @type {[number, number]} */
const ENDS = [0.5, 4];
const TICKS = [0.5, 1, 2, 4];

export const worsePanel = new Panel('worse', 'half');
let all = false;

/** The level whose areas are compared: the chosen one where the area has it, otherwise streets or what comes next below. */
export function comparedLevel() {
  const above = LEVELS.indexOf(area().level);
  const below = LEVELS.slice(above + 1);
  if (area().level === 'zone' || !below.length) return '';
  if (below.includes(state().level)) return state().level;
  return below.includes('street') ? 'street' : below[0];
}

/** A menu of the levels below the area. */
export function levelChoice() {
  const below = area().level === 'zone' ? [] : LEVELS.slice(LEVELS.indexOf(area().level) + 1);
  return select(
    say('column_area'),
    below.map((one) => [one, say(`level_${one}`)]),
    comparedLevel(),
    (level) => go({ level }, { replace: true }),
  );
}

export function showWorse() {
  const { measure, against } = state();
  const level = comparedLevel();
  worsePanel.choose(
    select(
      say('measure_late'),
      MEASURES.map((one) => [one, say(`measure_${one}`)]),
      measure,
      (one) => go({ measure: one }, { replace: true }),
    ),
    ...(level ? [levelChoice()] : []),
  );
  worsePanel.name(say('worse_title'), '');
  if (!level) return worsePanel.tell(say('no_level'));
  // Whole days are compared, and the present one is not over.
  if ((query().get('from') ?? '') >= day()) return worsePanel.tell(say('worse_present_day'));
  const kept = new URLSearchParams([...query({ level, measure, against })].filter(([name]) => !['unit', 'person'].includes(name)));
  worsePanel.offer('/api/indicators/worse', kept);
  void worsePanel.fill((signal) => fetchAnswer('/api/indicators/worse', kept, signal), paint);
}

/** @param {any} told @returns {(Node | null)[]} */
function paint(told) {
  /** @param {any} one */
  const span = (one) => say('span', one);
  worsePanel.name(say('worse_title'), say(`worse_how_${told.measure}`, { period: span(told.period), before: span(told.against) }));
  const ranked = told.areas.filter((/** @type {any} */ one) => one.verdict !== 'too_few');
  const few = told.areas.filter((/** @type {any} */ one) => one.verdict === 'too_few');
  const rows = (all ? ranked : ranked.slice(0, SHOWN)).map((/** @type {any} */ one) => row(one, told));
  const list = box('ol', 'worse-list', ...rows);
  return [heads(), list, more(ranked.length, () => paint(told)), few.length ? tooFew(few, told) : null, remark(say('verdict_hint'))];
}

function heads() {
  const scale = box(
    'span',
    'scale',
    ...TICKS.map((one) => {
      const tick = box('span', '', say('times', { n: one }));
      tick.style.left = `${logPlace(one, ENDS) * 100}%`;
      return tick;
    }),
  );
  const made = box(
    'div',
    'worse-row worse-heads',
    ...[say('column_area'), say('column_now'), say('column_before')].map((one) => box('span', '', one)),
    scale,
    box('span', '', say('column_ratio')),
    box('span', ''),
  );
  made.setAttribute('aria-hidden', 'true');
  return made;
}

/** @param {number} of @param {() => (Node | null)[]} again */
function more(of, again) {
  if (of <= SHOWN) return null;
  const button = box('button', 'plain', all ? say('show_fewer') : say('show_all', { n: of }));
  button.type = 'button';
  button.addEventListener('click', () => {
    all = !all;
    worsePanel.body.replaceChildren(...again().filter((one) => one !== null));
    /** @type {HTMLElement | null} */ (worsePanel.body.querySelector('button.plain'))?.focus();
  });
  return button;
}

/** The cases that are counted in an area and a span. @param {any} told @param {string} code @param {any} span */
function listOf(told, code, span) {
  const made = new URLSearchParams({ area: code });
  query().getAll('category').forEach((one) => made.append('category', one));
  query().getAll('source').forEach((one) => made.append('channel', one));
  const to = span.to > day() ? day() : span.to;
  if (told.measure === 'late') {
    for (const [name, value] of Object.entries({ due_from: span.from, due_to: to, indicator: 'on_time_closing_rate', part: 'rest' })) {
      made.set(name, value);
    }
  } else for (const [name, value] of Object.entries({ from: span.from, to: span.to })) made.set(name, value);
  return `/api/cases?${made}`;
}

/** @param {any} one @param {any} told @param {'now' | 'before'} when */
function rate(one, told, when) {
  const [n, of] = [one[when], one[`of_${when}`]];
  const list = listOf(told, one.code, when === 'now' ? told.period : told.against);
  const value = !of ? '–' : told.measure === 'late' ? `${fixed(n / of * 100)}%` : say('a_day', { n: fixed(n / of) });
  const below = told.measure === 'late'
    ? box('span', 'fraction', behind(whole(n), list), ` ÷ ${whole(of)}`)
    : box('span', 'fraction', behind(whole(n), list));
  return box('span', 'worse-rate', box('b', '', value), below);
}

/** @param {any} one @param {any} told */
function row(one, told) {
  const name = box('a', 'worse-name', inLanguage(one.name, one.name_en));
  name.href = addressWith({ area: one.code });
  const ratio = one.ratio === null ? '–' : fixed(one.ratio, 2);
  const limits = say('interval', { low: fixed(one.low, 2), high: one.high === null ? say('no_limit') : fixed(one.high, 2) });
  const verdict = box('span', `verdict ${one.verdict}`, say(`verdict_${one.verdict}`));
  verdict.title = say('verdict_hint');
  return box(
    'li',
    `worse-row ${one.verdict}`,
    ...[name, rate(one, told, 'now'), rate(one, told, 'before'), bar(one)],
    box('span', 'worse-rate', box('b', '', ratio), box('span', 'fraction', limits)),
    verdict,
  );
}

/** The ratio as a dot with its interval, on a scale on which doubling and halving are as long. @param {any} one */
function bar(one) {
  const [low, high] = [logPlace(one.low ?? 0, ENDS), logPlace(one.high ?? Infinity, ENDS)];
  const span = box('i', 'span');
  span.style.left = `${low * 100}%`;
  span.style.width = `${Math.max(0, high - low) * 100}%`;
  const middle = box('i', 'one');
  middle.style.left = `${logPlace(1, ENDS) * 100}%`;
  const dot = box('i', 'dot');
  dot.style.left = `${logPlace(one.ratio ?? ENDS[1], ENDS) * 100}%`;
  const made = box('span', 'ratio-bar', middle, span, dot);
  made.setAttribute('aria-hidden', 'true');
  return made;
}

/** @param {any[]} few @param {any} told */
function tooFew(few, told) {
  const parts = few.slice(0, 12).map((one) =>
    box(
      'span',
      'few',
      `${inLanguage(one.name, one.name_en)} `,
      box(
        'span',
        'fraction',
        behind(whole(one.now), listOf(told, one.code, told.period)),
        told.measure === 'late' ? ` ÷ ${whole(one.of_now)}` : '',
      ),
    )
  );
  return box(
    'div',
    'few-row',
    box('b', '', say('too_few_title')),
    box('span', 'dim', say('too_few_how', { n: told.fewest, count: few.length })),
    ...parts,
  );
}
