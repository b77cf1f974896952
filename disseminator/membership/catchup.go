package membership

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Two nodes that join at the same moment may miss each other: A tells of X, and does not know
// Y yet; B tells of Y, and does not know X yet. So whoever has told everybody of somebody also
// tells those whom it comes to know soon after. (What is lost all the same, the digests show,
// a period later.)
const (
	// announcedFor is how long that holds: longer than news takes on a busy machine.
	announcedFor = 3 * time.Second
	// maxAnnounced bounds what is remembered.
	maxAnnounced = 512
)

// announcement is one row that this node has told everybody of.
type announcement struct {
	about swim.NodeID
	at    time.Duration
	trace swim.TraceID
}

// announce remembers a broadcast.
func (c *Core) announce(about swim.NodeID, trace swim.TraceID) {
	c.announced = slices.DeleteFunc(c.announced, func(a announcement) bool {
		return a.about == about || c.now.Mono-a.at >= announcedFor
	})
	if len(c.announced) < maxAnnounced {
		c.announced = append(c.announced, announcement{about: about, at: c.now.Mono, trace: trace})
	}
}

// catchUp tells a member that this node has just heard of. Whom it has met itself gets the whole
// table.
func (c *Core) catchUp(newcomer swim.NodeID) {
	for _, a := range c.announced {
		if a.about != newcomer && c.now.Mono-a.at < announcedFor {
			c.tell(newcomer, news{about: a.about, trace: a.trace})
		}
	}
}
