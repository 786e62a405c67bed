/** What the map's figures count and the map does not draw, in words beside the scale bar. */

import { element } from '../dom.js';
import { fill } from './text.js';

/** An address of cases that asks only for some of them. */
const FILTERED = /[?&](cat|src|deadline|severity)=/;

export class LeftOutNote {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.node = element('div', 'map-left-out');
    this.node.hidden = true;
    root.append(this.node);
  }

  remove() {
    this.node.remove();
  }

  /** @param {import('./scene.js').Scene} scene */
  tell(scene) {
    const [pins, spots] = [scene.layer('IncidentPins'), scene.layer('FacilityPins')];
    const [cases, facilities] = [pins && scene.json(pins.data), spots && scene.json(spots.data)];
    const told = leftOutText(cases?.left_out ?? 0, facilities?.left_out ?? 0, scene.spec.words);
    if (cases && !cases.total && FILTERED.test(pins.data)) told.unshift(scene.spec.words.no_case);
    this.node.textContent = told.join(' ');
    this.node.hidden = !told.length;
  }
}

/**
 * @param {number} cases
 * @param {number} facilities
 * @param {any} words
 * @returns {string[]}
 */
export function leftOutText(cases, facilities, words) {
  return [
    cases ? fill(words.cases_left_out, { n: cases.toLocaleString('en') }) : '',
    facilities ? fill(words.facilities_left_out, { n: facilities.toLocaleString('en') }) : '',
  ].filter(Boolean);
}
