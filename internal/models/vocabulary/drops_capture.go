package vocabulary

// Reasons for which a capture source does not yield a frame. The first four are losses, the
// others are omitted on purpose.
const (
	DropKernel      = "kernel"
	DropTruncated   = "truncated"
	DropNoInterface = "no_interface"
	DropMalformed   = "malformed"
	DropFilter      = "filter"
	DropOwnTraffic  = "own_port"
)

// CaptureDrops describes the drop reasons of the stage capture.
var CaptureDrops = []Entry{
	{DropKernel, "Lost by the kernel", "The ring shared with the kernel was full, so the kernel dropped the frame. Raise CAPTURE_RING_BYTES, narrow CAPTURE_FILTER, or set PACKETS_ENCODING=packed."},
	{DropTruncated, "Truncated record", "The capture file ends within the record; the capture tool was stopped or the disk was full."},
	{DropNoInterface, "No interface description", "The pcapng packet refers to an interface that the file does not describe."},
	{DropMalformed, "Malformed block", "The pcapng packet block is too short for its own fields."},
	{DropFilter, "Filtered", "The frame does not match CAPTURE_FILTER."},
	{DropOwnTraffic, "Own traffic", "The frame is traffic of NetLyra itself, which would otherwise create more packets."},
}
