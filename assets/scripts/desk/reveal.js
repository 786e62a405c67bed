/** A telephone in full: asked for with a purpose, which the server writes to the audit log before it answers. */

import { element } from '../dom.js';
import { box } from './cells.js';
import { openDialog } from './dialogs.js';
import { say } from './facts.js';
import { icon } from './icons.js';
import { newKey, post, sentenceOf } from './server.js';

const PURPOSES = ['purpose_case', 'purpose_visit', 'purpose_emergency', 'purpose_data'];

/**
 * Ask for the purpose, then show the record.
 *
 * @param {string} of `head` of an area, or `reporter` of a case.
 * @param {string} key Code of the area, or number of the case.
 * @param {string} [city] Of the case, because several cities may count alike.
 */
export function askPurpose(of, key, city) {
  const dialog = element('dialog', 'ask-purpose');
  const input = document.createElement('input');
  input.maxLength = 200;
  input.id = 'purpose';
  input.required = true;
  input.value = say('purpose_case');
  const usual = PURPOSES.map((name) => {
    const made = box('button', 'filter-chip', say(name));
    made.type = 'button';
    made.addEventListener('click', () => (input.value = say(name)));
    return made;
  });
  const label = box('label', '', say('purpose'));
  label.htmlFor = input.id;
  const fault = element('p', 'error');
  const cancel = box('button', 'small second', say('cancel'));
  cancel.type = 'button';
  cancel.addEventListener('click', () => dialog.close());
  const form = document.createElement('form');
  form.append(
    element('h2', '', say('show_number')),
    box('div', 'field', label, input),
    box('div', 'chips', ...usual),
    element('p', 'hint', say('purpose_logged')),
    fault,
    box('div', 'step-acts', box('button', 'small', say('show_number')), cancel),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const answer = await post('/desk/reveal', { of, key, city, purpose: input.value }, newKey());
    if (!answer.ok) return void (fault.textContent = sentenceOf(answer, say('failed')));
    showRecord(dialog, answer.body);
  });
  dialog.setAttribute('aria-label', say('show_number'));
  dialog.append(form);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  openDialog(dialog);
  input.select();
}

/** @param {HTMLDialogElement} dialog @param {{name: string, phone: string | null}} record */
function showRecord(dialog, { name, phone }) {
  const close = box('button', 'small second', say('close'));
  close.type = 'button';
  close.addEventListener('click', () => dialog.close());
  const call = box('a', 'phone large', icon('call', 18), phone ?? say('no_number'));
  if (phone) call.href = `tel:${phone.replaceAll(' ', '')}`;
  dialog.replaceChildren(box('div', 'record', element('h2', '', name), call, element('p', 'hint', say('access_logged')), close));
  (phone ? call : close).focus();
}
