// Generated from internal/models/vocabulary by go generate; do not edit.
// Display names of codes, and explanations where the page shows them. The module is part of
// the page's download, so it has no texts that the page does not show.

export interface Entry {
  name: string;
  help: string;
}

export const stages: Record<string, Entry> = {
  capture: { name: 'Capture', help: 'Reads frames from an interface, from files or from the demo.' },
  decode: { name: 'Decode', help: 'Decodes frames into packets.' },
  conntrack: { name: 'Track', help: 'Assigns each packet to its connection.' },
  publish: { name: 'Publish', help: 'Writes packets to the packets topic.' },
  consume: { name: 'Consume', help: 'Reads packets from the packets topic into the engine.' },
  score: { name: 'Score', help: 'Scores how anomalous each packet is.' },
  alert: { name: 'Alert', help: 'Starts alerts and updates them.' },
  send_alerts: { name: 'Send alerts', help: 'Writes alerts to the alerts topic.' },
  send_connections: { name: 'Send connections', help: 'Writes connection records to the connections topic.' },
  record_alerts: { name: 'Record alerts', help: 'Stores alerts in the database.' },
  record_connections: { name: 'Record connections', help: 'Stores connection records in the database.' },
  live: { name: 'Live', help: 'Sends messages to browsers over the WebSocket.' },
};

export type StageCode =
  | 'capture'
  | 'decode'
  | 'conntrack'
  | 'publish'
  | 'consume'
  | 'score'
  | 'alert'
  | 'send_alerts'
  | 'send_connections'
  | 'record_alerts'
  | 'record_connections'
  | 'live';

export const drops: Record<string, Entry> = {
  kernel: { name: 'Lost by the kernel', help: 'The ring shared with the kernel was full, so the kernel dropped the frame. Raise CAPTURE_RING_BYTES, narrow CAPTURE_FILTER, or set PACKETS_ENCODING=packed.' },
  truncated: { name: 'Truncated record', help: 'The capture file ends within the record; the capture tool was stopped or the disk was full.' },
  no_interface: { name: 'No interface description', help: 'The pcapng packet refers to an interface that the file does not describe.' },
  malformed: { name: 'Malformed block', help: 'The pcapng packet block is too short for its own fields.' },
  filter: { name: 'Filtered', help: 'The frame does not match CAPTURE_FILTER.' },
  own_port: { name: 'Own traffic', help: 'The frame is traffic of NetLyra itself, which would otherwise create more packets.' },
  untracked: { name: 'No transport header', help: 'IP packets without a readable transport header: later fragments, truncated captures, false lengths.' },
  refused: { name: 'Connection table full', help: 'Packets of connections that were not tracked because the table is full of established connections. Raise the connection limit.' },
  unknown_link_type: { name: 'Unknown link type', help: 'The link type of the capture is not supported and the frame does not start with an IP header.' },
  truncated_link_header: { name: 'Truncated link header', help: 'The captured bytes end within the link-layer header.' },
  bad_link_length: { name: 'Bad link length', help: 'A length field in the link-layer header contradicts the frame.' },
  not_ip: { name: 'Not IP', help: 'The frame carries no IP packet and no link-layer message that is decoded (ARP, spanning tree, LLDP), for example LACP or CDP.' },
  not_data_frame: { name: 'Not a data frame', help: 'The 802.11 frame is a management or control frame, or carries no data.' },
  wlan_encrypted: { name: 'Encrypted 802.11 frame', help: 'The 802.11 frame is encrypted; its content cannot be read.' },
  too_many_headers: { name: 'Too many headers', help: 'The frame nests more link headers, tags and labels than the limit of 32.' },
  too_many_tunnels: { name: 'Too many tunnels', help: 'The frame nests more tunnels than the configured limit.' },
  truncated_ip_header: { name: 'Truncated IP header', help: 'The captured bytes end within the IP header.' },
  bad_ip_version: { name: 'Bad IP version', help: 'The IP header has a version other than 4 or 6.' },
  bad_ip_header_length: { name: 'Bad IP header length', help: 'The header length of the IP packet is impossible.' },
  ip_length_exceeds_frame: { name: 'IP length exceeds frame', help: 'The IP packet claims more bytes than the frame had on the wire.' },
  bad_ip_checksum: { name: 'Bad IP checksum', help: 'The IPv4 header checksum is wrong. It is verified only where the setting is on.' },
  fragment_held: { name: 'Fragment held', help: 'The fragment waits for the rest of its datagram. The last fragment yields the packet; this is not a loss.' },
  fragment_truncated: { name: 'Truncated fragment', help: 'The capture holds only a part of the fragment, so the datagram cannot be reassembled.' },
  bad_fragment: { name: 'Bad fragment', help: 'Offset or length of the fragment is impossible.' },
  bad_tunnel_header: { name: 'Bad tunnel header', help: 'The header of the tunnel is invalid.' },
  inner_length_mismatch: { name: 'Inner length mismatch', help: 'The inner packet of the tunnel has a length that does not fit the outer packet.' },
  link_without_ip: { name: 'Link type without IP', help: 'The link type of the capture never carries IP packets, for example USB. Capture on a network interface.' },
  macsec_encrypted: { name: 'Encrypted MACsec frame', help: 'The frame is encrypted by MACsec; its content cannot be read.' },
  truncated_tunnel_header: { name: 'Truncated tunnel header', help: 'The captured bytes end within the tunnel header.' },
  bad_link_message: { name: 'Bad link-layer message', help: 'The ARP, spanning tree or LLDP message contradicts itself, or an ARP message is not about IPv4.' },
  unreadable: { name: 'Unreadable', help: 'The record cannot be decoded. It was moved to the dead letters.' },
  duplicate: { name: 'Duplicate', help: 'The packet was delivered before; it is scored once.' },
  warm_up: { name: 'Warm-up', help: 'The packet trained the model before it was warm, and was not scored.' },
  not_published: { name: 'Not published', help: 'The alert could not be published because the engine lost the lane; the engine that has the lane next publishes it.' },
  other: { name: 'Other', help: 'Further reasons, beyond the number that is counted separately.' },
  slow_client: { name: 'Slow client', help: 'The queue of the client was full.' },
  client_gone: { name: 'Client disconnected', help: 'The client disconnected before the message was written.' },
  buffer_full: { name: 'Publish buffer full', help: 'The brokers did not take records as fast as they were captured, and the buffer was full.' },
  engine_lag: { name: 'Engine too far behind', help: 'The engine was so far behind that retention would have removed packets that it had not read.' },
  refused_by_broker: { name: 'Refused by the broker', help: 'The brokers refused the record with an error that retries do not resolve. The log has the error.' },
  buffer_full_or_refused: { name: 'Not sent', help: 'A sample for the live views was dropped, because the buffer was full or the brokers refused it.' },
  replaced: { name: 'Replaced', help: 'A newer record with the same id was in the same batch; only the newer one is written.' },
  wrong_topic: { name: 'Wrong topic', help: 'The record came from a topic that holds neither alerts nor connections.' },
};

