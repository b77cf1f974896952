package wire

import (
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Lease is one message of Attach: the sender's loop turns.
type Lease struct {
	Number   uint64 // counts up by one, from 1
	Stopping bool   // the sender is about to stop in order; its last lease
	Unwell   bool   // most of its latest pings were never answered
}

// Proto returns the message.
func (l Lease) Proto() *swimpb.AttachRequest {
	return &swimpb.AttachRequest{Lease: l.Number, Stopping: l.Stopping, Unwell: l.Unwell}
}

// ParseLease checks a message of Attach.
func ParseLease(sent *swimpb.AttachRequest) (Lease, error) {
	var c check
	if sent.GetLease() == 0 {
		c.fail("lease", "leases count up from 1")
	}
	return checked(&c, Lease{Number: sent.GetLease(), Stopping: sent.GetStopping(), Unwell: sent.GetUnwell()})
}

// ParseExplain returns the member to explain.
func ParseExplain(sent *swimpb.ExplainRequest) (swim.NodeID, error) {
	var c check
	return checked(&c, c.id("member_id", sent.GetMemberId()))
}

// ParseForget returns the member to forget.
func ParseForget(sent *swimpb.ForgetRequest) (swim.NodeID, error) {
	var c check
	return checked(&c, c.id("member_id", sent.GetMemberId()))
}

// ParseSetTags returns the tags to set; nil for none.
func ParseSetTags(sent *swimpb.SetTagsRequest) (map[string]string, error) {
	var c check
	return checked(&c, c.tags("tags", sent.GetTags()))
}

// NodeStatus says which node answers, and how it is.
type NodeStatus struct {
	ID          swim.NodeID
	Cluster     string
	Instance    swim.Instance
	Incarnation swim.Incarnation
	Version     string
	// Detector is "up", or why the node's detector counts as down.
	Detector string
	Digest   swim.Digest // of its table
	// PartitionSuspected: most members are suspect together.
	PartitionSuspected bool
}

// Proto returns the message.
func (n NodeStatus) Proto() *swimpb.NodeStatus {
	return &swimpb.NodeStatus{
		Id:          string(n.ID),
		Cluster:     n.Cluster,
		Instance:    uint64(n.Instance),
		Incarnation: uint64(n.Incarnation),
		Version:     n.Version,
		Detector:    n.Detector,
		Digest:      fromDigest(n.Digest),

		PartitionSuspected: n.PartitionSuspected,
	}
}

func parseNodeStatus(sent *swimpb.NodeStatus) (NodeStatus, error) {
	var c check
	return checked(&c, NodeStatus{
		ID:          c.id("id", sent.GetId()),
		Cluster:     c.text("cluster", sent.GetCluster(), MaxTextBytes),
		Instance:    c.instance("instance", sent.GetInstance()),
		Incarnation: c.incarnation("incarnation", sent.GetIncarnation()),
		Version:     c.text("version", sent.GetVersion(), MaxTextBytes),
		Detector:    c.text("detector", sent.GetDetector(), maxReasonBytes),
		Digest:      c.digest("digest", sent.GetDigest()),

		PartitionSuspected: sent.GetPartitionSuspected(),
	})
}

// ParseListRequest returns the token of the page to list; "" for the first.
func ParseListRequest(sent *swimpb.ListMembersRequest) (pageToken string, err error) {
	var c check
	return checked(&c, c.text("page_token", sent.GetPageToken(), maxTokenBytes))
}

// List is one page of the table of one node, contacts included, as of the change numbered
// Revision.
type List struct {
	Node      NodeStatus
	Members   []swim.Member
	Revision  uint64
	NextToken string // of the next page; "" on the last
}

// Proto returns the message.
func (l List) Proto() *swimpb.ListMembersResponse {
	return &swimpb.ListMembersResponse{
		Node: l.Node.Proto(), Members: FromMembers(l.Members), Revision: l.Revision, NextPageToken: l.NextToken,
	}
}

// ParseList checks the answer of ListMembers.
func ParseList(sent *swimpb.ListMembersResponse) (List, error) {
	var c check
	node, err := parseNodeStatus(sent.GetNode())
	c.within("node", err)
	return checked(&c, List{
		Node:      node,
		Members:   c.tableRows("members", sent.GetMembers()),
		Revision:  sent.GetRevision(),
		NextToken: c.text("next_page_token", sent.GetNextPageToken(), maxTokenBytes),
	})
}
