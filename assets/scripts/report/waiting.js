/** While a report is made: how far it is, and the report as soon as it is there. */

import { say } from '../desk/facts.js';
import { get } from '../desk/server.js';
import { required } from '../dom.js';
import { part } from '../lifecycle.js';
import { rest } from '../page/patience.js';

const PAUSE_MS = 700;

export const waiting = part((signal) => {
  const id = /** @type {HTMLElement | null} */ (document.querySelector('#waiting'))?.dataset.report;
  if (id) void follow(id, signal);
});

/** @param {string} id @param {AbortSignal} signal */
async function follow(id, signal) {
  const bar = /** @type {HTMLProgressElement} */ (required('#progress'));
  for (;;) {
    const answer = await get(`/api/reports/${id}`, undefined, signal);
    if (signal.aborted) return;
    const { state, progress } = answer.body ?? {};
    // What is done, failed, or open no more, the page itself says.
    if (!answer.ok || state === 'done' || state === 'failed' || state === 'issued') return location.reload();
    if (state === 'making' && progress) {
      bar.max = progress.of;
      bar.value = progress.at;
      say_(say('making', { at: progress.at + 1, of: progress.of }));
    } else say_(say('queued'));
    await rest(PAUSE_MS, signal);
    if (signal.aborted) return;
  }
}

/** @param {string} text */
function say_(text) {
  const told = required('#progress-told');
  if (told.textContent !== text) told.textContent = text;
}
