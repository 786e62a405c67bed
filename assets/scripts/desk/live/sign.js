/** The quiet sign that something is asked again by itself: in the foot of the desk, and at the foot of the window on pages without one. */

import { element } from '../../dom.js';
import { onStop, part } from '../../lifecycle.js';
import { say } from '../facts.js';
import { onWaiting } from './waiting.js';

/** @param {number} ms Of the device's clock. */
export const deviceTime = (ms) =>
  new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** @param {import('./waiting.js').Waiting} now @param {boolean} isTold Whether something beside it says since when. */
function textOf({ notice, since }, isTold) {
  if (notice !== 'silent') return say('waiting_busy');
  return isTold ? say('waiting_again') : say('waiting_silent', { time: deviceTime(since) });
}

export const waitingSign = part((signal) => {
  const sign = element('p', 'waiting-sign');
  sign.setAttribute('role', 'status');
  const foot = document.querySelector('#foot');
  (foot ?? document.body).append(sign);
  onWaiting((now) => {
    const text = now ? textOf(now, foot !== null) : '';
    if (sign.textContent !== text) sign.textContent = text;
  });
  onStop(signal, () => sign.remove());
});
