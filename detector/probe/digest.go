package probe

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// digest sums up the view, kept up to date with each change of a row.
type digest struct {
	hash  uint64
	since time.Duration // when the hash changed last
	// told are the peers that were reported in this period.
	told   []swim.NodeID
	tellAt time.Duration // when the list is emptied
}

func (c *Core) noteDigest(before, after swim.Member) {
	if change := swim.DigestOf(after) - swim.DigestOf(before); change != 0 {
		c.digest.hash, c.digest.since = c.digest.hash+change, c.now.Mono
	}
}

// ownDigest is what goes out on pings and acks.
func (c *Core) ownDigest() swim.Digest {
	return swim.Digest{Hash: c.digest.hash, Age: c.now.Mono - c.digest.since}
}

// compareDigest reports a peer whose live members have settled on others than this node's:
// at most once a period each.
func (c *Core) compareDigest(peer swim.NodeID, theirs swim.Digest, trace swim.TraceID) {
	row, known := c.view.get(peer)
	said := theirs.Hash != 0 && known && c.probed(row)
	if !said || c.pair.down != "" || c.stopping || !theirs.Differs(c.ownDigest(), c.cfg.ProbeInterval) {
		return
	}
	if c.now.Mono >= c.digest.tellAt {
		c.digest.told, c.digest.tellAt = c.digest.told[:0], c.now.Mono+c.cfg.ProbeInterval
	}
	for _, id := range c.digest.told {
		if id == peer {
			return
		}
	}
	c.digest.told = append(c.digest.told, peer)
	c.do(ReportViewsDiffer{Peer: peer, Trace: trace})
}
