package membership

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// A host that is short of CPU answers accusations late, again and again. The first time
// nobody can tell it from a dead one. Once it has answered it is known how late it is, and
// for some minutes its suspicions last longer than that, whoever leads them.
const (
	// forbearanceShare of the lateness last seen is what a member is given.
	forbearanceShare = 1.5
	// forbearanceMax bounds it: a member that answers later than that was away.
	forbearanceMax = 8 * time.Second
	// forbearanceMemory is how long the lateness is remembered.
	forbearanceMemory = 5 * time.Minute
	// maxForborne bounds the members that are given more time.
	maxForborne = 256
)

// lateness is how long one member needed to refute.
type lateness struct {
	id    swim.NodeID
	open  bool          // it is suspect, or failed, and has not refuted yet
	since time.Duration // when that began
	took  time.Duration // the last time; 0: in time
	at    time.Duration // when that was
}

func (c *Core) latenessOf(id swim.NodeID) *lateness {
	if i := slices.IndexFunc(c.late, func(l lateness) bool { return l.id == id }); i >= 0 {
		return &c.late[i]
	}
	return nil
}

// noteAccused remembers when a member became suspect: a refutation tells how long it took.
func (c *Core) noteAccused(id swim.NodeID) {
	c.late = slices.DeleteFunc(c.late, func(l lateness) bool {
		recent := l.took != 0 && c.now.Mono-l.at < forbearanceMemory
		return !recent && (!l.open || c.now.Mono-l.since > forbearanceMax)
	})
	if l := c.latenessOf(id); l != nil {
		l.open, l.since = true, c.now.Mono
	} else if len(c.late) < maxForborne {
		c.late = append(c.late, lateness{id: id, open: true, since: c.now.Mono})
	}
}

// noteLateness looks at a row that says alive of a member that was suspect, or failed since.
func (c *Core) noteLateness(before, row swim.Member) {
	l := c.latenessOf(row.ID)
	if l == nil || !l.open || row.State != swim.Alive || row.Instance != before.Instance || isHalf(before) {
		return
	}
	took := c.now.Mono - l.since
	if l.open = false; took > c.cfg.PauseTolerance/2 && took <= forbearanceMax {
		l.took, l.at = max(took, l.took), c.now.Mono
	}
}

// forbearance is how long a suspicion of the member lasts at least.
func (c *Core) forbearance(id swim.NodeID) time.Duration {
	l := c.latenessOf(id)
	if l == nil || l.took == 0 || c.now.Mono-l.at >= forbearanceMemory {
		return c.cfg.PauseTolerance
	}
	return max(c.cfg.PauseTolerance, min(time.Duration(forbearanceShare*float64(l.took)), forbearanceMax))
}
