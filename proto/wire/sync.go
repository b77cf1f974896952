package wire

import (
	"fmt"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Sync compares one page of two tables.
type Sync struct {
	// Sender is the calling node's own row.
	Sender swim.Member
	// Summaries has one entry for every row of the caller in the Range.
	Summaries []swim.Summary
	Range     *Range // nil: nothing is compared, Members are handed over
	// Members are the rows that the callee asked for in its last answer.
	Members []swim.Member
}

// Proto returns the message.
func (s Sync) Proto() *swimpb.SyncRequest {
	return &swimpb.SyncRequest{
		Sender:    FromMember(s.Sender),
		Summaries: fromEach(s.Summaries, FromSummary),
		Range:     s.Range.proto(),
		Members:   FromMembers(s.Members),
	}
}

// ParseSync checks a page, or the rows that are handed over.
func ParseSync(sent *swimpb.SyncRequest) (Sync, error) {
	var c check
	s := Sync{
		Sender: c.record("sender", sent.GetSender()),
		Range:  c.idRange("range", sent.GetRange()),
		Summaries: rows(&c, "summaries", sent.GetSummaries(), ToSummary,
			func(s swim.Summary) string { return string(s.ID) }),
		Members: c.records("members", sent.GetMembers()),
	}
	for i, summary := range s.Summaries {
		if s.Range == nil || !s.Range.Contains(summary.ID) {
			c.fail(fmt.Sprintf("summaries[%d].id", i), "%s is outside the range", summary.ID)
		}
	}
	return checked(&c, s)
}

// SyncAnswer ends the comparison of a page.
type SyncAnswer struct {
	// Responder is the answering node's own row.
	Responder swim.Member
	// Newer are the rows that the caller lacks or holds older.
	Newer []swim.Member
	// Wanted are the ids whose rows the answering node lacks or holds older.
	Wanted []swim.NodeID
}

// Proto returns the message.
func (a SyncAnswer) Proto() *swimpb.SyncResponse {
	return &swimpb.SyncResponse{
		Responder: FromMember(a.Responder),
		Newer:     FromMembers(a.Newer),
		Wanted:    fromEach(a.Wanted, func(id swim.NodeID) string { return string(id) }),
	}
}

// ParseSyncAnswer checks the answer to a Sync. Whether its rows and ids lie in the range
// that was asked for is the caller's to see.
func ParseSyncAnswer(sent *swimpb.SyncResponse) (SyncAnswer, error) {
	var c check
	return checked(&c, SyncAnswer{
		Responder: c.record("responder", sent.GetResponder()),
		Newer:     c.records("newer", sent.GetNewer()),
		Wanted:    rows(&c, "wanted", sent.GetWanted(), parseID, func(id swim.NodeID) string { return string(id) }),
	})
}
