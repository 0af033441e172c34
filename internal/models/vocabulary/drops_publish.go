package vocabulary

// Reasons for which a record is not published.
const (
	DropPublishBufferFull = "buffer_full"
	DropPublishEngineLag  = "engine_lag"
	DropPublishRefused    = "refused_by_broker"
	DropPublishNotSent    = "buffer_full_or_refused" // samples only: the client does not tell which
)

// PublishDrops describes the drop reasons of the stage publish.
var PublishDrops = []Entry{
	{DropPublishBufferFull, "Publish buffer full", "The brokers did not take records as fast as they were captured, and the buffer was full."},
	{DropPublishEngineLag, "Engine too far behind", "The engine was so far behind that retention would have removed packets that it had not read."},
	{DropPublishRefused, "Refused by the broker", "The brokers refused the record with an error that retries do not resolve. The log has the error."},
	{DropPublishNotSent, "Not sent", "A sample for the live views was dropped, because the buffer was full or the brokers refused it."},
}
