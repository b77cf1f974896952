package wire

import (
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Ping asks a detector whether it is the target, and alive.
type Ping struct {
	Sender         swim.NodeID
	Target         Target
	TargetInstance swim.Instance // 0: any
	Nonce          uint64        // echoed in the answer
	SenderInstance swim.Instance // 0: not known
	Digest         swim.Digest   // a zero hash: not sent
	// DisseminatorDown: the sender's own disseminator is dead or frozen.
	DisseminatorDown bool
}

// Proto returns the message.
func (p Ping) Proto() *swimpb.PingRequest {
	return &swimpb.PingRequest{
		SenderId:         string(p.Sender),
		TargetId:         p.Target.String(),
		TargetInstance:   uint64(p.TargetInstance),
		Nonce:            p.Nonce,
		SenderInstance:   uint64(p.SenderInstance),
		Digest:           fromDigest(p.Digest),
		DisseminatorDown: p.DisseminatorDown,
	}
}

// ParsePing checks a ping.
func ParsePing(sent *swimpb.PingRequest) (Ping, error) {
	var c check
	return checked(&c, Ping{
		Sender:           c.id("sender_id", sent.GetSenderId()),
		Target:           c.target("target_id", sent.GetTargetId()),
		TargetInstance:   swim.Instance(sent.GetTargetInstance()),
		Nonce:            sent.GetNonce(),
		SenderInstance:   swim.Instance(sent.GetSenderInstance()),
		Digest:           c.digest("digest", sent.GetDigest()),
		DisseminatorDown: sent.GetDisseminatorDown(),
	})
}

// PingAnswer answers a Ping.
type PingAnswer struct {
	// IsAlive: the answering node is the one that was meant.
	IsAlive bool
	// Responder is the answering node's own row. Its ID is empty if the peer did not say:
	// one of the seed's family, or one that has not met its disseminator yet.
	Responder swim.Member
	Nonce     uint64
	Digest    swim.Digest // a zero hash: not sent
	// DisseminatorDown: the answering node's own disseminator is dead or frozen.
	DisseminatorDown bool
}

// Proto returns the message.
func (a PingAnswer) Proto() *swimpb.PingResponse {
	return &swimpb.PingResponse{
		IsAlive:          a.IsAlive,
		Responder:        fromOptionalMember(a.Responder),
		Nonce:            a.Nonce,
		Digest:           fromDigest(a.Digest),
		DisseminatorDown: a.DisseminatorDown,
	}
}

// ParsePingAnswer checks the answer to a Ping.
func ParsePingAnswer(sent *swimpb.PingResponse) (PingAnswer, error) {
	var c check
	return checked(&c, PingAnswer{
		IsAlive:          sent.GetIsAlive(),
		Responder:        c.optionalRecord("responder", sent.GetResponder()),
		Nonce:            sent.GetNonce(),
		Digest:           c.digest("digest", sent.GetDigest()),
		DisseminatorDown: sent.GetDisseminatorDown(),
	})
}

// IndirectPing asks a proxy to ping the target.
type IndirectPing struct {
	Requester      swim.NodeID
	Target         Target
	TargetInstance swim.Instance // 0: any
	Nonce          uint64        // echoed in the answer
}

// Proto returns the message.
func (p IndirectPing) Proto() *swimpb.IndirectPingRequest {
	return &swimpb.IndirectPingRequest{
		RequesterId:    string(p.Requester),
		TargetId:       p.Target.String(),
		TargetInstance: uint64(p.TargetInstance),
		Nonce:          p.Nonce,
	}
}

// ParseIndirectPing checks an indirect ping. Its list of proxies is not looked into: the
// receiver is the only proxy that matters.
func ParseIndirectPing(sent *swimpb.IndirectPingRequest) (IndirectPing, error) {
	var c check
	return checked(&c, IndirectPing{
		Requester:      c.id("requester_id", sent.GetRequesterId()),
		Target:         c.target("target_id", sent.GetTargetId()),
		TargetInstance: swim.Instance(sent.GetTargetInstance()),
		Nonce:          sent.GetNonce(),
	})
}

// IndirectPingAnswer says how the proxy's ping ended.
type IndirectPingAnswer struct {
	// Evidence is Acked if the target answered the proxy; anything else is a nack.
	Evidence swim.Evidence
	Nonce    uint64
	// TargetInstance is the instance that answered the proxy; 0 if none did, or if the
	// proxy did not say.
	TargetInstance swim.Instance
}

// Proto returns the message.
func (a IndirectPingAnswer) Proto() *swimpb.IndirectPingResponse {
	return &swimpb.IndirectPingResponse{
		Success:        a.Evidence == swim.Acked,
		Evidence:       FromEvidence(a.Evidence),
		Nonce:          a.Nonce,
		TargetInstance: uint64(a.TargetInstance),
	}
}

// ParseIndirectPingAnswer checks the answer to an IndirectPing. A proxy of the seed's
// family says only whether the target answered: Acked, or else Silent.
func ParseIndirectPingAnswer(sent *swimpb.IndirectPingResponse) (IndirectPingAnswer, error) {
	var c check
	answer := IndirectPingAnswer{Nonce: sent.GetNonce(), TargetInstance: swim.Instance(sent.GetTargetInstance())}
	switch {
	case sent.GetEvidence() != swimpb.Evidence_EVIDENCE_UNSPECIFIED:
		answer.Evidence = c.evidence("evidence", sent.GetEvidence())
		if sent.GetSuccess() != (answer.Evidence == swim.Acked) {
			c.fail("success", "%t contradicts %s", sent.GetSuccess(), sent.GetEvidence())
		}
	case sent.GetSuccess():
		answer.Evidence = swim.Acked
	default:
		answer.Evidence = swim.Silent
	}
	return checked(&c, answer)
}
