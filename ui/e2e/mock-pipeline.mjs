// The mock's stages, lanes, ledger and health, derived from the same counts, so that they
// balance. Fields of `world`:
//   unbalanced: name of an equation with a difference of 7,
//   conditions: conditions of the health; stopped: the pipeline is not ready,
//   lost:       packets dropped because the publish buffer was full,
//   orphan:     a lane without an engine,
//   idle:       no traffic; a condition, or true,
//   ended:      the input has ended.
const lanes = 3;

/** Numbers of packets by outcome. */
function flow(world) {
  const captured = Math.round(world.packets);
  const skipped = Math.round(captured * 0.002);
  const lost = captured > 0 ? (world.lost ?? 0) : 0;
  const published = captured - skipped - lost;
  const waiting = captured > 0 && !world.ended ? 180 : 0;
  const consumed = published - waiting;
  const cold = Math.min(consumed, 50 * lanes);
  const alerted = Math.round((consumed - cold) * 0.004);
  const episodes = world.alerts.size;
  const records = Math.round(consumed / 300);
  return { captured, skipped, lost, published, waiting, consumed, cold, alerted, episodes, records };
}

const stage = (name, input, output, dropped, bytes) => ({ stage: name, in: input, out: output, ...(bytes && { bytes }), ...(Object.keys(dropped ?? {}).length > 0 && { dropped }) });
const some = (dropped) => Object.fromEntries(Object.entries(dropped).filter(([, n]) => n > 0));

export function makeStages(world) {
  const f = flow(world);
  const updates = f.episodes * 3;
  return [
    stage('capture', f.captured, f.captured, {}, Math.round(world.bytes)),
    stage('decode', f.captured, f.captured - f.skipped, some({ not_ip: f.skipped })),
    stage('conntrack', f.captured - f.skipped, f.captured - f.skipped),
    stage('publish', f.captured - f.skipped, f.published, some({ buffer_full: f.lost })),
    stage('consume', f.consumed, f.consumed),
    stage('score', f.consumed, f.consumed - f.cold, some({ warm_up: f.cold })),
    stage('alert', updates, updates),
    stage('send_alerts', updates, updates),
    stage('send_connections', f.records, f.records),
    stage('record_alerts', updates, updates - f.episodes, some({ replaced: f.episodes })),
    stage('record_connections', f.records, f.records),
    stage('live', 40, 40),
  ];
}

/** A lane's share of n; the first lane has the remainder. */
const share = (n, lane) => Math.floor(n / lanes) + (lane === 0 ? n % lanes : 0);

function counts(world, lane) {
  const f = flow(world);
  const [packets, cold, alerted] = [f.consumed, f.cold, f.alerted].map((n) => share(n, lane));
  return { packets, cold, scored: packets - cold, alerted, passed: packets - cold - alerted, alerts: share(f.episodes, lane), lag: share(f.waiting, lane) };
}

export function makeLanes(world) {
  if (world.idle) return [];
  const all = Array.from({ length: lanes }, (_, lane) => {
    const c = counts(world, lane);
    return { ...c, lane, partition: lane, offset: c.packets + 3, event_ts: new Date().toISOString(), learned: c.packets, warm: !world.cold, warm_after: world.cold ? 34 : 0 };
  });
  return all.filter((p) => p.lane !== world.orphan);
}

export function makeLedger(world) {
  const f = flow(world);
  const now = new Date().toISOString();
  const check = (name, says, input, output, inFlight = 0) => {
    const difference = world.unbalanced === name ? 7 : 0;
    const terms = (side) => Object.entries(side).map(([term, n]) => (typeof n === 'number' ? { name: term, n } : { name: term, n: Object.values(n).reduce((a, b) => a + b, 0), by: n }));
    const [first] = Object.keys(input);
    return {
      name,
      says,
      in: terms({ ...input, [first]: input[first] + difference }),
      out: terms(output),
      in_flight: inFlight,
      difference,
      holds: difference === 0,
      ...(difference !== 0 && { why: `${difference} packets are unaccounted for while the pipeline is idle` }),
    };
  };
  const decoded = f.captured - f.skipped;
  const dropped = (by) => (Object.keys(some(by)).length > 0 ? { dropped: some(by) } : {});
  const checks =
    f.captured === 0
      ? []
      : [
          check('capture', 'in = out + dropped by reason', { came_in: f.captured }, { passed_on: f.captured }),
          check('decode', 'captured = decoded + dropped by reason', { came_in: f.captured }, { passed_on: decoded, ...dropped({ not_ip: f.skipped }) }),
          check('publish', 'in = out + dropped by reason', { came_in: decoded }, { passed_on: f.published, ...dropped({ buffer_full: f.lost }) }),
          check('score', 'in = out + dropped by reason', { came_in: f.consumed }, { passed_on: f.consumed - f.cold, ...dropped({ warm_up: f.cold }) }),
          check('track', 'packets decoded = packets tracked', { out_of_decode: decoded }, { out_of_conntrack: decoded }),
          check('log', 'packets published = processed by the model + held + missing + in flight', { acknowledged: f.published }, { accepted: f.consumed }, f.waiting),
          check('model', 'packets processed = scored + warm-up', { accepted: f.consumed }, { scored: f.consumed - f.cold, warm_up: f.cold }),
          check('verdict', 'packets scored = part of an alert + typical', { scored: f.consumed - f.cold }, { in_alert: f.alerted, passed: f.consumed - f.cold - f.alerted }),
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

/** The condition about the first stage that passes nothing on, as a list. */
export function idleCondition(world) {
  const idle = (code, stage, text) => [{ stage, code, severity: 'info', text }];
  if (world.ended) return idle('input_ended', 'capture', 'the input has ended, and every packet was processed');
  if (!world.idle) return [];
  return typeof world.idle === 'object' ? [{ severity: 'info', ...world.idle }] : idle('nothing_captured', 'capture', "no packet so far; check the interface's name ('ip link') and that it is up");
}

export function makeHealth(world) {
  const conditions = world.conditions ?? [];
  const texts = Object.fromEntries(conditions.map((c) => [c.stage, c.text]));
  return { status: conditions.length === 0 ? 'ok' : 'degraded', components: { engine: 'ok', kafka: 'ok', ledger: 'ok', live: 'ok', store: 'ok', ...texts }, conditions };
}
