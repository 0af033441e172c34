package memory

import (
	"embed"
	"fmt"
	"slices"
)

//go:embed tcp.md udp.md connection.md
var pages embed.FS

// The machines, read before anything else runs. A page that cannot be read, or that
// differs from the constants of names.go, stops the process at once: it is part of
// the program, and the package's tests find it first.
var (
	tcp        = mustLoad("tcp")
	udp        = mustLoad("udp")
	connection = mustLoad("connection")
)

// TCP is the machine of one end of a TCP connection, tcp.md.
func TCP() *Machine { return tcp }

// UDP is the machine of a datagram flow, udp.md; ICMP and other protocols use it too.
func UDP() *Machine { return udp }

// Connection is the machine of the phases of a connection, connection.md.
func Connection() *Machine { return connection }

// All is every machine, ready to be shown as JSON. Callers must not change them.
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
