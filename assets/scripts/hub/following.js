/** The hub follows what happens: it counts anew when data change, and once a minute, quietly; not while nobody looks. */

import { onStop, part } from '../lifecycle.js';
import { connect } from '../live/listening.js';
import { refresh } from './hub.js';

const SOON_MS = 800;
const LEAST_MS = 5000;
/** Days of feeds are kept by the clock, without news of their own. */
const OFTEN_MS = 60000;

let wanted = false;
let running = false;
let free = 0;
/** Versions that are known, of every subject. */
let known = '';
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export const following = part((signal) => {
  const leave = connect(hear, signal);
  document.addEventListener('visibilitychange', plan, { signal });
  const often = setInterval(() => {
    wanted = true;
    plan();
  }, OFTEN_MS);
  onStop(signal, () => {
    leave();
    clearInterval(often);
    clearTimeout(timer);
    timer = undefined;
  });
});

/** @param {import('../live/stream.js').News} news */
function hear({ kind, body }) {
  if (kind !== 'figures' && kind !== 'ready' && kind !== 'reset') return;
  const told = JSON.stringify(Object.entries(body?.versions ?? {}).sort());
  const isFirst = known === '';
  if (kind !== 'reset' && told === known) return;
  known = told;
  if (isFirst) return;
  wanted = true;
  plan();
}

/** Count soon, but not after every single delivery. */
function plan() {
  if (!wanted || running || document.visibilityState !== 'visible') return;
  timer ??= setTimeout(() => void run(), Math.max(SOON_MS, free - performance.now()));
}

async function run() {
  timer = undefined;
  wanted = false;
  running = true;
  try {
    await refresh();
  } finally {
    running = false;
    free = performance.now() + LEAST_MS;
    plan();
  }
}
