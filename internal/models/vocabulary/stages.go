package vocabulary

// Stages of the pipeline, in the order of the data. They are the label "stage" of the
// metrics and the field "stage" of counts and conditions.
const (
	StageCapture           = "capture"
	StageDecode            = "decode"
	StageConntrack         = "conntrack"
	StagePublish           = "publish"
	StageConsume           = "consume"
	StageScore             = "score"
	StageAlert             = "alert"
	StageSendAlerts        = "send_alerts"
	StageSendConnections   = "send_connections"
	StageRecordAlerts      = "record_alerts"
	StageRecordConnections = "record_connections"
	StageLive              = "live"
)

// Stages describes the stages, in the order of the data.
var Stages = []Entry{
	{StageCapture, "Capture", "Reads frames from an interface, from files or from the demo."},
	{StageDecode, "Decode", "Decodes frames into packets."},
	{StageConntrack, "Track", "Assigns each packet to its connection."},
	{StagePublish, "Publish", "Writes packets to the packets topic."},
	{StageConsume, "Consume", "Reads packets from the packets topic into the engine."},
	{StageScore, "Score", "Scores how anomalous each packet is."},
	{StageAlert, "Alert", "Starts alerts and updates them."},
	{StageSendAlerts, "Send alerts", "Writes alerts to the alerts topic."},
	{StageSendConnections, "Send connections", "Writes connection records to the connections topic."},
	{StageRecordAlerts, "Record alerts", "Stores alerts in the database."},
	{StageRecordConnections, "Record connections", "Stores connection records in the database."},
	{StageLive, "Live", "Sends messages to browsers over the WebSocket."},
}
