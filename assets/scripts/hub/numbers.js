/** Numbers of the data hub in words. Nothing here touches the page. */

/** @param {number} n */
export const whole = (n) => n.toLocaleString('en-US', { maximumFractionDigits: 0 });

/**
 * Three or four digits: the steps of a language, the largest first. Chinese counts in ten thousands.
 *
 * @type {Record<string, [number, string][]>}
 */
const STEPS = { zh: [[1e8, '亿'], [1e4, '万']], en: [[1e9, 'bn'], [1e6, 'm'], [1e4, 'k']] };

/**
 * A count in as few characters as a cell has room for; below ten thousand it is told in full.
 *
 * @param {number} n
 * @param {string} lang
 */
export function shortCount(n, lang) {
  const { text, unit } = splitCount(n, lang);
  return text + unit;
}

/**
 * The same as number and unit.
 *
 * @param {number} n
 * @param {string} lang
 */
export function splitCount(n, lang) {
  const steps = STEPS[lang] ?? STEPS.en;
  const place = steps.findIndex(([size]) => n >= size);
  if (place < 0) return { text: whole(n), unit: '' };
  const [size, unit] = steps[place];
  const divisor = unit === 'k' ? 1000 : size;
  const digits = n / divisor >= 1000 ? 0 : 1;
  const text = (n / divisor).toFixed(digits);
  // 999.95 thousand would be written as 1000.0 thousand.
  if (place > 0 && Number(text) * divisor >= steps[place - 1][0]) return { text: '1.0', unit: steps[place - 1][1] };
  return { text: text.replace(/\B(?=(\d{3})+(?!\d))/g, digits ? '' : ','), unit };
}

/**
 * A share in per cent. Only all is 100, and only nothing is 0.
 *
 * @param {number} share 0 to 1.
 */
export function percent(share) {
  const shown = (share * 100).toFixed(1);
  if (share < 1 && shown === '100.0') return '99.9';
  return share > 0 && shown === '0.0' ? '0.1' : shown;
}

/** Bars begin at this share; the legend says so. */
export const BAR_FROM = 0.8;

/** How much of a bar a share fills. @param {number | null} share @param {number} [from] */
export const barFilled = (share, from = BAR_FROM) => share === null ? 0 : Math.min(1, Math.max(0, (share - from) / (1 - from)));
