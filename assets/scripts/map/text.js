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

/** As wide as high: Chinese, Japanese, Korean, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** Marks over other letters, and what only joins or directs. */
const WITHOUT_WIDTH = /[\p{M}\p{Cf}]/u;
const ARABIC = /[\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefc]/;
const LAST_LATIN = '\u024f';

/**
 * Width of a text of one line in units of its size: a Chinese character is as wide as high.
 *
 * @param {string} text
 */
export const textWidth = (text) => [...text].reduce((sum, c) => sum + letterWidth(c), 0);

/** @param {string} letter */
function letterWidth(letter) {
  if (WITHOUT_WIDTH.test(letter)) return 0;
  if (WIDE.test(letter)) return 1.02;
  if (letter <= LAST_LATIN) return 0.58;
  return ARABIC.test(letter) ? 0.52 : 0.68;
}

/**
 * Scripts written from the right, letters that change their form beside others (Arabic, Indic, Thai …), marks that stand over letters, and
 * pictures made of several signs: the browser must set such a text as a whole.
 */
const SHAPED =
  /[\u0300-\u036f\u0590-\u08ff\u0900-\u109f\u1780-\u17ff\u200d\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\p{Extended_Pictographic}]/u;
const FROM_THE_RIGHT = /^[^\p{L}]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * Whether a text cannot be set letter by letter from left to right.
 *
 * @param {string} text
 */
export const needsShaping = (text) => SHAPED.test(text);

/**
 * Whether a text begins at the right: its first letter decides.
 *
 * @param {string} text
 */
export const beginsAtTheRight = (text) => FROM_THE_RIGHT.test(text);

/** In units of a text's size: fifteen Latin letters. */
const LONGEST_LINE = 8.7;
const MOST_LINES = 4;

/**
 * A long name with spaces stands in several lines of about the same length, four at most.
 *
 * @param {string} text
 */
export const broken = (text) => text.split('\n').map(brokenLine).join('\n');

/** @param {string} line */
function brokenLine(line) {
  const width = textWidth(line);
  if (width <= LONGEST_LINE || /[\u4e00-\u9fff]/.test(line)) return line;
  const words = line.split(' ').filter(Boolean);
  const most = Math.min(MOST_LINES, Math.ceil(width / LONGEST_LINE), words.length);
  // The shortest lines that are not too many.
  for (let longest = width / most;; longest += 0.25) {
    const lines = wrapped(words, longest);
    if (lines.length <= most) return lines.join('\n');
  }
}

/**
 * Words in lines, each as long as it may be.
 *
 * @param {string[]} words
 * @param {number} longest
 */
function wrapped(words, longest) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last + ' ' + word) <= longest) lines[lines.length - 1] = last + ' ' + word;
    else lines.push(word);
  }
  return lines;
}
