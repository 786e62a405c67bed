/** On a narrow screen a case is one card without a box. While somebody is choosing, each card has one, and a touch anywhere on it chooses the case. */

import { required } from '../../dom.js';
import { box } from '../cells.js';
import { facts, say } from '../facts.js';
import { icon } from '../icons.js';

let choosing = false;
/** @type {Set<() => void>} */
const listeners = new Set();

/** Whether cards have boxes now. */
export const isChoosing = () => choosing;

/** @param {() => void} listener Told when choosing begins or ends. */
export const onChoosing = (listener) => void listeners.add(listener);

/** Begin or end; says whether anything changed. @param {boolean} wanted */
export function setChoosing(wanted) {
  if (choosing === wanted) return false;
  choosing = wanted;
  required('#choose-switch').setAttribute('aria-pressed', String(choosing));
  listeners.forEach((listener) => listener());
  return true;
}

/** The switch in the tool row, for those who may take steps on many cases; the style sheet shows it over cards alone. */
export function chooseSwitch() {
  if (!facts().bulk.length) return null;
  const made = box('button', 'tool', icon('check'), box('span', 'tool-text', say('choose_many')));
  made.type = 'button';
  made.id = 'choose-switch';
  made.title = say('choose_many');
  made.setAttribute('aria-label', say('choose_many'));
  made.setAttribute('aria-pressed', 'false');
  made.addEventListener('click', () => setChoosing(!choosing));
  return made;
}
