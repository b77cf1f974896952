package probe

import (
	"cmp"
	"slices"

	"github.com/swimpair/swim/proto/swim"
)

// ring has the live members in the order of their positions (swim.Position), so that the few
// that this node observes are found without a look at all the others.
type ring []place

type place struct {
	position uint64
	id       swim.NodeID
}

func placeOf(id swim.NodeID) place { return place{swim.Position(id), id} }

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.position, other.position), cmp.Compare(p.id, other.id))
}

func (r *ring) add(id swim.NodeID) {
	p := placeOf(id)
	if i, found := slices.BinarySearchFunc(*r, p, place.compare); !found {
		*r = slices.Insert(*r, i, p)
	}
}

func (r *ring) remove(id swim.NodeID) {
	if i, found := slices.BinarySearchFunc(*r, placeOf(id), place.compare); found {
		*r = slices.Delete(*r, i, i+1)
	}
}

// before are the count members that stand before one, nearest first: those that have it among
// their first observers.
func (r ring) before(id swim.NodeID, count int) (ids []swim.NodeID) {
	at, _ := slices.BinarySearchFunc(r, placeOf(id), place.compare)
	for i := range r {
		p := r[(at-1-i+2*len(r))%len(r)]
		if p.id == id || len(ids) == count {
			break
		}
		ids = append(ids, p.id)
	}
	return ids
}

// rank is the place of an observer of a target among all that stand on the ring.
func (r ring) rank(observer, target swim.NodeID) int {
	from, found := slices.BinarySearchFunc(r, placeOf(target), place.compare)
	if found {
		from++
	}
	to, _ := slices.BinarySearchFunc(r, placeOf(observer), place.compare)
	if to < from {
		to += len(r)
	}
	return to - from
}
