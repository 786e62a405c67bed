/** The data hub begins with it. */

import { waitingSign } from './desk/live/sign.js';
import { following } from './hub/following.js';
import { hub } from './hub/hub.js';
import { patience } from './page/patience.js';
import { presence } from './page/presence.js';

[patience, presence, waitingSign, hub, following].forEach((part) => part.start());
