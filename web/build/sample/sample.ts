import { parquetFile } from './parquet.ts';

/** Rows of the sample: enough to see something in, few enough to travel with the page. */
const ROWS = 500;
/** A player's visit: so many rows come from the same host, one after the other. */
const VISIT_ROWS = 8;
/** Players of each provider. */
const PLAYERS_EACH = 12;
/** 2026-11-23T00:00:00Z in microseconds. */
const MONDAY_US = 1_795_392_000_000_000n;

const EVENTS: [string, number][] = [
  ['sword purchased', 34],
  ['knife purchased', 22],
  ['join_guild', 17],
  ['shield purchased', 12],
  ['helmet purchased', 9],
  ['gauntlet purchased', 6],
];

const HOSTS: [string, number][] = [
  ['comcast.net', 28],
  ['att.net', 19],
  ['google.com', 15],
  ['frontier.com', 9],
  ['cox.net', 8],
  ['earthlink.com', 5],
  ['seattle.example.org', 4],
  ['google.att.net', 1],
  ['example.net', 11],
];

/** How many play in each hour of the day, one beside the other. */
const PLAYERS = [
  9, 6, 4, 3, 2, 2, 3, 5, 7, 8, 9, 10, 12, 12, 11, 12, 14, 18, 22, 26, 28, 25, 19, 13,
];
/** Times are told to the quarter of an hour: nobody sees more of them, and fewer times take less room. */
const STEP_US = 900_000_000n;
const STEPS_A_DAY = 96;

/** A day of players as a Parquet file, always the same one. */
export function sampleFile(): Uint8Array<ArrayBuffer> {
  const random = generator(46);
  const events: string[] = [];
  const hosts: string[] = [];
  const times: bigint[] = [];
  for (let row = 0; row < ROWS; row += 1) {
    const stays = row % VISIT_ROWS > 0;
    const user = Math.floor(random() * PLAYERS_EACH) + 1;
    const host = `user${user}.${drawn(HOSTS, random())}`;
    events.push(drawn(EVENTS, random()));
    hosts.push(stays ? (hosts.at(-1) ?? host) : host);
    times.push(MONDAY_US + BigInt(Math.floor(dayPart(random()) * STEPS_A_DAY)) * STEP_US);
  }
  times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return parquetFile(
    [
      { name: 'timestamp', type: 'timestamp', values: times },
      { name: 'event_type', type: 'text', values: events },
      { name: 'Host', type: 'text', values: hosts },
    ],
    ROWS,
  );
}

/** When in the day something happens, from 0 to 1: seldom in the early morning, often in the evening. */
function dayPart(at: number): number {
  const weights = PLAYERS.map((players, hour): [string, number] => [String(hour), players]);
  const total = PLAYERS.reduce((sum, players) => sum + players, 0);
  const hour = Number(drawn(weights, at));
  const before = PLAYERS.slice(0, hour).reduce((sum, players) => sum + players, 0);
  const within = (at * total - before) / (PLAYERS[hour] ?? 1);
  return (hour + Math.min(Math.max(within, 0), 0.999)) / 24;
}

function drawn(choices: [string, number][], at: number): string {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = at * total;
  for (const [name, weight] of choices) {
    left -= weight;
    if (left < 0) return name;
  }
  return choices.at(-1)?.[0] ?? '';
}

/** A small repeatable source of numbers from 0 to 1 (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
