package order

// Ahead reports whether a partition should not be read further for now: much waits, and
// not for this partition. While its broker is away, one partition can fall behind the
// others by more than can be held; then those wait in the log.
func (o *Order) Ahead(partition int32) bool {
	if o.held < MaxHeld/2 {
		return false
	}
	i := o.index(partition)
	if len(o.due) == 0 { // nothing is due before the first partition says so
		return i != 0
	}
	d := o.due[0]
	return i >= d.of.parts || i >= 0 && d.of.reach(i) >= d.order
}
