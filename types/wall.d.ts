/** Types for the checker alone: what `GET /api/wall/tour` answers, see data/wall/telling.py. */

/** One picture of a tour. */
interface WallScene {
  /** Of a scene that was made for this answer, such as those of a tour that nobody has edited, at most 0. */
  id: number;
  name: string;
  name_en: string;
  playlist: string;
  /** Code of the area that is shown. */
  area: string;
  area_name: string;
  area_name_en: string;
  level: string;
  /** Code of a functional zone that is shown instead, if there is one. */
  zone: string | null;
  /** West, south, east, north of what is shown, in degrees; null where it has no polygon. */
  bbox: [number, number, number, number] | null;
  layers: string[];
  measure: string;
  /** `zoom` null: so that the area fills the picture. */
  camera: { zoom: number | null; pitch: number; bearing: number; orbit_deg_per_s: number };
  dwell_s: number;
  panels: string[];
}

/** What breaks into a tour for a while. */
interface WallTurn {
  id: number;
  kind: 'hold' | 'serious' | 'late_3';
  from_ms: number;
  until_ms: number;
  /** Id of the scene that is held; null: what the tour stood at. */
  scene: number | null;
  /** What a presenter shows instead of parts of the scene; null: nothing else. */
  look: (Partial<WallScene> & { area?: string }) | null;
  /** The case that interrupts: nothing personal, neither number nor exact place. */
  case: WallCase | null;
}

interface WallCase {
  category: string;
  category_name: string;
  category_name_en: string;
  severity: number;
  /** Cell in which it is, and the middle of that cell. */
  area: string;
  area_name: string;
  area_name_en: string;
  lon: number;
  lat: number;
}

interface WallTour {
  version: string;
  city: string;
  wall: string;
  /** Whether nobody has edited this tour: it was made from the city. */
  made: boolean;
  timezone: string;
  server_time_ms: number;
  scenes: WallScene[];
  /** Which playlist is shown from when on; the first holds now, and eight days are known. */
  plan: { from_ms: number; playlist: string }[];
  /** When the tour began with its first scene. */
  epoch_ms: number;
  /** When that was decided: turns before it do not count. */
  set_ms: number;
  turns: WallTurn[];
  /** The turn of a presenter that lasts now. */
  hold: WallTurn | null;
  interrupt: { serious: boolean; late_3: boolean; stays_s: number; gap_s: number };
  /** For each hour of the day, 0.2 to 1. */
  brightness: number[];
  /** By how many pixels the picture moves, and how often; 0: not at all. */
  pixel_shift: { px: number; every_s: number };
}

/** How high the picture is and from how far it is read, in metres; null: as the screen and its address choose. */
interface WallScreenSettings {
  title: string;
  height_m: number | null;
  distance_m: number | null;
  layout: string | null;
  /** Which of several side by side it is, such as `2/3`. */
  part: string | null;
  /** What several show: parts of one `wide` picture, or a scene `each`. */
  scenes: string | null;
  watched: boolean;
}

/** What a screen's heartbeat is answered with. */
interface WallTold {
  screen: WallScreenSettings;
  /** Whether somebody wants to see what the screen shows. */
  picture: boolean;
  /** Of the tour, so that a screen that missed an event notices. */
  version: string;
  /** Scenes that were told and not kept: the day has as many as are kept of one. */
  left_out: number;
  server_time_ms: number;
}

// ---- What the server tells a wall; `data/wall/types.py` says what it means ----

type WallShare = { numerator: number | null; denominator: number | null; value: number | null; reason: string | null };

interface WallNewCase {
  id: string;
  at: string;
  only_day: boolean;
  category: string;
  category_en: string;
  source: string;
  stage: string;
  state: string | null;
  severity: number;
  area: string[];
  area_en: string[];
  lon: number | null;
  lat: number | null;
}

type WallLitCell = { lon: number; lat: number; n: number; serious: number };

interface WallAreaChange {
  code: string;
  name: string;
  name_en: string;
  now: number;
  before: number;
  ratio: number | null;
  low: number | null;
  high: number | null;
  verdict: string;
}

interface WallHazard {
  level: number;
  colour: string | null;
  event: string;
  event_en: string;
  place: string;
  place_en: string;
  sender: string;
  sender_en: string;
  starts_at: string;
  ends_at: string;
  is_end_said: boolean;
}

interface WallFigures {
  versions: Record<string, number>;
  as_of: string;
  today: string;
  current: boolean;
  timezone: string;
  area: { code: string; name: string; name_en: string; level: string };
  levels: { level: string; name: string; name_en: string; n: number }[];
  reported: { n: number; usual: number | null; days: number };
  open: { n: number; overdue: number; due_soon: number };
  on_time: WallShare;
  proactive: WallShare;
  satisfied: WallShare;
  residents: { total: number | null; as_of: string | null; staffed: number | null; grids: number | null };
  workers: { people: number | null; grids: number; of_grids: number } | null;
  hazards: WallHazard[];
  hours: { today: number[]; usual: number[] | null; left_out: number } | null;
  week: { from: string; to: string; cells: number[][] } | null;
  changes: { level: string; level_name: string; level_name_en: string; days: number; areas: WallAreaChange[] };
  cases: WallNewCase[] | null;
  overdue: WallLitCell[] | null;
}
