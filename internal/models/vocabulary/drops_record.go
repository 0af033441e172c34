package vocabulary

// Reasons for which the recorder does not write a record as a row, besides DropUnreadable.
const (
	DropRecordReplaced   = "replaced"
	DropRecordWrongTopic = "wrong_topic"
)

// RecordDrops describes the drop reasons of the stages record_alerts and
// record_connections, besides DropUnreadable.
var RecordDrops = []Entry{
	{DropRecordReplaced, "Replaced", "A newer record with the same id was in the same batch; only the newer one is written."},
	{DropRecordWrongTopic, "Wrong topic", "The record came from a topic that holds neither alerts nor connections."},
}
