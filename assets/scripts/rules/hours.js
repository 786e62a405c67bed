/** The city's working hours: each change is a new version from a day on, and says beforehand which open cases get another deadline. */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { element } from '../dom.js';
import { askTwice } from './asked.js';
import { button, count, effectTold, signButton, table, tell } from './parts.js';
import { field } from './routing.js';
import { phase } from './state.js';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'make_up'];

/** @typedef {import('../desk/server.js').Answer} Answer */
/** @typedef {{valid_from: string | null, hours: string[]}} Week */
/** @typedef {{city: RuleCity, seen_hours: string, weeks: Week[]}} Held */

/**
 * @param {Held} held
 * @param {() => Promise<void> | void} again Show the tab anew.
 * @param {(sentence: string) => void} told
 */
export function hoursSection(held, again, told) {
  const { city, weeks } = held;
  const tables = weeks.map((week, n) => weekTable(held, week, weeks[n + 1] ?? null, again, told)).reverse();
  const change = city.may_change ? button(say('change_hours'), () => edit(held, again, told), 'second small') : null;
  return box(
    'section',
    'city-hours',
    element('h2', '', say('city_hours')),
    element('p', 'hint', say('hours_note')),
    change ? box('div', 'rule-tools', change) : null,
    ...tables,
  );
}

/** @param {Held} held @param {Week} week @param {Week | null} next @param {() => Promise<void> | void} again @param {(sentence: string) => void} told */
function weekTable(held, week, next, again, told) {
  const { city, weeks } = held;
  const rows = DAYS.map((name, place) => [
    say(`week_${name}`),
    week.hours[place] || say(name === 'make_up' ? 'as_first_day' : 'free'),
  ]);
  const now = phase(
    { valid_from: week.valid_from, valid_to: next?.valid_from && next.valid_from <= city.today ? '0000' : null },
    city.today,
  );
  const caption = week.valid_from ? say('from_day', { day: week.valid_from }) : say('always');
  const withdraw = now === 'coming' && city.may_change
    ? signButton('close', say('withdraw_named', { name: caption }), () => takeBack(held, week, again, told))
    : null;
  const badge = now === 'now' ? null : element('span', 'badge', say(`phase_${now}`));
  const head = weeks.length > 1 ? box('h3', `phase-${now}`, caption, badge, withdraw) : null;
  const inside = table(say('city_hours'), [say('day_word'), say('hours_word')], rows, 'hours');
  if (now !== 'over') return box('div', 'week', head, inside);
  const old = element('details', 'more-rows');
  old.append(element('summary', '', `${caption} · ${say('phase_over')}`), inside);
  return old;
}

/**
 * What both dialogs have in common.
 *
 * @param {Held} held
 * @param {() => Promise<void> | void} again
 * @param {(sentence: string) => void} told
 */
function common(held, again, told) {
  return {
    path: 'hours',
    foretold: (/** @type {any} */ answer) => [effectTold(answer.effect, held.city.code)],
    done: async (/** @type {Answer} */ answer) => {
      await again();
      const sentence = say('hours_saved', { n: count(answer.body.effect.touched) });
      told(sentence);
      tell(sentence);
      return true;
    },
    keep: (/** @type {string} */ version) => void (held.seen_hours = version),
    take: () => void again(),
  };
}

/** @param {Held} held @param {() => Promise<void> | void} again @param {(sentence: string) => void} told */
function edit(held, again, told) {
  const { city, weeks } = held;
  const present = weeks.findLast(({ valid_from }) => valid_from === null || valid_from <= city.today) ?? weeks[0];
  const days = DAYS.map((name, place) => {
    const placeholder = say(name === 'make_up' ? 'as_first_day' : 'free');
    return field(name, say(`week_${name}`), present.hours[place], { placeholder, maxLength: 100 });
  });
  const dialog = askTwice({
    ...common(held, again, told),
    title: say('change_hours'),
    fields: [
      element('p', 'hint', say('hours_form_note')),
      field('valid_from', say('valid_from'), city.today, { type: 'date', min: city.today }),
      box('div', 'two', ...days),
    ],
    body: (form) => ({ city: city.code, seen: held.seen_hours, hours: Object.fromEntries(new FormData(form)) }),
  });
  dialog.classList.add('wide');
  /** @type {HTMLElement | null} */ (dialog.querySelector('#field-valid_from'))?.focus();
}

/** @param {Held} held @param {Week} week @param {() => Promise<void> | void} again @param {(sentence: string) => void} told */
function takeBack(held, week, again, told) {
  askTwice({
    ...common(held, again, told),
    title: say('withdraw_named', { name: say('from_day', { day: week.valid_from ?? '' }) }),
    fields: [element('p', '', say('withdraw_hours_note'))],
    body: () => ({ city: held.city.code, seen: held.seen_hours, withdraw: week.valid_from }),
  });
}
