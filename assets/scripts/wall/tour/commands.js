/** What a presenter asks of a wall. */

/** Whoever steers hears within this time that it did not work. */
const PATIENCE_MS = 20_000;

/**
 * @typedef {{do: 'next' | 'previous' | 'scene' | 'hold' | 'show' | 'resume', for_s?: number, scene?: number, area?: string, zone?: string,
 *   measure?: string, layers?: string[]}} WallCommand
 */

/**
 * Send one command; gives back the new version of the tour, or the sentence that says why not.
 *
 * @param {{wall: string, city: string | null, csrf: string, lang: string}} where
 * @param {WallCommand} command
 * @returns {Promise<{version: string | null, sentence: string | null}>}
 */
export async function sendCommand(where, command) {
  const headers = { 'Content-Type': 'application/json', 'X-Gridwell-CSRF': where.csrf };
  const body = JSON.stringify({ wall: where.wall, city: where.city, ...command });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`/api/wall/remote?lang=${where.lang}`, { method: 'POST', headers, body, signal }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  return { version: answer?.ok ? told?.version ?? null : null, sentence: answer?.ok ? null : told?.error?.sentence ?? '' };
}

/**
 * What the keys of a keyboard or a remote control ask for on the wall itself; null for every other key. They steer this screen alone
 * unless the account may steer walls.
 *
 * @param {string} key
 * @param {number} scenes How many there are.
 * @returns {{step: number} | {index: number} | {hold: true} | null}
 */
export function keyCommand(key, scenes) {
  if (key === 'ArrowRight' || key === 'PageDown') return { step: 1 };
  if (key === 'ArrowLeft' || key === 'PageUp') return { step: -1 };
  if (key === ' ') return { hold: true };
  if (/^[1-9]$/.test(key) && Number(key) <= scenes) return { index: Number(key) - 1 };
  return null;
}
