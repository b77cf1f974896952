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

// ownPing is the direct ping of one round. One that was sent twice, and answered once, has
// reached a live member through a network that loses messages: it counts half.
type ownPing struct {
	number         PingNumber
	target         swim.NodeID
	at             time.Duration
	excused        bool // others suspect the target: its silence is most likely its own
	sent, answered int
}

// asked notes the direct ping of a round that begins.
func (h *health) asked(p ownPing) {
	const most = healthRounds + 8 // those that may still be answered come on top
	p.sent = 1
	if h.rounds = append(h.rounds, p); len(h.rounds) > most {
		h.rounds = h.rounds[1:]
	}
}

// askedAgain notes that the latest of them was sent once more.
func (h *health) askedAgain(number PingNumber) {
	if last := len(h.rounds) - 1; last >= 0 && h.rounds[last].number == number {
		h.rounds[last].sent++
	}
}

// ended notes how a ping ended, and returns when it was sent if this is its first answer. A
// refusal is an answer: the network is well.
func (h *health) ended(in PingEnded) (sent time.Duration, first bool) {
	if in.Evidence == swim.Silent || in.Evidence == swim.None {
		return 0, false
	}
	for i := range h.rounds {
		if r := &h.rounds[i]; r.number == in.Number && r.answered < r.sent {
			r.answered++
			return r.at, r.answered == 1
		}
	}
	return 0, false
}

// judge looks at the rounds that are over at a time: those that were answered, and those
// whose answer would be too late now.
func (h *health) judge(now, patience time.Duration) (unwell bool) {
	over, halves, wellFor := 0, 0, 0 // halves of unanswered rounds
	silent := map[swim.NodeID]bool{}
	for i := len(h.rounds) - 1; i >= 0 && over < healthRounds; i-- {
		switch r := &h.rounds[i]; {
		case r.answered == r.sent:
			if over++; halves == 0 {
				wellFor++
			}
		case now-r.at > patience && !r.excused:
			over++
			halves += 2 * (r.sent - r.answered) / r.sent
			if r.answered == 0 {
				silent[r.target] = true
			}
		}
	}
	switch {
	case halves >= 2*unwellRounds && len(silent) >= unwellMembers:
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
