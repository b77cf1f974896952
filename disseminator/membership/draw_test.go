package membership_test

import (
	"slices"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// input draws one thing that can come from outside.
func (d *driver) input() membership.Input {
	c := &d.choices
	switch c.n(22) {
	case 0, 1, 2:
		return d.newsReceived()
	case 3:
		return membership.BareAccusationReceived{Call: d.request(), TargetID: pick(c, swim.NodeID(""), "1", "2", "9"), TargetAddress: d.member().DetectorAddress}
	case 4, 5:
		return d.joinReceived()
	case 6, 7:
		return d.syncReceived()
	case 8, 9:
		return d.verdict()
	case 10, 11, 12:
		m := d.member()
		return membership.ContactReached{Address: pick(c, m.DetectorAddress, m.DetectorAddress, d.member().DetectorAddress), Responder: m}
	case 13:
		return membership.ContactMissed{Address: d.member().DetectorAddress, Evidence: swim.Refused}
	case 14, 15, 16:
		return membership.LeaseReceived{Stopping: c.n(6) == 0}
	case 17:
		return membership.DetectorDetached{Why: "reset"}
	case 18:
		m := d.held()
		if c.n(2) == 0 {
			return membership.SuspectHeard{Suspect: m.ID, Incarnation: m.Incarnation, Instance: m.Instance}
		}
		return membership.PingMissed{Target: m.ID, Incarnation: m.Incarnation, Instance: m.Instance}
	case 19:
		return membership.ViewsDiffer{Peer: pick(c, swim.NodeID("1"), "2", "3", "4", "9")}
	case 20:
		return membership.TagsRequested{Call: d.request(), Tags: map[string]string{"k": pick(c, "a", "b")}}
	default:
		return d.operatorInput()
	}
}

func (d *driver) operatorInput() membership.Input {
	switch d.choices.n(8) {
	case 0:
		return membership.StopRequested{}
	case 1:
		return membership.LeaveRequested{Call: d.request()}
	default:
		return membership.ForgetRequested{Call: d.request(), ID: pick(&d.choices, swim.NodeID("2"), "3", "4", "9")}
	}
}

func (d *driver) request() membership.Call {
	d.calls++
	return d.calls
}

func (d *driver) joinReceived() membership.Input {
	m := d.member()
	if d.choices.n(5) == 0 { // of the seed's family
		return membership.JoinReceived{Call: d.request(), Address: m.DetectorAddress}
	}
	m.State = swim.Alive
	return membership.JoinReceived{Call: d.request(), Address: m.DetectorAddress, Member: m}
}

func (d *driver) syncReceived() membership.Input {
	in := membership.SyncReceived{Call: d.request(), Sender: d.member(), Members: d.members(d.choices.n(3))}
	if d.choices.n(3) > 0 {
		in.Range = &membership.IDRange{From: pick(&d.choices, swim.NodeID(""), "3"), To: pick(&d.choices, swim.NodeID(""), "5")}
	}
	for _, m := range d.members(d.choices.n(4)) {
		in.Summaries = append(in.Summaries, m.Summary())
	}
	return in
}

func (d *driver) newsReceived() membership.Input {
	c := &d.choices
	in := membership.NewsReceived{
		Call: d.request(), Sender: pick(c, swim.NodeID("2"), "3", "4", "9"), Members: d.members(c.n(4)), Accusation: c.n(2) == 0,
	}
	for range c.n(3) {
		m := d.held()
		in.Confirmations = append(in.Confirmations, swim.Confirmation{
			ID: m.ID, Incarnation: m.Incarnation, Instance: m.Instance, Heard: c.n(3) == 0,
		})
	}
	if d.heads && !in.Accusation && c.n(2) == 0 {
		in.Serve = &swim.HashRanges(1)[c.n(2)]
	}
	return in
}

func (d *driver) verdict() membership.Input {
	m := d.held()
	return membership.TargetUnreachable{
		Target: m.ID, Incarnation: m.Incarnation, Instance: m.Instance,
		Paths: []swim.Path{{Evidence: pick(&d.choices, swim.Silent, swim.Silent, swim.Refused, swim.HalfDown)}},
	}
}

// held is most often a row as it stands.
func (d *driver) held() swim.Member {
	m := d.member()
	rows := slices.DeleteFunc(d.core.Snapshot().Members, func(m swim.Member) bool { return m.ID == "1" || !m.State.Live() })
	if len(rows) > 0 && d.choices.n(4) > 0 {
		m = rows[d.choices.n(len(rows))]
	}
	if m.ID == "1" { // no detector probes itself
		m.ID = "2"
	}
	return m
}

func (d *driver) members(count int) (all []swim.Member) {
	for range count {
		all = append(all, d.member())
	}
	return all
}

// member draws a record: new, or one that was drawn before, since agreement has to happen.
func (d *driver) member() swim.Member {
	c := &d.choices
	if len(d.known) > 0 && c.n(2) == 0 {
		m := d.known[c.n(len(d.known))]
		if c.n(3) == 0 {
			m.State = pick(c, swim.Alive, swim.Suspect, swim.Failed, swim.Left, swim.Forgotten)
		}
		return m
	}
	m := member(pick(c, swim.NodeID("1"), "2", "3", "4", "5", "6"))
	self := d.core.Snapshot().Self
	m.State = pick(c, swim.Alive, swim.Alive, swim.Alive, swim.Suspect, swim.Failed, swim.Left, swim.Forgotten)
	m.Incarnation = pick(c, 1, oldIncarnation, oldIncarnation, oldIncarnation+1, oldIncarnation+2,
		self.Incarnation, self.Incarnation+1, self.Incarnation+1000, oldIncarnation+swim.MaxIncarnationJump+1, swim.MaxIncarnation)
	m.Instance += swim.Instance(c.n(3))
	m.Accuser = pick(c, swim.NodeID(""), "1", "2")
	m.Reason = pick(c, swim.Joined, swim.Unreachable, swim.Unreachable, swim.DetectorDown, swim.DisseminatorDown, swim.Crashed)
	switch c.n(6) {
	case 0:
		moved(&m)
	case 1:
		other := member(pick(c, swim.NodeID("1"), "2", "3"))
		m.DetectorAddress, m.DisseminatorAddress = other.DetectorAddress, other.DisseminatorAddress
	}
	if len(d.known) < 200 {
		d.known = append(d.known, m)
	}
	return m
}

// responderAt is who answers at a disseminator's address: this node at its own, else
// somebody who says that it is there, if anybody has.
func (d *driver) responderAt(at swim.Address) swim.Member {
	self := d.core.Snapshot().Self
	if at == self.DisseminatorAddress {
		return self
	}
	there := slices.DeleteFunc(slices.Clone(d.known), func(m swim.Member) bool { return m.DisseminatorAddress != at })
	if len(there) == 0 || d.choices.n(5) == 0 {
		return d.member()
	}
	return there[d.choices.n(len(there))]
}

// answerBound is how long a request may wait for its answer: a joiner waits the longest.
const answerBound = 5 * time.Second
