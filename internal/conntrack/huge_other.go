//go:build !linux

package conntrack

func preferHugePages([]byte) {}
