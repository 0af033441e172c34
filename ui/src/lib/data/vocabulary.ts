// Display names of codes, and explanations where the page shows them. The module is part of
// the page's download, so it has no texts that the page does not show.
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
  unreadable: { name: 'Unreadable', help: 'The record is not a valid alert or connection. It was sent to the dead letters.' },
  replaced: { name: 'Replaced', help: 'A newer record with the same id was in the same batch; only the newer one is written.' },
  wrong_topic: { name: 'Wrong topic', help: 'The record came from a topic that holds neither alerts nor connections.' },
  dropped_by_kernel: { name: 'Dropped by the kernel', help: 'Packets arrived faster than they were read.' },
  buffer_full: { name: 'Buffer full', help: 'The brokers accept packets more slowly than they arrive, and the publish buffer is full.' },
  engine_lag: { name: 'Engine lag', help: 'The engine is so far behind that retention would delete the packet before it is read.' },
  refused_by_broker: { name: 'Refused by a broker', help: 'A broker refused the record for good; the log of the process has the reason.' },
  duplicate: { name: 'Duplicate', help: 'The packet was delivered before; it is scored once.' },
  warm_up: { name: 'Warm-up', help: 'The packet trained the model before it was warm, and was not scored.' },
  not_published: { name: 'Not published', help: 'The alert could not be published because the engine lost the lane; the engine that has the lane next publishes it.' },
  slow_client: { name: 'Slow client', help: 'A WebSocket client reads too slowly. Alerts are never discarded for this.' },
  client_gone: { name: 'Client gone', help: 'The WebSocket client disconnected before the message was sent.' },
  other: { name: 'Other', help: 'Further reasons, beyond the number that is counted separately.' },
};

export const conditions: Record<string, Entry> = {
  unspecified: { name: 'Failure', help: 'The component reports an error without an identifier; the text has the error.' },
  unresponsive: { name: 'Unresponsive', help: 'The component did not report progress within its time limit. Restart the process; if that helps only for a while, report a fault with the log.' },
  descriptors_high: { name: 'Many file descriptors open', help: 'At least 80 % of the file descriptors of the process are open. Raise the limit (ulimit -n, LimitNOFILE) or lower the limits on connections.' },
  descriptors_critical: { name: 'Almost no file descriptors left', help: 'At least 90 % of the file descriptors of the process are open; ports may refuse connections. Raise the limit (ulimit -n, LimitNOFILE) or lower the limits on connections.' },
  kernel_drops: { name: 'Packets dropped by the kernel', help: 'Packets arrived faster than they were read. Raise CAPTURE_RING_BYTES, narrow CAPTURE_FILTER, or set PACKETS_ENCODING=packed.' },
  publish_buffer_full: { name: 'Publish buffer full', help: 'Packets were dropped because the brokers accept them more slowly than they arrive.' },
  engine_lag_drops: { name: "Packets dropped for the engine's lag", help: 'Packets were dropped because the engine is so far behind that retention would delete records before they are read. Start another engine, or raise PACKETS_RETENTION_BYTES.' },
  refused_by_broker: { name: 'Records refused by the brokers', help: 'The brokers refused records, which are lost. The log of the process has the reason.' },
  packets_held_back: { name: 'Packets held back', help: 'Publishing waits because the engine is so far behind that retention would delete records before they are read. Start another engine, or raise PACKETS_RETENTION_BYTES.' },
  slow_clients: { name: 'Slow WebSocket clients', help: 'WebSocket clients read more slowly than messages arrive; messages to them were discarded.' },
  standby: { name: 'Standby', help: 'Other engines have all lanes. This one takes over when one of them stops.' },
  packets_missing: { name: 'Missing packets', help: 'Numbered packets never arrived at the engine: their records were deleted by retention before they were read, refused by the brokers, or part of an aborted transaction.' },
  lag_growing: { name: 'Engine falls behind', help: "The engine's lag is large and growing. Start another engine, or give this one more CPU." },
  no_engine: { name: 'No engine', help: "No engine consumes the packets topic. Start one with 'netlyra engine'." },
  model_reset: { name: 'Model reset', help: 'The model of a lane was reset because its checkpoint could not be used. It produces no scores until its warm-up ends.' },
  ledger_imbalance: { name: 'Ledger does not balance', help: "An equation of the ledger has a difference that nothing explains. 'netlyra ledger' and GET /api/v1/ledger show which." },
  more: { name: 'More conditions', help: 'Conditions of more processes are not listed.' },
  nothing_captured: { name: 'No packet yet', help: "A sensor runs and has captured no packet. Check the interface's name, that it is up, and CAPTURE_FILTER." },
  no_traffic: { name: 'No traffic', help: 'No packet was captured for some seconds: a file has ended, or the interface is silent.' },
  no_sensor: { name: 'No sensor', help: "No process captures packets. Start 'netlyra up', 'netlyra probe' or 'netlyra replay'." },
  input_ended: { name: 'Input ended', help: 'The input has ended, and every packet was processed.' },
  not_decoded: { name: 'Frames not decoded', help: 'Frames arrive, and none can be decoded. Check the link type of the capture and the drop reasons of the stage.' },
  not_published: { name: 'Packets not published', help: 'Packets are decoded, and the brokers accept none. Check the component \\"kafka\\" of the health and KAFKA_BROKERS.' },
  not_consumed: { name: 'Packets not consumed', help: 'Packets are published, and the engine reads none. It may wait for its partitions; see its log.' },
  not_scored: { name: 'Packets not scored', help: "The engine consumes records and scores none. See the dead letters: 'netlyra tail dead-letters'." },
  warming_up: { name: 'Warming up', help: 'The model is untrained. The first scores follow after WARMUP_PACKETS packets per lane.' },
  broker_unreachable: { name: 'Broker unreachable', help: 'A broker does not accept connections. Records are buffered and retried.' },
  open_transaction: { name: 'Open transaction', help: 'A transaction that has been open for long holds back all consumers of its partition. It ends when its producer commits or aborts it, or after transaction.timeout.ms; find a hanging one with kafka-transactions.sh find-hanging, then abort it.' },
  checkpoints_unreadable: { name: 'Unreadable checkpoints', help: 'The newest checkpoints of a lane cannot be read. An older one is used; if there is none, the model starts untrained.' },
  broker_disk_full: { name: 'Broker disk full', help: 'The embedded broker refuses writes because its disk is almost full. Records are buffered and retried; free disk space.' },
  store_unavailable: { name: 'Database not writable', help: 'Rows cannot be written. The batch is kept and retried; free disk space or correct the permissions.' },
  row_time_implausible: { name: 'Implausible row times', help: 'Rows have times that cannot be right; retention does not delete them by age. The operations guide explains how to correct them.' },
  clock_implausible: { name: 'Clock not set', help: 'The wall clock is before any plausible time; retention deletes nothing by age. Set the clock.' },
};

