// Generates traffic of a small office from a seed, as JSON of the API.
import { idleCondition, makeLanes, makeStages } from './mock-pipeline.mjs';

export function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const kinds = [
  ['port_scan', 'T1046', (a) => `${a.src_ip} probed ${Math.ceil(a.count * 0.92)} ports of ${a.dst_ip} with ${a.count} connection attempts in 2.1 s (typical: at most 3 ports)`],
  ['brute_force', 'T1110', (a) => `${a.src_ip} opened ${a.count} short SSH connections to ${a.dst_ip} in 40 s (typical: 1 per minute)`],
  ['flood', 'T1498', (a) => `${a.src_ip} sends ${a.count * 9} packets/s to ${a.dst_ip}:${a.dst_port} (typical: at most 40 packets/s)`],
  ['exfiltration', 'T1048', (a) => `${a.src_ip} sent 412 MB to ${a.dst_ip} in 3 minutes (typical: at most 10 MB); the payload is encrypted or compressed`],
  ['beacon', 'T1071', (a) => `${a.src_ip} connected to ${a.dst_ip}:${a.dst_port} every 60 s (within 0.2 s), ${a.count} times so far`],
  ['unusual', '', (a) => `${a.src_ip} contacted port ${a.dst_port} of ${a.dst_ip} over ${a.proto} for the first time`],
];
const severities = ['low', 'low', 'medium', 'medium', 'high', 'critical'];

export function makeAlert(rnd, n, at) {
  const [kind, technique, summarize] = kinds[Math.floor(rnd() * kinds.length)];
  const count = 1 + Math.floor(rnd() ** 3 * 900);
  const v6 = rnd() < 0.08;
  const alert = {
    id: `A${n.toString(36).padStart(11, '0')}`,
    ts: at.toISOString(),
    last_ts: new Date(at.getTime() + count * 20).toISOString(),
    src_ip: v6 ? `2001:db8:20::${(1 + Math.floor(rnd() * 200)).toString(16)}` : `10.0.${Math.floor(rnd() * 3)}.${2 + Math.floor(rnd() * 40)}`,
    dst_ip: v6 ? '2001:db8:cafe:1234:5678:9abc:def0:1' : rnd() < 0.5 ? `10.0.0.${2 + Math.floor(rnd() * 20)}` : `203.0.113.${Math.floor(rnd() * 250)}`,
    src_port: 32768 + Math.floor(rnd() * 28000),
    dst_port: [22, 80, 443, 445, 3389, 8443][Math.floor(rnd() * 6)],
    proto: rnd() < 0.8 ? 'TCP' : 'UDP',
    score: 0.8 + rnd() * 0.2,
    threshold: 0.8,
    severity: severities[Math.floor(rnd() * severities.length)],
    count,
    kind,
    technique,
    scale: ['packet', 'connection', 'host'][Math.floor(rnd() * 3)],
    conn: 'C0000000abcd',
    features: { entropy: 7.82, packet_rate: 1500, byte_rate: 2100000 },
    reasons: [
      { feature: 'dst_ports', value: 380, typical: [1, 3], share: 0.54, text: 'The source contacted 380 ports of the destination in the last minute (typical: at most 3)' },
      { feature: 'packet_rate', value: 1500, typical: [2, 90], share: 0.27 },
      { feature: 'entropy', value: 7.82, typical: [3.1, 6.4], share: 0.12 },
      { feature: 'byte_rate', value: 2100000, typical: [900, 640000], share: 0.07 },
    ],
    evidence: {
      feature: 'probed_ports',
      value: 380,
      limit: 9,
      level: 11.4,
      series: [9, 31, 64, 120, 190, 260, 311, 380].map((value, i) => ({ ts: new Date(at.getTime() + i * 300).toISOString(), value })),
    },
    ...(n % 3 === 0 && { recurrence: { count: 4, first: new Date(at.getTime() - 3_600_000).toISOString(), every_seconds: 1200, regular: true, baseline: n % 2 === 0 } }),
    model: { version: 'f3-h2', lane: n % 3, partition: n % 3, offset: 120000 + n * 17 },
  };
  alert.summary = summarize(alert);
  return alert;
}

const states = [
  ['SF', 'closed', 'ShADadFf'],
  ['S1', 'active', 'ShADad'],
  ['S0', 'new', 'S'],
  ['REJ', 'closed', 'Sr'],
  ['RSTO', 'closed', 'ShADadR'],
  ['S1', 'idle', 'ShADad'],
];

export function makeConnection(rnd, n, at) {
  const [state, phase, history] = states[Math.floor(rnd() * states.length)];
  const orig = Math.floor(10 ** (rnd() * 7));
  const resp = state === 'S0' || state === 'REJ' ? 0 : Math.floor(10 ** (rnd() * 8));
  const seconds = rnd() ** 4 * 4000;
  const proto = rnd() < 0.8 ? 'TCP' : 'UDP';
  return {
    id: `C${n.toString(36).padStart(11, '0')}`,
    ts: new Date(at.getTime() - seconds * 1000).toISOString(),
    last_ts: at.toISOString(),
    src_ip: `10.0.0.${2 + Math.floor(rnd() * 40)}`,
    src_port: 32768 + Math.floor(rnd() * 28000),
    dst_ip: rnd() < 0.4 ? `10.0.0.${2 + Math.floor(rnd() * 20)}` : `198.51.100.${Math.floor(rnd() * 250)}`,
    dst_port: [22, 53, 80, 443, 443, 445][Math.floor(rnd() * 6)],
    proto,
    state,
    phase,
    history,
    service: rnd() < 0.6 ? ['tls', 'dns', 'ssh', 'http'][Math.floor(rnd() * 4)] : '',
    orig_packets: 1 + Math.floor(orig / 700),
    orig_bytes: orig,
    orig_ip_bytes: orig + 400,
    resp_packets: Math.floor(resp / 900),
    resp_bytes: resp,
    resp_ip_bytes: resp + 400,
    missed_bytes: 0,
    duration: seconds,
    server_name: rnd() < 0.3 ? 'updates.example.org' : undefined,
  };
}

