package membership

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// health is what this node knows of its own condition. Whoever is cut off, or loses most of
// its messages, is no judge of others: it neither accuses nor confirms nor fails anybody,
// for as long as it may reasonably hope to be well again. And the others are right about
// it: it does not refute.
type health struct {
	unwell bool // says the own detector: most of its pings are never answered
	since  time.Duration
	// unanswering are the peers that have not answered a call that was begun after anybody
	// answered last.
	unanswering []swim.NodeID
	answered    time.Duration
}

// doubtMax is how long a node that doubts itself holds its verdicts back. Nobody could
// confirm them meanwhile, and nobody would hear them. Then its own applications have to be
// told whom it cannot reach.
const doubtMax = 30 * time.Second

// cutOffPeers so many, one after another, do not fall silent by chance.
const cutOffPeers = 5

// noteHealth takes in what a lease says.
func (c *Core) noteHealth(unwell bool) {
	h := &c.health
	switch {
	case unwell && !h.unwell:
		h.since = c.now.Mono
		c.do(Event{Kind: Unwell, Member: c.cfg.Self.ID, Detail: "most of its pings are never answered"})
	case !unwell && h.unwell:
		c.do(Event{Kind: Well, Member: c.cfg.Self.ID})
	}
	if h.unwell = unwell; unwell {
		c.troubled()
		c.withdraw()
	}
}

// isUnwell: this node judges nobody.
func (c *Core) isUnwell() bool { return c.health.unwell && c.now.Mono-c.health.since < doubtMax }

// noteOutcome keeps who has not answered since the last time that anybody did. The calls of
// one broadcast run out together, those that were answered long before.
func (c *Core) noteOutcome(peer swim.NodeID, evidence swim.Evidence, began time.Duration) {
	h := &c.health
	switch {
	case evidence == swim.Acked, evidence == swim.WrongTarget:
		h.unanswering, h.answered = h.unanswering[:0], c.now.Mono
	case evidence != swim.None && began >= h.answered && !slices.Contains(h.unanswering, peer) && len(h.unanswering) < maxAccusers:
		h.unanswering = append(h.unanswering, peer)
	}
}

// isUnheard: of several members that nobody suspects, none answers. It is more likely this
// node that hears nothing.
func (c *Core) isUnheard() bool {
	return c.silentPeers(func(row swim.Member) bool { return row.State == swim.Alive }) >= 2
}

// isCutOff: of many members that nobody else suspects, none answers, neither the detector
// nor the disseminator of this node.
func (c *Core) isCutOff() bool {
	return c.health.unwell && cutOffPeers <= c.silentPeers(func(row swim.Member) bool {
		return row.State == swim.Alive || row.State == swim.Suspect && row.Accuser == c.cfg.Self.ID
	})
}

// silentPeers counts those that have not answered since anybody did.
func (c *Core) silentPeers(which func(swim.Member) bool) (count int) {
	for _, id := range c.health.unanswering {
		if row, _ := c.table.get(id); which(row) {
			count++
		}
	}
	return count
}
