/** The page of figures begins with it. */

import { waitingSign } from './desk/live/sign.js';
import { following } from './figures/following.js';
import { figures } from './figures/page.js';
import { patience } from './page/patience.js';
import { presence } from './page/presence.js';

[patience, presence, waitingSign, figures, following].forEach((part) => part.start());
