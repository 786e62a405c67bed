/** Weights of the composite score: each change is a new version from a day on; what was graded in the past stays. */

import { box } from '../desk/cells.js';
import { inLanguage, say } from '../desk/facts.js';
import { element } from '../dom.js';
import { askTwice } from './asked.js';
import { read, sentences } from './asking.js';
import { fault } from './chooser.js';
import { button, history, notice, signButton, table, tell } from './parts.js';
import { field, validText } from './routing.js';
import { fromPercent, phase, toPercent, weightShares } from './state.js';

/** @typedef {{indicator: string, weight: string, best: string, worst: string}} Part */
/** @typedef {{id: number, name: string, name_en: string, valid_from: string | null, valid_to: string | null, parts: Part[]}} Version */
/** @typedef {{code: string, title: string, unit: string, higher_is_better: boolean | null}} Weighable */

/** @type {{seen: string, city: RuleCity, versions: Version[], indicators: Weighable[], changes: RuleChange[]} | null} */
let held = null;

/**
 * Show the tab.
 *
 * @param {HTMLElement} panel
 * @param {string} city
 */
export async function showWeights(panel, city) {
  const answer = await read('weights', city);
  if (!answer.ok) return panel.replaceChildren(notice('wrong', sentences(answer)));
  held = answer.body;
  draw(panel);
}

/** @param {HTMLElement} panel */
function draw(panel) {
  if (!held) return;
  const { city, versions, changes } = held;
  const rows = [...versions].reverse().map((one) => row(panel, one));
  const heads = [say('column_name'), say('valid'), say('column_parts'), ...(city.may_change ? [say('actions')] : [])];
  const latest = versions.at(-1) ?? null;
  const add = city.may_change ? button(say('new_weights'), () => edit(panel, latest), 'small') : element('span', 'hint', say('read_only'));
  panel.replaceChildren(...[
    element('p', 'hint', say('weights_note')),
    box('div', 'rule-tools', add),
    versions.some(({ id }) => id === 0) ? notice('', [say('weights_from_file')]) : null,
    rows.length ? table(say('tab_weights'), heads, rows, 'weights') : element('p', 'empty', say('no_weights')),
    history(changes, null),
  ].filter((one) => one !== null));
}

/** @param {string} code */
const indicatorOf = (code) => held?.indicators.find((one) => one.code === code);

/** @param {HTMLElement} panel @param {Version} version */
function row(panel, version) {
  if (!held) return [];
  const { city } = held;
  const now = phase(version, city.today);
  const badge = now === 'now' ? null : element('span', 'badge', say(`phase_${now}`));
  const name = box('span', `phase-${now}`, inLanguage(version.name, version.name_en), badge);
  const shares = weightShares(version.parts);
  const parts = box(
    'ul',
    'weight-parts',
    ...version.parts.map((part, n) => {
      const one = indicatorOf(part.indicator);
      const unit = one?.unit === 'hours' ? say('unit_hours') : '%';
      const [best, worst] = [part.best, part.worst].map((value) => one?.unit === 'hours' ? value : toPercent(value));
      const scale = say('scale_of_part', { worst, best, unit });
      return box('li', '', box('b', '', `${shares[n]} %`), ' ', one?.title ?? part.indicator, ' ', element('span', 'dim', scale));
    }),
  );
  const cells = [name, validText(version), parts];
  if (!city.may_change) return cells;
  const named = { name: inLanguage(version.name, version.name_en) };
  const actions = [signButton('edit', say(now === 'over' ? 'again_from' : 'new_version', named), () => edit(panel, version))];
  if (now === 'coming' && version.id) actions.push(signButton('close', say('withdraw_named', named), () => withdraw(panel, version)));
  return [...cells, box('span', 'row-actions', ...actions)];
}

