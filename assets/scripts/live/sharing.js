/** One stream for all pages of a browser: a browser opens only six connections to a server, and a stream takes one of them. */

import { EventStream } from './stream.js';

/** What a page says to the worker: that it is there, or that it goes. */
export const JOIN = 'join';
export const LEAVE = 'leave';

/**
 * Hand the stream to every page that connects.
 *
 * @param {{onconnect?: ((event: {ports: readonly MessagePort[]}) => void) | null}} scope The worker's own.
 * @param {EventStream} [given] For tests.
 */
export function shareStream(scope, given) {
  /** @type {Set<MessagePort>} */
  const ports = new Set();
  /** The newest versions that were told. @type {Record<string, number>} */
  let versions = {};
  const stream = given ?? new EventStream(tell);
  stream.tell = tell;

  /** @param {import('./stream.js').News} news */
  function tell(news) {
    const told = news.body?.versions;
    // The stream begins: a database that was put back has lower versions.
    if (told) versions = news.kind === 'ready' ? told : newer(versions, told);
    ports.forEach((port) => port.postMessage(news));
  }

  /** @param {MessagePort} port */
  function join(port) {
    ports.add(port);
    stream.start();
    if (stream.live === null) return;
    port.postMessage(stream.live ? { kind: 'live' } : { kind: 'lost', since: stream.since });
    port.postMessage({ kind: 'figures', body: { versions } });
  }

  /** @param {MessagePort} port */
  function leave(port) {
    ports.delete(port);
    if (!ports.size) stream.stop();
  }

  scope.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => (data === LEAVE ? leave(port) : join(port));
  };
}

/**
 * The newer version of each subject.
 *
 * @param {Record<string, number>} one
 * @param {Record<string, number>} other
 */
export function newer(one, other) {
  const both = { ...one };
  for (const [subject, version] of Object.entries(other)) both[subject] = Math.max(version, both[subject] ?? 0);
  return both;
}
