/** Six key figures, each with numerator ÷ denominator, its change, and whether chance explains it. */

import { box } from '../desk/cells.js';
import { countText } from '../desk/counts.js';
import { say } from '../desk/facts.js';
import { behind, fetchAnswer, fraction, skeleton } from './panels.js';
import { gradeText } from './composite.js';
import { changeText, countChange, fixed, unitText, valueText, whole } from './numbers.js';
import { indicatorOf, query, state } from './where.js';
import { isOfUnits } from './state.js';
import { isMarked, swapOne } from './swapping.js';

const FAST = ['on_time_closing_rate', 'proactive_share'];
const SLOW = ['rework_rate', 'satisfaction_rate'];

/** @param {string} name @param {(Node | null)[]} inside */
function tile(name, ...inside) {
  const made = box('div', 'key', box('div', 'key-name', name), ...inside);
  made.setAttribute('role', 'group');
  made.setAttribute('aria-label', name);
  return made;
}

/** @param {string} text @param {string} unit @param {string | null} list */
const figure = (text, unit, list) => box('div', 'key-value', behind(text, list), box('span', 'key-unit', unit));

/**
 * A change, with whether chance explains it.
 *
 * @param {string} text
 * @param {boolean | null | undefined} usual
 * @param {'previous' | 'year_before'} against
 */
export function change(text, usual, against) {
  if (!text) return null;
  const made = box(
    'span',
    usual === false ? 'change unusual' : 'change',
    `${say(against === 'previous' ? 'before_short' : 'year_short')} ${text}`,
  );
  if (usual !== null && usual !== undefined) made.title = say(usual ? 'usual' : 'unusual');
  if (usual) made.append(' ', box('span', 'usual', say('usual')));
  return made;
}

/** @param {IndicatorTold} value */
function rate(value) {
  const { title, kind } = indicatorOf(value.indicator);
  const then = value[state().against];
  const text = changeText(kind, value.whole_days?.value, then?.value, say);
  return tile(
    title,
    figure(valueText(kind, value.value), value.value === null ? '' : unitText(kind, say), value.denominator_cases),
    box(
      'div',
      'key-more',
      value.reason ? say(`reason_${value.reason}`) : fraction(value, whole),
      value.too_few ? say('too_few') : null,
      change(text, then?.usual, state().against),
    ),
  );
}

/** @param {IndicatorTold} value The share of which the denominator is what was reported. */
function reported(value) {
  const both = /** @type {const} */ (['previous', 'year_before']).map((against) => {
    const then = value[against];
    const text = countChange(value.whole_days?.denominator, then?.denominator);
    return change(text, against === state().against ? then?.usual_count : null, against);
  });
  return tile(
    say('reported'),
    figure(value.denominator === null ? '–' : whole(value.denominator), say('cases_unit'), value.denominator_cases),
    box('div', 'key-more', ...both),
  );
}

/** @param {AbortSignal} signal */
async function fetchOpen(signal) {
  const asked = query();
  const code = asked.get('area') ?? '';
  if (isOfUnits(state())) {
    const list = new URLSearchParams(
      [...asked].filter(([name]) => !['from', 'to'].includes(name)).map(([name, value]) => renamed(name, value)),
    );
    ['overdue', 'amber', 'on_time', 'paused'].forEach((one) => list.append('state', one));
    list.set('limit', '1');
    const { counts } = await fetchAnswer('/api/cases', list, signal);
    /** @param {string} name */
    const of = (name) => (counts?.by_state ? (counts.by_state[name] ?? { n: 0, more: false }) : null);
    return { open: counts?.total ?? null, overdue: of('overdue'), amber: of('amber'), paused: of('paused') };
  }
  const kept = new URLSearchParams([...asked].filter(([name]) => ['from', 'to', 'category', 'source'].includes(name)));
  const { incidents } = await fetchAnswer(`/api/areas/${encodeURIComponent(code)}`, kept, signal);
  return incidents;
}

/** The list of cases calls some filters otherwise. @param {string} name @param {string} value @returns {[string, string]} */
const renamed = (name, value) => [{ source: 'channel', person: 'assignee' }[name] ?? name, value];

