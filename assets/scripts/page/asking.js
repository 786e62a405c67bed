/** Asking a server that may be full or away: again after the pause that it names, until there is an answer or nobody wants it any more. */

import { allowed, nameOf, pause, rest } from './patience.js';

/** What passes by itself. */
const PASSING = new Set([429, 502, 503, 504]);

/**
 * The answer. After so many tries the last refusal, or null where nothing came; null as well where the answer is not wanted any more.
 * Pauses grow, differ by chance, and are never longer than half a minute or what the server names.
 *
 * @param {() => Promise<Response>} ask
 * @param {{signal?: AbortSignal, tries?: number, refused?: (notice: string) => void}} [how] `refused` hears after each refusal which notice
 *   it asks for.
 */
export async function untilAnswered(ask, { signal, tries = Infinity, refused } = {}) {
  for (let times = 0;; times += 1) {
    await allowed(signal);
    if (signal?.aborted) return null;
    const answer = await ask().catch(() => null);
    if (signal?.aborted) return null;
    if ((answer && !PASSING.has(answer.status)) || times + 1 >= tries) return answer;
    const notice = await nameOf(answer);
    refused?.(notice);
    await rest(pause(times, answer), signal);
  }
}
