package memory

import (
	"embed"
	"fmt"
	"slices"
)

//go:embed tcp.md udp.md connection.md
var pages embed.FS

// The machines are parsed during initialization. An invalid page, or one that
// differs from the constants of names.go, panics: pages are part of
// the program, and the tests of the package detect such errors.
var (
	tcp        = mustLoad("tcp")
	udp        = mustLoad("udp")
	connection = mustLoad("connection")
)

// TCP returns the machine of one endpoint of a TCP connection, tcp.md.
func TCP() *Machine { return tcp }

// UDP returns the machine of a datagram flow, udp.md, which ICMP and other protocols use too.
func UDP() *Machine { return udp }

// Connection returns the machine of the phases of a connection, connection.md.
func Connection() *Machine { return connection }

// All returns every machine. Callers must not modify them.
func All() []*Machine { return []*Machine{connection, tcp, udp} }

func mustLoad(name string) *Machine {
	m, err := load(name)
	if err != nil {
		panic(err)
	}
	return m
}

func load(name string) (*Machine, error) {
	file := name + ".md"
	page, err := pages.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("memory: %w", err)
	}
	m, err := Parse(name, "memory/"+file, string(page))
	if err != nil {
		return nil, err
	}
	want := names[name]
	if !slices.Equal(m.States, want.states) {
		return nil, fmt.Errorf("memory/%s: states of the diagram %v differ from the constants %v", file, m.States, want.states)
	}
	if !slices.Equal(m.Events, want.events) {
		return nil, fmt.Errorf("memory/%s: events of the diagram %v differ from the constants %v", file, m.Events, want.events)
	}
	return m, nil
}
