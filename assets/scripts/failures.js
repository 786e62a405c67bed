/** The last thing that went wrong without a reader noticing, for browser tests and for whoever opens the console. */

/** @type {string | null} */
let last = null;

/** @param {unknown} error */
export function noteFailure(error) {
  last = String(error);
}

/** The last failure, or null. */
export const lastFailure = () => last;
