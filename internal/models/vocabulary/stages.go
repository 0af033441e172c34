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
	StageRecordAlerts      = "record_alerts"
	StageRecordConnections = "record_connections"
	StageLive              = "live"
)
