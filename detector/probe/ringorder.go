package probe

import (
	"slices"

	"github.com/swimpair/swim/proto/swim"
)

// ringOrder picks this node's successor in the ring of the epoch. Nodes that know the same
// members are in the same ring, so each of them is pinged by one other in each epoch, and
// by another one in the next: nobody waits for two periods (docs/decisions/0004).
type ringOrder struct {
	own    uint64 // hash of this node's id
	ids    []swim.NodeID
	hashes []uint64 // of ids, one by one
}

// epoch counts periods on the wall clock, so that all nodes mean the same one. A clock that
// is wrong has this node ping by another ring than the others do: some member is pinged twice
// and one not at all, for one period.
func (c *Core) epoch() uint64 { return uint64(c.now.Wall.UnixNano() / int64(c.cfg.ProbeInterval)) }

func (o *ringOrder) add(id swim.NodeID) {
	o.ids, o.hashes = append(o.ids, id), append(o.hashes, swim.Position(id))
}

func (o *ringOrder) remove(id swim.NodeID) {
	if at := slices.Index(o.ids, id); at >= 0 {
		o.ids, o.hashes = slices.Delete(o.ids, at, at+1), slices.Delete(o.hashes, at, at+1)
	}
}

// next looks at every member: sorting them anew in each epoch would cost more.
func (o *ringOrder) next(epoch uint64) (swim.NodeID, bool) {
	if len(o.ids) == 0 {
		return "", false
	}
	own := swim.RingPlace(o.own, epoch)
	ahead := func(i int) uint64 { return swim.RingPlace(o.hashes[i], epoch) - own } // round the ring: it wraps
	successor, nearest := 0, ahead(0)
	for i := range o.hashes {
		if d := ahead(i); d < nearest {
			successor, nearest = i, d
		}
	}
	return o.ids[successor], true
}
