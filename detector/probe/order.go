package probe

import (
	"math/rand/v2"
	"slices"

	"github.com/swimpair/swim/proto/swim"
)

// order picks the next target among the members that are probed.
type order interface {
	add(id swim.NodeID)
	remove(id swim.NodeID)
	// next returns the target of an epoch; ok is false if there is none.
	next(epoch uint64) (id swim.NodeID, ok bool)
}

func newOrder(cfg *Config, rng *rand.Rand) order {
	switch cfg.Order {
	case Random:
		return &randomOrder{rng: rng}
	case Shuffle:
		return &shuffledOrder{rng: rng}
	}
	return &ringOrder{own: swim.Position(cfg.Self)}
}

// shuffledOrder is a rotation (SWIM 4.3): ids[:done] have had their turn in this round.
type shuffledOrder struct {
	rng  *rand.Rand
	ids  []swim.NodeID
	done int
}

// add gives the newcomer a random place in the rest of the round, so that members which
// learn of it together do not all ping it at once. The rest is in random order: whoever had
// the place may as well come last.
func (o *shuffledOrder) add(id swim.NodeID) {
	at := o.done + o.rng.IntN(len(o.ids)-o.done+1)
	o.ids = append(o.ids, id)
	last := len(o.ids) - 1
	o.ids[at], o.ids[last] = o.ids[last], o.ids[at]
}

func (o *shuffledOrder) remove(id swim.NodeID) {
	at := slices.Index(o.ids, id)
	if at < 0 {
		return
	}
	o.ids = slices.Delete(o.ids, at, at+1)
	if at < o.done {
		o.done--
	}
}

func (o *shuffledOrder) next(uint64) (swim.NodeID, bool) {
	if len(o.ids) == 0 {
		return "", false
	}
	if o.done == len(o.ids) {
		o.done = 0
		o.rng.Shuffle(len(o.ids), func(i, j int) { o.ids[i], o.ids[j] = o.ids[j], o.ids[i] })
	}
	id := o.ids[o.done]
	o.done++
	return id, true
}

// randomOrder picks uniformly with replacement.
type randomOrder struct {
	rng *rand.Rand
	ids []swim.NodeID
}

func (o *randomOrder) add(id swim.NodeID) { o.ids = append(o.ids, id) }

func (o *randomOrder) remove(id swim.NodeID) {
	if at := slices.Index(o.ids, id); at >= 0 {
		o.ids = slices.Delete(o.ids, at, at+1)
	}
}

func (o *randomOrder) next(uint64) (swim.NodeID, bool) {
	if len(o.ids) == 0 {
		return "", false
	}
	return o.ids[o.rng.IntN(len(o.ids))], true
}
