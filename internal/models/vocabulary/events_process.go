package vocabulary

// Log events of the resources of a process.
const (
	EventDescriptorsHigh     Event = "descriptors_high"
	EventDescriptorsCritical Event = "descriptors_critical"
	EventDescriptorsFree     Event = "descriptors_free"
)

// ProcessEvents describes the log events of the resources of a process.
var ProcessEvents = []Entry{
	{string(EventDescriptorsHigh), "Many file descriptors open", "At least 80 % of the file descriptors of the process are open. Raise the limit (ulimit -n, LimitNOFILE) or lower the limits on connections."},
	{string(EventDescriptorsCritical), "Almost no file descriptors left", "At least 90 % of the file descriptors of the process are open; ports may refuse connections. Raise the limit or lower the limits on connections."},
	{string(EventDescriptorsFree), "Enough file descriptors", "Less than 80 % of the file descriptors of the process are open again."},
}
