/** The page of rules begins with it. */

import { waitingSign } from './desk/live/sign.js';
import { patience } from './page/patience.js';
import { presence } from './page/presence.js';
import { rules } from './rules/rules.js';

[patience, presence, waitingSign, rules].forEach((part) => part.start());
