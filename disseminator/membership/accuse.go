package membership

import (
	"fmt"
	"slices"
	"strings"

	"github.com/swimpair/swim/proto/swim"
)

// accusation is one that the accused has been told of and has not answered yet.
type accusation struct {
	member  swim.Member // its row when it was accused
	claim   swim.Member // the row that holds if it does not answer
	hearsay bool        // said by others; this node has not found out itself
	void    bool        // this process was paused meanwhile: the silence may be its own
	call    CallNumber
	trace   swim.TraceID
}

// targetUnreachable is the verdict of the own detector. The accused is told before anybody
// else: what reaches its disseminator may still be refuted.
func (c *Core) targetUnreachable(in TargetUnreachable) {
	row, known := c.table.get(in.Target)
	current := known && row.State.Live() && row.Incarnation == in.Incarnation && row.Instance == in.Instance
	if !current || row.ID == c.cfg.Self.ID {
		c.do(Event{Kind: AccusationStale, Member: in.Target, Trace: in.Trace,
			Detail: fmt.Sprintf("incarnation %d of a live member is not known", in.Incarnation)})
		return
	}
	claim := row
	claim.State, claim.Reason, claim.Accuser = swim.Failed, swim.Unreachable, c.cfg.Self.ID
	if c.accuse(accusation{member: row, claim: claim, trace: in.Trace}) {
		c.do(Event{Kind: AccusationStarted, Member: row.ID, Detail: describePaths(in.Paths), Trace: in.Trace})
	}
}

func describePaths(paths []swim.Path) string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = p.String()
	}
	return strings.Join(words, ", ")
}

// accuse tells the accused. It reports false if that is under way already.
func (c *Core) accuse(a accusation) bool {
	same := func(old accusation) bool { return old.member.ID == a.member.ID }
	if slices.ContainsFunc(c.accusations, same) || c.farewell.started {
		return false
	}
	told := a.claim
	told.State, told.Accuser = swim.Suspect, c.cfg.Self.ID
	told.Incarnation, told.Instance = a.member.Incarnation, a.member.Instance
	a.call = c.newCall()
	c.accusations = append(c.accusations, a)
	c.do(Disseminate{
		Number: a.call, To: a.member, Members: []swim.Member{told},
		Accusation: true, Timeout: c.interval(), Trace: a.trace,
	})
	return true
}

// accusationEnded reports whether the call was an accusation.
func (c *Core) accusationEnded(in NewsEnded) bool {
	i := slices.IndexFunc(c.accusations, func(a accusation) bool { return a.call == in.Number })
	if i < 0 {
		return false
	}
	a := c.accusations[i]
	c.accusations = slices.Delete(c.accusations, i, i+1)
	c.learnAll(in.Newer, pushed, a.trace)
	row, _ := c.table.get(a.member.ID)
	switch {
	case a.void, c.farewell.started, !row.State.Live(), in.Evidence == swim.None:
	case swim.Supersedes(row, a.member):
		c.do(Event{Kind: AccusationRefuted, Member: row.ID, Trace: a.trace,
			Detail: fmt.Sprintf("%s, incarnation %d", row.State, row.Incarnation)})
	case a.hearsay:
		c.hearsayUnanswered(a)
	default:
		c.fail(a, in.DetectorDown)
	}
	return true
}

// fail makes the verdict final: nobody spoke for the accused.
func (c *Core) fail(a accusation, detectorDown bool) {
	if detectorDown {
		a.claim.Reason = swim.DetectorDown
	}
	c.apply(a.claim, a.trace)
	c.broadcast(a.claim.ID, a.trace)
}

// hearsayUnanswered: a goodbye that this node missed is believed once the member is gone.
// A failure is not: the own detector will find out for itself.
func (c *Core) hearsayUnanswered(a accusation) {
	if a.claim.State == swim.Left || a.claim.State == swim.Forgotten {
		c.apply(a.claim, a.trace)
	}
}

// bareAccusationReceived makes sure before it believes: a peer of the seed's family gives
// neither evidence nor incarnation.
func (c *Core) bareAccusationReceived(in BareAccusationReceived) {
	row, known := c.lookUp(in.TargetID, in.TargetAddress)
	c.do(AnswerBareAccusation{Call: in.Call, Known: known})
	if !known || !row.State.Live() || row.ID == c.cfg.Self.ID {
		return
	}
	claim := row
	claim.State, claim.Reason = swim.Failed, swim.Unreachable
	c.accuse(accusation{member: row, claim: claim, hearsay: true, trace: in.Trace})
}

func (c *Core) lookUp(id swim.NodeID, address swim.Address) (swim.Member, bool) {
	if id != "" {
		return c.table.get(id)
	}
	i := slices.IndexFunc(c.table.rows, func(m swim.Member) bool { return m.DetectorAddress == address })
	if i < 0 {
		return swim.Member{}, false
	}
	return c.table.rows[i], true
}
