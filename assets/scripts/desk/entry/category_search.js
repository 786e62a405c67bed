/** Finds categories by what somebody types: Chinese, English, code, pinyin in full or by initials. Nothing here touches the page. */

/**
 * @typedef {{
 *   code: string, parent: string | null, name: string, name_en: string, symbol: string, ordinal: number, pinyin: string[],
 * }} Category
 */

/** @param {string} text */
const plain = (text) => text.toLowerCase().replace(/[\s'’·-]+/g, '');

/**
 * How well a category fits: the smaller the better; null where it does not.
 *
 * @param {Category} category
 * @param {string} typed
 */
export function fit(category, typed) {
  const text = plain(typed);
  if (text === '') return 0;
  const name = plain(category.name);
  const english = category.name_en.toLowerCase();
  if (name === text || plain(english) === text || category.code.toLowerCase() === text) return 0;
  if (name.startsWith(text)) return 1;
  if (english.startsWith(typed.trim().toLowerCase()) || english.split(/[\s/-]+/).some((word) => word.startsWith(text))) return 2;
  const syllables = category.pinyin.map(plain).filter(Boolean);
  const initials = syllables.map((one) => one[0]).join('');
  if (initials.startsWith(text)) return 3;
  if (syllables.join('').startsWith(text)) return 4;
  if (name.includes(text) || plain(english).includes(text)) return 5;
  if (initials.includes(text)) return 6;
  // In the midst of a name pinyin counts from the beginning of a syllable on.
  if (syllables.some((_, place) => syllables.slice(place).join('').startsWith(text))) return 7;
  return null;
}

/** @param {Category[]} all @param {Category} one @returns {Category[]} The categories above it, the uppermost first. */
export function above(all, one) {
  const path = [];
  const seen = new Set([one.code]);
  for (let parent = one.parent; parent !== null && !seen.has(parent);) {
    seen.add(parent);
    const found = all.find(({ code }) => code === parent);
    if (!found) break;
    path.unshift(found);
    parent = found.parent;
  }
  return path;
}

/**
 * The categories that fit, the best first; of those that fit alike the ones that were used last, then in the city's order.
 *
 * @param {Category[]} all
 * @param {string} typed
 * @param {string[]} recent Codes, the last one first.
 */
export function seek(all, typed, recent) {
  const place = (/** @type {Category} */ one) => {
    const at = recent.indexOf(one.code);
    return at < 0 ? recent.length : at;
  };
  return all
    .map((one) => ({ one, fits: fit(one, typed) }))
    .filter(({ fits }) => fits !== null)
    .toSorted((a, b) => Number(a.fits) - Number(b.fits) || place(a.one) - place(b.one) || a.one.ordinal - b.one.ordinal)
    .map(({ one }) => one);
}
