/** Columns are kept with the account, so that they are the same at every desk. */

import { newKey, post } from '../server.js';

const SOON_MS = 800;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Keep a choice soon: whoever ticks three columns sends one request.
 *
 * @param {Map<string, number | null>} chosen
 */
export function keep(chosen) {
  clearTimeout(timer);
  const columns = [...chosen].map(([id, width]) => ({ id, width }));
  timer = setTimeout(() => void post('/desk/columns', { columns }, newKey()), SOON_MS);
}
