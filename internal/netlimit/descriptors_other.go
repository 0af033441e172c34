//go:build !unix

package netlimit

import "net"

// DescriptorLimit returns ok false, because this system has no such limit.
func DescriptorLimit() (limit uint64, ok bool) { return 0, false }

// OpenDescriptors returns ok false, because this system has no such limit.
func OpenDescriptors() (open uint64, ok bool) { return 0, false }

func descriptor(net.Conn) (fd uint64, ok bool) { return 0, false }

// Spare returns true, because this system has no such limit.
func Spare(int) bool { return true }
