/** A shared worker: it runs once in a browser, for all pages of this server. */

import { shareStream } from './live/sharing.js';

shareStream(/** @type {any} */ (globalThis));
