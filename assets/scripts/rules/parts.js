/** Parts that the three tabs share: buttons, notices, dialogs, who changed what, and figures of a change. */

import { box } from '../desk/cells.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { openDialog } from '../desk/dialogs.js';
import { icon } from '../desk/icons.js';
import { element, required } from '../dom.js';

/**
 * @param {string} text
 * @param {() => void} act
 * @param {string} [className]
 */
export function button(text, act, className = 'second small') {
  const made = element('button', className, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/**
 * A small button that shows a sign.
 *
 * @param {string} sign
 * @param {string} text
 * @param {() => void} act
 */
export function signButton(sign, text, act) {
  const made = box('button', 'round', icon(sign));
  made.type = 'button';
  made.title = text;
  made.setAttribute('aria-label', text);
  made.addEventListener('click', act);
  return made;
}

/** Say something politely to screen readers. @param {string} text */
export function tell(text) {
  required('#told').textContent = text;
}

/**
 * A notice with sentences; the first is the message.
 *
 * @param {string} kind `good`, `wrong`, or empty.
 * @param {(Node | string)[]} lines
 */
export function notice(kind, lines) {
  const made = box('div', `notice ${kind}`, ...lines.map((line) => typeof line === 'string' ? element('p', '', line) : line));
  made.setAttribute('role', kind === 'wrong' ? 'alert' : 'status');
  return made;
}

/** A number as people read it. @param {number} value */
export const count = (value) => value.toLocaleString(facts().lang === 'zh' ? 'zh-CN' : 'en');

/** A moment in the reader's own clock. @param {string} moment */
export function moment(moment) {
  const shown = new Date(moment);
  return shown.toLocaleString(facts().lang === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/**
 * A table whose cells are given by row.
 *
 * @param {string} caption
 * @param {string[]} heads
 * @param {(Node | string | null)[][]} rows
 * @param {string} [className]
 */
export function table(caption, heads, rows, className = '') {
  const made = element('table', `rule-table ${className}`);
  made.append(element('caption', 'unseen', caption));
  const head = element('tr');
  head.append(...heads.map((text) => {
    const cell = element('th', '', text);
    cell.scope = 'col';
    return cell;
  }));
  const top = element('thead');
  top.append(head);
  const body = element('tbody');
  body.append(...rows.map((cells) => {
    const line = element('tr');
    line.append(...cells.map((inside, place) => {
      const cell = box('td', '', inside);
      cell.dataset.name = heads[place];
      return cell;
    }));
    return line;
  }));
  made.append(top, body);
  return box('div', 'scrolled', made);
}

/**
 * A dialog with a form. `act` is called with the form; it gives back whether all is done.
 *
 * @param {string} title
 * @param {(Node | null)[]} fields
 * @param {string} action
 * @param {(form: HTMLFormElement, dialog: HTMLDialogElement) => Promise<boolean> | boolean} act
 */
export function ask(title, fields, action, act) {
  const dialog = element('dialog', 'rule-dialog');
  const form = element('form');
  form.noValidate = true;
  const confirm = element('button', 'small', action);
  const cancel = button(say('cancel'), () => dialog.close());
  const heading = element('h2', '', title);
  heading.id = 'dialog-title';
  dialog.setAttribute('aria-labelledby', heading.id);
  form.append(heading, ...fields.filter((one) => one !== null), box('div', 'actions', confirm, cancel));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    confirm.disabled = true;
    const done = await act(form, dialog);
    confirm.disabled = false;
    if (done) dialog.close();
  });
  dialog.append(form);
  dialog.addEventListener('close', () => dialog.remove());
  const before = document.activeElement;
  dialog.addEventListener('close', () => before instanceof HTMLElement && before.isConnected && before.focus());
  document.body.append(dialog);
  openDialog(dialog);
  return dialog;
}

/**
 * Who changed the rules, the latest first, each with the way back to what was before.
 *
 * @param {RuleChange[]} changes
 * @param {((change: RuleChange) => void) | null} restore
 */
export function history(changes, restore) {
  if (!changes.length) return null;
  const lines = changes.map((one) => {
    const told = Object.entries(one.facts).filter(([name, value]) => value !== null && value !== 0 && name in facts().words)
      .map(([name, value]) => say(name, { n: String(value) })).join(say('comma'));
    const line = box('li', '', element('span', 'dim', moment(one.at)), element('b', '', one.account), element('span', '', told));
    if (restore && one.before) line.append(button(say('restore'), () => restore(one), 'plain'));
    return line;
  });
  return box('section', 'rule-history', element('h2', '', say('history')), box('ol', '', ...lines));
}

/**
 * Somebody was faster: who, and what to do with one's own.
 *
 * @param {any} error
 * @param {() => void} keep
 * @param {() => void} take
 */
export function faster(error, keep, take) {
  const who = (error.since ?? []).map((/** @type {RuleChange} */ one) => say('changed_by', { who: one.account, when: moment(one.at) }));
  return notice('wrong', [
    error.sentence,
    ...(who.length ? who : [say('changed_elsewhere')]),
    box('div', 'actions', button(say('keep_mine'), keep), button(say('take_theirs'), take)),
  ]);
}

/**
 * What a change does to open cases.
 *
 * @param {RuleEffect} effect
 * @param {string} city
 */
export function effectTold(effect, city) {
  const figures = ['touched', 'earlier', 'later', 'overdue', 'settled', 'provisional'].map((name) => {
    const value = element('b', name === 'overdue' && effect.overdue ? 'late' : '', count(/** @type {any} */ (effect)[name]));
    return box('div', 'figure', element('span', 'dim', say(`effect_${name}`)), value);
  });
  const rows = effect.cases.map((one) => {
    const link = element('a', '', one.number);
    link.href = `/desk?${new URLSearchParams({ queue: 'all', case: one.number, city })}`;
    const how = one.overdue ? say('effect_overdue') : one.settled ? say('effect_settled') : '';
    const due = (/** @type {string | null} */ at) => at ? moment(at) : say('no_deadline');
    return [link, due(one.before), due(one.after), how];
  });
  const heads = [say('column_case'), say('due_before'), say('due_after'), ''];
  return box(
    'div',
    'effect',
    box('div', 'effect-figures', ...figures),
    rows.length ? table(say('touched_cases'), heads, rows) : null,
    effect.touched > rows.length && rows.length
      ? element('p', 'hint', say('first_of', { n: count(rows.length), of: count(effect.touched) }))
      : null,
  );
}

/** The name of something in the reader's language. @param {{name: string, name_en: string, code: string}} one */
export const nameOf = (one) => inLanguage(one.name, one.name_en) || one.code;
