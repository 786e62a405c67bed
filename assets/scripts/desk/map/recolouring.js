/** What whoever colours the product's own map with values of their own needs: codes of its labels, and texts for its names. */

/** The code of an area by the map's label of it: other characters than letters and digits stand as `_2d_`. @param {string} label */
export const codeOfLabel = (label) => label.replace(/_([0-9a-f]+)_/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)));

/**
 * Names of areas with their values below them.
 *
 * @param {Record<string, string>} texts
 * @param {Spec['tips']['of']} of
 */
export const namesWithValues = (texts, of) =>
  Object.fromEntries(
    Object.entries(texts).map(([label, text]) => [label, [text.split('\n')[0], of[label]?.[1]].filter(Boolean).join('\n')]),
  );
