// Written by hand until it is generated from internal/models/vocabulary.

export interface Entry {
  name: string;
  help: string;
}

export const stages: Record<string, Entry> = {
  capture: { name: 'Capture', help: 'Reads frames from an interface, a file or the demo.' },
  decode: { name: 'Decode', help: 'Decodes frames into packets.' },
  conntrack: { name: 'Track', help: 'Assigns each packet to its connection.' },
  publish: { name: 'Publish', help: 'Writes packets to the packets topic.' },
  consume: { name: 'Consume', help: 'The engine reads packets from the topic.' },
  score: { name: 'Score', help: 'The model scores how anomalous each packet is.' },
  alert: { name: 'Alert', help: 'Starts an alert or updates it.' },
  send_alerts: { name: 'Publish', help: 'Writes alerts to the alerts topic.' },
  record_alerts: { name: 'Record', help: 'Stores alerts in the database.' },
  send_connections: { name: 'Publish', help: 'Writes connection records to the connections topic.' },
  record_connections: { name: 'Record', help: 'Stores connections in the database.' },
  live: { name: 'Push', help: 'Sends messages to browsers over WebSocket.' },
};

export const drops: Record<string, Entry> = {
  not_ip: { name: 'Not IP', help: '' },
  warm_up: { name: 'Warm-up', help: 'Used for training, not scored.' },
  duplicate: { name: 'Duplicate', help: 'Delivered more than once.' },
  replaced: { name: 'Replaced', help: 'A newer record of the same id was stored.' },
  unreadable: { name: 'Unreadable', help: 'Moved to the dead letters.' },
  slow_client: { name: 'Slow client', help: 'A browser was too slow; alerts are never discarded.' },
  publish_buffer_full: { name: 'Publish buffer full', help: '' },
  refused_by_broker: { name: 'Refused by the broker', help: '' },
};

export const conditions: Record<string, Entry> = { nothing_captured: { name: 'No packet yet', help: '' } };
export const ledgerTerms: Record<string, Entry> = {};
export const ledgerChecks: Record<string, Entry> = {};
