package wire

import (
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Dissemination is news: rows from another disseminator, or reports from the node's own
// detector, or the one accusation that a peer of the seed's family can make.
type Dissemination struct {
	Sender swim.NodeID
	// Failed is whom a peer of the seed's family could not reach; zero if it names nobody.
	Failed  Target
	Members []swim.Member
	Reports []Report
	// Accusation: hold the answer until the own detector's lease has come or the deadline
	// is near.
	Accusation bool
	// Confirmations are what the sender's own detector has found about suspects.
	Confirmations []swim.Confirmation
	// Serve asks a head to tell Members to everybody in the range; nil asks nothing.
	Serve *swim.HashRange
}

// Proto returns the message.
func (d Dissemination) Proto() *swimpb.DisseminationRequest {
	return &swimpb.DisseminationRequest{
		SenderId:     string(d.Sender),
		FailedNodeId: d.Failed.String(),
		Members:      FromMembers(d.Members),
		Reports:      fromEach(d.Reports, Report.proto),
		Accusation:   d.Accusation,

		Confirmations: fromEach(d.Confirmations, fromConfirmation),
		Serve:         fromHashRange(d.Serve),
	}
}

// ParseDissemination checks news. Each member stands in it once; reports are events, so
// that several may be about one member.
func ParseDissemination(sent *swimpb.DisseminationRequest) (Dissemination, error) {
	var c check
	c.serves(sent)
	return checked(&c, Dissemination{
		Sender:     c.id("sender_id", sent.GetSenderId()),
		Failed:     c.optionalTarget("failed_node_id", sent.GetFailedNodeId()),
		Members:    c.records("members", sent.GetMembers()),
		Reports:    rows(&c, "reports", sent.GetReports(), parseReport, func(Report) string { return "" }),
		Accusation: sent.GetAccusation(),
		Confirmations: rows(&c, "confirmations", sent.GetConfirmations(), toConfirmation,
			func(f swim.Confirmation) string { return string(f.ID) }),
		Serve: c.hashRange("serve", sent.GetServe()),
	})
}

// serves: a range is asked for together with rows for it, and with nothing that is answered
// in another way.
func (c *check) serves(sent *swimpb.DisseminationRequest) {
	switch {
	case sent.GetServe() == nil:
	case len(sent.GetMembers()) == 0:
		c.fail("serve", "a range is served with rows, and members has none")
	case sent.GetAccusation(), len(sent.GetReports()) > 0, sent.GetFailedNodeId() != "":
		c.fail("serve", "a range is served with rows alone, not with an accusation, reports or failed_node_id")
	}
}

// DisseminationAnswer answers a Dissemination.
type DisseminationAnswer struct {
	// Success: the news was taken, or was known already.
	Success bool
	// Newer has, for each stale row of the news, the row that beats it.
	Newer []swim.Member
	// DetectorDown answers an accusation: the disseminator is here, its detector is not.
	DetectorDown bool
	// Unwell answers an accusation: the node is here, and does not vouch for itself.
	Unwell bool
	// Who answers; a peer of the seed's family does not say.
	ResponderID       swim.NodeID
	ResponderInstance swim.Instance
	// Served answers Serve: the range has been told.
	Served bool
}

// Proto returns the message.
func (a DisseminationAnswer) Proto() *swimpb.DisseminationResponse {
	return &swimpb.DisseminationResponse{
		Success:      a.Success,
		Newer:        FromMembers(a.Newer),
		DetectorDown: a.DetectorDown,
		Unwell:       a.Unwell,

		ResponderId: string(a.ResponderID), ResponderInstance: uint64(a.ResponderInstance),
		Served: a.Served,
	}
}

// ParseDisseminationAnswer checks the answer to a Dissemination.
func ParseDisseminationAnswer(sent *swimpb.DisseminationResponse) (DisseminationAnswer, error) {
	var c check
	return checked(&c, DisseminationAnswer{
		Success:      sent.GetSuccess(),
		Newer:        c.records("newer", sent.GetNewer()),
		DetectorDown: sent.GetDetectorDown(),
		Unwell:       sent.GetUnwell(),

		ResponderID:       c.optionalID("responder_id", sent.GetResponderId()),
		ResponderInstance: swim.Instance(sent.GetResponderInstance()),
		Served:            sent.GetServed(),
	})
}
