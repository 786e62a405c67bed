/** A wall display: nobody touches it, so it asks by itself; the camera stays. */

import { setProps } from '../dom.js';
import { onStop, part } from '../lifecycle.js';

/** Changes are told; this is for what only time changes, such as the moment for which the figures stand. */
const WALL_MS = 300000;

/** Begins with the first answer that says so, and stays until the page is left. */
export const wall = part((signal) => {
  document.documentElement.dataset.wall = '';
  const timer = setInterval(() => setProps('url', { search: location.search }), WALL_MS);
  onStop(signal, () => {
    clearInterval(timer);
    delete document.documentElement.dataset.wall;
  });
  dispatchEvent(new Event('resize'));
});
