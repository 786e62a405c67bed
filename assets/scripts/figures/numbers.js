/** Numbers of the figures in words. Nothing here touches the page. */

/** @param {number} n */
export const whole = (n) => n.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** A number with one digit, and a real minus. @param {number} n @param {number} [digits] */
export const fixed = (n, digits = 1) => n.toFixed(digits).replace('-', '−');

/** A value as it is shown: a share in per cent, or hours. @param {string} kind @param {number | null} value */
export function valueText(kind, value) {
  if (value === null) return '–';
  return fixed(kind === 'share' ? value * 100 : value);
}

/** @param {string} kind @param {Say} say */
export const unitText = (kind, say) => (kind === 'share' ? '%' : say('hours_unit'));

/** @param {number} n */
const signed = (n, digits = 1) => (n > 0 ? '+' : '') + fixed(n, digits);

/**
 * How a value changed: shares in points, hours in per cent.
 *
 * @param {string} kind
 * @param {number | null | undefined} now Of the whole days.
 * @param {number | null | undefined} before
 * @param {Say} say
 */
export function changeText(kind, now, before, say) {
  if (now === null || now === undefined || before === null || before === undefined) return '';
  if (kind === 'share') return say('points', { n: signed((now - before) * 100) });
  return before === 0 ? '' : `${signed((now / before - 1) * 100)}%`;
}

/** How a number of cases changed, in per cent. @param {number | null | undefined} now @param {number | null | undefined} before */
export function countChange(now, before) {
  if (typeof now !== 'number' || !before) return '';
  return `${signed((now / before - 1) * 100)}%`;
}

/**
 * Where a ratio stands on a logarithmic scale, 0 to 1; beyond the ends it stays at them.
 *
 * @param {number} ratio
 * @param {[number, number]} ends
 */
export function logPlace(ratio, [low, high]) {
  const place = Math.log(Math.max(ratio, 1e-9) / low) / Math.log(high / low);
  return Math.min(1, Math.max(0, place));
}

/** Limits of six classes for counts up to a largest one, round: the last class has no end. @param {number} most */
export function classLimits(most) {
  const rough = Math.max(1, most / 6);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    1,
    [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.9 && Number.isInteger(n)) ?? Math.ceil(rough),
  );
  return [0, 1, 2, 3, 4, 5].map((n) => n * step);
}
