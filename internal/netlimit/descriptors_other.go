//go:build !unix

package netlimit

import "net"

// DescriptorLimit has no answer here: the system has no limit of this kind.
func DescriptorLimit() (limit uint64, ok bool) { return 0, false }

// OpenDescriptors has no answer here.
func OpenDescriptors() (open uint64, ok bool) { return 0, false }

func descriptor(net.Conn) (fd uint64, ok bool) { return 0, false }

// Spare is always true here: the system has no limit of this kind.
func Spare(int) bool { return true }
