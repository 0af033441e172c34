// Package filter compiles and runs capture filters in tcpdump's syntax. libpcap compiles
// them; it is loaded at run time and only where a filter is used (Available). The programs
// run here, in a virtual machine for classic BPF (vm.go), or in the kernel, which package
// live hands them to (Filter.Program).
//
// A Filter is immutable and may be used from any goroutine. A PerLink belongs to one
// goroutine.
package filter
