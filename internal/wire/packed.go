package wire

import (
	"errors"
	"fmt"
)

// A packed batch is one Protobuf message, PacketBatch of docs/schemas/packets.proto:
// a column for each field of PacketMeta, delta-coded where neighbours are alike, so
// that a packet costs tens of nanoseconds and about thirty bytes. A column whose
// values are all zero is left out. It is written and read by hand: the generated
// code would allocate for each packet.

// MaxPacked is the largest number of packets in one batch; a larger one is refused.
const MaxPacked = 1 << 16

// packedVersion changes when a reader of the version before would misread.
const packedVersion = 1

// Field numbers of PacketBatch.
const (
	colVersion = iota + 1
	colCount
	colTS
	colFamily
	colSrc
	colDst
	colSrcPort
	colDstPort
	colProto
	colFlags
	colDir
	colTTL
	colEntropy
	colPayloadLen
	colIPExtra
	colWireExtra
	colConn
	colVLAN
	colInnerVLAN
	colTunnel
	colIfaceName
	colIface
	colSkip
	colEnd
)

// Wire types of Protobuf that occur here or may have to be passed over.
const (
	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireFixed4 = 5
)

// Address families of a packet, two bits for each end, the source in the low ones.
const (
	family4 = iota
	family6
	familyNone // the zero Addr
)

var errPackedShort = errors.New("packed batch: cut short")

func errColumn(col int, what string) error {
	return fmt.Errorf("packed batch: column %d: %s", col, what)
}

func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }
