/** Photos and papers of a new case: dropped, pasted or chosen, sent at once with their progress. One that fails stops no other. */

import { element } from '../../dom.js';
import { blurPhoto, isPicture } from '../case/blur.js';
import { box } from '../cells.js';
import { isStillThere } from '../drafts.js';
import { facts, say } from '../facts.js';
import { icon } from '../icons.js';

const MOST = 20;
const KINDS = 'image/jpeg,image/png,image/webp,application/pdf';

/**
 * @typedef {{name: string, file: Blob | null, hash: string | null, share: number, fault: string, blurred?: boolean, at?: number}} Sent
 */

/**
 * Send a file; `fetch` tells no progress.
 *
 * @param {Blob} file
 * @param {(share: number) => void} progress
 * @returns {Promise<{hash: string | null, fault: string}>}
 */
function send(file, progress) {
  const { promise, resolve } = Promise.withResolvers();
  const request = new XMLHttpRequest();
  request.open('POST', `/api/attachments?lang=${facts().lang}`);
  request.setRequestHeader('Content-Type', 'application/octet-stream');
  request.setRequestHeader('X-Gridwell-CSRF', facts().csrf);
  request.responseType = 'json';
  request.upload.addEventListener('progress', ({ loaded, total }) => progress(total ? loaded / total : 0));
  request.addEventListener('load', () => {
    const { status, response } = request;
    if (status === 401) location.reload();
    resolve(status === 201 ? { hash: response.hash, fault: '' } : { hash: null, fault: response?.error?.sentence ?? say('failed') });
  });
  request.addEventListener('error', () => resolve({ hash: null, fault: say('photo_not_sent') }));
  request.send(file);
  return promise;
}

