/** A change that is foretold before it can be confirmed, and what to say where it is refused. */

import { say } from '../desk/facts.js';
import { change, sentences } from './asking.js';
import { showFaults } from './chooser.js';
import { ask, faster, notice } from './parts.js';

/** @typedef {import('../desk/server.js').Answer} Answer */

/** @param {ParentNode} form @param {string} text */
export function setAction(form, text) {
  const confirm = form.querySelector('.actions button:not([type="button"])');
  if (confirm) confirm.textContent = text;
}

/**
 * What to say of an answer that refused: who was faster, or what is wrong with each field.
 *
 * @param {ParentNode} form
 * @param {Answer} answer
 * @param {{keep: (version: string) => void, take: () => void}} how Keep one's own over the new state, or take the new state.
 */
export function refusal(form, answer, how) {
  const error = answer.body?.error;
  if (answer.status === 409) {
    return faster(error, () => {
      how.keep(error.version);
      form.querySelector('.foretold')?.replaceChildren(notice('', [say('kept_mine')]));
    }, () => {
      /** @type {HTMLDialogElement | null} */ (document.querySelector('dialog.rule-dialog'))?.close();
      how.take();
    });
  }
  const rest = showFaults(form, error?.fields ?? []);
  return notice('wrong', error?.fields && !rest.length ? [error.sentence] : [...sentences(answer), ...rest]);
}

/**
 * A dialog in two steps: what the change would do, and then the change, if nothing was typed in between.
 *
 * @param {{
 *   title: string, fields: (Node | null)[], path: string, body: (form: HTMLFormElement) => any,
 *   foretold: (answer: any) => (Node | string)[], done: (answer: Answer) => Promise<boolean> | boolean,
 *   keep: (version: string) => void, take: () => void,
 * }} given
 */
export function askTwice({ title, fields, path, body, foretold, done, keep, take }) {
  const place = document.createElement('div');
  place.className = 'foretold';
  place.setAttribute('aria-live', 'polite');
  let shown = '';
  const dialog = ask(title, [...fields, place], say('foretell'), async (form) => {
    const wanted = body(form);
    const sure = shown === JSON.stringify(wanted);
    const answer = await change(path, wanted, sure ? {} : { preview: 'true' });
    if (answer.ok && sure) return done(answer);
    if (!answer.ok) {
      place.replaceChildren(refusal(form, answer, { keep, take }));
      return false;
    }
    shown = JSON.stringify(wanted);
    showFaults(form, []);
    place.replaceChildren(...foretold(answer.body));
    setAction(form, say('confirm'));
    place.scrollIntoView({ block: 'nearest' });
    return false;
  });
  for (const kind of ['input', 'change']) {
    dialog.addEventListener(kind, () => {
      shown = '';
      setAction(dialog, say('foretell'));
    });
  }
  return dialog;
}
