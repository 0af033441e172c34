package vocabulary

// Reasons for which conntrack does not count a packet for a connection. They are the names
// of its counters: netlyra_conntrack_<code>_total.
const (
	DropUntracked = "untracked"
	DropRefused   = "refused"
)

// ConntrackDrops describes the drop reasons of the stage conntrack.
var ConntrackDrops = []Entry{
	{DropUntracked, "No transport header", "IP packets without a readable transport header: later fragments, truncated captures, false lengths."},
	{DropRefused, "Connection table full", "Packets of connections that were not tracked because the table is full of established connections. Raise the connection limit."},
}
