/** The remote control of walls begins with it. */

import { patience } from './page/patience.js';
import { presence } from './page/presence.js';
import { remote } from './wall/remote/remote.js';

[patience, presence, remote].forEach((part) => part.start());
