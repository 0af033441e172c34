package order

// Ahead reports whether reading of a partition should pause: many packets are held, and none of
// them waits for this partition. A partition with an unreachable broker can fall behind the
// others by more packets than can be held; the others then wait in the log.
func (o *Order) Ahead(partition int32) bool {
	if o.held < MaxHeld/2 {
		return false
	}
	i := o.index(partition)
	if len(o.due) == 0 { // only the first partition has ticks that make packets due
		return i != 0
	}
	d := o.due[0]
	return i >= d.epoch.parts || i >= 0 && d.epoch.reach(i) >= d.order
}
