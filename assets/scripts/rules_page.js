/** The page of rules begins with it. */

import { patience } from './page/patience.js';
import { presence } from './page/presence.js';
import { rules } from './rules/rules.js';

[patience, presence, rules].forEach((part) => part.start());
