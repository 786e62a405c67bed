/** A photo that is stored already is replaced by a blurred one: a step, after which the first one is shown to nobody without the right. */

import { say } from '../facts.js';
import { newKey, post, upload } from '../server.js';
import { blurPhoto } from './blur.js';

/**
 * Let a photo be blurred, and let the result stand for it; null where nothing was drawn.
 *
 * @param {CaseTold} told
 * @param {string} hash
 * @returns {Promise<import('../server.js').Answer | null>}
 */
export async function replacePhoto({ case: { number, city } }, hash) {
  const answer = await fetch(`/api/attachments/${hash}`).catch(() => null);
  if (!answer?.ok) return { ok: false, status: answer?.status ?? 0, body: null };
  const photo = await answer.blob();
  const blurred = await blurPhoto(photo, say('blur_send'));
  if (!blurred || blurred === photo) return null;
  const sent = await upload(blurred);
  if (!sent.ok) return sent;
  const body = { step: 'blur', photo: hash, attachments: [sent.body.hash] };
  return post(`/api/cases/${encodeURIComponent(number)}/steps`, body, newKey(), new URLSearchParams({ city }));
}
