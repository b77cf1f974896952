package membership

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// The rows of members that are gone are kept, so that no old news brings them back, but
// not for ever and not without number. A failed member is kept whatever its age: it is
// tried again for ever.
const (
	tombstoneHorizon = 24 * time.Hour
	sweepInterval    = time.Hour
	maxTombstones    = 2_000
)

// tombstone is the row of a member that is gone.
type tombstone struct {
	id    swim.NodeID
	since time.Duration
}

// bury and unbury keep the list in the order of the going.
func (c *Core) bury(id swim.NodeID) {
	c.unbury(id)
	c.tombstones = append(c.tombstones, tombstone{id: id, since: c.now.Mono})
	if len(c.tombstones) > maxTombstones {
		c.remove(c.tombstones[0].id)
	}
}

func (c *Core) unbury(id swim.NodeID) {
	c.tombstones = slices.DeleteFunc(c.tombstones, func(t tombstone) bool { return t.id == id })
}

// sweepTombstones lets go of what left, or was forgotten, long ago.
func (c *Core) sweepTombstones() {
	if c.now.Mono < c.nextSweep {
		return
	}
	c.nextSweep = c.now.Mono + sweepInterval
	for _, t := range slices.Clone(c.tombstones) {
		if row, _ := c.table.get(t.id); row.State != swim.Failed && c.now.Mono-t.since >= tombstoneHorizon {
			c.remove(t.id)
		}
	}
}

// remove takes a row off the table.
func (c *Core) remove(id swim.NodeID) {
	row, _ := c.table.get(id)
	c.unbury(id)
	c.table.remove(id)
	if row.State != swim.Forgotten { // watchers have been told of that one
		c.publish(row, row.State, true)
	}
}
