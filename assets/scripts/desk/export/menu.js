/** The menu that takes the list out: as a workbook, as a CSV file, or on paper. */

import { required } from '../../dom.js';
import { download, nameOf } from '../../download.js';
import { state } from '../address.js';
import { box } from '../cells.js';
import { facts, say } from '../facts.js';
import { icon } from '../icons.js';
import { listQuery } from '../state.js';
import { beginPaper, printList } from './paper.js';

/** @param {string} text @param {string} name @param {() => void} act */
function item(text, name, act) {
  const made = box('button', 'menu-item', text);
  made.type = 'button';
  made.dataset.export = name;
  made.addEventListener('click', (event) => {
    closest(event)?.removeAttribute('open');
    act();
  });
  return made;
}

/** @param {Event} event */
const closest = (event) => event.currentTarget instanceof Element ? event.currentTarget.closest('details') : null;

/** @param {string} sentence */
function trouble(sentence) {
  const told = required('#trouble');
  told.hidden = sentence === '';
  told.textContent = sentence;
}

/** Ask for the file of what the list holds, and hand it to the browser. @param {'xlsx' | 'csv'} form */
async function exportList(form) {
  const query = listQuery(state(), facts());
  query.set('format', form);
  query.set('lang', facts().lang);
  required('#told').textContent = say('export_begun');
  trouble('');
  const answer = await fetch(`/api/cases/export?${query}`).catch(() => null);
  if (answer?.ok) {
    download(await answer.blob(), nameOf(answer.headers.get('Content-Disposition'), `gridwell-cases.${form}`));
    required('#told').textContent = say('export_done');
    return;
  }
  const body = await answer?.json().catch(() => null);
  trouble(body?.error?.sentence ?? say('failed'));
}

/**
 * The menu, for the row over the table.
 *
 * @param {() => DeskCase[]} rows Those that the table holds now.
 */
export function exportMenu(rows) {
  beginPaper(rows);
  const list = box('div', 'menu-list');
  const button = box('summary', 'tool', icon('save'), box('span', 'tool-text', say('take_out')));
  button.setAttribute('aria-label', say('take_out'));
  if (facts().can.export) {
    list.append(
      item(say('export_xlsx'), 'xlsx', () => void exportList('xlsx')),
      item(say('export_csv'), 'csv', () => void exportList('csv')),
    );
  }
  list.append(item(say('print_list'), 'print', () => void printList()));
  if (facts().can.export) list.append(box('p', 'menu-note', say('export_note')));
  return box('details', 'menu right take-out', button, list);
}