/** @param {HTMLElement} panel */
function common(panel) {
  const city = held?.city.code ?? '';
  return {
    path: 'weights',
    foretold: () => [notice('', [say('weights_can_be_saved')])],
    done: async () => {
      await showWeights(panel, city);
      panel.prepend(notice('good', [say('weights_saved')]));
      tell(say('weights_saved'));
      return true;
    },
    keep: (/** @type {string} */ version) => {
      if (held) held.seen = version;
    },
    take: () => void showWeights(panel, city),
  };
}

/**
 * One line of the form: an indicator, its weight, and the values of 100 and 0 points. Without a weight it is no part.
 *
 * @param {Weighable} one
 * @param {Part | undefined} part
 */
function line(one, part) {
  const hours = one.unit === 'hours';
  const usual = one.higher_is_better === false ? ['0', '100'] : ['100', '0'];
  /** @param {string} name @param {string} label @param {string} value @param {string} placeholder */
  const input = (name, label, value, placeholder) => {
    const made = element('input');
    const id = `field-${one.code}-${name}`;
    Object.assign(made, { id, name: `${name}:${one.code}`, type: 'text', inputMode: 'decimal', value, placeholder, maxLength: 12 });
    made.autocomplete = 'off';
    made.setAttribute('aria-label', `${one.title}: ${label}`);
    return made;
  };
  /** @param {string | undefined} value */
  const shown = (value) => (value === undefined ? '' : hours ? value : toPercent(value));
  return [
    `${one.title} (${hours ? say('unit_hours') : '%'})`,
    input('weight', say('column_weight'), part?.weight ?? '', ''),
    input('best', say('points_100'), shown(part?.best), hours ? '' : usual[0]),
    input('worst', say('points_0'), shown(part?.worst), hours ? '' : usual[1]),
  ];
}

/** What the form holds. @param {HTMLFormElement} form */
function weightsOf(form) {
  const given = new FormData(form);
  /** @param {string} name */
  const text = (name) => String(given.get(name) ?? '').trim() || null;
  const parts = (held?.indicators ?? []).filter(({ code }) => text(`weight:${code}`) !== null).map(({ code, unit }) => {
    /** @param {string} name */
    const value = (name) => {
      const written = text(`${name}:${code}`);
      return written === null || unit === 'hours' ? written : fromPercent(written);
    };
    return { indicator: code, weight: text(`weight:${code}`), best: value('best'), worst: value('worst') };
  });
  return { name: text('name'), name_en: text('name_en'), valid_from: text('valid_from'), parts };
}

/** A new version, beginning with another one. @param {HTMLElement} panel @param {Version | null} from */
function edit(panel, from) {
  if (!held) return;
  const { city, indicators } = held;
  const coming = from?.valid_from && from.valid_from > city.today ? from.valid_from : city.today;
  const heads = [say('column_part'), say('column_weight'), say('points_100'), say('points_0')];
  const lines = indicators.map((one) => line(one, from?.parts.find(({ indicator }) => indicator === one.code)));
  const dialog = askTwice({
    ...common(panel),
    title: say('new_weights'),
    fields: [
      box(
        'div',
        'two',
        field('name', say('column_name'), from?.name ?? '', { maxLength: 100 }),
        field('name_en', say('name_in_english'), from?.name_en ?? '', { maxLength: 100 }),
      ),
      field('valid_from', say('valid_from'), coming, { type: 'date' }),
      element('p', 'hint', say('weights_form_note')),
      table(say('column_parts'), heads, lines, 'weigh'),
      ...['parts', 'weight', 'best', 'worst', 'indicator'].map(fault),
    ],
    body: (form) => ({ city: city.code, seen: held?.seen, weights: weightsOf(form) }),
  });
  dialog.classList.add('wide');
}

/** @param {HTMLElement} panel @param {Version} version */
function withdraw(panel, version) {
  if (!held) return;
  const { city } = held;
  askTwice({
    ...common(panel),
    title: say('withdraw_named', { name: inLanguage(version.name, version.name_en) }),
    fields: [element('p', '', say('withdraw_weights_note'))],
    body: () => ({ city: city.code, seen: held?.seen, withdraw: [version.id] }),
  });
}
