/** Types of the data hub, for the checker alone. */

/** A crossing of the matrix. */
interface HubPick {
  level: string;
  department: string;
}

interface HubState {
  city: string | null;
  day: string | null;
  cell: HubPick | null;
  feed: string | null;
  /** The list in place of the matrix. */
  list: boolean;
}

interface HubCell extends HubPick {
  feeds: number;
  state: string;
  /** Working days. */
  late_days: number;
  arrived: string | null;
  records: number | null;
  /** 0 to 1. */
  completeness: number | null;
  /** The reader may not see this department. */
  hidden: boolean;
}

interface HubDepartment {
  code: string;
  name: string;
  short: string;
  group: string;
}

interface HubWorst extends HubPick {
  feed: string;
  name: string;
  state: string;
  late_days: number;
  due_at: string | null;
  problem: string | null;
  contact?: string | null;
}

interface HubAnswer {
  day: string;
  departments: HubDepartment[];
  levels: string[];
  cells: HubCell[];
  totals: any;
  /** Share of feeds that came in time, by level. */
  on_time?: Record<string, number | null>;
  worst: HubWorst[];
}

/** Feeds that were not in time on a day. */
interface HubDay {
  day: string;
  late: number;
  failed: number;
}

interface HubHistory {
  first: string;
  last: string;
  days: HubDay[];
}
