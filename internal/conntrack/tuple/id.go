package tuple

import "github.com/netlyra/netlyra/internal/models"

// The upper bits of an id are the time in steps of about a second, which wraps after 73
// minutes. Ids of connections that begin together are therefore neighbors in a database
// index, which makes writes local. The other 52 bits are a hash: with 200,000 new connections
// per step, two of one step share an id once in some days.
const (
	idStepBits = 30 // nanoseconds in a step
	idHashBits = 52
)

// ConnID returns the id of the connection with key k in tunnel whose first packet has time
// ts, nanoseconds since the Unix epoch. It is the same in every run over the same packets.
func ConnID(k *Key, tunnel models.TunnelPath, ts int64) models.ConnID {
	h := fold(k.Hash(mix3)^uint64(ts), uint64(tunnel)^mix2)
	id := models.ConnID(uint64(ts)>>idStepBits<<idHashBits | h>>(64-idHashBits))
	if id == 0 {
		return 1 // zero is unknown
	}
	return id
}
