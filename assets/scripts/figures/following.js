/** The page follows what happens: its numbers are counted anew, quietly and not too often. */

import { area } from '../desk/city.js';
import { onStop, part } from '../lifecycle.js';
import { connect } from '../live/listening.js';
import { setLost } from './as_of.js';
import { refresh } from './page.js';

const SOON_MS = 800;
const LEAST_MS = 5000;
/** Between two counts the server has so many times as long a rest as the first one took: a page of a large city counts less often. */
const REST = 8;

let wanted = false;
let running = false;
/** When the next count may begin. */
let free = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export const following = part((signal) => {
  const leave = connect(hear, signal);
  document.addEventListener('visibilitychange', plan, { signal });
  onStop(signal, () => {
    leave();
    clearTimeout(timer);
    timer = undefined;
  });
});

/** @param {import('../live/stream.js').News} news */
function hear({ kind, body, since }) {
  if (kind === 'live') return setLost(null);
  if (kind === 'lost') return setLost(since ?? Date.now());
  if (kind === 'case' ? isHere(body) : kind === 'figures' || kind === 'reset') {
    wanted = true;
    plan();
  }
}

/** Whether a case that has changed counts in what is shown. @param {{city: string, path: string[]}} event */
function isHere({ city, path }) {
  const { code, level, city: own } = area();
  return city === own && (level === 'zone' || path.includes(code));
}

/** Count soon, but not after every single event, and not while nobody looks. */
function plan() {
  if (!wanted || running || document.visibilityState !== 'visible') return;
  timer ??= setTimeout(() => void run(), Math.max(SOON_MS, free - performance.now()));
}

async function run() {
  timer = undefined;
  wanted = false;
  running = true;
  const begun = performance.now();
  try {
    await refresh();
  } finally {
    running = false;
    const ended = performance.now();
    free = ended + Math.max(LEAST_MS, (ended - begun) * REST);
    plan();
  }
}
