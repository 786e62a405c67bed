/** The form of a schedule: the area is found by its name, and recipients are chosen from accounts. Without the script both are typed. */

import { box } from '../desk/cells.js';
import { fetchArea } from '../desk/city.js';
import { facts, say } from '../desk/facts.js';
import { element, required } from '../dom.js';
import { part } from '../lifecycle.js';
import { chooser, matching } from '../rules/chooser.js';
import { findAreas, nameOf } from './areas.js';

/** In place of an account: whoever leads the area. */
const HEAD = '@head';

export const scheduleForm = part(() => {
  const typed = /** @type {HTMLInputElement | null} */ (document.querySelector('.schedule-form #area'));
  if (!typed) return;
  void offerAreas(typed);
  offerRecipients(/** @type {HTMLTextAreaElement} */ (required('#recipients')));
});

/** The code of the area that is chosen, or the reader's own. */
const near = () => /** @type {HTMLInputElement | null} */ (document.querySelector('.schedule-form [name="area"]'))?.value || facts().start;

/** @param {HTMLInputElement} typed */
async function offerAreas(typed) {
  const found = typed.value ? await fetchArea(typed.value) : null;
  const field = chooser({
    ...{ name: 'area', label: say('area_label'), value: typed.value, text: found ? nameOf(found) : typed.value, any: say('area_any') },
    find: (sought) => findAreas(sought, near()),
  });
  typed.closest('.field')?.replaceWith(field);
}

/** @param {HTMLTextAreaElement} lines */
function offerRecipients(lines) {
  const accounts = /** @type {[string, string][]} */ (/** @type {any} */ (facts()).accounts ?? []);
  const options = [
    { value: HEAD, label: say('head'), note: HEAD },
    ...accounts.map(([value, shown]) => ({ value, label: shown || value, note: value })),
  ];
  const place = element('div', 'adding');
  const draw = () => {
    const account = chooser({
      ...{ name: 'adding_account', label: say('account_label'), value: '', text: '', any: say('account_any') },
      find: (sought) => Promise.resolve(matching(options, sought)),
    });
    const area = chooser({
      ...{ name: 'adding_area', label: say('only_area'), value: '', text: '', any: say('every_area') },
      find: (sought) => findAreas(sought, near()),
    });
    const target = element('input');
    Object.assign(target, { id: 'adding-target', type: 'text', maxLength: 300, autocomplete: 'off', spellcheck: false });
    const label = element('label', '', say('target_label'));
    label.htmlFor = target.id;
    const add = element('button', 'second', say('add'));
    add.type = 'button';
    const missing = element('p', 'error', say('adding_missing'));
    missing.hidden = true;
    missing.setAttribute('role', 'alert');
    const chosen = (/** @type {HTMLElement} */ field) => /** @type {HTMLInputElement} */ (required('[type="hidden"]', field)).value;
    account.addEventListener('change', () => {
      if (chosen(account) === HEAD && !target.value) target.value = '{account}@';
      target.focus();
    });
    const take = () => {
      const parts = [chosen(account), target.value.trim(), chosen(area)].filter(Boolean);
      missing.hidden = Boolean(chosen(account) && target.value.trim());
      if (!missing.hidden) return;
      lines.value = [...lines.value.split('\n').filter((line) => line.trim()), parts.join(' ')].join('\n');
      draw();
      /** @type {HTMLElement} */ (required('#field-adding_account')).focus();
    };
    add.addEventListener('click', take);
    target.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault(); // it would send the whole form
      take();
    });
    place.replaceChildren(account, box('div', 'field', label, target), area, add, missing);
  };
  draw();
  lines.closest('.field')?.after(place);
}
