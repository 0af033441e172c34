package vocabulary

// Conditions of any component.
const (
	ConditionUnspecified  = "unspecified"
	ConditionUnresponsive = "unresponsive"
)

// CommonConditions describes the conditions of any component.
var CommonConditions = []Entry{
	{ConditionUnspecified, "Failure", "The component reports an error without an identifier; the text has the error."},
	{ConditionUnresponsive, "Unresponsive", "The component did not report progress within its time limit. Restart the process; if that helps only for a while, report a fault with the log."},
}

// Conditions of a process: its resources, its load, the engine's lanes and the ledger.
const (
	ConditionDescriptorsHigh     = "descriptors_high"
	ConditionDescriptorsCritical = "descriptors_critical"
	ConditionKernelDrops         = "kernel_drops"
	ConditionPublishBufferFull   = "publish_buffer_full"
	ConditionEngineLagDrops      = "engine_lag_drops"
	ConditionRefusedByBroker     = "refused_by_broker"
	ConditionPacketsHeldBack     = "packets_held_back"
	ConditionSlowClients         = "slow_clients"
	ConditionStandby             = "standby"
	ConditionPacketsMissing      = "packets_missing"
	ConditionLagGrowing          = "lag_growing"
	ConditionNoEngine            = "no_engine"
	ConditionModelReset          = "model_reset"
	ConditionLedgerImbalance     = "ledger_imbalance"
	ConditionMore                = "more"

	ConditionNothingCaptured = "nothing_captured"
	ConditionNoTraffic       = "no_traffic"
	ConditionNoSensor        = "no_sensor"
	ConditionInputEnded      = "input_ended"
	ConditionNotDecoded      = "not_decoded"
	ConditionNotPublished    = "not_published"
	ConditionNotConsumed     = "not_consumed"
	ConditionNotScored       = "not_scored"
	ConditionWarmingUp       = "warming_up"
)

// ProcessConditions describes the conditions of a process.
var ProcessConditions = []Entry{
	{ConditionDescriptorsHigh, "Many file descriptors open", "At least 80 % of the file descriptors of the process are open. Raise the limit (ulimit -n, LimitNOFILE) or lower the limits on connections."},
	{ConditionDescriptorsCritical, "Almost no file descriptors left", "At least 90 % of the file descriptors of the process are open; ports may refuse connections. Raise the limit (ulimit -n, LimitNOFILE) or lower the limits on connections."},
	{ConditionKernelDrops, "Packets dropped by the kernel", "Packets arrived faster than they were read. Raise CAPTURE_RING_BYTES, narrow CAPTURE_FILTER, or set PACKETS_ENCODING=packed."},
	{ConditionPublishBufferFull, "Publish buffer full", "Packets were dropped because the brokers accept them more slowly than they arrive."},
	{ConditionEngineLagDrops, "Packets dropped for the engine's lag", "Packets were dropped because the engine is so far behind that retention would delete records before they are read. Start another engine, or raise PACKETS_RETENTION_BYTES."},
	{ConditionRefusedByBroker, "Records refused by the brokers", "The brokers refused records, which are lost. The log of the process has the reason."},
	{ConditionPacketsHeldBack, "Packets held back", "Publishing waits because the engine is so far behind that retention would delete records before they are read. Start another engine, or raise PACKETS_RETENTION_BYTES."},
	{ConditionSlowClients, "Slow WebSocket clients", "WebSocket clients read more slowly than messages arrive; messages to them were discarded."},
	{ConditionStandby, "Standby", "Other engines have all lanes. This one takes over when one of them stops."},
	{ConditionPacketsMissing, "Missing packets", "Numbered packets never arrived at the engine: their records were deleted by retention before they were read, refused by the brokers, or part of an aborted transaction."},
	{ConditionLagGrowing, "Engine falls behind", "The engine's lag is large and growing. Start another engine, or give this one more CPU."},
	{ConditionNoEngine, "No engine", "No engine consumes the packets topic. Start one with 'netlyra engine'."},
	{ConditionModelReset, "Model reset", "The model of a lane was reset because its checkpoint could not be used. It produces no scores until its warm-up ends."},
	{ConditionLedgerImbalance, "Ledger does not balance", "An equation of the ledger has a difference that nothing explains. 'netlyra ledger' and GET /api/v1/ledger show which."},
	{ConditionMore, "More conditions", "Conditions of more processes are not listed."},
	{ConditionNothingCaptured, "No packet yet", "A sensor runs and has captured no packet. Check the interface's name, that it is up, and CAPTURE_FILTER."},
	{ConditionNoTraffic, "No traffic", "No packet was captured for some seconds: a file has ended, or the interface is silent."},
	{ConditionNoSensor, "No sensor", "No process captures packets. Start 'netlyra up', 'netlyra probe' or 'netlyra replay'."},
	{ConditionInputEnded, "Input ended", "The input has ended, and every packet was processed."},
	{ConditionNotDecoded, "Frames not decoded", "Frames arrive, and none can be decoded. Check the link type of the capture and the drop reasons of the stage."},
	{ConditionNotPublished, "Packets not published", "Packets are decoded, and the brokers accept none. Check the component \"kafka\" of the health and KAFKA_BROKERS."},
	{ConditionNotConsumed, "Packets not consumed", "Packets are published, and the engine reads none. It may wait for its partitions; see its log."},
	{ConditionNotScored, "Packets not scored", "The engine consumes records and scores none. See the dead letters: 'netlyra tail dead-letters'."},
	{ConditionWarmingUp, "Warming up", "The model is untrained. The first scores follow after WARMUP_PACKETS packets per lane."},
}
