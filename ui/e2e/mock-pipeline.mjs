// What the mock counts on the way of its packets: stages, lanes, the ledger and health, all
// made of the same few numbers, so that they add up. `world` may have
//   wrong:   the name of an equation that is off by seven,
//   health:  components that are not well, and stopped: the pipeline cannot work,
//   lost:    packets that the brokers did not take,
//   orphan:  a lane that no engine works on,
//   ended:   nothing moves any more.
const lanes = 3;

/** Where the packets of the world are. */
function flow(world) {
  const captured = Math.round(world.packets);
  const skipped = Math.round(captured * 0.002);
  const lost = captured > 0 ? (world.lost ?? 0) : 0;
  const published = captured - skipped - lost;
  const waiting = captured > 0 && !world.ended ? 180 : 0;
  const taken = published - waiting;
  const cold = Math.min(taken, 50 * lanes);
  const alerted = Math.round((taken - cold) * 0.004);
  const episodes = world.alerts.size;
  const records = Math.round(taken / 300);
  return { captured, skipped, lost, published, waiting, taken, cold, alerted, episodes, records };
}

const stage = (name, came, went, dropped, bytes) => ({ stage: name, in: came, out: went, ...(bytes && { bytes }), ...(Object.keys(dropped ?? {}).length > 0 && { dropped }) });
const some = (dropped) => Object.fromEntries(Object.entries(dropped).filter(([, n]) => n > 0));

export function makeStages(world) {
  const f = flow(world);
  const told = f.episodes * 3;
  return [
    stage('capture', f.captured, f.captured, {}, Math.round(world.bytes)),
    stage('decode', f.captured, f.captured - f.skipped, some({ 'not IP': f.skipped })),
    stage('conntrack', f.captured - f.skipped, f.captured - f.skipped),
    stage('publish', f.captured - f.skipped, f.published, some({ 'publish buffer full': f.lost })),
    stage('consume', f.taken, f.taken),
    stage('score', f.taken, f.taken - f.cold, some({ 'warm-up': f.cold })),
    stage('alert', told, told),
    stage('send alerts', told, told),
    stage('send connections', f.records, f.records),
    stage('record alerts', told, told - f.episodes, some({ replaced: f.episodes })),
    stage('record connections', f.records, f.records),
    stage('live', 40, 40),
  ];
}

/** A share of n for each lane; the first has what is left over. */
const share = (n, lane) => Math.floor(n / lanes) + (lane === 0 ? n % lanes : 0);

function counts(world, lane) {
  const f = flow(world);
  const [packets, cold, alerted] = [f.taken, f.cold, f.alerted].map((n) => share(n, lane));
  return { packets, cold, scored: packets - cold, alerted, passed: packets - cold - alerted, alerts: share(f.episodes, lane), lag: share(f.waiting, lane) };
}

export function makePartitions(world) {
  if (world.idle) return [];
  const all = Array.from({ length: lanes }, (_, partition) => {
    const c = counts(world, partition);
    return { ...c, partition, offset: c.packets + 3, event_ts: new Date().toISOString(), learned: c.packets, warm: !world.cold, warm_after: world.cold ? 34 : 0 };
  });
  return all.filter((p) => p.partition !== world.orphan);
}

export function makeLedger(world) {
  const f = flow(world);
  const now = new Date().toISOString();
  const check = (name, says, went, came, inFlight = 0) => {
    const off = world.wrong === name ? 7 : 0;
    const terms = (side) => Object.entries(side).map(([term, n]) => (typeof n === 'number' ? { name: term, n } : { name: term, n: Object.values(n).reduce((a, b) => a + b, 0), by: n }));
    const [first] = Object.keys(went);
    return {
      name,
      says,
      in: terms({ ...went, [first]: went[first] + off }),
      out: terms(came),
      in_flight: inFlight,
      difference: off,
      holds: off === 0,
      ...(off && { why: `${off} went in and are nowhere: nothing moves, and nothing waits` }),
    };
  };
  const decoded = f.captured - f.skipped;
  const dropped = (by) => (Object.keys(some(by)).length > 0 ? { dropped: some(by) } : {});
  const checks =
    f.captured === 0
      ? []
      : [
          check('capture', 'what came in = passed on + dropped by reason', { 'came in': f.captured }, { 'passed on': f.captured }),
          check('decode', 'captured = decoded + skipped by reason', { 'came in': f.captured }, { 'passed on': decoded, ...dropped({ 'not IP': f.skipped }) }),
          check('publish', 'what came in = passed on + dropped by reason', { 'came in': decoded }, { 'passed on': f.published, ...dropped({ 'publish buffer full': f.lost }) }),
          check('score', 'what came in = passed on + dropped by reason', { 'came in': f.taken }, { 'passed on': f.taken - f.cold, ...dropped({ 'warm-up': f.cold }) }),
          check('track', 'packets decoded = packets tracked in connections', { 'passed on by decode': decoded }, { 'passed on by conntrack': decoded }),
          check('log', 'packets published = taken in by the model + held + missing + in flight', { 'acknowledged by the broker': f.published }, { 'taken in': f.taken }, f.waiting),
          check('model', 'packets taken in = scored + those of the warm-up', { 'taken in': f.taken }, { scored: f.taken - f.cold, 'warm-up': f.cold }),
          check('verdict', 'packets scored = part of an alert + passed', { scored: f.taken - f.cold }, { 'part of an alert': f.alerted, passed: f.taken - f.cold - f.alerted }),
        ];
  const laneRows = f.captured === 0 ? [] : Array.from({ length: lanes }, (_, lane) => ({ withheld: 0, held: 0, duplicates: 0, missing: 0, unreadable: 0, difference: 0, holds: true, ...counts(world, lane), lane, instance: 'office-1-4711' }));
  return {
    ts: now,
    since: world.began,
    adds_up: !checks.some((c) => !c.holds),
    at_rest: Boolean(world.ended),
    checks,
    lanes: laneRows,
    recorded: f.captured === 0 ? [] : [{ topic: 'netlyra.alerts', partition: 0, done: f.episodes * 3, end: f.episodes * 3 }],
    processes: [
      { instance: 'office-1-4200', role: 'engine', started: world.began, ts: world.began, state: 'vanished' },
      { instance: 'office-1-4711', role: 'up', started: world.began, ts: now, state: 'runs' },
    ],
    notes: world.notes ?? [],
  };
}

export function makeHealth(world) {
  const components = { engine: 'ok', kafka: 'ok', ledger: 'ok', live: 'ok', store: 'ok', ...world.health };
  return { status: Object.values(components).every((c) => c === 'ok') ? 'ok' : 'degraded', components };
}
