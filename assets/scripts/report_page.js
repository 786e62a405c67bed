/** The pages of reports begin with it: where one is chosen, while one is made, and where one is read. */

import { waitingSign } from './desk/live/sign.js';
import { patience } from './page/patience.js';
import { presence } from './page/presence.js';
import { bar } from './report/bar.js';
import { choosing } from './report/choosing.js';
import { reading } from './report/reading.js';
import { waiting } from './report/waiting.js';

[patience, presence, waitingSign, bar, choosing, waiting, reading].forEach((part) => part.start());
