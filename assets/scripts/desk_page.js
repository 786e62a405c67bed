/** The desk begins with it. */

import { desk, onDesk } from './desk/desk.js';
import { beginDrawer, showDrawer } from './desk/drawer.js';
import { following } from './desk/following.js';
import { keys } from './desk/keys.js';
import { patience } from './page/patience.js';
import { presence } from './page/presence.js';

const PARTS = [patience, presence, desk, following, keys];

beginDrawer();
onDesk(() => void showDrawer());
PARTS.forEach((part) => part.start());
