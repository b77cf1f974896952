package wire

import (
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Report is what a detector tells its own disseminator: PingMissed, Unreachable, Heard,
// Reached, Missed or ViewsDiffer.
type Report interface{ proto() *swimpb.ProbeReport }

type (
	// PingMissed reports a member that did not answer the direct ping in time.
	PingMissed struct {
		Member      swim.NodeID
		Incarnation swim.Incarnation
		Instance    swim.Instance
	}
	// Heard reports a suspect that has called, or that a proxy has reached.
	Heard struct {
		Member      swim.NodeID
		Incarnation swim.Incarnation
		Instance    swim.Instance
	}
	// ViewsDiffer reports a peer with other live members, though both views are settled.
	ViewsDiffer struct{ Peer swim.NodeID }
	// Unreachable reports a member that answered on no path.
	Unreachable struct {
		Member      swim.NodeID
		Incarnation swim.Incarnation
		Instance    swim.Instance
		Paths       []swim.Path
		CrashSeen   bool // its connection was closed, and two fresh ones were refused
	}
	// Reached reports who answered at an address: a contact, or a member under a new
	// instance.
	Reached struct {
		Address   swim.Address // of the detector that was dialled
		Responder swim.Member  // its ID is empty if it did not say
	}
	// Missed reports a contact that did not answer.
	Missed struct {
		Address  swim.Address
		Evidence swim.Evidence
	}
)

func (r PingMissed) proto() *swimpb.ProbeReport {
	return &swimpb.ProbeReport{Report: &swimpb.ProbeReport_PingMissed{PingMissed: &swimpb.PingMissedReport{
		MemberId:    string(r.Member),
		Incarnation: uint64(r.Incarnation),
		Instance:    uint64(r.Instance),
	}}}
}

func (r Heard) proto() *swimpb.ProbeReport {
	return &swimpb.ProbeReport{Report: &swimpb.ProbeReport_Heard{Heard: &swimpb.HeardReport{
		MemberId:    string(r.Member),
		Incarnation: uint64(r.Incarnation),
		Instance:    uint64(r.Instance),
	}}}
}

func (r ViewsDiffer) proto() *swimpb.ProbeReport {
	return &swimpb.ProbeReport{Report: &swimpb.ProbeReport_ViewsDiffer{ViewsDiffer: &swimpb.ViewsDifferReport{
		PeerId: string(r.Peer),
	}}}
}

func (r Unreachable) proto() *swimpb.ProbeReport {
	return &swimpb.ProbeReport{Report: &swimpb.ProbeReport_Unreachable{Unreachable: &swimpb.UnreachableReport{
		MemberId:    string(r.Member),
		Incarnation: uint64(r.Incarnation),
		Instance:    uint64(r.Instance),
		Paths:       fromEach(r.Paths, FromPath),
		CrashSeen:   r.CrashSeen,
	}}}
}

func (r Reached) proto() *swimpb.ProbeReport {
	return &swimpb.ProbeReport{Report: &swimpb.ProbeReport_Reached{Reached: &swimpb.ReachedReport{
		Address:   string(r.Address),
		Responder: fromOptionalMember(r.Responder),
	}}}
}

func (r Missed) proto() *swimpb.ProbeReport {
	return &swimpb.ProbeReport{Report: &swimpb.ProbeReport_Missed{Missed: &swimpb.MissedReport{
		Address:  string(r.Address),
		Evidence: FromEvidence(r.Evidence),
	}}}
}

func parseReport(sent *swimpb.ProbeReport) (Report, error) {
	var c check
	var report Report
	switch r := sent.GetReport().(type) {
	case *swimpb.ProbeReport_PingMissed:
		report = PingMissed{
			Member:      c.id("ping_missed.member_id", r.PingMissed.GetMemberId()),
			Incarnation: c.incarnation("ping_missed.incarnation", r.PingMissed.GetIncarnation()),
			Instance:    c.instance("ping_missed.instance", r.PingMissed.GetInstance()),
		}
	case *swimpb.ProbeReport_Heard:
		report = Heard{
			Member:      c.id("heard.member_id", r.Heard.GetMemberId()),
			Incarnation: c.incarnation("heard.incarnation", r.Heard.GetIncarnation()),
			Instance:    c.instance("heard.instance", r.Heard.GetInstance()),
		}
	case *swimpb.ProbeReport_ViewsDiffer:
		report = ViewsDiffer{Peer: c.id("views_differ.peer_id", r.ViewsDiffer.GetPeerId())}
	case *swimpb.ProbeReport_Unreachable:
		report = c.unreachable(r.Unreachable)
	case *swimpb.ProbeReport_Reached:
		report = Reached{
			Address:   c.address("reached.address", r.Reached.GetAddress()),
			Responder: c.optionalRecord("reached.responder", r.Reached.GetResponder()),
		}
	case *swimpb.ProbeReport_Missed:
		report = Missed{
			Address:  c.address("missed.address", r.Missed.GetAddress()),
			Evidence: c.evidence("missed.evidence", r.Missed.GetEvidence()),
		}
	default:
		c.fail("report", "none that this version knows is set")
	}
	return checked(&c, report)
}

// unreachable refuses one proxy's word twice; the target itself may be dialled repeatedly.
func (c *check) unreachable(sent *swimpb.UnreachableReport) Unreachable {
	return Unreachable{
		Member:      c.id("unreachable.member_id", sent.GetMemberId()),
		Incarnation: c.incarnation("unreachable.incarnation", sent.GetIncarnation()),
		Instance:    c.instance("unreachable.instance", sent.GetInstance()),
		Paths: rows(c, "unreachable.paths", sent.GetPaths(), ToPath,
			func(p swim.Path) string { return string(p.Proxy) }),
		CrashSeen: sent.GetCrashSeen(),
	}
}
