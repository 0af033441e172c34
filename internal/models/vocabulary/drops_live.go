package vocabulary

// Reasons for which a message is not written to a WebSocket client.
const (
	DropLiveSlowClient = "slow_client"
	DropLiveClientGone = "client_gone"
)

// LiveDrops describes the drop reasons of the stage live.
var LiveDrops = []Entry{
	{DropLiveSlowClient, "Slow client", "The queue of the client was full."},
	{DropLiveClientGone, "Client disconnected", "The client disconnected before the message was written."},
}
