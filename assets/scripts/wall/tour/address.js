/** What the address of a wall says. */

/**
 * @typedef {object} Address
 * @property {string} wall Whose tour is followed.
 * @property {string | null} city Where the account sees several.
 * @property {string | null} area Shown for good, without a tour.
 * @property {string | null} preview Number of a scene that stands alone, or `draft`: the page around this one says what is shown.
 * @property {{no: number, of: number} | null} part Of a wall of several screens side by side.
 * @property {boolean} wide Whether they show one wide picture; otherwise each shows a scene of its own.
 * @property {number} ahead So many scenes further in the playlist.
 * @property {{part: boolean, scenes: string | null}} says What the address itself says: settings of the screen change the rest.
 * @property {string | null} id Of the screen, for a browser that forgets.
 * @property {boolean} isScreen Whether the address is one for a screen, and not for somebody who only looks.
 */

/** @param {string} search @returns {Address} */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const part = readPart(query.get('screen'));
  const scenes = query.get('scenes');
  return {
    wall: query.get('wall') || 'main',
    ...{ city: query.get('city'), area: query.get('area'), preview: query.get('preview') },
    ...sharing(part, scenes),
    says: { part: part !== null, scenes },
    isScreen: part !== null,
    id: /^[0-9a-f]{32}$/.exec(query.get('id') ?? '')?.[0] ?? null,
  };
}

/** What a screen shows of a tour. @param {Address['part']} part @param {string | null} scenes */
function sharing(part, scenes) {
  const wide = part !== null && scenes !== 'each';
  return { part, wide, ahead: part && !wide ? part.no - 1 : 0 };
}

/**
 * What the address says, and where it says nothing, what the settings of the screen do.
 *
 * @param {Address} address
 * @param {Pick<WallScreenSettings, 'part' | 'scenes'>} settings
 * @returns {Address}
 */
export function withSettings(address, { part, scenes }) {
  const { says } = address;
  return { ...address, ...sharing(says.part ? address.part : readPart(part), says.scenes ?? scenes) };
}

/** `2/3`: the second of three from the left; null for anything else. @param {string | null} text */
function readPart(text) {
  const found = /^([1-9])\/([1-9])$/.exec(text ?? '');
  const [no, of] = found ? [Number(found[1]), Number(found[2])] : [1, 0];
  return no <= of ? { no, of } : null;
}
