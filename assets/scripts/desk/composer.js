/** The field for remarks and replies under a case. What is typed stays on this device until it is sent. */

import { element } from '../dom.js';
import { blurPhoto, isPicture } from './case/blur.js';
import { box } from './cells.js';
import { keepDraft, readDraft } from './drafts.js';
import { say } from './facts.js';
import { icon } from './icons.js';
import { sayCut } from './pasting.js';
import { sentenceOf, upload } from './server.js';

const MOST_FILES = 20;

export class Composer {
  /** @param {() => void} send */
  constructor(send) {
    this.number = '';
    this.city = '';
    /** What is written: a remark, or a reply to the reporter. */
    this.tab = 'remark';
    /** Photos and papers that go with the next step: hash and name. @type {{hash: string, name: string, at: number}[]} */
    this.files = [];
    this.input = document.createElement('textarea');
    this.input.id = 'words';
    this.input.rows = 1;
    this.input.maxLength = 2000;
    this.input.addEventListener('input', () => this.typed());
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
    });
    this.input.addEventListener('paste', (event) => this.addFiles([...(event.clipboardData?.files ?? [])]));
    sayCut(this.input, (sentence) => this.say(sentence));
    this.tabs = box('div', 'composer-tabs');
    this.kept = element('span', 'dim kept', '');
    /** What others put beside the tabs. */
    this.tools = box('div', 'composer-tools');
    this.note = element('p', 'hint', say('reply_note'));
    this.attached = box('div', 'attached');
    this.send = box('button', 'small', '');
    this.send.type = 'button';
    this.send.addEventListener('click', send);
    this.picker = document.createElement('input');
    this.picker.type = 'file';
    this.picker.multiple = true;
    this.picker.accept = 'image/jpeg,image/png,image/webp,application/pdf';
    this.picker.hidden = true;
    this.picker.addEventListener('change', () => {
      void this.addFiles([...(this.picker.files ?? [])]);
      this.picker.value = '';
    });
    this.clip = box('button', 'round', icon('clip', 18));
    this.clip.type = 'button';
    this.clip.addEventListener('click', () => this.picker.click());
    this.fault = element('p', 'error');
    this.fault.id = 'words-fault';
    this.fault.setAttribute('role', 'alert');
    this.fault.hidden = true;
    this.host = box(
      'div',
      'composer',
      box('div', 'composer-head', this.tabs, this.kept, this.tools),
      box('div', 'composer-line', this.input, this.picker, this.clip, this.send),
      this.note,
      this.attached,
      this.fault,
    );
    this.host.addEventListener('dragover', (event) => event.preventDefault());
    this.host.addEventListener('drop', (event) => {
      event.preventDefault();
      void this.addFiles([...(event.dataTransfer?.files ?? [])]);
    });
  }

  get text() {
    return this.input.value.trim();
  }

  /** Another case is on its way: what is typed until it is here would belong to neither. */
  rest() {
    this.input.readOnly = true;
  }

  /** Another case is open. @param {CaseTold} told */
  begin(told) {
    this.input.readOnly = false;
    const { number, city } = told.case;
    if (this.number === number && this.city === city) return;
    this.number = number;
    this.city = city;
    const { text, tab, files } = readDraft(city, number);
    this.tab = tab;
    this.files = files;
    this.input.value = text;
    this.typed();
    this.offer(told);
    this.paintFiles();
  }

  /** Show what can be written now; the text stays. @param {CaseTold} told */
  offer(told) {
    const able = told.steps.filter(({ step }) => step === 'remark' || step === 'reply');
    this.host.hidden = able.length === 0 && !this.text;
    const tabs = able.map(({ step, name }) => {
      const made = box('button', 'tab', name);
      made.type = 'button';
      made.setAttribute('aria-pressed', String(step === this.tab));
      made.addEventListener('click', () => {
        this.tab = step;
        this.keep();
        this.offer(told);
        this.input.focus();
      });
      return made;
    });
    this.tabs.replaceChildren(...tabs);
    this.note.hidden = this.tab !== 'reply';
    const own = able.find(({ step }) => step === this.tab);
    this.send.textContent = say('send');
    this.send.disabled = !own;
    this.input.placeholder = say(this.tab === 'reply' ? 'write_reply' : 'write_remark');
    this.input.setAttribute('aria-label', own?.name ?? say('field_remark'));
    this.clip.title = say('attach');
    this.clip.setAttribute('aria-label', say('attach'));
  }

  typed() {
    this.keep();
    this.kept.textContent = this.text ? say('kept_here') : '';
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(160, Math.max(36, this.input.scrollHeight))}px`;
    this.say('');
  }

  keep() {
    keepDraft(this.city, this.number, { text: this.input.value, tab: this.tab, files: this.files });
  }

  /** Say what is wrong with the text. @param {string} fault */
  say(fault) {
    this.fault.textContent = fault;
    this.fault.hidden = fault === '';
    this.input.toggleAttribute('aria-invalid', fault !== '');
  }

  /** What was written is sent. */
  clear() {
    this.input.value = '';
    this.files = [];
    this.typed(); // which keeps that there is nothing
    this.paintFiles();
  }

  /** @param {File[]} files */
  async addFiles(files) {
    const { number, city } = this;
    for (const file of files.slice(0, MOST_FILES - this.files.length)) {
      const seen = isPicture(file) ? await blurPhoto(file, say('add_photo')) : file;
      if (!seen) continue;
      this.kept.textContent = say('sending_file', { name: file.name });
      const answer = await upload(seen);
      if (number !== this.number || city !== this.city) return;
      if (answer.ok) {
        this.files.push({ hash: answer.body.hash, name: file.name, at: Date.now() });
        this.keep();
      } else this.say(sentenceOf(answer, say('failed')));
    }
    this.kept.textContent = this.text ? say('kept_here') : '';
    this.paintFiles();
  }

  paintFiles() {
    this.attached.replaceChildren(...this.files.map(({ hash, name }) => {
      const drop = box('button', 'filter-chip', element('span', '', name), icon('close', 12, 2.2));
      drop.type = 'button';
      drop.setAttribute('aria-label', say('remove_file', { name }));
      drop.addEventListener('click', () => {
        this.files = this.files.filter((one) => one.hash !== hash);
        this.keep();
        this.paintFiles();
      });
      return drop;
    }));
  }
}
