/** Photos in large: arrows lead through them, Escape closes. */

import { element } from '../dom.js';
import { box } from './cells.js';
import { openDialog } from './dialogs.js';
import { say } from './facts.js';
import { icon } from './icons.js';

/** @param {string} glyph @param {string} label @param {() => void} act */
function tool(glyph, label, act) {
  const made = box('button', `round ${glyph}`, icon(glyph, 24));
  made.type = 'button';
  made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}

/**
 * @param {string[]} hashes
 * @param {number} first
 * @param {((hash: string) => void) | null} [blur] Blurs a photo, where that is possible.
 */
export function enlarge(hashes, first, blur = null) {
  let place = first;
  const dialog = element('dialog', 'gallery');
  const image = document.createElement('img');
  const count = element('span', 'gallery-count');
  const show = (/** @type {number} */ by) => {
    place = (place + by + hashes.length) % hashes.length;
    image.src = `/api/attachments/${hashes[place]}`;
    image.alt = say('photo_n', { n: place + 1, of: hashes.length });
    count.textContent = `${place + 1} / ${hashes.length}`;
  };
  dialog.setAttribute('aria-label', say('photos'));
  dialog.append(image, count, tool('close', say('close'), () => dialog.close()));
  if (hashes.length > 1) {
    dialog.append(tool('previous', say('previous_photo'), () => show(-1)), tool('next', say('next_photo'), () => show(1)));
  }
  if (blur) {
    const made = box('button', 'small blur-it', say('blur'));
    made.type = 'button';
    made.addEventListener('click', () => {
      dialog.close();
      blur(hashes[place]);
    });
    dialog.append(made);
  }
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  show(0);
  openDialog(dialog, ({ key }) => {
    if (key === 'ArrowLeft') show(-1);
    if (key === 'ArrowRight') show(1);
  });
}
