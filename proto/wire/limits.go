package wire

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/swimpair/swim/proto/swim"
)

// Limits of the contract (header of swim.proto). Every receiver checks them.
const (
	// MaxIDLength of a node id, in characters of [A-Za-z0-9._-].
	MaxIDLength = 64
	// MaxAddressBytes of a host:port.
	MaxAddressBytes = 261
	// MaxTags of one member.
	MaxTags = 32
	// MaxTagKeyBytes of a tag's key, which is not empty.
	MaxTagKeyBytes = 64
	// MaxTagValueBytes of a tag's value.
	MaxTagValueBytes = 256
	// MaxTextBytes of a zone, a version and a cluster name.
	MaxTextBytes = 64
	// MaxProbeInterval is the longest protocol period that a record may state.
	MaxProbeInterval = time.Hour
	// MaxRows of each list in a message: members, summaries, wanted ids, reports, paths,
	// confirmations, addresses. Nothing is allocated for a longer one.
	MaxRows = 1024
	// MaxMessageBytes of one message. gRPC refuses a larger one before it is decoded, so
	// each server and client has to be given this limit.
	MaxMessageBytes = 256 << 10
	// MaxPageBytes that the rows of one message may take. A row can be 12 KiB large, so
	// MaxRows alone does not keep a message below MaxMessageBytes; senders cut their lists
	// with FirstPage. The other half of a message holds, at the worst, the sender's row
	// (12 KiB) and MaxRows summaries (89 KiB) or wanted ids (66 KiB).
	MaxPageBytes = MaxMessageBytes / 2
)

// maxReasonBytes of the sentence in NodeStatus that says why a detector is down.
const maxReasonBytes = 256

// maxTokenBytes of a page token, which is an id or an address with a mark before it.
const maxTokenBytes = MaxAddressBytes + 1

// FirstPage splits members into those that one message can carry, within MaxRows and
// MaxPageBytes, and the rest. The page has at least one row if members has.
func FirstPage(members []swim.Member) (page, rest []swim.Member) {
	size := 0
	for i, m := range members {
		size += proto.Size(FromMember(m)) + rowHeaderBytes
		if i == MaxRows || size > MaxPageBytes && i > 0 {
			return members[:i:i], members[i:]
		}
	}
	return members, nil
}

// rowHeaderBytes stand before each row of a list: its field number and its length.
const rowHeaderBytes = 4
