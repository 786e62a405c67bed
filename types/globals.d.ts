// deno-lint-ignore-file no-var -- globals of classic scripts are declared with var
/** Types for the checker alone; no browser ever loads this file. Libraries that pages load as classic scripts, and the shapes that are sent. */

/** deck.gl, once `map/library.js` has loaded it. It brings no types of its own in the bundle that pydeck ships. */
declare const deck: any;
declare var dash_clientside: DashClientside;
/** Dash's page; it begins to ask the server when it is made. */
/** plotly.js, once `figures/charts.js` has loaded it. */
declare const Plotly: any;
declare var DashRenderer: new () => unknown;

interface DashClientside {
  /** The value by which a function tells Dash that nothing changes. */
  no_update: unknown;
  set_props(id: string, props: Record<string, unknown>): void;
  gridwell?: Record<string, (...values: any[]) => unknown>;
}

interface Window {
  deck?: any;
  /** What browser tests read; see `page/surface.js`. */
  readonly gridwell: unknown;
}

/** x and y, or longitude and latitude in degrees. */
type Point = [number, number];
/** Left, top, right, bottom on the screen; or west, south, east, north. */
type Box = [number, number, number, number];
/** Red, green, blue and alpha, each 0–255. */
type Ink = number[];
type Ring = Point[];

interface Area {
  code: string;
  /** Labels from the city down, joined by dots. */
  path: string;
  name: string;
  name_en?: string;
  /** `approximate` where the borders were made from points. */
  origin?: string;
  /** Where its name stands. */
  at?: Point;
  polygons: Ring[][];
  /** The area that a click opens instead of this one. */
  drill?: string;
}

interface Shapes {
  areas: Area[];
}

interface Camera {
  longitude: number;
  latitude: number;
  zoom: number;
  pitch: number;
  bearing: number;
}

/** A camera on its way: deck.gl's transition properties beside the place. */
interface Flight extends Camera {
  transitionDuration: number;
  transitionInterpolator?: unknown;
  transitionEasing?: (share: number) => number;
}

/** The camera as the page keeps it in the address. */
interface CameraFacts {
  lon: number;
  lat: number;
  zoom: number;
  pitch?: number;
  bearing?: number;
}

interface Limits {
  minZoom: number;
  maxZoom: number;
  minPitch: number;
  maxPitch: number;
}

interface Size {
  width: number;
  height: number;
}

/** Pixels that panels cover at each side; `small` on a phone. */
interface Padding {
  left: number;
  right: number;
  top: number;
  bottom: number;
  small: boolean;
}

interface Viewport extends Size {
  /** Of its middle. */
  longitude?: number;
  project(at: number[]): number[];
  unproject(at: number[]): number[];
}

/** Where names and pins are placed. */
interface PlacingView {
  viewport: Viewport;
  /** The part of the map that no panel covers. */
  free: Box;
  small: boolean;
  /** Boxes of the page's own buttons. */
  covered?: Box[];
  flat: boolean;
  /** Size of a pin in pixels. */
  pin: number;
  /** How much larger things are drawn on a large screen. */
  scale: number;
  /** How much room each pin keeps at its right for the number that is folded into it, in parts of its size; without it none. */
  room?: number;
}

interface Label {
  /** Where it would best stand; of a placed name, where it stands. */
  at: Point;
  text: string;
  size: number;
  /** An important name becomes no smaller; without it as the map says. */
  smallest?: number;
  rank: number;
  weight: number;
  /** West, south, east and north of its area. */
  extent: Box;
  rings: Ring[];
  inverted: boolean;
  code: string;
  /** Id of the layer that shows it. */
  layer?: string;
}

/** A case, or many in one circle (`n` and `overdue`). */
interface CaseRow {
  key: string;
  lon: number;
  lat: number;
  state: string;
  category: string;
  channel: string;
  /** In the reader's language, where the page knows it. */
  title?: string;
  due_at?: string | null;
  reported_at: string;
  reported_is_day?: boolean;
  due_is_day?: boolean;
  community?: string;
  community_en?: string;
  cell?: string;
  cell_en?: string;
  n?: number;
  overdue?: number;
}

interface PlacedCase extends CaseRow {
  /** How many others are folded into this pin, and their keys. */
  more: number;
  folded: string[];
  x: number;
  y: number;
}

interface Circle {
  n: number;
  overdue: number;
  lon: number;
  lat: number;
}

interface Facility {
  key: string;
  lon: number;
  lat: number;
  name: string;
  kind: string;
  kind_en?: string;
  symbol: string;
}

/** The note beside the pointer. */
interface Tip {
  /** Two notes of the same key are the same. */
  key: string;
  title: string;
  sub?: string;
  chip?: string;
  chipTone?: string;
  time?: string;
  value?: string;
  unit?: string;
  /** What the value is compared with. */
  ref?: string;
  lines?: string[];
}

/** What the page is told about a click. */
interface MapPick {
  kind: 'area' | 'building' | 'incident' | 'facility' | 'empty';
  code?: string;
  key?: string;
}

/** What lies under the pointer. */
interface Meaning {
  /** Path label of the area to outline. */
  hover: string | null;
  tip: () => Tip | null;
  pick: MapPick;
  /** Where a click brings the camera closer instead of opening something, and up to which zoom it does so. */
  closer?: { lon: number; lat: number; untilZoom: number };
}

/** How a type of layer is drawn, and what a row of it means to the pointer. Each recipe declares its own. */
interface Recipe {
  draw(props: any, scene: any): any[];
  means?(row: any, scene: any, props: any): Meaning | null;
}

interface Spec {
  lang: string;
  dim: '2d' | '3d';
  camera: {
    key: string;
    exact?: Camera;
    box: Box;
    pitch: number;
    bearing: number;
    limits: Limits;
    tilt: { pitch: number; bearing: number };
  };
  area: { code: string; label: string; leaf: boolean };
  picked: { building: string | null; incident: string | null };
  shadows: Record<string, number[]>;
  classes: Record<string, number>;
  tips: { unit: string; ref: string; span: string; of: Record<string, [string, string | null, ...string[]]> };
  words: any;
  icons: Record<string, string>;
  vendor: { bundle: string; worker: string };
  layers: any[];
}

/** What the server says once to the desk. */
interface DeskFacts {
  lang: string;
  csrf: string;
  /** Name of the account, and the name on the page. */
  me: string;
  shown: string;
  /** Code of the area with which this person starts. */
  start: string;
  /** Codes of the units in which this person works. */
  units: string[];
  severities: number[];
  can: Record<'reveal' | 'remark' | 'report' | 'call' | 'templates', boolean> & {
    handle?: boolean;
    merge?: boolean;
    cases?: boolean;
    remind?: boolean;
    people?: boolean;
    export?: boolean;
  };
  /** Steps that this person may take on many cases at once. */
  bulk: (StepOffered & { undoable: boolean })[];
  /** Steps that cannot be taken back. */
  lasting: string[];
  /** Whether the city has rules that say where cases go. */
  by_rules: boolean;
  /** The columns that this person has chosen, in their order. */
  columns: { id: string; width: number | null }[] | null;
  words: Record<string, string>;
  icons: Record<string, string>;
  /** Of the page of figures. */
  indicators?: IndicatorKnown[];
  /** Address of plotly.js. */
  plotly?: string;
  /** Kinds of reports, on the page where one is chosen. */
  kinds?: { code: string; title: string; step: string; any_period: boolean; levels: string[]; compares: boolean }[];
}

interface IndicatorKnown {
  code: string;
  title: string;
  kind: 'share' | 'mean' | 'median' | 'stage';
  over_time: boolean;
  higher: boolean | null;
  fewest: number;
}

/** A value as the machine door tells it. */
interface IndicatorTold {
  indicator: string;
  numerator: number | null;
  denominator: number | null;
  value: number | null;
  low: number | null;
  high: number | null;
  left_out: number | null;
  too_few: boolean;
  rank: number | null;
  reason: string | null;
  numerator_cases: string | null;
  denominator_cases: string | null;
  whole_days: ValueThen | null;
  previous: ValueThen | null;
  year_before: ValueThen | null;
}

interface ValueThen {
  numerator: number | null;
  denominator: number | null;
  value: number | null;
  usual: boolean | null;
  usual_count: boolean | null;
}

/** What the address of the page of figures says. */
interface FiguresState {
  view: string;
  area: string | null;
  unit: string[];
  department: string;
  category: string[];
  source: string[];
  person: string[];
  period: string;
  from: string;
  to: string;
  against: 'previous' | 'year_before';
  indicator: string;
  level: string;
  step: string;
  measure: string;
  sort: string;
  soon: string;
}

/** What the desk's address says. */
interface DeskState {
  queue: string;
  area: string | null;
  states: string[];
  stages: string[];
  severities: string[];
  categories: string[];
  units: string[];
  sources: string[];
  q: string;
  /** Corners of a drawn polygon, longitude and latitude in turn. */
  within: string | null;
  /** Whether the map is wanted where it is not usual, or not wanted where it is. */
  map: 'on' | 'off' | null;
  dim: '2d' | '3d';
  /** By which the map colours the areas; null for the usual one. */
  measure: string | null;
  sort: string;
  /** Whether the form of a new case is open. */
  entering: boolean;
  /** Number of the case that is open. */
  case: string | null;
  /** Code of its city, where the list shows another one. */
  city: string | null;
  /** Conditions that a number of the figures leads to, by their names at the machine door. */
  through?: Record<string, string>;
}

/** A sentence in the reader's language, with its places filled. */
type Say = (name: string, given?: Record<string, string | number>) => string;

/** A row of the list of cases. */
interface DeskCase {
  key: string;
  number: string;
  city: string;
  title: string;
  title_en: string | null;
  category: string;
  category_name: string;
  category_name_en: string;
  severity: number;
  channel: string;
  stage: string;
  state: string | null;
  reported_at: string;
  due_at: string | null;
  due_provisional: boolean;
  stage_at: string | null;
  grid: string;
  grid_name: string | null;
  grid_name_en: string | null;
  above_name: string | null;
  above_name_en: string | null;
  address: string | null;
  description?: string | null;
  unit: string | null;
  handler: string | null;
  assignee: string | null;
  /** Of rows of the list, and of the open case. */
  assignee_shown?: string | null;
  files?: number;
  file?: string | null;
  version: number;
  lon: number | null;
  lat: number | null;
  closed_at: string | null;
}

/** A step that may be taken now, with its fields. */
interface StepOffered {
  step: string;
  name: string;
  needs: string[];
  needs_one_of: string[];
  takes: string[];
}

/** One step of a case's history. */
interface CaseEventTold {
  seq: number;
  at: string;
  step: string;
  step_name: string;
  stage: string;
  account: string | null;
  actor: string | null;
  unit: string | null;
  remark: string | null;
  details: Record<string, any>;
  attachments: string[];
  late: boolean;
}

/** A case as the machine door tells it. */
interface CaseTold {
  case: DeskCase & { paused: boolean; paused_until: string | null; reworked: number; reopened: number; stage_due_at: string | null };
  deadline: { due_at: string | null; lines: { kind: string; text: string }[] };
  history: CaseEventTold[];
  steps: StepOffered[];
  reporters: { name: string | null; phone: string | null; merged_from: string | null }[] | null;
}

/** A category of cases, with the one above it, and its name in pinyin. */
interface RuleCategory {
  code: string;
  name: string;
  name_en: string;
  parent: string | null;
  symbol: string;
  pinyin: string[];
}

/** The city whose rules they are. */
interface RuleCity {
  code: string;
  name: string;
  name_en: string;
  timezone: string;
  today: string;
  may_change: boolean;
}

/** Where cases go; what is null fits every case. */
interface RoutingRule {
  id: number;
  unit: string;
  category: string | null;
  area: string | null;
  channel: string | null;
  hours: string | null;
  valid_from: string | null;
  valid_to: string | null;
}

/** Times allowed for cases of a category and condition. */
interface DeadlineRule {
  id: number;
  category: string | null;
  condition: string | null;
  filing: string | null;
  dispatching: string | null;
  handling: string | null;
  verifying: string | null;
  closing: string;
  closing_en: string;
  valid_from: string | null;
  valid_to: string | null;
  cases: number;
}

/** Who changed rules, and what was before. */
interface RuleChange {
  id: number;
  at: string;
  account: string;
  facts: Record<string, any>;
  before: any[] | null;
}

/** What a change does to open cases. */
interface RuleEffect {
  touched: number;
  earlier: number;
  later: number;
  overdue: number;
  settled: number;
  provisional: number;
  cases: { number: string; before: string | null; after: string | null; overdue: boolean; settled: boolean; provisional: boolean }[];
}

/** What rules would have done with the cases of the last 30 days. */
interface RulesTried {
  moved: (CaseRow & { number: string; title: string; title_en: string | null; before: string; after: string })[];
  first: string;
  last: string;
  cases: number;
  routed: number;
  changed: number;
  waiting: number;
  level: string;
  units: { unit: string; before: number; after: number; come: number; leave: number }[];
  rules: { rule: number; cases: number }[];
  untaken: { category: string; area: string; cases: number }[];
  areas: { code: string; name: string; name_en: string; cases: number; changed: number }[];
  remarks: { rule: number; code: string; sentence: string }[];
}