export const ledgerCheckNames: Record<string, string> = {
  frames: 'Frames',
  track: 'Tracking',
  hand_over: 'Hand-over',
  log: 'Packets topic',
  model: 'Model',
  verdict: 'Verdict',
  alerts_published: 'Alerts published',
  alerts: 'Alerts topic',
  connections: 'Connections topic',
};

export const ledgerTermNames: Record<string, string> = {
  came_in: 'Came in',
  passed_on: 'Passed on',
  dropped: 'Dropped',
  left: 'Left in stopped processes',
  acknowledged: 'Acknowledged by the brokers',
  pending: 'Not yet acknowledged',
  refused: 'Refused by the brokers',
  unreported: 'Not reported by any process',
  accepted: 'Accepted by the model',
  held: 'Held',
  missing: 'Missing',
  lost_model: 'Accepted by a lost model',
  duplicates: 'Duplicates',
  refused_last: 'Refused last',
  unreadable: 'Unreadable',
  scored: 'Scored',
  warm_up: 'Warm-up',
  alerted: 'Part of an alert',
  withheld: 'Withheld by the alert budget',
  passed: 'Typical',
  not_published: 'Not published',
  recorded: 'Processed by the recorder',
};

export const kindNames: Record<string, string> = {
  port_scan: 'Port scan',
  host_scan: 'Host scan',
  flood: 'Flood',
  brute_force: 'Brute force',
  exfiltration: 'Exfiltration',
  beacon: 'Beacon',
  tunnel: 'Tunnel',
  unusual: 'Anomalous traffic',
};

export const remainderNames: Record<string, string> = {
  extra_packets: 'Further packets in one frame',
  one_sided: 'Reported by one side only',
};

export const processStateNames: Record<string, string> = {
  runs: 'Running',
  ended: 'Ended',
  vanished: 'Vanished',
};
