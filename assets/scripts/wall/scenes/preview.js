/** The wall itself, small, with the scene that is being written; nothing is saved for it. */

import { element } from '../../dom.js';
import { say } from '../../desk/facts.js';
import { onStop } from '../../lifecycle.js';
import { box, given } from '../remote/parts.js';

/** Whoever types has not finished. */
const REST_MS = 500;

export class Preview {
  /** @param {AbortSignal} signal */
  constructor(signal) {
    /** @type {import('./draft.js').DraftScene | undefined} */
    this.scene = undefined;
    this.sent = '';
    this.ready = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    this.frame = element('iframe');
    Object.assign(this.frame, { title: say('preview'), tabIndex: -1 });
    this.frame.src = `/wall?${new URLSearchParams({ preview: 'draft', city: given().city, lang: given().lang })}`;
    this.host = box('section', 'walls-preview', element('h2', '', say('preview')), this.frame);
    const hear = (/** @type {MessageEvent} */ { origin, source, data }) => {
      if (origin !== location.origin || source !== this.frame.contentWindow || data?.wall !== 'ready') return;
      this.ready = true;
      this.sent = '';
      this.send();
    };
    addEventListener('message', hear, { signal });
    onStop(signal, () => clearTimeout(this.resting));
  }

  /** @param {import('./draft.js').DraftScene | undefined} scene */
  show(scene) {
    this.scene = scene;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send(), REST_MS);
  }

  send() {
    const told = JSON.stringify(this.scene ?? null);
    if (!this.ready || !this.scene || told === this.sent) return;
    this.sent = told;
    this.frame.contentWindow?.postMessage({ scene: this.scene }, location.origin);
  }
}
