package wire

import (
	"strings"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Target names a node by its id or by the address of its detector, which is what peers of
// the seed's family put into fields for ids. Exactly one of the two is set; none at all
// where a message need not name a node.
type Target struct {
	ID      swim.NodeID
	Address swim.Address
}

// String returns what goes on the wire.
func (t Target) String() string {
	if t.ID != "" {
		return string(t.ID)
	}
	return string(t.Address)
}

// target tells the two apart by the colon, which every address has and no id may have.
func (c *check) target(field, s string) Target {
	if strings.Contains(s, ":") {
		return Target{Address: c.address(field, s)}
	}
	return Target{ID: c.id(field, s)}
}

func (c *check) optionalTarget(field, s string) Target {
	if s == "" {
		return Target{}
	}
	return c.target(field, s)
}

// FromSummary converts a summary.
func FromSummary(s swim.Summary) *swimpb.Summary {
	return &swimpb.Summary{
		Id:          string(s.ID),
		Incarnation: uint64(s.Incarnation),
		State:       FromState(s.State),
		Instance:    uint64(s.Instance),
	}
}

// ToSummary checks a summary. Contacts are refused.
func ToSummary(sent *swimpb.Summary) (swim.Summary, error) {
	var c check
	return checked(&c, swim.Summary{
		ID:          c.id("id", sent.GetId()),
		Incarnation: c.incarnation("incarnation", sent.GetIncarnation()),
		State:       c.recordState("state", sent.GetState()),
		Instance:    c.instance("instance", sent.GetInstance()),
	})
}

// FromPath converts a path.
func FromPath(p swim.Path) *swimpb.Path {
	return &swimpb.Path{ProxyId: string(p.Proxy), Evidence: FromEvidence(p.Evidence)}
}

// ToPath checks a path.
func ToPath(sent *swimpb.Path) (swim.Path, error) {
	var c check
	return checked(&c, swim.Path{
		Proxy:    c.optionalID("proxy_id", sent.GetProxyId()),
		Evidence: c.evidence("evidence", sent.GetEvidence()),
	})
}

// Range is the half-open range [From, To) of ids that a page of a Sync covers, in byte
// order. Empty means: from the beginning, to the end. The zero Range covers all.
type Range struct{ From, To swim.NodeID }

// Contains reports whether id lies in the range.
func (r Range) Contains(id swim.NodeID) bool {
	return id >= r.From && (r.To == "" || id < r.To)
}

func (r *Range) proto() *swimpb.IdRange {
	if r == nil {
		return nil
	}
	return &swimpb.IdRange{From: string(r.From), To: string(r.To)}
}

func (c *check) idRange(field string, sent *swimpb.IdRange) *Range {
	if sent == nil {
		return nil
	}
	r := &Range{
		From: c.optionalID(field+".from", sent.GetFrom()),
		To:   c.optionalID(field+".to", sent.GetTo()),
	}
	if r.To != "" && r.To <= r.From {
		c.fail(field+".to", "the range is empty: %s is not above %s; leave it out to mean the end",
			quote(string(r.To)), quote(string(r.From)))
	}
	return r
}

func fromHashRange(r *swim.HashRange) *swimpb.HashRange {
	if r == nil {
		return nil
	}
	return &swimpb.HashRange{From: r.From, To: r.To}
}

func (c *check) hashRange(field string, sent *swimpb.HashRange) *swim.HashRange {
	if sent == nil {
		return nil
	}
	if sent.GetTo() != 0 && sent.GetTo() <= sent.GetFrom() {
		c.fail(field+".to", "the range is empty: %#x is not above %#x; leave it out to mean the end", sent.GetTo(), sent.GetFrom())
	}
	return &swim.HashRange{From: sent.GetFrom(), To: sent.GetTo()}
}

// fromDigest returns nil for none: no table that has a live row sums up to 0, or one in
// 2^64.
func fromDigest(d swim.Digest) *swimpb.Digest {
	if d.Hash == 0 {
		return nil
	}
	return &swimpb.Digest{Hash: d.Hash, Age: durationpb.New(d.Age)}
}

// digest returns the zero Digest if none was sent. An age of more than 292 years is cut to
// that.
func (c *check) digest(field string, sent *swimpb.Digest) swim.Digest {
	if sent.GetHash() == 0 {
		return swim.Digest{}
	}
	age := sent.GetAge()
	if age != nil && age.CheckValid() != nil || age.AsDuration() < 0 {
		c.fail(field+".age", "an age is a duration of 0 or more, not %ds %dns", age.GetSeconds(), age.GetNanos())
	}
	return swim.Digest{Hash: sent.GetHash(), Age: age.AsDuration()}
}

func fromConfirmation(f swim.Confirmation) *swimpb.Confirmation {
	return &swimpb.Confirmation{
		MemberId: string(f.ID), Incarnation: uint64(f.Incarnation), Instance: uint64(f.Instance), Heard: f.Heard, CrashSeen: f.CrashSeen,
	}
}

func toConfirmation(sent *swimpb.Confirmation) (swim.Confirmation, error) {
	var c check
	return checked(&c, swim.Confirmation{
		ID:          c.id("member_id", sent.GetMemberId()),
		Incarnation: c.incarnation("incarnation", sent.GetIncarnation()),
		Instance:    c.instance("instance", sent.GetInstance()),
		Heard:       sent.GetHeard(),
		CrashSeen:   sent.GetCrashSeen(),
	})
}
