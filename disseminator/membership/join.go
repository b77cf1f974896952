package membership

import (
	"fmt"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// joinReceived is a newcomer at this bootstrap node. It is answered when both its ports
// have been met, or with what could not be reached.
func (c *Core) joinReceived(in JoinReceived) {
	m := in.Member
	row, known := c.table.get(m.ID)
	switch {
	case c.farewell.started:
		c.do(AnswerJoin{Call: in.Call, Refusal: leavingRefusal})
	case m.ID == "": // a peer of the seed's family expects the list, and nothing more
		c.introduce(swim.Member{DetectorAddress: in.Address}, in.Trace)
		c.do(AnswerJoin{Call: in.Call, Members: c.joinList("")})
	case known && row.State.Live() && identityOf(row) == identityOf(m):
		c.do(AnswerJoin{Call: in.Call, Members: c.joinList(m.ID)})
	case m.ID == c.cfg.Self.ID:
		c.do(AnswerJoin{Call: in.Call, Refusal: Refusal{RefusedConflict, holderText(row)}})
	default:
		c.meetJoiner(in)
	}
}

var leavingRefusal = Refusal{RefusedLeaving, "this node is leaving the cluster: join through another"}

func (c *Core) meetJoiner(in JoinReceived) {
	k := c.introduce(in.Member, in.Trace)
	if k == nil || len(k.joiners) >= maxJoiners {
		c.do(AnswerJoin{Call: in.Call, Refusal: Refusal{RefusedFull, "too many nodes are joining at once: try again"}})
		return
	}
	k.joiners = append(k.joiners, joinerWaiting{call: in.Call, joiner: identityOf(in.Member), until: c.now.Mono + joinPatience})
}

// joinList is the table for a joiner, this node's row first. Who has gone is none of its
// business, but for its own former life, which it has to outbid.
func (c *Core) joinList(joiner swim.NodeID) []swim.Member {
	rows := []swim.Member{c.self()}
	for _, m := range c.table.rows {
		if m.ID != c.cfg.Self.ID && (!isGone(*m) || m.ID == joiner) {
			rows = append(rows, *m)
		}
	}
	return fit(rows)
}

// answerLateJoiners tells a joiner which of its ports could not be reached.
func (c *Core) answerLateJoiners(k *contact) {
	waiting := len(k.joiners)
	if waiting == 0 {
		return
	}
	why := Refusal{RefusedUnreachable, k.unreachableText()}
	k.joiners = slices.DeleteFunc(k.joiners, func(j joinerWaiting) bool {
		late := c.now.Mono >= j.until
		if late {
			c.do(AnswerJoin{Call: j.call, Refusal: why})
		}
		return late
	})
	if len(k.joiners) < waiting {
		c.do(Event{Kind: ContactRefused, Member: k.claim.id, Detail: why.Text, Trace: k.trace})
	}
}

const advertiseCure = "set SWIM_ADVERTISE_HOST to a name or address of yours that I can reach"

func (k *contact) unreachableText() string {
	switch {
	case k.record.ID == "":
		return fmt.Sprintf("I cannot reach your disseminator at %s: %s", k.disseminator, advertiseCure)
	case k.detector.id == "" && k.missed != 0:
		return fmt.Sprintf("I cannot reach your detector at %s (%s): is it running? If it is, %s", k.address, k.missed, advertiseCure)
	case k.detector.id == "":
		return fmt.Sprintf("your detector at %s has not been met yet, or has not met its disseminator", k.address)
	default:
		return fmt.Sprintf("at %s I met node %s, at %s node %s: %s", k.address, k.detector.id, k.disseminator, k.record.ID, advertiseCure)
	}
}

// joiner is this node's own way in, if it has bootstrap addresses: all are asked at once,
// again and again while this node knows nobody else. They stay anchors afterwards: one at
// which no live member is known is asked again for ever, at a low rate, so that two groups
// that have lost sight of each other meet.
type joiner struct {
	calls    []joinCall
	met      map[swim.Address]swim.NodeID // who has answered there
	deadline time.Duration
	backoff  time.Duration
	trace    swim.TraceID
}

type joinCall struct {
	number  CallNumber
	address swim.Address
}

// next is when to run again; while calls are out their ends come first.
func (j *joiner) next() time.Duration {
	if len(j.calls) > 0 {
		return never
	}
	return j.deadline
}

// joined: others have this node in their tables, and at least one of them is live.
func (c *Core) joined() bool { return c.admitted && c.table.live(c.cfg.Self.ID) > 0 }

func (c *Core) runJoin() {
	j := &c.join
	if len(c.cfg.Bootstrap) == 0 || c.farewell.started {
		j.deadline = never
	}
	if c.now.Mono < j.deadline || len(j.calls) > 0 {
		return
	}
	j.deadline = c.now.Mono + joinBackoffMax
	joined := c.joined()
	j.trace = c.newTrace()
	for _, address := range c.cfg.Bootstrap {
		if address == c.cfg.Self.DisseminatorAddress || joined && c.isAnchored(address) {
			continue
		}
		call := joinCall{number: c.newCall(), address: address}
		j.calls = append(j.calls, call)
		c.do(Join{Number: call.number, Address: address, Member: c.self(), Timeout: joinTimeout, Trace: j.trace})
	}
}

// isAnchored: a live member has answered at that bootstrap address.
func (c *Core) isAnchored(address swim.Address) bool {
	row, known := c.table.get(c.join.met[address])
	return known && row.State.Live()
}

// joinEnded is the outcome of one Join.
func (c *Core) joinEnded(in JoinEnded) {
	j := &c.join
	i := slices.IndexFunc(j.calls, func(call joinCall) bool { return call.number == in.Number })
	if i < 0 {
		return
	}
	address := j.calls[i].address
	j.calls = slices.Delete(j.calls, i, i+1)
	switch {
	case in.Conflict:
		c.do(Halt{Why: in.Why})
	case in.Why != "":
		if c.joined() {
			return // another bootstrap node has admitted this one
		}
		if len(j.calls) == 0 {
			j.backoff = min(max(2*j.backoff, joinBackoff), joinBackoffMax)
			j.deadline = c.now.Mono + c.jitter(j.backoff)
		}
		c.do(Event{Kind: JoinFailed, Member: c.cfg.Self.ID, Trace: j.trace,
			Detail: fmt.Sprintf("through %s: %s; will keep trying", address, in.Why)})
	default:
		j.backoff, c.admitted = 0, true
		c.learnAll(in.Members, told{synced: true}, j.trace)
		// While many join at once the tables of those who admit them differ for a moment: compare
		// with another member soon.
		c.nextSync = min(c.nextSync, c.now.Mono+c.jitter(c.interval()/2))
		if len(in.Members) > 0 {
			j.met[address] = in.Members[0].ID // the first row is the answering node's
		}
		c.do(Event{Kind: JoinSucceeded, Member: c.cfg.Self.ID, Detail: "through " + string(address), Trace: j.trace})
	}
}
