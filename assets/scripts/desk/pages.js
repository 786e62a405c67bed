/** The list page by page, each behind the last case of the one before: what was read stays, so nothing comes twice and nothing is left out. */

export class Pages {
  /**
   * @param {(cursor: string | null) => Promise<{cases: DeskCase[], next: string | null}>} ask
   */
  constructor(ask) {
    this.ask = ask;
    /** @type {DeskCase[]} */
    this.rows = [];
    /** Numbers of all cases that were read, each with its place. @type {Map<string, number>} */
    this.places = new Map();
    /** Where the next page begins; undefined before the first, null behind the last. @type {string | null | undefined} */
    this.next = undefined;
    /** @type {Promise<void> | null} */
    this.reading = null;
  }

  /** Whether everything was read. */
  get complete() {
    return this.next === null;
  }

  /**
   * The rows from one place to another, read as far as necessary; fewer where the list ends.
   *
   * @param {number} start
   * @param {number} end Not included.
   */
  async take(start, end) {
    while (this.rows.length < end && this.next !== null) await this.readOn();
    return this.rows.slice(start, end);
  }

  /** Read one more page. Whoever comes meanwhile waits for the same one. */
  readOn() {
    this.reading ??= this.ask(this.next ?? null).then(({ cases, next }) => {
      for (const row of cases) {
        if (this.places.has(row.number)) continue;
        this.places.set(row.number, this.rows.length);
        this.rows.push(row);
      }
      this.next = next;
    }).finally(() => (this.reading = null));
    return this.reading;
  }

  /**
   * The case with a number, if it was read.
   *
   * @param {string} number
   */
  find(number) {
    const place = this.places.get(number);
    return place === undefined ? null : this.rows[place];
  }

  /**
   * Something of a case has changed; it stays in its place.
   *
   * @param {string} number
   * @param {Partial<DeskCase>} changes
   */
  patch(number, changes) {
    const place = this.places.get(number);
    if (place === undefined) return null;
    return this.rows[place] = { ...this.rows[place], ...changes };
  }
}