export class Photos {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Sent[]} */
    this.all = [];
    /** Ends when nothing waits to be sent. @type {Promise<void>} */
    this.line = Promise.resolve();
    this.list = element('ul', 'entry-photos');
    this.picker = document.createElement('input');
    Object.assign(this.picker, { type: 'file', multiple: true, accept: KINDS, hidden: true });
    this.picker.addEventListener('change', () => {
      this.add([...(this.picker.files ?? [])]);
      this.picker.value = '';
    });
    this.choose = box('button', 'drop-here', icon('clip', 18), element('span', '', say('photos_here')));
    this.choose.type = 'button';
    this.choose.id = 'entry-attachments';
    this.choose.addEventListener('click', () => this.picker.click());
    this.told = element('p', 'unseen');
    this.told.setAttribute('role', 'status');
    this.host = box('div', 'entry-photos-host', this.list, this.choose, this.picker, this.told);
  }

  /** Take files that are dropped or pasted anywhere in the form. @param {HTMLElement} form */
  listen(form) {
    form.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    });
    form.addEventListener('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      form.classList.add('dropping');
    });
    for (const name of ['dragleave', 'drop']) form.addEventListener(name, () => form.classList.remove('dropping'));
    form.addEventListener('drop', (event) => {
      event.preventDefault();
      this.add([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** Hashes of what the server has. */
  get hashes() {
    return this.all.flatMap(({ hash }) => hash ?? []);
  }

  /** What a draft keeps: a file that was not sent cannot be. */
  get kept() {
    return this.all.flatMap(({ hash, name, blurred, at }) => hash ? [{ hash, name, blurred, at }] : []);
  }

  get isSending() {
    return this.all.some(({ hash, fault }) => !hash && !fault);
  }

  get hasFailed() {
    return this.all.some(({ fault }) => fault !== '');
  }

  /** What a draft kept; the server has files of no case for a day. @param {{hash: string, name: string, blurred?: boolean, at?: number}[]} kept */
  begin(kept) {
    this.all = kept.map((one) =>
      isStillThere(one.at, Date.now())
        ? { ...one, file: null, share: 1, fault: '' }
        : { name: one.name, file: null, hash: null, share: 0, fault: say('photo_gone') }
    );
    this.paint();
  }

  /** @param {File[]} files */
  add(files) {
    const room = Math.max(0, MOST - this.all.length);
    if (files.length > room) this.told.textContent = say('too_many_photos', { n: MOST });
    const added = files.slice(0, room).map((file) => ({ name: file.name, file, hash: null, share: 0, fault: '' }));
    this.all.push(...added);
    this.paint();
    // One after the other: each has the whole line, and the first is there soonest.
    this.line = this.line.then(async () => {
      for (const one of added) await this.sendOne(one);
    });
  }

  /** @param {Sent} one */
  async sendOne(one) {
    if (!this.all.includes(one) || !one.file) return;
    one.fault = '';
    one.share = 0;
    this.paint();
    const { hash, fault } = await send(one.file, (share) => {
      one.share = share;
      const bar = this.rowOf(one)?.querySelector('progress');
      if (bar) bar.value = share;
    });
    one.hash = hash;
    one.at = Date.now();
    one.fault = fault;
    if (this.all.some((other) => other !== one && hash && other.hash === hash)) this.all = this.all.filter((other) => other !== one);
    this.told.textContent = fault ? `${one.name}: ${fault}` : say('photo_sent', { name: one.name });
    this.paint();
    this.changed();
  }

  /**
   * Let faces and plates be blurred; only the blurred photo goes with the case.
   *
   * @param {Sent} one
   */
  async blur(one) {
    const photo = one.file ?? await stored(one.hash);
    if (!photo) return void (this.told.textContent = say('failed'));
    const made = await blurPhoto(photo, say('blur_use'));
    this.focus(one);
    if (!made || made === photo || !this.all.includes(one)) return;
    Object.assign(one, { file: made, hash: null, blurred: true });
    this.changed();
    this.line = this.line.then(() => this.sendOne(one));
    await this.line;
    this.focus(one);
  }

  /** @param {Sent} one */
  focus(one) {
    /** @type {HTMLElement | null | undefined} */ (this.rowOf(one)?.querySelector('.blur-it'))?.focus();
  }

  /** Wait until nothing is being sent. */
  async settle() {
    await this.line;
  }

  /** @param {Sent} one */
  rowOf(one) {
    return this.list.children[this.all.indexOf(one)];
  }

  paint() {
    this.list.replaceChildren(...this.all.map((one) => this.row(one)));
    this.list.hidden = this.all.length === 0;
  }

  /** @param {Sent} one */
  row(one) {
    const remove = box('button', 'round', icon('close', 16));
    remove.type = 'button';
    remove.setAttribute('aria-label', say('remove_file', { name: one.name }));
    remove.addEventListener('click', () => {
      this.all = this.all.filter((other) => other !== one);
      this.paint();
      this.choose.focus();
      this.changed();
    });
    return box(
      'li',
      one.fault ? 'failed' : '',
      one.hash ? thumbnail(one.hash, one.name) : element('span', 'thumb empty'),
      box('span', 'photo-name', element('span', '', one.name), this.under(one)),
      one.hash && /\.(jpe?g|png|webp)$/i.test(one.name) || one.file && isPicture(one.file) ? this.blurring(one) : null,
      one.fault && one.file ? this.again(one) : null,
      remove,
    );
  }

  /** @param {Sent} one */
  under(one) {
    if (one.fault) return element('span', 'error', one.fault);
    if (one.hash) return one.blurred ? element('span', 'dim', say('blurred')) : null;
    const bar = element('progress', '');
    bar.max = 1;
    bar.value = one.share;
    bar.setAttribute('aria-label', say('sending_file', { name: one.name }));
    return bar;
  }

  /** @param {Sent} one */
  blurring(one) {
    const made = box('button', 'small second blur-it', say('blur'));
    made.type = 'button';
    made.setAttribute('aria-label', `${say('blur')}: ${one.name}`);
    // While it is being sent nothing is known yet that could be replaced.
    made.disabled = !one.hash && !one.fault;
    made.addEventListener('click', () => void this.blur(one));
    return made;
  }

  /** @param {Sent} one */
  again(one) {
    const made = box('button', 'small second', say('try_again'));
    made.type = 'button';
    made.addEventListener('click', () => void this.sendOne(one));
    return made;
  }
}

/** The photo of a draft, which only the server has. @param {string | null} hash */
async function stored(hash) {
  const answer = await fetch(`/api/attachments/${hash}`).catch(() => null);
  return answer?.ok ? answer.blob() : null;
}

/** @param {string} hash @param {string} name */
function thumbnail(hash, name) {
  const image = document.createElement('img');
  image.className = 'thumb';
  image.src = `/api/attachments/${hash}?size=small`;
  image.alt = say('photo_of', { what: name });
  // A paper has no picture.
  image.addEventListener('error', () => image.replaceWith(box('span', 'thumb empty', icon('clip', 18))));
  return image;
}