export function makeStats(rnd, t, world) {
  const wave = 1 + 0.35 * Math.sin(t / 9) + 0.12 * Math.sin(t / 1.7) + 0.08 * (rnd() - 0.5);
  const burst = t % 41 > 33 ? 2.6 : 1;
  const quiet = world.idle || world.ended;
  const pps = quiet ? 0 : 8200 * wave * burst;
  const bps = quiet ? 0 : pps * 8 * 610 * (burst > 1 ? 0.45 : 1);
  world.packets += pps / 10;
  world.bytes += bps / 80;
  const share = { TLS: 0.46, HTTP: 0.17, DNS: 0.05, SSH: 0.08, SMB: 0.14, QUIC: 0.09, ICMP: 0.01 };
  const talkers = ['10.0.0.7', '10.0.0.12', '203.0.113.80', '10.0.1.4', '2001:db8:cafe:1234:5678:9abc:def0:1', '198.51.100.23', '10.0.0.9', '10.0.2.31'];
  return {
    ts: new Date().toISOString(),
    packets: Math.round(world.packets),
    bytes: Math.round(world.bytes),
    alerts: world.alerts.size,
    connections: 18230 + Math.round(t * 30),
    packets_per_second: pps,
    bits_per_second: bps,
    scored: Math.round(world.packets * 0.98),
    scored_per_second: pps * 0.98,
    warm: !world.cold,
    warm_after: world.cold ? 34 : 0,
    lag: { packets: quiet ? 0 : Math.round(rnd() * 240), alerts: 0, connections: quiet ? 0 : Math.round(rnd() * 12) },
    stages: makeStages(world),
    partitions: makeLanes(world),
    instances: [{ instance: 'office-1-4711', role: 'up', ts: new Date().toISOString(), health: { kafka: 'ok', store: 'ok' }, conditions: world.conditions ?? [] }],
    traffic: {
      talkers: world.idle ? [] : talkers.map((ip, i) => ({ ip, packets: Math.round((90000 / (i + 1)) * wave), bytes: Math.round((6.1e7 / (i + 1) ** 1.3) * wave) })),
      protocols: world.idle ? {} : Object.fromEntries(Object.entries(share).map(([k, v]) => [k, Math.round(world.bytes * v)])),
      connections: world.idle ? 0 : 312 + Math.round(30 * wave),
      event_ts: new Date().toISOString(),
    },
    threshold: 0.8,
    conditions: idleCondition(world),
  };
}

export function makeScores(rnd, count, world) {
  const now = Date.now();
  const samples = Array.from({ length: count }, (_, i) => {
    const attack = rnd() < (world.attack ? 0.05 : 0.0004);
    return { ts: new Date(now - 100 + (100 * i) / count).toISOString(), score: attack ? 0.8 + rnd() * 0.2 : Math.min(0.79, -Math.log10(1 - rnd()) / 5) };
  });
  return { lane: 0, partition: 0, count: count * 4, max: Math.max(...samples.map((s) => s.score)), threshold: 0.8, samples };
}

export const features = [
  { name: 'probed_ports', display_name: 'Ports tried without success', unit: 'ports' },
  { name: 'dst_ports', display_name: 'Destination ports', unit: 'ports' },
  { name: 'packet_rate', display_name: 'Packet rate', unit: 'packets/s' },
  { name: 'byte_rate', display_name: 'Byte rate', unit: 'bytes/s' },
  { name: 'entropy', display_name: 'Payload entropy', unit: 'bits/byte' },
];

/** The same for all kinds; the server has a text for each. */
export const nextSteps =
  'Find out what runs on the source; a vulnerability scanner, a monitoring system or a client whose server is down is harmless. If none of these explains it, isolate the source and check which ports of the destination answered.';

export const machines = [
  {
    name: 'connection',
    states: ['new', 'active', 'idle', 'closed', 'expired'],
    initial: 'new',
    terminal: ['closed', 'expired'],
    transitions: [
      ['new', 'reply', 'active'], ['new', 'quiet', 'idle'], ['new', 'close', 'closed'], ['new', 'timeout', 'expired'], ['new', 'evict', 'expired'],
      ['active', 'quiet', 'idle'], ['active', 'close', 'closed'], ['active', 'timeout', 'expired'],
      ['idle', 'packet', 'active'], ['idle', 'reply', 'active'], ['idle', 'close', 'closed'], ['idle', 'timeout', 'expired'],
    ].map(([from, event, to]) => ({ from, event, to })),
  },
];
