/** The page of a schedule of reports begins with it. */

import { presence } from './page/presence.js';
import { scheduleForm } from './report/schedule_form.js';

[presence, scheduleForm].forEach((part) => part.start());