export type DropCode =
  | 'kernel'
  | 'truncated'
  | 'no_interface'
  | 'malformed'
  | 'filter'
  | 'own_port'
  | 'untracked'
  | 'refused'
  | 'unknown_link_type'
  | 'truncated_link_header'
  | 'bad_link_length'
  | 'not_ip'
  | 'not_data_frame'
  | 'wlan_encrypted'
  | 'too_many_headers'
  | 'too_many_tunnels'
  | 'truncated_ip_header'
  | 'bad_ip_version'
  | 'bad_ip_header_length'
  | 'ip_length_exceeds_frame'
  | 'bad_ip_checksum'
  | 'fragment_held'
  | 'fragment_truncated'
  | 'bad_fragment'
  | 'bad_tunnel_header'
  | 'inner_length_mismatch'
  | 'link_without_ip'
  | 'macsec_encrypted'
  | 'truncated_tunnel_header'
  | 'bad_link_message'
  | 'unreadable'
  | 'duplicate'
  | 'warm_up'
  | 'not_published'
  | 'other'
  | 'slow_client'
  | 'client_gone'
  | 'buffer_full'
  | 'engine_lag'
  | 'refused_by_broker'
  | 'buffer_full_or_refused'
  | 'replaced'
  | 'wrong_topic';

