package probe

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Local health (Lifeguard IV-A), as a measurement: of the latest rounds, how many of this
// node's own direct pings were never answered, not even late? Slow is not unwell, and the
// silence of the dead does not count once others suspect them. If most members seem silent,
// it is this node's own network that loses messages: it is no judge of others, and they are
// right about it. The lease tells the disseminator.
const (
	// healthRounds is how many rounds are looked at.
	healthRounds = 10
	// So many of them unanswered, by so many members, and the node is unwell.
	unwellRounds  = 6
	unwellMembers = 3
	// So many answered, one after another, and it is well again; or all but one member's.
	wellRounds = 7
)

// health keeps the latest rounds, oldest first.
type health struct {
	rounds []ownPing
	unwell bool
}

// ownPing is the direct ping of one round.
type ownPing struct {
	number   PingNumber
	target   swim.NodeID
	at       time.Duration
	excused  bool // others suspect the target: its silence is most likely its own
	answered bool
}

// asked notes the direct ping of a round that begins.
func (h *health) asked(p ownPing) {
	const most = healthRounds + 8 // those that may still be answered come on top
	if h.rounds = append(h.rounds, p); len(h.rounds) > most {
		h.rounds = h.rounds[1:]
	}
}

// ended notes how a ping ended, and returns the ping if this is its answer. A refusal is an
// answer: the network is well.
func (h *health) ended(in PingEnded) (p ownPing, answered bool) {
	if in.Evidence == swim.Silent || in.Evidence == swim.None {
		return ownPing{}, false
	}
	for i := range h.rounds {
		if r := &h.rounds[i]; r.number == in.Number && !r.answered {
			r.answered = true
			return *r, true
		}
	}
	return ownPing{}, false
}

// judge looks at the rounds that are over at a time: those that were answered, and those
// whose answer would be too late now.
func (h *health) judge(now, patience time.Duration) (unwell bool) {
	over, unanswered, wellFor := 0, 0, 0
	silent := map[swim.NodeID]bool{}
	for i := len(h.rounds) - 1; i >= 0 && over < healthRounds; i-- {
		switch r := &h.rounds[i]; {
		case r.answered:
			if over++; unanswered == 0 {
				wellFor++
			}
		case now-r.at > patience && !r.excused:
			over++
			unanswered++
			silent[r.target] = true
		}
	}
	switch {
	case unanswered >= unwellRounds && len(silent) >= unwellMembers:
		h.unwell = true
	case wellFor >= wellRounds, over == healthRounds && len(silent) <= 1: // that one is dead
		h.unwell = false
	}
	return h.unwell
}

// lease says that this loop turns, and how the node is.
func (c *Core) lease() {
	unwell := c.health.judge(c.now.Mono, c.cfg.ProbeInterval+lateFor)
	c.do(SendLease{Stopping: c.stopping, Unwell: unwell})
}

// isSuspectOfOthers: somebody else accuses the member.
func (c *Core) isSuspectOfOthers(m swim.Member) bool {
	return m.State == swim.Suspect && m.Accuser != c.cfg.Self
}
