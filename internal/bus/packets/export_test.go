package packets

import "context"

// ProducerID returns the id of the producer of that name.
func ProducerID(name string) uint64 { return producerID(name) }

// PollEngine polls the engine's lag and returns how many unread offsets retention has
// removed from partition 0.
func (p *Producer) PollEngine(ctx context.Context) (removed int64, err error) {
	if err := p.gate.poll(ctx); err != nil {
		return 0, err
	}
	p.gate.polling.Lock()
	defer p.gate.polling.Unlock()
	return p.gate.marks[0].removed, nil
}

// PollRecorder polls the recorder's lag and reports whether it holds packets back.
func (p *Producer) PollRecorder(ctx context.Context) (behind bool, err error) {
	err = p.recorder.poll(ctx)
	return p.recorder.behind.Load(), err
}
