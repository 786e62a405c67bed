/** The row under the bar: views, period, comparison and filters; each choice is an address. */

import { box } from '../desk/cells.js';
import { area } from '../desk/city.js';
import { facts, inLanguage, known, say } from '../desk/facts.js';
import { icon } from '../desk/icons.js';
import { required } from '../dom.js';
import { calendarSpans, PERIODS, VIEWS } from './state.js';
import { asOf } from './as_of.js';
import { addressWith, day, go, period, state } from './where.js';

/**
 * A link that changes the state in place.
 *
 * @param {string} text
 * @param {Partial<FiguresState>} changes
 * @param {boolean} on
 * @param {string} [className]
 */
function link(text, changes, on, className = '') {
  const made = box('a', className, text);
  made.href = addressWith(changes);
  if (on) made.setAttribute('aria-current', 'true');
  made.addEventListener('click', (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    made.closest('details')?.removeAttribute('open');
    go(changes);
  });
  return made;
}

/** @param {string} name @param {string} title @param {Node[]} inside */
function menu(name, title, inside) {
  const summary = box('summary', 'tool', box('span', '', title), icon('chevron', 14, 2));
  return box('details', `menu right ${name}`, summary, box('div', 'menu-list', ...inside));
}

/** Views; who may see single cases nowhere has no use for those that are made of cases alone. */
function views() {
  const made = box('nav', 'views', ...VIEWS.map((view) => link(say(`view_${view}`), { view, sort: '' }, state().view === view)));
  made.setAttribute('aria-label', say('view_overview'));
  return made;
}

function periodMenu() {
  const { from, to } = period();
  const name = state().period === 'own' ? say('period_own') : say(`period_${state().period}`);
  const short = Object.keys(PERIODS).map((one) => link(say(`period_${one}`), { period: one, from: '', to: '' }, state().period === one));
  const calendar = calendarSpans(day()).map((one) =>
    link(say(one.name), { period: 'own', from: one.from, to: one.to }, state().from === one.from && state().to === one.to)
  );
  return menu('period', `${name} ${say('span', { from, to })}`, [
    ...short,
    box('p', 'menu-head', ''),
    ...calendar,
    box('p', 'menu-head', say('period_own')),
    ownForm(from, to),
  ]);
}

/** @param {string} from @param {string} to */
function ownForm(from, to) {
  /** @param {string} name @param {string} value */
  const field = (name, value) => {
    const input = document.createElement('input');
    input.type = 'date';
    input.name = name;
    input.value = value;
    input.required = true;
    return input;
  };
  const [first, last] = [field('from', from), field('to', to)];
  const made = box(
    'form',
    'own-period',
    box('label', '', say('first_day'), first),
    box('label', '', say('last_day'), last),
    box('button', 'small', say('show')),
  );
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    if (first.value > last.value) [first.value, last.value] = [last.value, first.value];
    made.closest('details')?.removeAttribute('open');
    go({ period: 'own', from: first.value, to: last.value });
  });
  return made;
}

function againstMenu() {
  const kinds = /** @type {const} */ (['previous', 'year_before']);
  const links = kinds.map((against) => link(say(`against_${against}`), { against }, state().against === against));
  return menu('against', say('compare_with', { name: say(`against_${state().against}`) }), links);
}

// ---- Filters ----

/** How a value of each filter is called. @type {Record<string, (value: string) => string>} */
const NAMES = {
  unit: (value) => area().units.get(value) ?? value,
  category: (value) => {
    const names = area().categories[value];
    return names ? inLanguage(names.name, names.name_en) : value;
  },
  source: (value) => (known(`source_${value}`) ? say(`source_${value}`) : value),
  person: (value) => value,
};

/** @param {'unit' | 'category' | 'source'} name @param {string[]} values */
function ticks(name, values) {
  if (!values.length) return [];
  const lines = values.map((value) => {
    const input = document.createElement('input');
    input.type = 'checkbox';
    input.checked = state()[name].includes(value);
    input.addEventListener('change', () => {
      const held = state()[name];
      go({ [name]: input.checked ? [...held, value] : held.filter((one) => one !== value) });
    });
    return box('label', 'tick', input, box('span', '', NAMES[name](value)));
  });
  return [box('p', 'menu-head', say(`filter_${name}`)), ...lines];
}

