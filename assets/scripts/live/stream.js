/** The stream of events of the server: kept open, and opened again after every interruption, from where it was. */

const ADDRESS = '/api/events';
const KINDS = ['ready', 'case', 'figures', 'wall', 'reset', 'beat', 'silence'];
/** The server says every 15 seconds that all is well; a connection that says nothing for so long is broken. */
const SILENT_MS = 40000;
const FIRST_MS = 1000;
const LONGEST_MS = 30000;
const CLOSED = 2;

/**
 * What listeners hear: an event of the server with its body; `live` when the stream is open (again); `lost`, with the moment since when
 * nothing is heard.
 *
 * @typedef {{kind: string, body?: any, since?: number}} News
 */

export class EventStream {
  /**
   * @param {(news: News) => void} tell
   * @param {(address: string) => EventSource} [open]
   */
  constructor(tell, open = (address) => new EventSource(address)) {
    this.tell = tell;
    this.open = open;
    /** @type {EventSource | null} */
    this.source = null;
    /** Of the last event; empty before the first. */
    this.lastId = '';
    /** Whether events arrive; null before that is known. */
    this.live = /** @type {boolean | null} */ (null);
    this.since = 0;
    /** When the server said something last, by the device's clock. @type {number | undefined} */
    this.heardAt = undefined;
    this.times = 0;
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  }

  start() {
    if (this.source || this.timer) return;
    this.connect();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.source?.close();
    this.source = null;
    this.live = null;
  }

  /** Where the stream goes on. */
  address() {
    return this.lastId ? `${ADDRESS}?after=${encodeURIComponent(this.lastId)}` : ADDRESS;
  }

  connect() {
    const source = this.source = this.open(this.address());
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.source === source && this.hear(/** @type {MessageEvent} */ (event)));
    }
    source.addEventListener('error', () => this.source === source && this.fail(source));
    this.listen();
  }

  /** Wait for the next word of the server. */
  listen() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.reopen(), SILENT_MS);
  }

  /** @param {MessageEvent} event */
  hear({ type, data, lastEventId }) {
    this.lastId = lastEventId;
    this.heardAt = Date.now();
    this.times = 0;
    this.listen();
    // The connection is well, but the server itself hears nothing new.
    if (type === 'silence') return this.lose(Date.now() - 1000 * JSON.parse(data).seconds);
    if (!this.live) {
      this.live = true;
      this.tell({ kind: 'live' });
    }
    if (type !== 'beat') this.tell({ kind: type, body: JSON.parse(data) });
  }

  /**
   * A browser opens an interrupted stream again by itself, but not one that was refused.
   *
   * @param {EventSource} source
   */
  fail(source) {
    this.lose();
    if (source.readyState === CLOSED) this.reopen();
  }

  /** @param {number} [since] Milliseconds of the device's clock. */
  lose(since = Date.now()) {
    if (this.live === false) return;
    this.live = false;
    this.since = since;
    this.tell({ kind: 'lost', since: this.since });
  }

  /** Since the last word nothing was heard, however late that is noticed. */
  reopen() {
    this.lose(this.heardAt);
    this.source?.close();
    clearTimeout(this.timer);
    const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.times) * (1 + Math.random() / 2);
    this.times += 1;
    this.timer = setTimeout(() => this.connect(), pause);
  }
}
