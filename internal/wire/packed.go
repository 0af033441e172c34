package wire

import (
	"errors"
	"fmt"
)

// A packed batch is one Protobuf message, PacketBatch of docs/schemas/packets.proto: one
// column per field of PacketMeta, delta-coded where neighbors are similar; fields that few
// packets have are in columns with values for those packets only. A packet costs tens of
// nanoseconds and about thirty bytes. A column of zeros is omitted. The code is written by
// hand because generated code would allocate for each packet.

// MaxPacked is the maximum number of packets in one batch; DecodePacked rejects larger ones.
const MaxPacked = 1 << 16

// Versions of the layout. The version is that of the oldest reader that does not misinterpret
// the batch: readers of version 1 skip the columns that they do not know, but would take a
// link-layer message for IP, so that a batch with such messages is of version 2.
const (
	packedVersion     = 1
	packedVersionLink = 2
)

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
	colMACPair
	colMACs
	colExtra
	colHWAddr
	colMsg
	colNameKind
	colNameHash
	colNameDomain
	colNameLen
	colNameLabels
	colNameDomainLen
	colNameEntropy
	colNameType
	colNameCode
	colNameAnswers
	colNameJA4
	colNameText
	colEnd
)

// Bits of the column extra. Readers ignore bits that they do not know.
const (
	extraLink   = 1 << iota // 256 is added to the protocol
	extraHWAddr             // the packet has a value in the column hw_addr
	extraMsg                // the packet has a value in the column msg
	extraName               // the packet has values in the columns of names
)

// macPairLen is the length of an element of the column of pairs: source, destination.
const macPairLen = 12

// Protobuf wire types that occur here or in unknown fields.
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

var errPackedShort = errors.New("packed batch: truncated")

func errColumn(col int, what string) error {
	return fmt.Errorf("packed batch: column %d: %s", col, what)
}

func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }
