package membership

import (
	"fmt"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// An accuser whose accusations are refuted at once, and again and again, is not believed
// for a while: its own network is bad, or it lies.
const (
	reputationWindow = time.Minute
	falseAccusations = 3
	// falseWithin: only a member that answers so soon was well when it was accused. One
	// that was stopped for a moment answers later, and its accuser was right.
	falseWithin = 250 * time.Millisecond
)

// refutation is one accusation that was false.
type refutation struct {
	accuser swim.NodeID
	at      time.Duration
}

// noteRefutation looks at a row that replaces an accusation.
func (c *Core) noteRefutation(before, row swim.Member, trace swim.TraceID) {
	sameLife := row.State == swim.Alive && row.Instance == before.Instance && row.Incarnation > before.Incarnation
	if !sameLife || !c.wasFalse(before) {
		return
	}
	c.refutations = slices.DeleteFunc(c.refutations, func(r refutation) bool { return c.now.Mono-r.at > reputationWindow })
	if before.Accuser == c.cfg.Self.ID || len(c.refutations) >= maxMembers {
		return
	}
	c.refutations = append(c.refutations, refutation{accuser: before.Accuser, at: c.now.Mono})
	if c.falseAccusationsOf(before.Accuser) == falseAccusations {
		c.do(Event{Kind: AccuserIgnored, Member: before.Accuser, Trace: trace,
			Detail: fmt.Sprintf("%d of its accusations were refuted at once within %s", falseAccusations, reputationWindow)})
	}
}

// wasFalse: the member was well when that was said of it. Nobody comes back from a crash in the
// same life.
func (c *Core) wasFalse(accusation swim.Member) bool {
	i, suspected := c.findSuspicion(accusation.ID)
	crashed := accusation.State == swim.Failed && accusation.Reason == swim.Crashed
	return crashed || suspected && !isHalf(accusation) && c.now.Mono-c.suspicions[i].began <= falseWithin
}

func (c *Core) falseAccusationsOf(accuser swim.NodeID) (count int) {
	for _, r := range c.refutations {
		if r.accuser == accuser && c.now.Mono-r.at <= reputationWindow {
			count++
		}
	}
	return count
}

// isIgnored: what that accuser says is hearsay.
func (c *Core) isIgnored(accuser swim.NodeID) bool {
	return c.falseAccusationsOf(accuser) >= falseAccusations
}
