/** Texts and labels. */

/**
 * A text with its `{names}` filled in; names without a fact stay as they are.
 *
 * @param {string} text
 * @param {Record<string, unknown>} facts
 */
export const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));

/**
 * The last label of an area's path.
 *
 * @param {string} path
 */
export const lastLabel = (path) => path.slice(path.lastIndexOf('.') + 1);

/**
 * The code of an area from its path label, in which all but letters and digits are hex code points.
 *
 * @param {string} label
 */
export const codeOf = (label) => label.replace(/_([0-9a-f]+)_/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)));

/**
 * Width of a text of one line in units of its size: a Chinese character is as wide as high.
 *
 * @param {string} text
 */
export const textWidth = (text) => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 255 ? 1.02 : 0.58), 0);

const LONGEST_LINE = 15;

/**
 * A long name in Latin letters stands in two lines, broken at the space nearest its middle.
 *
 * @param {string} text
 */
export const broken = (text) => text.split('\n').map(brokenLine).join('\n');

/** @param {string} line */
function brokenLine(line) {
  if (line.length <= LONGEST_LINE || /[\u4e00-\u9fff]/.test(line)) return line;
  const spaces = [...line.matchAll(/ /g)].map((found) => found.index);
  if (!spaces.length) return line;
  const middle = spaces.reduce((a, b) => (Math.abs(b - line.length / 2) < Math.abs(a - line.length / 2) ? b : a));
  return line.slice(0, middle) + '\n' + line.slice(middle + 1);
}
