/** What stands in the rows of the list while a step on many cases is looked at. */

import { element } from '../../dom.js';

/** What the list says of cases while a step on many is looked at: where they would go, or why they cannot. @type {Map<string, {text: string, wrong: boolean}>} */
const notes = new Map();

/** @param {Iterable<[string, {text: string, wrong: boolean}]>} wanted */
export function setNotes(wanted) {
  notes.clear();
  for (const [number, note] of wanted) notes.set(number, note);
}

/** The second line of the cell of the unit, where there is something to say. @param {DeskCase} row */
export function noteOf(row) {
  const note = notes.get(row.number);
  return note ? element('div', note.wrong ? 'note-wrong' : 'note-good', note.wrong ? note.text : `→ ${note.text}`) : null;
}
