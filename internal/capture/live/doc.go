// Package live captures frames from a network interface of Linux: by a TPACKET_V3 ring
// that is shared with the kernel, or, in a build without cgo, by a packet socket that
// copies each frame. On other systems Open returns an error that says how to pipe tcpdump
// in.
//
// A network card does not wait: the kernel drops frames that the ring cannot hold, and
// Stats counts them. The filter runs in the kernel where it can. OwnTraffic excludes
// NetLyra's own packets, which would otherwise make more packets each.
//
// Next and Close belong to one goroutine; Stats may be called from any.
package live