export const conditions: Record<string, Entry> = {
  broker_unreachable: { name: 'Broker unreachable', help: 'A broker does not accept connections. Records are buffered and retried.' },
  open_transaction: { name: 'Open transaction', help: 'A transaction that has been open for long holds back all consumers of its partition. It ends when its producer commits or aborts it, or after transaction.timeout.ms; find a hanging one with kafka-transactions.sh find-hanging, then abort it.' },
  checkpoints_unreadable: { name: 'Unreadable checkpoints', help: 'The newest checkpoints of a lane cannot be read. An older one is used; without one, the model starts untrained.' },
  broker_disk_full: { name: 'Broker disk full', help: 'The embedded broker refuses writes because its disk is almost full. Records are buffered and retried; free disk space.' },
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
  not_published: { name: 'Packets not published', help: 'Packets are decoded, and the brokers accept none. Check the component "kafka" of the health and KAFKA_BROKERS.' },
  not_consumed: { name: 'Packets not consumed', help: 'Packets are published, and the engine reads none. It may wait for its partitions; see its log.' },
  not_scored: { name: 'Packets not scored', help: "The engine consumes records and scores none. See the dead letters: 'netlyra tail dead-letters'." },
  warming_up: { name: 'Warming up', help: 'The model is untrained. The first scores follow after WARMUP_PACKETS packets per lane.' },
  store_unavailable: { name: 'Database not writable', help: 'Rows cannot be written. The batch is kept and retried; free disk space or correct the permissions.' },
  row_time_implausible: { name: 'Implausible row times', help: 'Rows have times that cannot be right; retention does not delete them by age. The operations guide explains how to correct them.' },
  clock_implausible: { name: 'Clock not set', help: 'The wall clock is before any plausible time; retention deletes nothing by age. Set the clock.' },
};

export type ConditionCode =
  | 'broker_unreachable'
  | 'open_transaction'
  | 'checkpoints_unreadable'
  | 'broker_disk_full'
  | 'unspecified'
  | 'unresponsive'
  | 'descriptors_high'
  | 'descriptors_critical'
  | 'kernel_drops'
  | 'publish_buffer_full'
  | 'engine_lag_drops'
  | 'refused_by_broker'
  | 'packets_held_back'
  | 'slow_clients'
  | 'standby'
  | 'packets_missing'
  | 'lag_growing'
  | 'no_engine'
  | 'model_reset'
  | 'ledger_imbalance'
  | 'more'
  | 'nothing_captured'
  | 'no_traffic'
  | 'no_sensor'
  | 'input_ended'
  | 'not_decoded'
  | 'not_published'
  | 'not_consumed'
  | 'not_scored'
  | 'warming_up'
  | 'store_unavailable'
  | 'row_time_implausible'
  | 'clock_implausible';

export const kindNames: Record<string, string> = {
  port_scan: 'Port scan',
  host_scan: 'Host scan',
  flood: 'Flood',
  brute_force: 'Brute force',
  exfiltration: 'Exfiltration',
  beacon: 'Beacon',
  tunnel: 'Tunnel',
  icmp_flood: 'ICMP flood',
  reflection: 'Reflection',
  slow_http: 'Slow HTTP',
  lateral_movement: 'Lateral movement',
  dga: 'Generated domains',
  arp_spoof: 'ARP spoofing',
  arp_scan: 'ARP scan',
  dhcp_starvation: 'DHCP starvation',
  rogue_dhcp: 'Rogue DHCP server',
  unusual: 'Anomalous traffic',
};

export type KindCode =
  | 'port_scan'
  | 'host_scan'
  | 'flood'
  | 'brute_force'
  | 'exfiltration'
  | 'beacon'
  | 'tunnel'
  | 'icmp_flood'
  | 'reflection'
  | 'slow_http'
  | 'lateral_movement'
  | 'dga'
  | 'arp_spoof'
  | 'arp_scan'
  | 'dhcp_starvation'
  | 'rogue_dhcp'
  | 'unusual';

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

export type LedgerCheckCode =
  | 'frames'
  | 'track'
  | 'hand_over'
  | 'log'
  | 'model'
  | 'verdict'
  | 'alerts_published'
  | 'alerts'
  | 'connections';

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

export type LedgerTermCode =
  | 'came_in'
  | 'passed_on'
  | 'dropped'
  | 'left'
  | 'acknowledged'
  | 'pending'
  | 'refused'
  | 'unreported'
  | 'accepted'
  | 'held'
  | 'missing'
  | 'lost_model'
  | 'duplicates'
  | 'refused_last'
  | 'unreadable'
  | 'scored'
  | 'warm_up'
  | 'alerted'
  | 'withheld'
  | 'passed'
  | 'not_published'
  | 'recorded';

export const remainderNames: Record<string, string> = {
  extra_packets: 'Further packets in one frame',
  one_sided: 'Reported by one side only',
};

export type RemainderCode =
  | 'extra_packets'
  | 'one_sided';

export const processStateNames: Record<string, string> = {
  runs: 'Running',
  ended: 'Ended',
  vanished: 'Lost',
};

export type ProcessStateCode =
  | 'runs'
  | 'ended'
  | 'vanished';
