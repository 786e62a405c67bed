/** The map's page. Dash begins at the very end: by then its requests are patient, and the functions that it calls are registered. */

import { registerCallbacks } from './page/callbacks.js';
import { dashRequests } from './page/dash_requests.js';
import { keyboard } from './page/keyboard.js';
import { live } from './page/live.js';
import { navigation } from './page/navigation.js';
import { patience } from './page/patience.js';
import { presence } from './page/presence.js';
import { register } from './page/register.js';
import { sheet } from './page/sheet.js';
import { exposeSurface } from './page/surface.js';
import { theme } from './page/theme.js';
import { timeSlider } from './page/time_slider.js';

const PARTS = [patience, presence, dashRequests, live, theme, navigation, keyboard, timeSlider, sheet, register];

PARTS.forEach((part) => part.start());
exposeSurface();
registerCallbacks();
new DashRenderer();
