/** The desk begins with it. */

import { desk, onDesk } from './desk/desk.js';
import { beginDrawer, showDrawer } from './desk/drawer.js';
import { entry } from './desk/entry/entry.js';
import { following } from './desk/following.js';
import { keys } from './desk/keys.js';
import { waitingSign } from './desk/live/sign.js';
import { many } from './desk/many/many.js';
import { side } from './desk/map/side.js';
import { patience } from './page/patience.js';
import { presence } from './page/presence.js';
import { exposeSurface } from './page/surface.js';

const PARTS = [patience, presence, desk, waitingSign, side, following, entry, many, keys];

exposeSurface();
beginDrawer();
onDesk(() => void showDrawer());
PARTS.forEach((part) => part.start());
