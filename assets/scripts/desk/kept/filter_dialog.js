/** The dialog in which a filter gets its name: saved, shared with a unit, moved, taken over, deleted. */

import { element } from '../../dom.js';
import { box } from '../cells.js';
import { area } from '../city.js';
import { openDialog } from '../dialogs.js';
import { facts, inLanguage, say } from '../facts.js';

/** @typedef {import('./saved.js').SavedFilter} SavedFilter */

/** @param {string} text @param {() => void} act @param {string} [kind] */
function button(text, act, kind = 'small second') {
  const made = box('button', kind, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/** Units of which this person is a member: a filter can be shared with one of them. */
const ownUnits = () => area().allUnits.filter(({ code }) => facts().units.includes(code));

/**
 * @typedef {{
 *   change: (path: string, body: unknown) => Promise<string>, move: (one: SavedFilter, by: number) => Promise<string>,
 *   presentSearch: () => string,
 * }} Acts
 */

/**
 * @param {SavedFilter | null} one Otherwise a new one.
 * @param {Acts} acts Each says what is wrong, or nothing.
 */
export function editFilter(one, { change, move, presentSearch }) {
  const dialog = document.createElement('dialog');
  dialog.className = 'filter-dialog';
  const form = document.createElement('form');
  const name = document.createElement('input');
  Object.assign(name, { id: 'filter-name', maxLength: 60, value: one?.name ?? '', required: true, autocomplete: 'off' });
  const label = box('label', '', say('filter_name'));
  label.htmlFor = name.id;
  const fault = element('p', 'error');
  fault.setAttribute('role', 'alert');
  const share = document.createElement('select');
  share.id = 'filter-unit';
  for (const [value, text] of [['', say('filter_mine')], ...ownUnits().map((unit) => [unit.code, inLanguage(unit.name, unit.name_en)])]) {
    const option = document.createElement('option');
    Object.assign(option, { value, textContent: text, selected: value === (one?.unit ?? '') });
    share.append(option);
  }
  const shareLabel = box('label', '', say('filter_share'));
  shareLabel.htmlFor = share.id;
  const shares = ownUnits().length ? [box('div', 'field', shareLabel, share)] : [];
  const draft = (/** @type {string} */ search) => {
    const unit = ownUnits().find(({ code }) => code === share.value);
    return { name: name.value, search, ...(unit ? { unit: unit.code, city: unit.city } : {}) };
  };
  /** @param {Promise<string>} asked @param {boolean} [stay] */
  const settle = async (asked, stay = false) => {
    fault.textContent = await asked;
    if (!fault.textContent && !stay) dialog.close();
  };
  const keep = () => settle(change(one ? `/api/filters/${one.id}` : '/api/filters', draft(one?.search ?? presentSearch())));
  const save = box('button', 'small', say(one ? 'filter_keep' : 'save_filter'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void keep();
  });
  const rest = one
    ? [
      button('↑', () => void settle(move(one, -1), true)),
      button('↓', () => void settle(move(one, 1), true)),
      button(say('filter_take'), () => void settle(change(`/api/filters/${one.id}`, draft(presentSearch())))),
      button(say('filter_delete'), () => void settle(change(`/api/filters/${one.id}/delete`, {}))),
    ]
    : [];
  rest[0]?.setAttribute('aria-label', say('filter_up'));
  rest[1]?.setAttribute('aria-label', say('filter_down'));
  form.append(
    element('h2', '', say(one ? 'filter_edit' : 'save_filter')),
    box('div', 'field', label, name, fault),
    ...shares,
    ...(one?.faults ?? []).map(({ sentence }) => element('p', 'many-why', sentence)),
    ...(rest.length ? [box('div', 'step-acts', ...rest)] : []),
    box('div', 'step-acts', save, button(say('cancel'), () => dialog.close())),
    element('p', 'dim filter-note', say('filter_address')),
  );
  dialog.append(form);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  openDialog(dialog);
  name.focus();
}