function filterMenu() {
  const { allUnits, categories } = area();
  const departments = [...new Set(allUnits.map((one) => one.department).filter(Boolean))];
  const kinds = Object.entries(categories).sort(([, one], [, other]) => one.ordinal - other.ordinal).map(([code]) => code);
  const sources = Object.keys(facts().words).filter((one) => one.startsWith('source_')).map((one) => one.slice(7));
  const ofDepartments = departments.map((one) => link(one, { department: one, unit: [] }, state().department === one));
  return menu('filters', say('filters'), [
    ...ticks('category', kinds),
    ...ticks('source', sources),
    ...(departments.length ? [box('p', 'menu-head', say('filter_department')), ...ofDepartments] : []),
    ...ticks('unit', allUnits.map(({ code }) => code)),
    ...(facts().can.cases ? [box('p', 'menu-head', say('filter_person')), personForm()] : []),
  ]);
}

/** Who may see figures about one person names anybody; all others get their own. */
function personForm() {
  if (!facts().can.people) return link(facts().shown || facts().me, { person: [facts().me] }, state().person.includes(facts().me));
  const input = document.createElement('input');
  input.name = 'person';
  input.autocomplete = 'off';
  input.maxLength = 100;
  input.setAttribute('aria-label', say('name_of_account'));
  input.placeholder = say('name_of_account');
  const made = box('form', 'own-period', input, box('button', 'small', say('show')));
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    if (input.value.trim()) go({ person: [input.value.trim()] });
  });
  return made;
}

function chips() {
  /** @param {string} text @param {Partial<FiguresState>} changes */
  const chip = (text, changes) => {
    const made = box('button', 'filter-chip', box('span', '', text), icon('close', 12, 2.2));
    made.type = 'button';
    made.setAttribute('aria-label', say('remove_filter', { name: text }));
    made.addEventListener('click', () => go(changes));
    return made;
  };
  const many = /** @type {const} */ (['unit', 'category', 'source', 'person']);
  const found = many.flatMap((name) =>
    state()[name].map((value) => chip(NAMES[name](value), { [name]: state()[name].filter((one) => one !== value) }))
  );
  if (state().department) found.push(chip(state().department, { department: '' }));
  return box('div', 'chips', ...found);
}

function copyButton() {
  const made = box('button', 'tool', icon('link'), box('span', 'tool-text', say('copy_address')));
  made.type = 'button';
  made.setAttribute('aria-label', say('copy_address'));
  made.addEventListener('click', async () => {
    await navigator.clipboard?.writeText(location.href).catch(() => undefined);
    required('#told').textContent = say('link_copied');
  });
  return made;
}

/** Draw the row anew; a menu that is open stays open, and the focus stays where it was. */
export function paintToolbar() {
  const host = required('#toolbar');
  const open = [...host.querySelectorAll('details[open]')].map((one) => one.classList[2]);
  const focused = [...host.querySelectorAll('a, button, summary, input')].indexOf(/** @type {any} */ (document.activeElement));
  const exports = box('div', 'panel-tools');
  exports.dataset.export = 'page';
  host.replaceChildren(
    views(),
    box('span', 'dim hint', facts().can.cases ? say('every_number') : ''),
    chips(),
    box('div', 'tools-right', asOf, periodMenu(), againstMenu(), filterMenu(), copyButton(), exports),
  );
  open.forEach((name) => host.querySelector(`details.${name}`)?.setAttribute('open', ''));
  if (focused >= 0) /** @type {HTMLElement | null} */ (host.querySelectorAll('a, button, summary, input')[focused] ?? null)?.focus();
}

// ---- The area in the bar ----

export function paintArea() {
  const shown = area();
  const above = shown.above.filter(({ seen }) => seen);
  required('#crumb').replaceChildren(
    ...above.slice(-1).flatMap((one) => [box('span', 'dim', inLanguage(one.name, one.name_en)), box('i', 'dim', '›')]),
    box('b', '', shown.name),
    icon('chevron', 16, 2),
  );
  /** @param {string} title @param {any[]} list */
  const group = (
    title,
    list,
  ) => (list.length
    ? [
      box('p', 'menu-head', say(title)),
      ...list.map((one) => link(inLanguage(one.name, one.name_en), { area: one.code }, one.code === shown.code)),
    ]
    : []);
  required('#areas').replaceChildren(
    ...group('areas_above', above),
    ...group('areas_below', shown.children),
    ...group('areas_beside', shown.siblings.length > 1 ? shown.siblings : []),
  );
  const search = new URLSearchParams(shown.code ? { area: shown.code } : {});
  document.querySelectorAll('a[data-map]').forEach((one) => one.setAttribute('href', `/?${search}`));
  document.querySelectorAll('a[data-desk-link]').forEach((one) => one.setAttribute('href', `/desk?${search}`));
}
