/** Whether somebody is at the page. What a page asks by itself must not keep a session in use: nobody may be there any more. */

import { part } from '../lifecycle.js';

const PRESENT_MS = 60000;
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'];
/** Milliseconds since the page began; who opens a page is there. */
let touchedAt = 0;

/** Notices whoever touches the page. */
export const presence = part((signal) => {
  const touched = () => (touchedAt = performance.now());
  TOUCHES.forEach((type) => addEventListener(type, touched, { signal, passive: true, capture: true }));
});

/** Whether nobody has touched the page for a minute. */
export const isAlone = () => performance.now() - touchedAt > PRESENT_MS;

/** The header with which the server is told so. */
export const ALONE = { 'X-Gridwell-By-Itself': '1' };
