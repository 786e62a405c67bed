/** Filters that are chosen by typing: a unit among hundreds, and the person who works on a case. */

import { go, state } from '../address.js';
import { box } from '../cells.js';
import { area } from '../city.js';
import { facts, say } from '../facts.js';
import { toggled } from '../state.js';
import { memberProposals, picker, unitProposals } from './pickers.js';

/** More units than this are not listed one by one. */
export const MOST_LISTED = 12;

/** @param {string} text @param {HTMLElement} host */
const line = (text, host) => [box('p', 'menu-head', text), box('div', 'menu-field', host)];

/** The field with which a unit is added to those that are listed. */
export function unitFilter() {
  const chosen = () => new Set(state().units);
  const { host, input } = picker({
    ...{ id: 'filter-units', name: 'unit' },
    list: () => unitProposals().filter(({ value }) => !chosen().has(value)),
    changed: (value) => value && !chosen().has(value) && go(toggled(state(), 'units', value)),
  });
  input.setAttribute('aria-label', say('column_unit'));
  input.placeholder = say('find_unit', { n: area().allUnits.length });
  return line(say('column_unit'), host);
}

/** Members of the chosen units, or of one's own. */
async function people() {
  const units = state().units.length ? state().units : facts().units;
  const found = await Promise.all(units.map(memberProposals));
  return [...new Map(found.flat().map((one) => [one.value, one])).values()];
}

/** The field with which the list keeps the cases of one person. */
export function personFilter() {
  const { host, input } = picker({ id: 'filter-assignee', name: 'assignee', list: people, free: true });
  const take = () => {
    const value = /** @type {HTMLInputElement} */ (host.querySelector('input[type="hidden"]')).value.trim();
    const { assignee: _, ...others } = state().through ?? {};
    if (value !== (state().through?.assignee ?? '')) go({ through: value ? { ...others, assignee: value } : others });
  };
  input.setAttribute('aria-label', say('person_filter'));
  input.placeholder = say('find_person');
  input.addEventListener('keydown', (event) => event.key === 'Enter' && take());
  input.addEventListener('blur', take);
  return line(say('person_filter'), host);
}
