/** “?” lists the keys of a page of the desk. */

import { box } from '../desk/cells.js';
import { openDialog } from '../desk/dialogs.js';
import { say } from '../desk/facts.js';
import { element } from '../dom.js';

/** Keys of a page that is read and filled in with the browser's own keys. @type {[string, string][]} */
const PLAIN = [['Tab', 'key_tab'], ['Enter', 'key_follow'], ['Esc', 'key_close'], ['?', 'key_help']];
const SEARCH = /** @type {[string, string]} */ (['/', 'key_search']);

/**
 * Fill a dialog with a list of keys.
 *
 * @param {HTMLDialogElement} dialog
 * @param {[string, string][]} list Keys, and the name of the sentence that says what they do.
 */
export function fillKeys(dialog, list) {
  const lines = list.map(([key, does]) =>
    box('div', '', box('dt', '', ...key.split(' ').map((one) => one === '–' ? '–' : box('kbd', '', one))), box('dd', '', say(does)))
  );
  const close = box('button', 'small second', say('close'));
  close.type = 'button';
  close.addEventListener('click', () => dialog.close());
  dialog.replaceChildren(element('h2', '', say('keys')), box('dl', '', ...lines), close);
}

/** @param {AbortSignal} signal @param {boolean} searches Whether the page has a field for searching. */
export function beginKeyList(signal, searches) {
  document.addEventListener('keydown', (event) => {
    const { target } = event;
    const typing = target instanceof HTMLElement && target.matches('input:not([type="checkbox"]), textarea, select');
    if (event.key !== '?' || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    const came = document.activeElement;
    const dialog = element('dialog', '');
    dialog.id = 'keys';
    dialog.setAttribute('aria-label', say('keys'));
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (came instanceof HTMLElement && came.isConnected) came.focus();
    });
    fillKeys(dialog, searches ? [SEARCH, ...PLAIN] : PLAIN);
    document.body.append(dialog);
    openDialog(dialog);
  }, { signal });
}
