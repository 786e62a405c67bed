/** Pinyin as people type it. Nothing here touches the page. */

/**
 * The letters by which a name is found: all of its syllables, and their first letters.
 *
 * @param {string[] | undefined} syllables
 * @returns {[string, string]}
 */
export function letters(syllables) {
  const some = (syllables ?? []).filter(Boolean);
  return [some.join(''), some.map((one) => one[0]).join('')];
}
