package vocabulary

// Log events of capture sources.
const (
	EventCaptureTruncated     Event = "capture_truncated"
	EventCaptureTrailingBytes Event = "capture_trailing_bytes"
	EventLinkTypeNotDecoded   Event = "link_type_not_decoded"
	EventCapturesOutOfOrder   Event = "captures_out_of_order"
	EventPromiscuousRefused   Event = "promiscuous_refused"
	EventInterfaceDown        Event = "interface_down"
	EventInterfaceUp          Event = "interface_up"
)

// CaptureEvents describes the log events of capture sources.
var CaptureEvents = []Entry{
	{string(EventCaptureTruncated), "Capture file truncated", "The file ends within a record. Everything before it was read."},
	{string(EventCaptureTrailingBytes), "Trailing bytes ignored", "Bytes follow the end of the compressed data. Everything before them was read."},
	{string(EventLinkTypeNotDecoded), "Link type not decoded", "Frames of this link type are counted as dropped. The attribute err says what to do."},
	{string(EventCapturesOutOfOrder), "Captures out of order", "A capture file begins before the end of the file read before it, so connections may be split. Use --sort, or merge the files with mergecap."},
	{string(EventPromiscuousRefused), "Promiscuous mode refused", "The interface does not enter promiscuous mode; only traffic of this host is captured."},
	{string(EventInterfaceDown), "Interface down", "The interface went down. Capture resumes when it is up again."},
	{string(EventInterfaceUp), "Interface up", "The interface is up again; capture has resumed."},
}
