package wire

import (
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Join asks to be admitted.
type Join struct {
	ID      swim.NodeID
	Address swim.Address // of the joining node's detector
	// Member is the joining node's own row, with the same ID and Address. Its ID is empty
	// if the peer is of the seed's family.
	Member swim.Member
}

// Proto returns the message.
func (j Join) Proto() *swimpb.JoinRequest {
	return &swimpb.JoinRequest{
		NewNodeId:      string(j.ID),
		NewNodeAddress: string(j.Address),
		Member:         fromOptionalMember(j.Member),
	}
}

// ParseJoin checks the request of a joining node.
func ParseJoin(sent *swimpb.JoinRequest) (Join, error) {
	var c check
	j := Join{
		ID:      c.id("new_node_id", sent.GetNewNodeId()),
		Address: c.address("new_node_address", sent.GetNewNodeAddress()),
		Member:  c.optionalRecord("member", sent.GetMember()),
	}
	if sent.GetMember() != nil && j.Member.ID != j.ID {
		c.fail("member.id", "%s is not the new_node_id %s", j.Member.ID, j.ID)
	}
	if sent.GetMember() != nil && j.Member.DetectorAddress != j.Address {
		c.fail("member.detector_address", "%s is not the new_node_address %s", j.Member.DetectorAddress, j.Address)
	}
	return checked(&c, j)
}

// JoinAnswer is what an admitted node learns.
type JoinAnswer struct {
	// Addresses of the detectors of all live members, the answering node's included.
	Addresses []swim.Address
	// Members is the table, the answering node's row first. Empty from a peer of the
	// seed's family.
	Members []swim.Member
}

// Proto returns the message.
func (a JoinAnswer) Proto() *swimpb.JoinResponse {
	return &swimpb.JoinResponse{
		Membership: fromEach(a.Addresses, func(a swim.Address) string { return string(a) }),
		Members:    FromMembers(a.Members),
	}
}

// ParseJoinAnswer checks the answer to a Join.
func ParseJoinAnswer(sent *swimpb.JoinResponse) (JoinAnswer, error) {
	var c check
	return checked(&c, JoinAnswer{
		Addresses: rows(&c, "membership", sent.GetMembership(), parseAddress, func(swim.Address) string { return "" }),
		Members:   c.records("members", sent.GetMembers()),
	})
}

// parseAddress checks an entry of a list, which has no name of its own.
func parseAddress(s string) (swim.Address, error) {
	var c check
	return checked(&c, c.address("", s))
}

// parseID checks an entry of a list, which has no name of its own.
func parseID(s string) (swim.NodeID, error) {
	var c check
	return checked(&c, c.id("", s))
}