/** @param {string[]} states */
export function openList(states) {
  const made = new URLSearchParams(
    [...query()].filter(([name]) => !['from', 'to'].includes(name)).map(([name, value]) => renamed(name, value)),
  );
  states.forEach((one) => made.append('state', one));
  return `/api/cases?${made}`;
}

/** A number as it stands; one that is not told is no zero, and one that was not counted to its end says so. @param {any} count */
const stock = (count) => count === null || count === undefined ? '–' : typeof count === 'number' ? whole(count) : countText(count);

/** @param {any} told */
function open(told) {
  return tile(
    say('open'),
    figure(stock(told.open), say('cases_unit'), openList(['overdue', 'amber', 'on_time', 'paused'])),
    box(
      'div',
      'key-more',
      box('span', '', `${say('overdue')} `, behind(stock(told.overdue), openList(['overdue']), 'late')),
      box('span', '', `${say('due_soon')} `, behind(stock(told.amber), openList(['amber']), 'soon')),
      box('span', '', `${say('paused')} `, behind(stock(told.paused), openList(['paused']))),
    ),
  );
}

/** @param {any} told Answer with the composite. */
function composite(told) {
  const graded = told.groups[0]?.composite;
  if (!told.composite) return tile(say('composite'), figure('–', '', null), box('div', 'key-more', say('not_configured')));
  const score = graded?.score ?? null;
  const more = score === null
    ? say('no_score', { names: (graded?.missing ?? []).map((/** @type {string} */ code) => indicatorOf(code).title).join(', ') })
    : gradeText(told.composite, graded.grade);
  return tile(
    say('composite'),
    figure(score === null ? '–' : fixed(score), score === null ? '' : say('score_unit'), null),
    box('div', 'key-more', more),
  );
}

/** @param {string} name */
function waiting(name) {
  return tile(name, skeleton());
}

/**
 * Draw the six; each comes when it is there.
 *
 * @param {HTMLElement} host
 * @param {AbortSignal} signal
 * @param {Promise<any>} graded Answer with the composite, which the panel of grades asks for, too.
 * @param {boolean} [quiet] Whether they stand already, and are only counted anew.
 */
export function paintKeyFigures(host, signal, graded, quiet = false) {
  const names = [
    say('reported'),
    ...[FAST[0]].map((code) => indicatorOf(code).title),
    say('open'),
    ...SLOW.map((code) => indicatorOf(code).title),
  ];
  if (!host.childElementCount) host.replaceChildren(...[...names, say('composite')].map(waiting));
  if (!quiet) host.setAttribute('aria-busy', 'true');
  /** @param {number} place @param {HTMLElement} made */
  const put = (place, made) => {
    if (!signal.aborted && !(quiet && isMarked(host))) swapOne(host.children[place], made);
  };
  /** @param {string[]} codes @param {(values: Map<string, IndicatorTold>) => void} then */
  const ask = async (codes, then) => {
    const told = await fetchAnswer('/api/indicators', query({ indicator: codes, compare: 'true' }), signal);
    then(new Map(told.groups[0].values.map((/** @type {IndicatorTold} */ value) => [value.indicator, value])));
  };
  /** @param {string[]} codes @param {Map<string, IndicatorTold>} values @param {number} first */
  const rates = (codes, values, first) => codes.forEach((code, n) => put(first + n, rate(/** @type {IndicatorTold} */ (values.get(code)))));
  const all = [
    ask(FAST, (values) => {
      put(0, reported(/** @type {IndicatorTold} */ (values.get('proactive_share'))));
      rates([FAST[0]], values, 1);
    }),
    ask(SLOW, (values) => rates(SLOW, values, 3)),
    fetchOpen(signal).then((told) => put(2, open(told))),
    graded.then((told) => put(5, composite(told))),
  ];
  return Promise.allSettled(all).then((ends) => {
    if (signal.aborted) return;
    host.removeAttribute('aria-busy');
    ends.forEach((end) => {
      if (end.status === 'rejected') {
        host.querySelectorAll('.skeleton').forEach((one) => one.replaceWith(box('p', 'key-more', end.reason.message)));
      }
    });
  });
}
