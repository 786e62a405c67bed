/** Hands files to the browser, which asks where they go. */

import { element } from './dom.js';

const KEPT_MS = 60_000;

/**
 * @param {Blob} content
 * @param {string} name
 */
export function download(content, name) {
  const link = element('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.target = '_self';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/**
 * The name that the server gives a file.
 *
 * @param {string | null} disposition The header Content-Disposition.
 * @param {string} otherwise
 */
export const nameOf = (disposition, otherwise) => /filename="([^"]+)"/.exec(disposition ?? '')?.[1] ?? otherwise;
