/** How a page hears what happens at the server. */

import { JOIN, LEAVE } from './sharing.js';
import { EventStream } from './stream.js';

/** Where the worker is; without it a page has a stream of its own. */
const workerAddress = () => document.querySelector('meta[name="live-worker"]')?.getAttribute('content') ?? '';

/**
 * Listen to the stream that all pages of the browser share, or to an own one where that is not possible.
 *
 * @param {(news: import('./stream.js').News) => void} tell
 * @param {AbortSignal} signal
 */
export function connect(tell, signal) {
  let end = () => {};
  const alone = () => {
    const own = new EventStream(tell);
    own.start();
    end = () => own.stop();
  };
  const address = workerAddress();
  if (!('SharedWorker' in globalThis) || !address) {
    alone();
    return () => end();
  }
  const worker = new SharedWorker(address);
  const { port } = worker;
  end = () => port.postMessage(LEAVE);
  worker.addEventListener('error', alone, { signal, once: true });
  port.onmessage = ({ data }) => tell(data);
  port.postMessage(JOIN);
  addEventListener('pagehide', () => end(), { signal });
  // A page that comes back from the browser's memory has heard nothing meanwhile.
  addEventListener('pageshow', (event) => event.persisted && port.postMessage(JOIN), { signal });
  return () => end();
}
