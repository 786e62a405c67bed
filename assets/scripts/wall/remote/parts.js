/** Parts that the pages about walls share: sections, fields, buttons, moments. */

import { element, required } from '../../dom.js';
import { facts, say } from '../../desk/facts.js';

/** What the server says once about these pages. */
export const given = () => /** @type {any} */ (facts());

/**
 * An element with others in it; what is missing is left out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {...(Node | string | null | undefined | false)} inside
 */
export function box(tag, className, ...inside) {
  const made = element(tag, className);
  made.append(...inside.filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/**
 * @param {string} text
 * @param {() => unknown} act
 * @param {string} [className]
 */
export function button(text, act, className = 'second') {
  const made = element('button', className, text);
  made.type = 'button';
  made.addEventListener('click', () => void act());
  return made;
}

let fields = 0;

/**
 * A field under its label.
 *
 * @template {HTMLElement} T
 * @param {string} label
 * @param {T} input
 */
export function field(label, input) {
  fields += 1;
  input.id ||= `field-${fields}`;
  const named = element('label', '', label);
  named.htmlFor = input.id;
  return box('div', 'field', named, input);
}

/**
 * A choice from names by value.
 *
 * @param {[string, string][]} options Value and name.
 * @param {string} chosen
 */
export function choice(options, chosen) {
  const made = element('select');
  made.append(...options.map(([value, name]) => {
    const option = element('option', '', name);
    Object.assign(option, { value, selected: value === chosen });
    return option;
  }));
  return made;
}

/**
 * A box to tick with its name.
 *
 * @param {string} name
 * @param {boolean} checked
 */
export function tick(name, checked) {
  const input = element('input');
  Object.assign(input, { type: 'checkbox', checked });
  return { input, label: box('label', 'walls-tick', input, name) };
}

/** Say something politely to screen readers. @param {string} text */
export function tell(text) {
  required('#told').textContent = text;
}

/**
 * A sentence that something did not work, or that it did.
 *
 * @param {'good' | 'wrong'} kind
 * @param {string} text
 */
export function notice(kind, text) {
  const made = element('p', `notice ${kind}`, text);
  made.setAttribute('role', kind === 'wrong' ? 'alert' : 'status');
  return made;
}

/** A moment as a clock shows it. @param {number} ms @param {string} [timeZone] */
export const clockText = (ms, timeZone) =>
  new Date(ms).toLocaleTimeString(given().lang === 'zh' ? 'zh-CN' : 'en-GB', { hour: '2-digit', minute: '2-digit', timeZone });

/** How long ago something was, in few words. @param {number} seconds */
export function agoText(seconds) {
  if (seconds < 90) return say('ago', { n: Math.max(0, Math.round(seconds)) });
  if (seconds < 5400) return say('ago_min', { n: Math.round(seconds / 60) });
  return say('ago_h', { n: Math.round(seconds / 3600) });
}
